"""A TCP forwarder: listens on an environment's public ports and hands each connection to the
version that serves now.

The file is asked at every new connection, so that replacing it is the switch; connections that are
open stay with the version they began with. SIGHUP is only needed where the set of public ports
changes. It is run by its path, in isolation, and imports nothing but the standard library.
"""

import asyncio
import json
import signal
import sys
from pathlib import Path
from typing import Awaitable, Callable, Final

Handler = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]

CHUNK_BYTES: Final = 65536
# s that a refused connection is tried again: longer than a service takes to begin to listen
CONNECT_WITHIN_S: Final = 3.0
RETRY_EVERY_S: Final = 0.02
BACKLOG: Final = 1024  # connections


class Targets:
    """Public port to target port, as the file's ``listen`` table says; the file is read again only
    when it was replaced."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._identity: tuple[int, int] = (0, 0)
        self._ports: dict[int, int] = {}

    def read(self) -> dict[int, int]:
        """The table as it stands now. Raises ``OSError`` where the file is gone."""
        stat = self._file.stat()
        identity = (stat.st_ino, stat.st_mtime_ns)
        if identity != self._identity:
            table = json.loads(self._file.read_text(encoding="utf-8"))["listen"]
            self._ports = {int(public): int(target) for public, target in table.items()}
            self._identity = identity
        return self._ports


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
    """Forwards until SIGTERM or SIGINT. Raises ``OSError`` or ``ValueError`` where the file cannot
    be read at the start."""
    loop = asyncio.get_running_loop()
    ended = asyncio.Event()
    changed = asyncio.Event()
    loop.add_signal_handler(signal.SIGHUP, changed.set)

    def stop() -> None:
        ended.set()
        changed.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop)
    forwarder = Forwarder(Targets(file))
    while not ended.is_set():
        changed.clear()
        await forwarder.listen()
        await changed.wait()


if __name__ == "__main__":
    asyncio.run(forward(Path(sys.argv[1])))
