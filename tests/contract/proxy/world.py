"""A proxy in a folder of its own, backends behind it, and clients that say exactly what they are
told to."""

import http.client
import json
import os
import shutil
import signal
import socket
import time
import uuid
from contextlib import closing, suppress
from dataclasses import dataclass
from email.message import Message
from pathlib import Path
from typing import Callable, Iterator

import psutil

from devflow.adapters.machine import processes
from devflow.adapters.machine.processes import MARKER
from devflow.adapters.proxy.local import LocalProxy
from devflow.adapters.proxy.port import Backend, BackendFigures, Kind, Route, Table
from tests.contract.proxy import backends
from tests.ports import free_port

HOST = "127.0.0.1"
HEAD = b"Host: x\r\n\r\n"


class World:
    """One environment's proxy, with two backends."""

    def __init__(self, path: Path, kind: Kind) -> None:
        self.folder = path / "environment" / "proxy"
        self.kind = kind
        self.repository = uuid.uuid4().hex
        self.marker = f"{self.repository}:development::proxy"
        self.proxy = LocalProxy(self.folder, self.marker, kind)
        self.port = free_port()
        self.old = backends.Backend("old")
        self.new = backends.Backend("new")

    def table(self, old_pct: float, new_pct: float, old_state: str = "ready") -> Table:
        """Both behind the one port."""
        behind = (
            self.backend(self.old, old_pct, old_state),
            self.backend(self.new, new_pct, "ready"),
        )
        return Table(ports={self.port: Route(service="api", backends=behind)})

    def backend(self, backend: backends.Backend, weight_pct: float, state: str) -> Backend:
        given = {"id": f"{backend.name}.1", "port": backend.port, "version": backend.name}
        return Backend.model_validate({**given, "weight_pct": weight_pct, "state": state})

    def serve(self, old_pct: float = 100, new_pct: float = 0, old_state: str = "ready") -> None:
        self.proxy.apply(self.table(old_pct, new_pct, old_state))

    def figures(self, backend: backends.Backend) -> BackendFigures:
        figures = self.proxy.figures()
        assert figures is not None
        found = figures.of(self.port, f"{backend.name}.1")
        assert found is not None
        return found

    def connected(self) -> "Client":
        return Client(self.port)

    def get(self, path: str = "/who", port: int = 0) -> str:
        """Who answered a GET on a connection of its own."""
        with Client(port or self.port) as client:
            return client.get(path)

    def processes(self) -> list[psutil.Process]:
        """All that was started for this proxy and runs."""
        found = []
        for one, text in processes.with_variable(MARKER):
            with suppress(psutil.NoSuchProcess):
                if text == self.marker and one.status() != psutil.STATUS_ZOMBIE:
                    found.append(one)
        return found

    def workers(self) -> list[psutil.Process]:
        """Its worker; of haproxy's processes the one that its master has started."""
        # they have groups of their own, which the keeper's spare has not
        masters = []
        for one in self.processes():
            with suppress(ProcessLookupError):
                if os.getpgid(one.pid) == one.pid != os.getsid(one.pid):
                    masters.append(one)
        if self.kind == "own":
            return masters
        return [worker for master in masters for worker in master.children()]

    def spares(self) -> list[psutil.Process]:
        """What follows its keeper where that is killed."""
        keeper = self.proxy.process()
        leader = keeper.pid if keeper else 0
        return [one for one in self.processes() if os.getpgid(one.pid) == leader != one.pid]

    def kill_keeper(self) -> None:
        """As by kill -9, and of it alone."""
        keeper = self.proxy.process()
        assert keeper is not None
        os.kill(keeper.pid, signal.SIGKILL)

    def end(self) -> None:
        self.proxy.stop()
        self.old.die()
        self.new.die()
        left = self.processes()
        for one in left:
            one.kill()
        assert left == []
        shutil.rmtree(self.folder, ignore_errors=True)


@dataclass(frozen=True)
class Answer:
    """An answer that was read whole."""

    status: int
    headers: Message
    body: bytes

    def told(self) -> dict[str, str]:
        """What a backend says of itself and of the request's body."""
        document: dict[str, str] = json.loads(self.body)
        return document


class Client:
    """A connection whose bytes are the test's own."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection((HOST, port), timeout=10)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def __enter__(self) -> "Client":
        return self

    def __exit__(self, *_: object) -> None:
        self.socket.close()

    def send(self, data: bytes) -> None:
        self.socket.sendall(data)

    def ask(self, data: bytes, method: str = "GET") -> "Answer":
        """Sends a request and reads its answer."""
        self.send(data)
        return self.answer(method)

    def answer(self, method: str = "GET") -> "Answer":
        """Reads an answer. Raises ``HTTPException`` or ``OSError`` where it is none."""
        with http.client.HTTPResponse(self.socket, method=method) as read:
            read.begin()
            return Answer(read.status, read.headers, read.read())

    def get(self, path: str = "/who") -> str:
        """Who answered a GET."""
        answer = self.ask(f"GET {path} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        assert answer.status == 200
        return str(answer.told()["name"])

    def rest(self) -> bytes:
        """All that comes until the other side closes or resets."""
        data = b""
        try:
            while piece := self.socket.recv(65536):
                data += piece
        except ConnectionResetError:
            pass
        return data


def until(claim: Callable[[], bool], within_s: float = 10.0) -> None:
    deadline = time.monotonic() + within_s
    while not claim():
        assert time.monotonic() < deadline, "it did not come to be"
        time.sleep(0.02)


def said(port: int, data: bytes) -> bytes:
    """Everything that is answered to these bytes, after which the client says no more."""
    with closing(socket.create_connection((HOST, port), timeout=10)) as connection:
        connection.sendall(data)
        answer = b""
        try:
            while piece := connection.recv(65536):
                answer += piece
        except ConnectionResetError:
            pass
        return answer


Worlds = Iterator[World]
