"""The store's contract, held on SQLite and on a real PostgreSQL server: what is kept, in which
order, how it is changed."""

import shutil
import sqlite3
from concurrent.futures import ThreadPoolExecutor, TimeoutError
from contextlib import closing

import pytest

from services.backend.schemas import EXAMPLE_OFFER
from services.backend.store import Unavailable, migrations, open_store

LISTING = {**EXAMPLE_OFFER, "title": 'Käfer "100 %" :limit %(limit)s; DROP TABLE listings --'}
EVENT = {
    "feature": "current",
    "action": "submit",
    "visitor": "0" * 32,
    "device": "mobile",
    "synthetic": False,
}

SLOW_EVENT = (
    "INSERT INTO events (feature, action, visitor, device, synthetic, at) "
    "VALUES ('page', 'view', 'slow', 'desktop', true, '2026-01-15 09:00:00+00:00')"
)


ADD_SEATS = "ALTER TABLE listings ADD COLUMN seats INTEGER;"


class Place:
    """A database's location, and a way past the store to the database itself."""

    def __init__(self, kind, location):
        self.kind = kind
        self.location = location
        self.stores = []

    def open(self, directory=migrations.HERE):
        """Return a store on this database, closed after the test."""
        self.stores.append(open_store(self.location, directory))
        return self.stores[-1]

    def ask(self, statement):
        """Run a statement by the database's own client and return its rows."""
        with closing(self.connect()) as connection:
            cursor = connection.execute(statement)
            rows = cursor.fetchall() if cursor.description else []
            connection.commit()
        return rows

    def connect(self):
        """Return a connection of the database's own client, which commits when it is told to."""
        if self.kind == "sqlite":
            return sqlite3.connect(self.location)
        return pytest.importorskip("psycopg").connect(self.location)


@pytest.fixture(params=["sqlite", "postgresql"])
def place(request, tmp_path):
    """Return an empty database."""
    if request.param == "sqlite":
        location = tmp_path / "new" / "carprice.sqlite3"
    else:
        # asked for by name: most machines have no such server, which skips only these tests
        location = request.getfixturevalue("postgresql").database()
    place = Place(request.param, location)
    yield place
    for store in place.stores:
        store.close()


@pytest.fixture
def later(tmp_path):
    """Return a function that gives a later release's migrations: ours, and this SQL."""

    def release(sql):
        directory = tmp_path / "later"
        code = shutil.ignore_patterns("*.py", "__pycache__")
        shutil.copytree(migrations.HERE, directory, ignore=code)
        for kind in ("sqlite", "postgresql"):
            number = len(migrations.known(kind)) + 1
            (directory / kind / f"{number:04}_later.sql").write_text(sql)
        return directory

    return release


def test_what_was_published_comes_back_as_it_was_newest_first(place):
    store = place.open()
    published = [store.publish({**LISTING, "power_kw": power_kw}) for power_kw in (95, 96, 97)]
    first, second, third = published
    assert {**first, **LISTING, "power_kw": 95} == first
    newest = [(row["id"], row["power_kw"], row["title"]) for row in store.listings(2)]
    title = LISTING["title"]
    assert newest == [(third["id"], 97, title), (second["id"], 96, title)]


def test_events_come_in_order_from_an_id_on_and_of_one_kind(place):
    store = place.open()
    kinds = (False, True, False, True)
    ids = [store.record({**EVENT, "synthetic": synthetic})["id"] for synthetic in kinds]
    assert ids == sorted(ids)
    assert [row["id"] for row in store.events(ids[0], 2, None)] == ids[1:3]
    assert [row["id"] for row in store.events(0, 9, True)] == ids[1::2]
    assert [row["id"] for row in store.events(0, 9, False)] == ids[0::2]
    assert store.events(ids[-1], 9, None) == []


def test_whoever_reads_on_misses_no_event_of_writers_at_work(place):
    writers = 4
    each = 12
    stores = [place.open() for _ in range(writers)]
    ids = []

    def write(store):
        for _ in range(each):
            store.record(EVENT)

    with ThreadPoolExecutor(writers) as threads:
        jobs = [threads.submit(write, store) for store in stores]
        is_over = False
        while not is_over:
            # asked before reading: what is written in between is read the next time
            is_over = all(job.done() for job in jobs)
            rows = stores[0].events(ids[-1] if ids else 0, 100, None)
            ids += [row["id"] for row in rows]
        assert [job.result() for job in jobs] == [None] * writers
    assert ids == [row["id"] for row in stores[0].events(0, 1000, None)]
    assert len(ids) == writers * each


def test_an_event_gets_its_id_only_when_all_earlier_ones_can_be_seen(place):
    store = place.open()
    with closing(place.connect()) as other, ThreadPoolExecutor(1) as thread:
        other.execute(SLOW_EVENT)
        waiting = thread.submit(store.record, EVENT)
        with pytest.raises(TimeoutError):
            waiting.result(0.2)
        assert store.events(0, 9, None) == []
        other.commit()
        assert [row["id"] for row in store.events(0, 1, None)] < [waiting.result()["id"]]


@pytest.mark.parametrize(
    "statement", ["DELETE FROM events", "UPDATE events SET feature = 'future'", "TRUNCATE events"]
)
def test_the_database_itself_refuses_to_change_an_event(place, statement):
    store = place.open()
    store.record(EVENT)
    # SQLite knows no TRUNCATE
    complaint = "append-only" if place.kind == "postgresql" else "append-only|syntax error"
    with pytest.raises(Exception, match=complaint):
        place.ask(statement)
    assert [row["feature"] for row in store.events(0, 9, None)] == ["current"]


def test_nobody_waits_for_the_disk_while_he_keeps_others_out(tmp_path):
    store = open_store(tmp_path / "carprice.sqlite3")
    store.record(EVENT)
    log = tmp_path / "carprice.sqlite3-wal"
    # what was written stays in the log when a call is over, and is not waited for
    assert log.stat().st_size > 0
    assert store._database.run("PRAGMA synchronous", {}) == [{"synchronous": 1}]
    store.close()
    assert not log.exists()


def test_a_probe_leaves_no_trace(place):
    store = place.open()
    store.probe()
    assert store.events(0, 9, None) == []


def test_what_is_stored_outlives_the_store_and_nothing_is_migrated_twice(place):
    store = place.open()
    listing = store.publish(LISTING)
    event = store.record(EVENT)
    records = place.ask("SELECT * FROM migrations")
    again = place.open()
    assert [row["id"] for row in again.listings(9)] == [listing["id"]]
    assert [row["id"] for row in again.events(0, 9, None)] == [event["id"]]
    assert place.ask("SELECT * FROM migrations") == records
    assert [row[0] for row in records] == [each.number for each in migrations.known(place.kind)]


def test_stores_that_open_a_new_database_at_once_all_succeed(place):
    with ThreadPoolExecutor(6) as threads:
        stores = list(threads.map(lambda _: place.open(), range(6)))
    for store in stores:
        store.probe()
    assert len(place.ask("SELECT * FROM migrations")) == len(migrations.known(place.kind))


def test_a_later_release_changes_the_tables_and_keeps_the_rows(place, later):
    listing = place.open().publish(LISTING)
    place.open(later(f"{ADD_SEATS}\nUPDATE listings SET seats = 5;"))
    assert place.ask("SELECT id, seats FROM listings") == [(listing["id"], 5)]


def test_a_database_of_a_later_release_is_refused_in_one_line(place, later):
    place.open(later(ADD_SEATS))
    complaint = "cannot use the database .*: it is at migration 2, and this release knows 1: start"
    with pytest.raises(ValueError, match=complaint):
        place.open()


def test_a_migration_that_fails_leaves_the_database_as_it_was(place, later):
    place.open()
    with pytest.raises(OSError, match="cannot use the database .*no_such_table"):
        place.open(later(f"{ADD_SEATS}\nUPDATE no_such_table SET seats = 5;"))
    assert len(place.ask("SELECT * FROM migrations")) == 1
    with pytest.raises(Exception, match="seats"):
        place.ask("SELECT seats FROM listings")
    place.open().publish(LISTING)


def test_a_database_that_lost_its_tables_is_told_and_not_made_anew(place):
    store = place.open()
    place.ask("DROP TABLE listings")
    with pytest.raises(Unavailable, match="listings"):
        store.listings(9)


def test_migrations_are_numbered_without_a_gap(tmp_path):
    (tmp_path / "sqlite").mkdir()
    (tmp_path / "sqlite" / "0002_second.sql").write_text("SELECT 1;")
    with pytest.raises(ValueError, match="numbered 1, 2, 3"):
        migrations.known("sqlite", tmp_path)


# the tables as they were made before migrations were recorded, but for the line breaks
BEFORE_MIGRATIONS = """
PRAGMA journal_mode = WAL;
CREATE TABLE IF NOT EXISTS listings
(id INTEGER PRIMARY KEY, title, segment, fuel, gearbox, age_years, mileage_km, power_kw,
asking_price_eur, published_at TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS events
(id INTEGER PRIMARY KEY, feature, action, visitor, device, synthetic, at TEXT NOT NULL);
CREATE TRIGGER IF NOT EXISTS events_keep BEFORE UPDATE ON events
BEGIN SELECT RAISE(ABORT, 'events are append-only'); END;
CREATE TRIGGER IF NOT EXISTS events_stay BEFORE DELETE ON events
BEGIN SELECT RAISE(ABORT, 'events are append-only'); END;
INSERT INTO listings VALUES (7, 'Old one', 'city', 'petrol', 'manual', 9, 90000, 50, 3000,
'2025-11-01T10:00:00+00:00');
INSERT INTO events VALUES (41, 'page', 'view', 'ffffffffffffffffffffffffffffffff', 'mobile', 0,
'2025-11-01T10:00:00+00:00');
"""


def test_a_database_from_before_migrations_is_taken_over_without_loss(tmp_path):
    path = tmp_path / "carprice.sqlite3"
    with closing(sqlite3.connect(path)) as still_open:
        still_open.executescript(BEFORE_MIGRATIONS)
        # what is only in the write-ahead log counts too
        assert (tmp_path / "carprice.sqlite3-wal").stat().st_size > 0
        store = open_store(path)
        assert [(row["id"], row["title"]) for row in store.listings(9)] == [(7, "Old one")]
        assert [(row["id"], row["action"]) for row in store.events(0, 9, False)] == [(41, "view")]
        assert (store.publish(LISTING)["id"], store.record(EVENT)["id"]) == (8, 42)
        assert still_open.execute("SELECT number, name FROM migrations").fetchall() == [
            (1, "0001_listings_and_events")
        ]
    with pytest.raises(Unavailable, match="append-only"):
        store._database.run("DELETE FROM events", {})


@pytest.mark.parametrize("location", ["mysql://root@localhost/cars", "sqlite:///cars.db"])
def test_a_url_of_another_kind_is_refused(location):
    with pytest.raises(ValueError, match="path of an SQLite file or a postgresql:// URL"):
        open_store(location)
