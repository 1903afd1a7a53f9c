"""Registries for tests, and images that are in no registry yet."""

import hashlib
import json
import shutil
import socket
import subprocess
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any

import httpx

from devflow.adapters.http.retry import Retry
from devflow.adapters.images.store import Store
from devflow.adapters.registry.client import OciRegistry
from devflow.adapters.registry.connection import Reach
from devflow.adapters.registry.credentials import Anonymous, Login
from devflow.craft.supply.artifacts import Artifact, Part, drawn, subject_of
from devflow.model.ids import Sha
from devflow.ports.images import Recipe
from devflow.testing import MemoryImages, MemoryRegistry
from tests.contract.images.daemons import missing
from tests.ports import free_port

REGISTRY_PROGRAM = "docker-registry"
START_S = 15.0  # s; it takes 0.3 s
# a few quick tries: what the layer itself does is tested where it is
QUICK = Retry(tries=4, give_up_after_s=10.0, first_wait_s=0.01, longest_wait_s=0.05)
CONFIG = """
version: 0.1
log: {{level: warn}}
storage:
  filesystem: {{rootdirectory: {folder}/data}}
  delete: {{enabled: true}}
http: {{addr: "127.0.0.1:{port}"}}
"""


class NoLogin:
    """Somebody who has no login."""

    login = Anonymous().login


class OneLogin:
    """Somebody with one login everywhere; counts how often it was asked for."""

    def __init__(self, login: Login) -> None:
        self.known = login
        self.asked = 0

    def login(self, address: Any) -> Login:
        self.asked += 1
        return self.known


@contextmanager
def docker_registry(folder: Path) -> Iterator[str]:
    """The real one, as its host; skips where it is not installed."""
    program = shutil.which(REGISTRY_PROGRAM)
    if program is None:
        missing("docker-registry is not installed: apt-get install docker-registry")
    port = free_port()
    folder.mkdir(parents=True, exist_ok=True)
    config = folder / "config.yml"
    config.write_text(CONFIG.format(folder=folder, port=port))
    with (folder / "log").open("ab") as log:
        process = subprocess.Popen([program, "serve", str(config)], stdout=log, stderr=log)
    try:
        deadline = time.monotonic() + START_S
        while not _answers(port):
            assert process.poll() is None and time.monotonic() < deadline, "it did not start"
            time.sleep(0.02)
        yield f"127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(10)


def _answers(port: int) -> bool:
    with socket.socket() as attempt:
        return attempt.connect_ex(("127.0.0.1", port)) == 0


@dataclass
class Place:
    """A registry and the store that it is fed from; ``host`` is empty for one in memory."""

    host: str
    registry: Any
    store: Any
    numbers: Iterator[int]

    def repository(self) -> str:
        """A repository that nobody has used."""
        return f"{self.registry.name()}/repo-{next(self.numbers)}"

    def image(self, content: bytes = b"print('here')", **files: bytes) -> Any:
        """An image of both platforms, in the store."""
        images = MemoryImages({"app/main.py": content, **files})
        recipe = Recipe(
            service="backend",
            commit=Sha("a" * 40),
            dockerfile="Dockerfile",
            context=".",
            created=datetime(2026, 5, 4, tzinfo=UTC),
        )
        image = images.build(recipe, lambda *_: None)
        for held in images.held.values():
            self.store.keep(held)
        return image

    def artifact(self, subject: str, kind: str, content: bytes) -> str:
        """An artifact about something, in the store: its digest."""
        part = Part("text/plain", content, {})
        artifact = Artifact("sbom", kind, {"of": content.decode()})
        made = drawn(artifact, subject_of(self.store, subject), (part,))
        for one in made.contents:
            self.store.keep(one)
        return made.documents[0].digest

    def api(self, method: str, repository: str, rest: str, **given: Any) -> httpx.Response:
        """A request past our own client."""
        path = repository.removeprefix(f"{self.host}/")
        url = f"http://{self.host}/v2/{path}/{rest}"
        return httpx.request(method, url, timeout=10, **given)


def place_at(
    host: str,
    folder: Path,
    credentials: Any = None,
    retry: Retry = QUICK,
    reach: Reach | None = None,
) -> Place:
    """Our client before a registry."""
    store = Store(folder / "store")
    # servers outlive a test: each has a prefix of its own
    prefix = f"acme/{uuid.uuid4().hex[:12]}"
    registry = OciRegistry(f"{host}/{prefix}", store, credentials or NoLogin(), retry, reach)
    return Place(host, registry, store, count(1))


def place_in_memory() -> Place:
    """The stand-in."""
    store = MemoryImages()
    return Place("", MemoryRegistry(store), store, count(1))


def digest_of(content: bytes) -> str:
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


def errors(code: str) -> str:
    """An error's body."""
    return json.dumps({"errors": [{"code": code, "message": "sorry"}]})


@contextmanager
def raw_server(answer: bytes, pause_s: float = 0.0) -> Iterator[str]:
    """Answers each connection with these bytes and ends it; ``pause_s`` between them."""
    listener = socket.create_server(("127.0.0.1", 0))
    ended = threading.Event()

    def serve() -> None:
        with suppress(OSError):
            while not ended.is_set():
                connection, _ = listener.accept()
                with connection, suppress(OSError):
                    connection.recv(65536)
                    _drip(connection, answer, pause_s, ended)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield f"127.0.0.1:{listener.getsockname()[1]}"
    finally:
        ended.set()
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join(5)


def _drip(connection: socket.socket, answer: bytes, pause_s: float, ended: threading.Event) -> None:
    """Sends at once, or a byte after each pause."""
    if not pause_s:
        connection.sendall(answer)
        return
    for number in range(len(answer)):
        if ended.wait(pause_s):
            return
        connection.sendall(answer[number : number + 1])
