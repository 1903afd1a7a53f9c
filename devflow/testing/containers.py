"""Containers in memory, and the web that asks them: each does well, or badly in the ways that
containers do."""

import json
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Iterator
from urllib.parse import urlsplit

from devflow.model.errors import StepFailed, Unavailable
from devflow.ports.containers import Process, Start, Usage
from devflow.ports.web import Asked, HttpAnswer

VERSION = "a" * 40
PORTS_FROM = 40000  # where the network is this machine's, another port is told
CAR = {"year": 2020}
API = {
    "paths": {
        "/health": {"get": {"responses": {"200": {}}}},
        "/predict": {
            "post": {
                "requestBody": {"content": {"application/json": {"example": CAR}}},
                "responses": {"200": {}, "422": {}},
            }
        },
        "/cars": {"get": {"responses": {"200": {}}}},
        "/cars/{id}": {"get": {"responses": {"200": {}}}},
    }
}
PAGE = '<html><link rel="stylesheet" href="/static/app.css"><script src="/static/app.js"></script>'
ASSETS = ("/static/app.css", "/static/app.js")


@dataclass
class Behaviour:
    """What a container of one service does; as it stands it does well. ``statuses`` are of paths,
    ``empty`` paths that answer nothing in their body; ``leaks_bytes`` are taken after the load."""

    version: str = VERSION
    cannot_start: str = ""
    is_silent: bool = False
    ends_at_once: bool = False
    words: str = "serving"
    users: tuple[int, ...] = (1000, 1000)
    capabilities: tuple[str, ...] = ()
    no_new_privileges: bool = True
    can_write: bool | None = False
    ignores_signal: bool = False
    exit_code: int = 0
    loses_under_load: int = 0
    loses_at_its_end: int = 0
    memory_bytes: int | None = 60_000_000
    leaks_bytes: int = 0
    cpu_s: tuple[float | None, float | None] = (1.0, 1.0)
    shows_processes: bool = True
    statuses: dict[str, int] = field(default_factory=dict)
    empty: tuple[str, ...] = ()


class MemoryContainer:
    """One container."""

    def __init__(self, start: Start, behaviour: Behaviour, events: list[str]) -> None:
        self.start = start
        self.behaviour = behaviour
        self._events = events
        self._readings = 0
        # one that never answers was begun long ago, or each test would wait for it
        self.started_s = time.monotonic() - (29.95 if behaviour.is_silent else 0.0)
        self.is_stopped = False

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.start.port}"

    @property
    def peer_url(self) -> str:
        return f"http://{self.start.service}.test:{self.start.port}"

    def running(self) -> bool:
        return not self.behaviour.ends_at_once and not self.is_stopped

    def usage(self) -> Usage:
        if not self.running():
            return Usage(None, None)
        reading = min(self._readings, 1)
        memory_bytes = self.behaviour.memory_bytes
        if memory_bytes is not None and self._readings > 1:
            memory_bytes += self.behaviour.leaks_bytes
        self._readings += 1
        return Usage(memory_bytes, self.behaviour.cpu_s[reading])

    def processes(self) -> tuple[Process, ...]:
        one = self.behaviour
        if not one.shows_processes or not self.running():
            return ()
        return tuple(Process(uid, one.capabilities, one.no_new_privileges) for uid in one.users)

    def can_write(self) -> bool | None:
        return self.behaviour.can_write

    def stop(self, within_s: float) -> int | None:
        self._events.append(f"stop {self.start.service}")
        self.is_stopped = True
        return None if self.behaviour.ignores_signal else self.behaviour.exit_code

    def last_words(self) -> str:
        return self.behaviour.words

    def answer(self, method: str, path: str, body: str) -> HttpAnswer:
        """How it answers a request."""
        one = self.behaviour
        if not self.running() or one.is_silent:
            return HttpAnswer(0, "", 0.1, problem="connection refused")
        pages = {
            "/health": json.dumps({"status": "ok", "version": one.version}),
            "/openapi.json": json.dumps(API),
            "/": PAGE,
            "/cars": "[]",
            **dict.fromkeys(ASSETS, "text"),
        }
        is_asked = method == "POST" and path == "/predict" and json.loads(body or "0") == CAR
        default = 200 if path in pages or is_asked else 404
        status = one.statuses.get(path, default)
        content = "" if path in one.empty else pages.get(path, "{}")
        kind = "text/html" if path == "/" else "application/json"
        return HttpAnswer(status, content, 1.0, {"content-type": kind})


class MemoryContainers:
    """What runs them: ``runtimes`` by platform, an exception where it cannot; ``events`` in the
    order in which they came."""

    def __init__(self) -> None:
        self.runtimes: dict[str, str | Unavailable] = {"linux/amd64": "in memory"}
        self.behaviours: dict[str, Behaviour] = {}
        self.events: list[str] = []
        self.starts: list[Start] = []
        self.running: dict[str, MemoryContainer] = {}

    def runtime(self, platform: str) -> str:
        found = self.runtimes.get(platform, Unavailable(f"no qemu is registered for {platform}"))
        if isinstance(found, Unavailable):
            raise found
        return found

    def listening_port(self, port: int) -> int:
        return PORTS_FROM + port

    @contextmanager
    def started(self, start: Start) -> Iterator[MemoryContainer]:
        self.runtime(start.platform)
        behaviour = self.behaviours.get(start.service, Behaviour())
        self.starts.append(start)
        if behaviour.cannot_start:
            raise StepFailed(behaviour.cannot_start)
        self.events.append(f"start {start.service}")
        container = MemoryContainer(start, behaviour, self.events)
        self.running[urlsplit(container.url).netloc] = container
        try:
            yield container
        finally:
            self.events.append(f"remove {start.service}")
            del self.running[urlsplit(container.url).netloc]


class _Load:
    """Three requests before now, and one now, of one container."""

    def __init__(self, container: MemoryContainer) -> None:
        self._container = container
        self._begun_s = time.monotonic()

    def asked(self) -> tuple[Asked, ...]:
        one = self._container
        at_its_end = one.behaviour.loses_at_its_end if one.is_stopped else 0
        lost = at_its_end or one.behaviour.loses_under_load
        before = [Asked(self._begun_s, 0 if number < lost else 200) for number in range(3)]
        # after the signal nobody is there to answer
        return (*before, Asked(time.monotonic(), 0 if one.is_stopped else 200))


class ContainersWeb:
    """The web port on containers in memory."""

    def __init__(self, containers: MemoryContainers) -> None:
        self._containers = containers

    def get(self, url: str, *, timeout_s: float = 5.0) -> HttpAnswer:
        return self.request("GET", url)

    def request(
        self, method: str, url: str, body: str = "", *, timeout_s: float = 5.0
    ) -> HttpAnswer:
        place = urlsplit(url)
        container = self._containers.running.get(place.netloc)
        if container is None:
            return HttpAnswer(0, "", 0.1, problem="connection refused")
        return container.answer(method, place.path, body)

    @contextmanager
    def load(
        self, site: str, paths: tuple[str, ...], *, at_once: int, rate_per_s: float
    ) -> Iterator[_Load]:
        yield _Load(self._containers.running[urlsplit(site).netloc])

    def browser(self) -> str:
        return ""

    def screenshots(self, url: str, *sizes_px: tuple[int, int]) -> tuple[bytes, ...]:
        return ()
