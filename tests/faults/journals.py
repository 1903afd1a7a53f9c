"""F8: a journal that an accident has changed: what is lost is told, or the file is refused; no
other figure is ever shown."""

import random
import shutil
import sqlite3
import tempfile
from contextlib import closing
from functools import cached_property, partial
from pathlib import Path
from typing import Callable, Final, Iterator

from devflow.adapters.journal.sqlite import SqliteJournal
from devflow.model.errors import MadeByNewer, StorageFailed
from tests.contract.test_journal_damage import RUN, damage_in, flipped, stored
from tests.faults.trial import Outcome, Trial

TRIALS: Final = 2_000
COLUMNS: Final = ("run", "type", "body", "at", "digest")


def bit(data: bytes, chance: random.Random) -> bytes:
    return flipped(data, chance.randrange(len(data)), chance.randrange(8))


def cut(data: bytes, chance: random.Random) -> bytes:
    return data[: chance.randrange(len(data))]


def zeroed(data: bytes, chance: random.Random) -> bytes:
    """A block that a disk gives back empty."""
    size = chance.choice((512, 4096))
    at = chance.randrange(len(data) // size) * size
    return data[:at] + bytes(size) + data[at + size :]


def swapped(data: bytes, chance: random.Random) -> bytes:
    """Two pages that stand in each other's place."""
    first, second = sorted(chance.randrange(len(data) // 4096) * 4096 for _ in range(2))
    pages = {first: data[second : second + 4096], second: data[first : first + 4096]}
    for at, page in pages.items():
        data = data[:at] + page + data[at + 4096 :]
    return data


FILE: Final[tuple[Callable[[bytes, random.Random], bytes], ...]] = (bit, cut, zeroed, swapped)


class Journals:
    id = "F8"
    fault = "cut or bit-flipped journals"

    def __init__(self) -> None:
        self._folder: tempfile.TemporaryDirectory[str] | None = None

    @cached_property
    def _written(self) -> Path:
        """A journal of one run, closed."""
        self._folder = tempfile.TemporaryDirectory(prefix="devflow-journals-")
        path = Path(self._folder.name) / "journal.db"
        journal = SqliteJournal(path)
        journal.append(*stored())
        journal.close()
        return path

    def trials(self) -> Iterator[Trial]:
        for number in range(TRIALS):
            yield Trial(f"journal {number}", partial(self._changed, number))

    def more(self) -> Iterator[Trial]:
        return iter(())

    def _changed(self, number: int) -> Outcome:
        chance = random.Random(number)
        with tempfile.TemporaryDirectory() as folder:
            path = Path(shutil.copy(self._written, folder))
            if number % 2:
                data = path.read_bytes()
                path.write_bytes(chance.choice(FILE)(data, chance))
            else:
                _change_row(path, chance)
            try:
                damage_in(SqliteJournal(path, read_only=True).events(RUN))
            except (StorageFailed, MadeByNewer):
                return Outcome()
            except AssertionError as error:
                return Outcome(f"shows what was not written, or hides a loss: {error}")
        return Outcome()

    def close(self) -> None:
        if self._folder is not None:
            self._folder.cleanup()
            self._folder = None
            del self._written


def _change_row(path: Path, chance: random.Random) -> None:
    number = chance.randint(1, len(stored()))
    where = f"seq = (SELECT seq FROM events WHERE run = '{RUN}' AND number = {number})"
    with closing(sqlite3.connect(path)) as connection, connection:
        if chance.random() < 0.3:
            connection.execute(f"DELETE FROM events WHERE {where}")
            return
        connection.text_factory = bytes
        column = chance.choice(COLUMNS)
        (value,) = connection.execute(f"SELECT {column} FROM events WHERE {where}").fetchone()
        other = flipped(value, chance.randrange(10_000), chance.randrange(8))
        change = f"UPDATE events SET {column} = CAST(? AS TEXT) WHERE {where}"
        connection.execute(change, (other,))
