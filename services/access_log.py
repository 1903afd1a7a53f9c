"""The access log: one line of JSON for each request, with nothing in it that tells of a person.

A request only adds its line to a list, 1 µs. A thread writes what has come together, twice a second
at least and at the end, so that a slow disk or a reader that is stuck holds up no request; lines
that find no room are counted, and the log says so.
"""

import os
import sys
import threading
import time
from typing import List, NamedTuple, Optional

FLUSH_S = 0.5  # s; half of what is promised: a line is out within a second
BATCH_LINES = 1_000  # lines that are written at once without waiting, 0.3 MB
LINES_LIMIT = 20_000  # lines kept while nobody reads, 6 MB; then lines are dropped
STOP_S = 1.0  # s to write what is left at the end
# targets that are no path
STDERR = "-"
OFF = "off"
STDERR_FILE = 2  # its descriptor


class Exchange(NamedTuple):
    """One answered request. `path` is the route's template; `method` and `request_id` have to need
    no escape in JSON."""

    method: str
    path: str
    status: int
    duration_s: float
    size_bytes: int
    request_id: str


class AccessLog:
    """Writes to stderr or appends to a file, which is opened anew for each writing and so may be
    rotated by renaming."""

    def __init__(self, target: str, version: str) -> None:
        """Start writing to a path, or to stderr for `-`. Raises OSError where that cannot be."""
        self._target = target
        self._version = version
        self._lines: List[str] = []
        # each is changed by one thread alone: the first by the event loop, the others by the writer
        self._refused = 0
        self._lost = 0
        self._reported = 0
        self._second = 0
        self._stamp = ""
        self._wake = threading.Event()
        self._ended = False
        # a file that cannot be written is known before the service starts
        self._write(b"")
        self._thread = threading.Thread(target=self._work, name="access-log", daemon=True)
        self._thread.start()

    def add(self, exchange: Exchange) -> None:
        """Take one request into the log; called on the event loop alone."""
        if len(self._lines) >= LINES_LIMIT:
            self._refused += 1
            return
        method, path, status, duration_s, size_bytes, request_id = exchange
        now_s = time.time()
        second = int(now_s)
        if second != self._second:
            self._second = second
            self._stamp = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(second))
        self._lines.append(
            f'{{"time":"{self._stamp}.{int((now_s - second) * 1000):03}Z",'
            f'"method":"{method}","path":"{path}",'
            f'"status":{status},"duration_ms":{duration_s * 1000:.3f},"bytes":{size_bytes},'
            f'"id":"{request_id}","version":"{self._version}"}}\n'
        )
        if len(self._lines) == BATCH_LINES:
            self._wake.set()

    def close(self) -> None:
        """Write what is left, waiting at most STOP_S for a reader that is stuck."""
        self._ended = True
        self._wake.set()
        self._thread.join(STOP_S)

    def _work(self) -> None:
        while not self._ended:
            self._wake.wait(FLUSH_S)
            self._wake.clear()
            self._flush()

    def _flush(self) -> None:
        # the event loop may append between these two, after what is taken
        lines = self._lines[:]
        del self._lines[: len(lines)]
        dropped = self._refused + self._lost
        if dropped > self._reported:
            unreported = dropped - self._reported
            lines.append(f'{{"dropped_lines":{unreported},"version":"{self._version}"}}\n')
        if lines:
            try:
                self._write("".join(lines).encode())
                self._reported = dropped
            except OSError:
                self._lost += len(lines)

    def _write(self, data: bytes) -> None:
        if self._target == STDERR:
            _write_all(STDERR_FILE, data)
            return
        file = os.open(self._target, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o640)
        try:
            _write_all(file, data)
        finally:
            os.close(file)


def start(target: str, version: str) -> Optional[AccessLog]:
    """Return the log that `--access-log` asks for, or nothing for `off`. Raises OSError with a
    message for the user."""
    if target == STDERR and sys.stderr is None:
        # its number may since belong to a socket or to the database
        raise OSError(
            "stderr is closed, so the access log has no place: "
            "name a file with --access-log, or say off"
        )
    return None if target == OFF else AccessLog(target, version)


def _write_all(file: int, data: bytes) -> None:
    while data:
        data = data[os.write(file, data) :]
