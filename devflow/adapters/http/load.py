"""A small load on one site, and how each of its requests was answered."""

import http.client
import selectors
import threading
import time
from contextlib import closing, contextmanager
from itertools import cycle
from typing import Final, Iterator
from urllib.parse import urlsplit

from devflow.ports.web import Asked

ANSWER_S: Final = 10.0  # s; a request that takes longer is lost to whoever waits for it
MOST_REQUESTS: Final = 5000  # of one load, however long its block takes


class _Line:
    """What one thread asks on: a new connection each time, or one that is kept."""

    def __init__(self, host: str, port: int, keeps: bool) -> None:
        self._connection = http.client.HTTPConnection(host, port, timeout=ANSWER_S)
        self._keeps = keeps

    def close(self) -> None:
        """Hangs up."""
        self._connection.close()

    def ask(self, path: str) -> Asked:
        """One request. It has begun once it was sent, or refused: a thread may stand still before
        that for as long as it takes the server to end."""
        if self._is_over():
            self.close()
        try:
            self._send(path)
        except (OSError, http.client.HTTPException):
            self.close()
            return Asked(time.monotonic(), 0)
        begun_s = time.monotonic()
        return Asked(begun_s, self._status())

    def _send(self, path: str) -> None:
        # so that nobody takes it for a person
        headers = {"X-Synthetic": "1"}
        if not self._keeps:
            headers["Connection"] = "close"
        self._connection.request("GET", path, headers=headers)

    def _is_over(self) -> bool:
        """Whether the server hung up while nothing was asked: it would never have the request."""
        if self._connection.sock is None:
            return False
        with selectors.DefaultSelector() as selector:
            selector.register(self._connection.sock, selectors.EVENT_READ)
            return bool(selector.select(0))

    def _status(self) -> int:
        try:
            answer = self._connection.getresponse()
            answer.read()
        except (OSError, http.client.HTTPException):
            self.close()
            return 0
        if not self._keeps:
            self.close()
        return answer.status


class _Load:
    """Threads that ask, every second one on a connection that it keeps."""

    def __init__(self, site: str, paths: tuple[str, ...], at_once: int, rate_per_s: float) -> None:
        place = urlsplit(site)
        self._host = place.hostname or ""
        self._port = place.port or 80
        self._paths = paths
        self._pause_s = at_once / rate_per_s
        self._asked: list[Asked] = []
        self._ended = threading.Event()
        self._threads = [
            threading.Thread(target=self._ask_on, args=(number,)) for number in range(at_once)
        ]

    def begin(self) -> None:
        """Starts asking."""
        for thread in self._threads:
            thread.start()

    def end(self) -> None:
        """Waits for what was begun."""
        self._ended.set()
        for thread in self._threads:
            thread.join()

    def asked(self) -> tuple[Asked, ...]:
        """Those that have ended."""
        return tuple(self._asked)

    def _ask_on(self, number: int) -> None:
        # each begins elsewhere, so that few requests reach all of them
        first = number * len(self._paths) // len(self._threads)
        paths = cycle((*self._paths[first:], *self._paths[:first]))
        with closing(_Line(self._host, self._port, keeps=number % 2 == 1)) as line:
            while not self._ended.is_set() and len(self._asked) < MOST_REQUESTS:
                started_s = time.monotonic()
                self._asked.append(line.ask(next(paths)))
                left_s = self._pause_s - (time.monotonic() - started_s)
                self._ended.wait(max(0.0, left_s))


@contextmanager
def under_load(
    site: str, paths: tuple[str, ...], at_once: int, rate_per_s: float
) -> Iterator[_Load]:
    """Asks while the block runs."""
    load = _Load(site, paths, at_once, rate_per_s)
    load.begin()
    try:
        yield load
    finally:
        load.end()
