"""The listening sockets of an environment's public ports, as its keeper has them. It imports
nothing but the standard library."""

import signal
import socket
import time
from contextlib import suppress
from typing import Final

from devflow.adapters.proxy.environment import end_each, has_ended
from devflow.adapters.proxy.places import HOST

BACKLOG: Final = 1024  # connections
LEFT_WITHIN_S: Final = 0.5  # s for a worker without a keeper to leave its ports, before SIGKILL
ENDED_WITHIN_S: Final = 2.0  # s for a process to end after it
ASK_EVERY_S: Final = 0.001  # meanwhile connections are refused


class Ports:
    """Those of the table, by number; ``left`` are processes that serve on where a keeper and its
    copy were killed. ``unheld_s`` is how long nobody had the ports then."""

    def __init__(self, left: tuple[int, ...]) -> None:
        self._left = left
        self.listeners: dict[int, socket.socket] = {}
        self.unheld_s = 0.0
        self._freed_until_s = 0.0

    @property
    def is_left(self) -> bool:
        """Whether somebody who has no keeper has them still."""
        return bool(self._left)

    def follow(self) -> None:
        """Goes on where another keeper was killed: what it had begun in its last moment ends, and
        may have a port until then."""
        self._freed_until_s = time.monotonic() + ENDED_WITHIN_S

    def become(self, ports: set[int]) -> list[str]:
        """Makes the sockets those of a table; a port that is taken is left out, and told."""
        for port in self.listeners.keys() - ports:
            _free(self.listeners.pop(port))
        if self._left:
            self._make_way(ports)
        self._are_had(ports, self._freed_until_s)
        problems = [self._hold(port) for port in sorted(ports - self.listeners.keys())]
        return [problem for problem in problems if problem]

    def _make_way(self, ports: set[int]) -> None:
        """Has the ports left by what serves without a keeper. Our own worker leaves them at once
        and ends what it has begun; haproxy breaks that off."""
        began_s = time.monotonic()
        end_each(self._left, signal.SIGTERM)
        if not self._are_had(ports, began_s + LEFT_WITHIN_S):
            end_each(self._left, signal.SIGKILL)
            deadline_s = time.monotonic() + ENDED_WITHIN_S
            while not all(map(has_ended, self._left)) and time.monotonic() < deadline_s:
                time.sleep(ASK_EVERY_S)
            self._are_had(ports, 0.0)
        self.unheld_s = time.monotonic() - began_s
        self._left = ()

    def _are_had(self, ports: set[int], until_s: float) -> bool:
        while True:
            for port in ports - self.listeners.keys():
                self._hold(port)
            if ports <= self.listeners.keys() or time.monotonic() >= until_s:
                return ports <= self.listeners.keys()
            time.sleep(ASK_EVERY_S)

    def _hold(self, port: int) -> str:
        """Listens on a port; answers what was the matter."""
        listener = socket.socket()
        try:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind((HOST, port))
            listener.listen(BACKLOG)
        except OSError as error:
            listener.close()
            return f"cannot listen on {HOST}:{port}: {error.strerror}"
        listener.setblocking(False)
        self.listeners[port] = listener
        return ""


def _free(listener: socket.socket) -> None:
    """Closes a listening socket for all that hold it: haproxy's master keeps what it inherited, and
    its port with it. Elsewhere than on Linux it is closed for this process alone."""
    with suppress(OSError):
        listener.shutdown(socket.SHUT_RDWR)
    listener.close()
