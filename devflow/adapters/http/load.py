"""A small load on one URL, and how each of its requests was answered."""

import http.client
import threading
import time
from contextlib import closing, contextmanager
from typing import Final, Iterator
from urllib.parse import urlsplit

from devflow.ports.web import Asked

ANSWER_S: Final = 10.0  # s; a request that takes longer is lost to whoever waits for it
MOST_REQUESTS: Final = 5000  # of one load, however long its block takes


class _Load:
    """Threads that ask, each on a new connection each time: a kept one that the server closes while
    it is idle loses a request that the server never had."""

    def __init__(self, url: str, at_once: int, rate_per_s: float) -> None:
        self._url = urlsplit(url)
        self._pause_s = at_once / rate_per_s
        self._asked: list[Asked] = []
        self._ended = threading.Event()
        self._threads = [threading.Thread(target=self._ask_on) for _ in range(at_once)]

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

    def _ask_on(self) -> None:
        while not self._ended.is_set() and len(self._asked) < MOST_REQUESTS:
            started_s = time.monotonic()
            self._asked.append(self._one())
            left_s = self._pause_s - (time.monotonic() - started_s)
            self._ended.wait(max(0.0, left_s))

    def _one(self) -> Asked:
        """One request. It has begun once the server's port took it, or refused it: a thread may
        stand still before that for as long as it takes the server to end."""
        host = self._url.hostname or ""
        connection = http.client.HTTPConnection(host, self._url.port or 80, timeout=ANSWER_S)
        with closing(connection):
            try:
                connection.connect()
            except OSError:
                return Asked(time.monotonic(), 0)
            begun_s = time.monotonic()
            return Asked(begun_s, self._status(connection))

    def _status(self, connection: http.client.HTTPConnection) -> int:
        path = self._url.path or "/"
        target = f"{path}?{self._url.query}" if self._url.query else path
        try:
            connection.request("GET", target, headers={"Connection": "close"})
            answer = connection.getresponse()
            answer.read()
        except (OSError, http.client.HTTPException):
            return 0
        return answer.status


@contextmanager
def under_load(url: str, at_once: int, rate_per_s: float) -> Iterator[_Load]:
    """Asks while the block runs."""
    load = _Load(url, at_once, rate_per_s)
    load.begin()
    try:
        yield load
    finally:
        load.end()
