"""What a proxy counts, in a file that is mapped into memory: counting costs no call, a reader asks
nobody, and a worker that is killed takes nothing with it.

One process writes. A record that is being made anew has an odd sequence number, and its reader
looks again. It runs isolated, with nothing but the standard library.
"""

import json
import math
import mmap
import os
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final

MAGIC: Final = 0x6465_7666_6C6F_7702  # the layout below; another layout is another number
RECORDS: Final = 512  # a route has a few, and one for each replica of the last versions
KEY_BYTES: Final = 512  # JSON
BUCKETS: Final = 128
FIRST_BUCKET_MS: Final = 0.05  # ms; half of what the quickest answer through a proxy takes
# each bucket reaches 12 % further than the one before, the last from 105 s on
GROWTH: Final = 2 ** (1 / 6)
_PER_DOUBLING: Final = 6

# words of 8 bytes of a record
SEQUENCE: Final = 0
REQUESTS: Final = 1
ANSWERED_5XX: Final = 2
ABORTED: Final = 3
WHILE_DRAINING: Final = 4
CONNECT_FAILED: Final = 5
CLIENT_GONE: Final = 6
IN_FLIGHT: Final = 7
SYNTHETIC: Final = 8
HISTOGRAM: Final = 9
_KEY: Final = HISTOGRAM + BUCKETS
_RECORD_WORDS: Final = _KEY + KEY_BYTES // 8
# words before the first record
_MAGIC: Final = 0
_BEGAN_MS: Final = 1
_STARTS: Final = 2
_FOLLOWED: Final = 3
_HEADER_WORDS: Final = 8
_SIZE_BYTES: Final = (_HEADER_WORDS + RECORDS * _RECORD_WORDS) * 8

# of the record of a route, which counts what the proxy answered itself
REFUSED: Final = REQUESTS
UNSERVED: Final = ANSWERED_5XX

Key = tuple[int, str, str]
"""Public port, backend and version; a route's own has neither of the last two."""


def bucket(latency_s: float) -> int:
    """The bucket of the histogram that a latency belongs to."""
    doublings = math.log2(max(latency_s * 1000 / FIRST_BUCKET_MS, 1.0))
    return min(int(doublings * _PER_DOUBLING), BUCKETS - 1)


class Tallies:
    """The writer's side. ``words`` is counted in directly, at the place that ``record`` answers."""

    def __init__(self, file: int) -> None:
        """Begins anew, in a file that was opened for it."""
        os.ftruncate(file, _SIZE_BYTES)
        self._memory = mmap.mmap(file, _SIZE_BYTES)
        self.words = memoryview(self._memory).cast("Q")
        self._places: dict[Key, int] = {}
        self._used: dict[int, int] = {}
        self._uses = 0
        self.words[_BEGAN_MS] = int(time.time() * 1000)
        self.words[_MAGIC] = MAGIC

    def begin_worker(self) -> None:
        """Counts a start of the worker. What was under way in the one before was aborted."""
        self.words[_STARTS] += 1
        for number in range(RECORDS):
            at = _HEADER_WORDS + number * _RECORD_WORDS
            self.words[at + REQUESTS] += self.words[at + IN_FLIGHT]
            self.words[at + CLIENT_GONE] += self.words[at + IN_FLIGHT]
            self.words[at + IN_FLIGHT] = 0
        self._places = {}
        for number in range(RECORDS):
            self._find(_HEADER_WORDS + number * _RECORD_WORDS)

    def begin_keeper(self) -> None:
        """Counts that a keeper was followed by another."""
        self.words[_FOLLOWED] += 1

    def record(self, key: Key, *, anew: bool = False) -> int:
        """Where a key's record begins; it is emptied where it is counted ``anew``. The one that was
        used least lately makes room for a new one."""
        at = self._places.get(key)
        if at is None:
            at = self._room()
            self._places = {old: place for old, place in self._places.items() if place != at}
            self._places[key] = at
            anew = True
        if anew:
            self._empty(at, key)
        self._uses += 1
        self._used[at] = self._uses
        return at

    def _room(self) -> int:
        places = range(_HEADER_WORDS, _HEADER_WORDS + RECORDS * _RECORD_WORDS, _RECORD_WORDS)
        return min(places, key=lambda at: self._used.get(at, 0))

    def _empty(self, at: int, key: Key) -> None:
        port, backend, version = key
        text = json.dumps([port, backend, version, time.time()]).encode()
        if len(text) > KEY_BYTES:
            raise ValueError(f"{backend!r} of {version!r} is too long a name for a backend")
        in_flight = self.words[at + IN_FLIGHT]
        self.words[at + SEQUENCE] += 1
        for word in range(at + 1, at + _KEY):
            self.words[word] = 0
        self.words[at + IN_FLIGHT] = in_flight
        begin = (at + _KEY) * 8
        self._memory[begin : begin + KEY_BYTES] = text.ljust(KEY_BYTES)
        self.words[at + SEQUENCE] += 1

    def _find(self, at: int) -> None:
        record = _read(self._memory, self.words, at)
        if record is not None:
            self._places[record.key] = at
            self._used.setdefault(at, 1)


@dataclass(frozen=True)
class Record:
    """What was counted of one key since ``since_s``, seconds since the epoch."""

    key: Key
    since_s: float
    counts: tuple[int, ...]

    def __getitem__(self, word: int) -> int:
        return self.counts[word]

    @property
    def histogram(self) -> tuple[int, ...]:
        """How many answers fell into each bucket."""
        return self.counts[HISTOGRAM:]


@dataclass(frozen=True)
class Reading:
    """The whole file, as it was when it was read."""

    began_s: float
    worker_starts: int
    keepers_lost: int
    records: tuple[Record, ...]


def read(path: Path) -> Reading | None:
    """The reader's side; None where nothing was ever counted, or by another release's layout."""
    try:
        with open(path, "rb") as file:
            memory = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    except (OSError, ValueError):
        return None
    if len(memory) != _SIZE_BYTES:
        return None
    with memory, memoryview(memory) as view, view.cast("Q") as words:
        if words[_MAGIC] != MAGIC:
            return None
        records = []
        for number in range(RECORDS):
            record = _read(memory, words, _HEADER_WORDS + number * _RECORD_WORDS)
            if record is not None:
                records.append(record)
        return Reading(words[_BEGAN_MS] / 1000, words[_STARTS], words[_FOLLOWED], tuple(records))


def _read(memory: mmap.mmap, words: "memoryview[int]", at: int) -> Record | None:
    """A record; None where there is none, or where its writer died while it made it anew."""
    for _ in range(1000):
        sequence = words[at + SEQUENCE]
        counts = tuple(words[at : at + _KEY])
        text = memory[(at + _KEY) * 8 : (at + _KEY) * 8 + KEY_BYTES]
        if sequence % 2 == 0 and words[at + SEQUENCE] == sequence:
            break
        time.sleep(0)
    else:
        return None
    if not sequence:
        return None
    port, backend, version, since_s = json.loads(text)
    return Record((port, backend, version), since_s, counts)
