"""Clients as they are: connections that are kept, heads and bodies that come apart, every other
request one that may not be repeated."""

import socket
import threading
import time
from contextlib import ExitStack
from http.client import HTTPException, HTTPResponse
from types import TracebackType

BODY = b"x" * 700
CLIENTS = 4
# s between a head and its body: packets of their own, also on a busy machine
APART_S = 0.001


class Load:
    """Requests to some ports until it is ended, each ``apart_s`` after the client's last answer;
    ``failures`` is what went wrong."""

    def __init__(self, ports: list[int], clients: int = CLIENTS, apart_s: float = 0.0) -> None:
        self.failures: list[str] = []
        self.asked = 0
        self._ports = ports
        self._apart_s = apart_s
        self._ended = threading.Event()
        self._counting = threading.Lock()
        self._threads = [
            threading.Thread(target=self._ask, args=(number,)) for number in range(clients)
        ]

    def __enter__(self) -> "Load":
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._ended.set()
        for thread in self._threads:
            thread.join()

    def until(self, requests: int, within_s: float = 120.0) -> None:
        """Waits until so many were asked."""
        deadline = time.monotonic() + within_s
        while self.asked < requests:
            assert time.monotonic() < deadline, f"{self.asked} of {requests}: {self.failures[:3]}"
            time.sleep(0.01)

    def _ask(self, number: int) -> None:
        port = self._ports[number % len(self._ports)]
        while not self._ended.is_set():
            with ExitStack() as kept:
                try:
                    connection = socket.create_connection(("127.0.0.1", port), 10)
                    kept.enter_context(connection)
                    # as most clients have it; the others' bodies wait for their head to arrive
                    is_eager = number // 2 % 2
                    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, is_eager)
                    self._keep_asking(connection)
                except (OSError, HTTPException) as error:
                    self._count(f"{type(error).__name__}: {error}")

    def _keep_asking(self, connection: socket.socket) -> None:
        """Until the other side closes it after an answer, as it may."""
        is_post = False
        while not self._ended.is_set():
            is_post = not is_post
            method = "POST" if is_post else "GET"
            length = f"Content-Length: {len(BODY)}\r\n" if is_post else ""
            head = f"{method} /predict HTTP/1.1\r\nHost: test\r\n{length}\r\n"
            connection.sendall(head.encode())
            if is_post:
                time.sleep(APART_S)
                connection.sendall(BODY)
            answer = HTTPResponse(connection, method=method)
            answer.begin()
            answer.read()
            closes = answer.will_close
            answer.close()
            self._count("" if answer.status == 200 else f"{method} answered {answer.status}")
            if closes or (self._apart_s and self._ended.wait(self._apart_s)):
                return

    def _count(self, failure: str) -> None:
        with self._counting:
            self.asked += 1
            if failure:
                self.failures.append(failure)
