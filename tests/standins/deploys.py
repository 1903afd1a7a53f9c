"""A place where services run, a web that answers from a table, and a clock that stands, in memory,
for tests of steps."""

from datetime import datetime, timedelta, timezone

from devflow.model.environments import Environment, Running
from devflow.model.errors import StepFailed
from devflow.model.marks import UNMARKED, Mark
from devflow.ports.deploys import Release
from devflow.ports.web import HttpAnswer

NOW = datetime(2026, 1, 5, 12, 0, tzinfo=timezone.utc)


class MemoryDeploys:
    """``sick`` are versions that stop answering once they are switched to; ``served`` has the
    newest first."""

    def __init__(self) -> None:
        self.started: dict[str, dict[str, Release]] = {}
        self.served: dict[str, list[str]] = {}
        self.rolled_back: dict[str, str] = {}
        self.sick: set[str] = set()
        self.writes: list[str] = []

    def environment(self, name: str) -> Environment | None:
        if name not in self.served:
            return None
        serving, *before = self.served[name] or [""]
        release = self.started[name].get(serving)
        taken_back = self.rolled_back.get(name, "")
        if release is None:
            return Environment(
                name=name, version="", commit="", services=(), rolled_back=taken_back
            )
        return Environment(
            name=name,
            version=serving,
            commit=release.commit,
            services=tuple(self._running(release, service) for service in release.services),
            previous=before[0] if before else "",
            rolled_back=taken_back,
            since=NOW - timedelta(minutes=10),
        )

    def _running(self, release: Release, service: str) -> Running:
        url = f"http://127.0.0.1:{release.services[service].port + release.port_offset}"
        if release.version in self.sick:
            return Running(
                service=service, url=url, pid=0, version="", status=0, problem="connection refused"
            )
        return Running(
            service=service, url=url, pid=7, version=release.version, status=200, latency_ms=3.0
        )

    def environments(self) -> tuple[str, ...]:
        return tuple(self.served)

    def versions(self, name: str) -> tuple[str, ...]:
        return tuple(self.served.get(name, ()))

    def start(self, name: str, release: Release, *, mark: Mark = UNMARKED) -> None:
        self.writes.append(f"start {name}")
        self.started.setdefault(name, {})[release.version] = release

    def switch(self, name: str, version: str) -> None:
        self.writes.append(f"switch {name}")
        if version not in self.started.get(name, {}):
            raise StepFailed(f"{version} was never started")
        self.served[name] = [version, *(old for old in self.served.get(name, ()) if old != version)]
        self.rolled_back.pop(name, None)

    def retire(self, name: str, keep: int) -> None:
        self.writes.append(f"retire {name}")
        self.served[name] = self.served[name][: keep + 1]

    def rollback(self, name: str) -> None:
        self.writes.append(f"rollback {name}")
        self.rolled_back[name] = self.served[name].pop(0)

    def down(self, name: str) -> None:
        self.writes.append(f"down {name}")
        self.served[name] = []


class TableWeb:
    """Answers 200 with the text of a URL, and nothing where it has none."""

    def __init__(self, pages: dict[str, str]) -> None:
        self.pages = pages

    def get(self, url: str, *, timeout_s: float = 5.0) -> HttpAnswer:
        if url not in self.pages:
            return HttpAnswer(status=0, body="", latency_ms=0.1, problem="connection refused")
        return HttpAnswer(status=200, body=self.pages[url], latency_ms=1.0)

    def browser(self) -> str:
        return ""

    def screenshot(self, url: str, width_px: int, height_px: int) -> bytes | None:
        return None


class StandingClock:
    """Always ``NOW``."""

    def now(self) -> datetime:
        return NOW

    def sleep(self, seconds: float) -> None:
        raise AssertionError("nothing here waits")
