"""A TCP forwarder: listens on an environment's public ports and hands each connection to the
version that serves now.

The file is asked at every new connection, so that replacing it is the switch; connections that are
open stay with the version they began with. SIGHUP is only needed where the set of public ports
changes. It is run by its path, in isolation, and imports nothing but the standard library.

It holds its folder, not the folder's name, so that a repository that is moved goes on being served.
Where the folder is removed, nobody will ever end what serves from it: on Linux the environment's
processes are ended then, elsewhere this one alone.
"""

import asyncio
import json
import os
import signal
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Awaitable, Callable, Final

Handler = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]

CHUNK_BYTES: Final = 65536
# s that a refused connection is tried again: longer than a service takes to begin to listen
CONNECT_WITHIN_S: Final = 3.0
RETRY_EVERY_S: Final = 0.02
BACKLOG: Final = 1024  # connections
# s between two looks at whether the folder is there; one takes 2 us, and a removed repository's
# servers may stay for a day
LOOK_EVERY_S: Final = 60.0
GRACE_S: Final = 5.0  # s between SIGTERM and SIGKILL, as `down` gives
MARKER: Final = "DEVFLOW_PROCESS"


class Targets:
    """Public port to target port, as the file's ``listen`` table says; the file is read again only
    when it was replaced."""

    def __init__(self, file: Path) -> None:
        """Raises ``OSError`` where there is no such folder."""
        self._name = file.name
        self._folder = os.open(file.parent, os.O_RDONLY | os.O_DIRECTORY)
        self._identity: tuple[int, int] = (0, 0)
        self._ports: dict[int, int] = {}

    def read(self) -> dict[int, int]:
        """The table as it stands now. Raises ``OSError`` where the file is gone."""
        stat = os.stat(self._name, dir_fd=self._folder)
        identity = (stat.st_ino, stat.st_mtime_ns)
        if identity != self._identity:
            file = os.open(self._name, os.O_RDONLY, dir_fd=self._folder)
            with open(file, encoding="utf-8") as text:
                table = json.load(text)["listen"]
            self._ports = {int(public): int(target) for public, target in table.items()}
            self._identity = identity
        return self._ports

    def are_gone(self) -> bool:
        """Whether the folder was removed: its file is replaced, and never taken away."""
        try:
            os.stat(self._name, dir_fd=self._folder)
        except FileNotFoundError:
            return True
        return False


class Forwarder:
    """One listener for each public port of the table."""

    def __init__(self, targets: Targets) -> None:
        self._targets = targets
        self._servers: dict[int, asyncio.Server] = {}

    async def listen(self) -> None:
        """Makes the listeners those of the table. A port that is taken is said in the log, and the
        others are served."""
        table = self._targets.read()
        for port in self._servers.keys() - table.keys():
            self._servers.pop(port).close()
        for port in table.keys() - self._servers.keys():
            try:
                self._servers[port] = await asyncio.start_server(
                    self._handler(port), "127.0.0.1", port, backlog=BACKLOG
                )
            except OSError as error:
                _log(f"cannot listen on 127.0.0.1:{port}: {error}")

    def _handler(self, port: int) -> Handler:
        async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            try:
                behind_reader, behind_writer = await self._connect(port)
            except (OSError, KeyError) as error:
                _log(f"nothing answers behind {port}: {error}")
                writer.close()
                return
            try:
                await asyncio.gather(_pump(reader, behind_writer), _pump(behind_reader, writer))
            except OSError:
                # one side was reset: closing both tells the other side so
                writer.transport.abort()
                behind_writer.transport.abort()
            finally:
                writer.close()
                behind_writer.close()

        return handle

    async def _connect(self, port: int) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        loop = asyncio.get_running_loop()
        deadline = loop.time() + CONNECT_WITHIN_S
        while True:
            try:
                return await asyncio.open_connection("127.0.0.1", self._targets.read()[port])
            except ConnectionRefusedError:
                if loop.time() > deadline:
                    raise
                await asyncio.sleep(RETRY_EVERY_S)


def _log(problem: str) -> None:
    print(f"forwarder: {problem}", file=sys.stderr, flush=True)


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while chunk := await reader.read(CHUNK_BYTES):
        writer.write(chunk)
        await writer.drain()
    writer.write_eof()


async def forward(file: Path) -> None:
    """Forwards until SIGTERM or SIGINT, or until the file's folder is removed. Raises ``OSError``
    or ``ValueError`` where the file cannot be read at the start."""
    loop = asyncio.get_running_loop()
    ended = asyncio.Event()
    changed = asyncio.Event()
    loop.add_signal_handler(signal.SIGHUP, changed.set)

    def stop() -> None:
        ended.set()
        changed.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop)
    targets = Targets(file)
    forwarder = Forwarder(targets)
    await forwarder.listen()
    while not ended.is_set():
        with suppress(TimeoutError):
            await asyncio.wait_for(changed.wait(), LOOK_EVERY_S)
        if targets.are_gone():
            end_environment(os.environ.get(MARKER, ""))
            return
        if changed.is_set():
            changed.clear()
            await forwarder.listen()


def end_environment(own_marker: str) -> None:
    """Ends every process of the environment but this one: SIGTERM, and SIGKILL for what is left
    after ``GRACE_S``."""
    repository, _, rest = own_marker.partition(":")
    environment = rest.partition(":")[0]
    if not environment:
        return
    prefix = f"{MARKER}={repository}:{environment}:".encode()
    deadline = time.monotonic() + GRACE_S
    for pid in _started_with(prefix):
        _end(pid, signal.SIGTERM)
    while time.monotonic() < deadline and _started_with(prefix):
        time.sleep(RETRY_EVERY_S)
    for pid in _started_with(prefix):
        _end(pid, signal.SIGKILL)


def _started_with(prefix: bytes) -> list[int]:
    found = []
    for place in Path("/proc").glob("[0-9]*/environ"):
        pid = int(place.parent.name)
        with suppress(OSError):
            variables = place.read_bytes().split(b"\0")
            if pid != os.getpid() and any(one.startswith(prefix) for one in variables):
                found.append(pid)
    return found


def _end(pid: int, number: signal.Signals) -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.kill(pid, number)


if __name__ == "__main__":
    asyncio.run(forward(Path(sys.argv[1])))
