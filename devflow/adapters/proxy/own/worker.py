"""The process that serves: takes tables and listening sockets from its keeper over one channel, and
says which table it has taken.

It serves on where its keeper is gone.
"""

import asyncio
import json
import os
import signal
import socket
import sys
import time
from contextlib import suppress
from importlib import import_module
from typing import Any, Callable, Coroutine, Final

from devflow.adapters.proxy.figures.tallies import Tallies
from devflow.adapters.proxy.own.front import Front
from devflow.adapters.proxy.own.routes import KEEP_S, Spread

LOOK_EVERY_S: Final = 0.5
END_WITHIN_S: Final = 4.0  # for requests that run; before SIGKILL comes 5 s after SIGTERM
BACKLOG: Final = 1024  # connections; also how many wait while a worker is restarted
MESSAGE_BYTES: Final = 65536
DESCRIPTORS: Final = 250  # of sockets in one message; the kernel's own limit is 253


class Worker:
    """Everything that one process serves."""

    def __init__(self, channel: socket.socket, tallies: Tallies) -> None:
        self.fronts: set[Front] = set()
        self.stopping = False
        self._channel = channel
        self._tallies = tallies
        self._spreads: dict[int, Spread] = {}
        self._servers: dict[int, asyncio.Server] = {}
        self._message = b""
        self._sockets: list[int] = []
        self._ended = asyncio.Event()
        self._taking: set[asyncio.Task[None]] = set()
        self._one_table = asyncio.Lock()

    async def serve(self) -> None:
        """Serves until SIGTERM, and then ends what runs."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._ended.set)
        loop.add_reader(self._channel, self._hear)
        while not self._ended.is_set():
            with suppress(TimeoutError):
                await asyncio.wait_for(self._ended.wait(), LOOK_EVERY_S)
            self._look()
        await self._end()

    def _look(self) -> None:
        now_s = time.perf_counter()
        for front in tuple(self.fronts):
            front.look(now_s)
        for spread in self._spreads.values():
            for target in spread.targets:
                target.close_idle(now_s - KEEP_S)

    async def _end(self) -> None:
        self.stopping = True
        for server in self._servers.values():
            server.close()
        deadline_s = time.perf_counter() + END_WITHIN_S
        while self.fronts and time.perf_counter() < deadline_s:
            for front in tuple(self.fronts):
                front.finish()
            await asyncio.sleep(0.01)

    def _hear(self) -> None:
        data, sockets, _, _ = socket.recv_fds(self._channel, MESSAGE_BYTES, DESCRIPTORS)
        if not data:
            # the keeper was killed
            asyncio.get_running_loop().remove_reader(self._channel)
            return
        self._sockets += sockets
        *lines, self._message = (self._message + data).split(b"\n")
        for line in lines:
            message = json.loads(line)
            count = len(message["ports"])
            listeners = self._sockets[:count]
            self._sockets = self._sockets[count:]
            taking = asyncio.ensure_future(self._take_in_turn(message, listeners))
            self._taking.add(taking)
            taking.add_done_callback(self._taking.discard)

    async def _take_in_turn(self, message: dict[str, Any], listeners: list[int]) -> None:
        async with self._one_table:
            await self._take(message, listeners)
        with suppress(OSError):
            # the keeper may be gone
            self._channel.send(message["generation"].encode() + b"\n")

    async def _take(self, message: dict[str, Any], listeners: list[int]) -> None:
        """Makes this table the one that is served."""
        routes: dict[int, Any] = {int(port): one for port, one in message["table"].items()}
        for port, route in routes.items():
            is_first = port not in self._spreads and not self._servers
            if port not in self._spreads:
                self._spreads[port] = Spread(port, self._tallies)
            self._spreads[port].take(route, is_first=is_first)
        for port in self._servers.keys() - set(message["ports"]):
            self._servers.pop(port).close()
        for port, listener in zip(message["ports"], listeners):
            await self._listen(port, listener)
        for port in self._spreads.keys() - routes.keys():
            self._spreads.pop(port).take({"backends": []}, is_first=False)

    async def _listen(self, port: int, listener: int) -> None:
        if port in self._servers:
            os.close(listener)
            return
        spread = self._spreads[port]
        # asyncio makes it the loop's: it is closed with the server
        opened = socket.socket(fileno=listener)
        loop = asyncio.get_running_loop()
        self._servers[port] = await loop.create_server(
            lambda: Front(spread, self), sock=opened, backlog=BACKLOG
        )


def run(channel: socket.socket, tallies: Tallies, uvloop_folder: str) -> None:
    """Serves in this process, to its end; with uvloop where its folder is named."""
    asyncio.Runner(loop_factory=_loop_factory(uvloop_folder)).run(_serve(channel, tallies))


def _serve(channel: socket.socket, tallies: Tallies) -> Coroutine[Any, Any, None]:
    async def serve() -> None:
        channel.setblocking(False)
        await Worker(channel, tallies).serve()

    return serve()


def _loop_factory(folder: str) -> Callable[[], asyncio.AbstractEventLoop] | None:
    if not folder:
        return None
    sys.path.append(folder)
    try:
        factory: Callable[[], asyncio.AbstractEventLoop] = import_module("uvloop").new_event_loop
    except ImportError:
        return None
    return factory
