"""A journal that an accident has changed: each change is told, and none shows other figures."""

import shutil
import sqlite3
from contextlib import closing, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Callable, Final, Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from devflow.adapters.journal.sqlite import SqliteJournal
from devflow.model.errors import MadeByNewer, StorageFailed
from devflow.model.events import Damaged, Event
from devflow.ui.board import board_of
from devflow.ui.damage import damage_object, damage_wording
from tests.ui import story as stories

RUN = stories.RUN
OTHER = "SCRUM-7"
ROWS: Final = tuple(stories.failed().events)
COUNT: Final = len([event for event in ROWS if event.type != "tick"])
EXAMPLES: Final = 60  # changed journals of each kind; 15 ms each

numbers = st.integers(1, COUNT)
columns = st.sampled_from(("run", "type", "body", "at", "digest"))


@pytest.fixture(scope="module")
def written() -> Iterator[Path]:
    """A journal of two runs, closed."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "journal.db"
        journal = SqliteJournal(path)
        for event in stored():
            journal.append(event)
            if event.type == "recorded":
                journal.append(event.model_copy(update={"run": OTHER}))
        journal.close()
        yield path


def stored() -> list[Event]:
    return [event for event in ROWS if event.type != "tick"]


def changed(written: Path, change: Callable[[sqlite3.Connection], Any]) -> tuple[Event, ...]:
    """The run's events after a change of the tables."""
    with TemporaryDirectory() as folder:
        path = Path(shutil.copy(written, folder))
        with closing(sqlite3.connect(path)) as connection, connection:
            change(connection)
        return SqliteJournal(path, read_only=True).events(RUN)


def damage_in(events: tuple[Event, ...]) -> tuple[Damaged, ...]:
    """What is told, once nothing else is shown than what was written."""
    rest = iter(stored())
    for event in events:
        assert isinstance(event, Damaged) or event in rest, event
    before = board_of(stored())
    after = board_of(events)
    for name, state in after.entries.items():
        assert state.checks in ((), before.heard(name).checks), name
    if len(events) < COUNT:
        assert after.damage
    return after.damage


def row(number: int) -> str:
    return f"(SELECT seq FROM events WHERE run = '{RUN}' AND number = {number})"


def flipped(value: object, place: int, bit: int) -> bytes:
    data = bytearray(value if isinstance(value, bytes) else str(value).encode())
    data[place % len(data)] ^= 1 << bit
    return bytes(data)


def test_an_untouched_journal_tells_nothing(written: Path) -> None:
    assert list(SqliteJournal(written, read_only=True).events(RUN)) == stored()


@settings(max_examples=EXAMPLES, deadline=None)
@given(number=numbers, column=columns, place=st.integers(0, 10_000), bit=st.integers(0, 7))
def test_a_flipped_bit_in_a_row_is_told(
    written: Path, number: int, column: str, place: int, bit: int
) -> None:
    def change(connection: sqlite3.Connection) -> None:
        connection.text_factory = bytes
        (value,) = connection.execute(
            f"SELECT {column} FROM events WHERE seq = {row(number)}"
        ).fetchone()
        other = flipped(value, place, bit)
        connection.execute(
            f"UPDATE events SET {column} = CAST(? AS TEXT) WHERE seq = {row(number)}", (other,)
        )

    damage = damage_in(changed(written, change))
    assert sum(one.altered + one.lost for one in damage) == 1


@settings(max_examples=EXAMPLES, deadline=None)
@given(first=numbers, length=st.integers(1, 5))
def test_deleted_rows_are_told(written: Path, first: int, length: int) -> None:
    last = min(COUNT, first + length - 1)
    where = f"run = '{RUN}' AND number BETWEEN {first} AND {last}"
    events = changed(written, lambda file: file.execute(f"DELETE FROM events WHERE {where}"))
    (damage,) = damage_in(events)
    assert damage.lost == last - first + 1 and damage.is_gap


@settings(max_examples=EXAMPLES, deadline=None)
@given(number=numbers, times=st.integers(1, 3))
def test_a_doubled_row_is_told_and_counts_once(written: Path, number: int, times: int) -> None:
    def change(connection: sqlite3.Connection) -> None:
        for _ in range(times):
            connection.execute(
                "INSERT INTO events (run, type, body, at, number, digest) "
                f"SELECT run, type, body, at, number, digest FROM events WHERE seq = {row(number)}"
            )

    events = changed(written, change)
    (damage,) = damage_in(events)
    assert (damage.doubled, damage.altered, damage.lost) == (times, 0, 0)
    assert list(events[:-1]) == stored()


@settings(max_examples=EXAMPLES, deadline=None)
@given(number=numbers, other=st.integers(-1, COUNT + 10))
def test_another_number_is_told(written: Path, number: int, other: int) -> None:
    events = changed(
        written,
        lambda file: file.execute(f"UPDATE events SET number = {other} WHERE seq = {row(number)}"),
    )
    assert bool(damage_in(events)) is (number != other)


@pytest.mark.parametrize(
    "change",
    [
        "DELETE FROM runs",
        "UPDATE runs SET number = number - 1",
        "UPDATE runs SET settled = 29",
        "UPDATE runs SET digest = ''",
    ],
)
def test_a_changed_summary_is_told_and_no_event_is_missing(written: Path, change: str) -> None:
    events = changed(written, lambda file: file.execute(change))
    (damage,) = damage_in(events)
    assert not damage.is_gap and list(events[:-1]) == stored()
    # how many there were, nobody can tell any more
    assert damage.is_open


@pytest.mark.parametrize(
    "change",
    ["PRAGMA user_version = -1", "DROP TABLE events", "ALTER TABLE events DROP COLUMN digest"],
)
def test_another_file_than_a_journal_is_to_be_moved_away(written: Path, change: str) -> None:
    with pytest.raises(StorageFailed, match="is damaged") as told:
        changed(written, lambda file: file.execute(change))
    assert "move it away" in told.value.hint


def test_a_run_of_which_every_row_is_gone_is_told(written: Path) -> None:
    (damage,) = damage_in(changed(written, lambda file: file.execute("DELETE FROM events")))
    assert damage.lost == COUNT


@settings(max_examples=4 * EXAMPLES, deadline=None)
@given(place=st.integers(0, 10**6), bit=st.integers(0, 7))
def test_a_flipped_bit_of_the_file_is_told_or_the_file_is_refused(
    written: Path, place: int, bit: int
) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder) / written.name
        path.write_bytes(flipped(written.read_bytes(), place, bit))
        with suppress(StorageFailed, MadeByNewer):
            damage_in(SqliteJournal(path, read_only=True).events(RUN))


@settings(max_examples=EXAMPLES, deadline=None)
@given(share=st.floats(0, 1, exclude_max=True))
def test_a_file_that_was_cut_is_told_or_refused(written: Path, share: float) -> None:
    data = written.read_bytes()
    with TemporaryDirectory() as folder:
        path = Path(folder) / written.name
        path.write_bytes(data[: int(len(data) * share)])
        with suppress(StorageFailed, MadeByNewer):
            events = SqliteJournal(path, read_only=True).events(RUN)
            assert damage_in(events)


def test_what_is_appended_after_a_loss_stands_and_the_loss_stays_told(written: Path) -> None:
    with TemporaryDirectory() as folder:
        path = Path(shutil.copy(written, folder))
        with closing(sqlite3.connect(path)) as connection, connection:
            connection.execute(f"DELETE FROM events WHERE run = '{RUN}' AND number > {COUNT - 2}")
        journal = SqliteJournal(path)
        newest = stored()[-1].model_copy(update={"exit_code": 0})
        journal.append(newest)
        *before, damage, last = journal.events(RUN)
        journal.close()
        assert before == stored()[:-2] and last == newest
        assert isinstance(damage, Damaged) and (damage.lost, damage.is_gap) == (2, True)
        assert damage_wording((damage,)) == (
            f"the journal {path} is damaged in {RUN}: 2 rows lost; what was recorded before is "
            f"pending until `devflow ship {RUN}` finds it again"
        )
        shown = damage_object((damage,))
        assert shown is not None and (shown["file"], shown["lost"]) == (str(path), 2)
