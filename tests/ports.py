"""Ports of the loopback for tests: what is given out is nobody else's until it is used.

A port that was found free is used a while later, and must not be given to anybody meanwhile. So it
is none of those that the kernel gives to whoever asks for any; workers of pytest and users of the
machine have ports of their own; and a UDP socket of the same number is held for what was given out
last, which the kernel frees with the process: two runs beside each other see it too.
"""

import atexit
import contextlib
import os
import random
import socket
from collections import deque
from pathlib import Path
from typing import Final, Iterator

HOST: Final = "127.0.0.1"
KERNEL_GIVES: Final = Path("/proc/sys/net/ipv4/ip_local_port_range")
# Linux's own; macOS and the BSDs give from 49,152 on
USUALLY_GIVEN: Final = (32_768, 65_535)
# what is far above a port is the same worker's: one of the same place in another block
BLOCK: Final = 1000
BLOCKS: Final = range(12_000, 64_000, BLOCK)
USERS: Final = 6  # root and the first two whom Linux or macOS adds are apart
WORKERS: Final = 16
PORTS_EACH: Final = BLOCK // (USERS * WORKERS)  # in a block
CLAIMS: Final = 64  # ports held at once: more than a test uses


def kernel_gives(told: Path = KERNEL_GIVES) -> range:
    """The ports that the kernel gives out by itself."""
    try:
        first, last = map(int, told.read_text(encoding="ascii").split())
    except (OSError, ValueError):
        first, last = USUALLY_GIVEN
    return range(first, last + 1)


def stripe(worker: str, user: int) -> range:
    """A worker's places in each block of ports: of ``gw3`` those of the fourth worker."""
    number = int(worker.removeprefix("gw") or 0) % WORKERS
    first = (user % USERS * WORKERS + number) * PORTS_EACH
    return range(first, first + PORTS_EACH)


def blocks(given_by_kernel: range) -> list[int]:
    """Blocks of which the kernel gives out nothing; all, where it may give out any."""
    free = [first for first in BLOCKS if not _meet(range(first, first + BLOCK), given_by_kernel)]
    return free or list(BLOCKS)


class Ports:
    """The ports of one worker, given out in turns, so that none comes again soon."""

    def __init__(self, worker: str, user: int, given_by_kernel: range) -> None:
        places = stripe(worker, user)
        self.all = [block + place for block in blocks(given_by_kernel) for place in places]
        random.shuffle(self.all)
        self._next = 0
        self._claims: deque[socket.socket] = deque()

    def some(self, count: int, above: tuple[int, ...] = ()) -> tuple[int, ...]:
        """Different free ports, each with those so many thousands above it. Raises
        ``RuntimeError`` where no more are free."""
        found: list[int] = []
        for port in self._round():
            if len(found) == count:
                break
            wanted = [port, *(port + more for more in above)]
            # a round may come by a port that is somebody's neighbour
            if set(wanted) <= set(self.all) and self._claim(wanted):
                found.append(port)
        if len(found) < count:
            raise RuntimeError(f"{len(found)} of {count} ports are free, of {len(self.all)}")
        return tuple(found)

    def close(self) -> None:
        """Holds nothing any more."""
        self._keep(0)

    def _round(self) -> Iterator[int]:
        for _ in self.all:
            port = self.all[self._next % len(self.all)]
            self._next += 1
            yield port

    def _claim(self, ports: list[int]) -> bool:
        """Holds them all, or none."""
        with contextlib.ExitStack() as stack:
            claims = []
            for port in ports:
                claim = stack.enter_context(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
                with contextlib.suppress(OSError):
                    claim.bind((HOST, port))
                    if is_free(port):
                        claims.append(claim)
            if len(claims) < len(ports):
                return False
            stack.pop_all()
        self._claims.extend(claims)
        self._keep(CLAIMS)
        return True

    def _keep(self, most: int) -> None:
        while len(self._claims) > most:
            self._claims.popleft().close()


def is_free(port: int) -> bool:
    """Whether nobody has it. Asked in two ways: what may be bound beside what differs between
    systems, and who listens answers everywhere."""
    with socket.socket() as own, socket.socket() as client:
        try:
            own.bind((HOST, port))
        except OSError:
            return False
        own.close()
        client.settimeout(1.0)
        return client.connect_ex((HOST, port)) != 0


def _meet(one: range, other: range) -> bool:
    return one.start < other.stop and other.start < one.stop


_OWN: Final = Ports(os.environ.get("PYTEST_XDIST_WORKER", ""), os.getuid(), kernel_gives())
atexit.register(_OWN.close)


def free_ports(count: int, above: tuple[int, ...] = ()) -> tuple[int, ...]:
    """Different ports that nobody has and nobody is given; ``above`` names what has to be free
    beside each, as ``1000``."""
    return _OWN.some(count, above)


def free_port(above: tuple[int, ...] = ()) -> int:
    """One of them."""
    return free_ports(1, above)[0]
