"""Clients that keep their connections, POST half of the time, and send heads and bodies apart."""

import http.client
import threading

from tests.contract.proxy.world import World

CLIENTS = 4
HEAD = b"POST /who HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\n"


class Load:
    """Asks as long as it is entered. ``wrong`` is what failed."""

    def __init__(self, world: World) -> None:
        self.wrong: list[str] = []
        self._world = world
        self._counts = [0] * CLIENTS
        self._ended = threading.Event()
        self._threads = [
            threading.Thread(target=self._ask, args=(number,)) for number in range(CLIENTS)
        ]

    @property
    def count(self) -> int:
        """How many were answered rightly."""
        return sum(self._counts)

    def __enter__(self) -> "Load":
        for one in self._threads:
            one.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        for one in self._threads:
            one.join()

    def _ask(self, number: int) -> None:
        while not self._ended.is_set() and not self.wrong:
            try:
                with self._world.connected() as client:
                    while not self._ended.is_set():
                        if self._counts[number] % 2:
                            answer = client.ask(b"GET /who HTTP/1.1\r\nHost: x\r\n\r\n")
                        else:
                            client.send(HEAD)
                            answer = client.ask(b"body")
                        assert answer.status == 200
                        self._counts[number] += 1
                        if answer.headers["Connection"] == "close":
                            break
            except (OSError, AssertionError, http.client.HTTPException) as error:
                self.wrong.append(repr(error))
