"""One container on trial: start, health, a small load, every documented endpoint, assets, who it
is, and its end."""

import json
import time
from contextlib import AbstractContextManager
from typing import Any, Final

from devflow.craft.smoke.assets import assets
from devflow.craft.smoke.endpoints import Endpoint, endpoints
from devflow.craft.smoke.plan import Planned
from devflow.model.declared.services import HealthCheck
from devflow.model.images import Answered, ContainerLimits, ContainerReport
from devflow.model.output.telling import telling_line
from devflow.ports.clock import Clock
from devflow.ports.containers import Container, Usage
from devflow.ports.web import HttpAnswer, Load, Web

POLL_S: Final = 0.02
# s; six times reference step 23's target, and three times an engine's grace: what is late is
# measured, and a limit beyond them is waited for
READY_WITHIN_S: Final = 30.0
STOP_WITHIN_S: Final = 30.0
ANSWER_S: Final = 5.0
# the small load: three times the requests of a person who clicks as fast as possible
RATE_PER_S: Final = 30.0
AT_ONCE: Final = 4
LOAD_S: Final = 2.0
LAST_S: Final = 0.2  # s of load before the end, so that something is in flight then
PAGE: Final = "/"
DESCRIPTION: Final = "/openapi.json"  # where FastAPI and most generators serve it


class Trial:
    """Takes one container through everything; what it found is its ``report``."""

    def __init__(
        self, planned: Planned, limits: ContainerLimits, platform: str, runtime: str, web: Web
    ) -> None:
        self._planned = planned
        self._ready_within_s = max(READY_WITHIN_S, limits.start_within_s)
        self._stop_within_s = max(STOP_WITHIN_S, limits.stop_within_s)
        self._web = web
        self._found: dict[str, Any] = {
            "service": planned.name,
            "platform": platform,
            "digest": planned.image.digest,
            "runtime": runtime,
        }

    @property
    def report(self) -> ContainerReport:
        """What was found so far."""
        return ContainerReport.model_validate(self._found)

    def failed(self, problem: str) -> None:
        """The container could not be started at all."""
        self._found["problem"] = problem

    def start(self, container: Container, clock: Clock) -> bool:
        """Waits for the first right answer of its health; False where none came."""
        check = self._planned.service.health
        # where it is enough that it listens, any answer says so
        health = f"{container.url}{check.path or PAGE}"
        self._found["wanted_status"] = check.wanted_status
        self._found["tells_version"] = check.version is not None
        deadline = container.started_s + self._ready_within_s
        answer = HttpAnswer(0, "", 0.0)
        while time.monotonic() < deadline and container.running():
            answer = self._web.get(health, timeout_s=ANSWER_S)
            if _is_right(answer, check):
                self._found["started_s"] = time.monotonic() - container.started_s
                break
            clock.sleep(POLL_S)
        self._found["health_status"] = answer.status
        told = check.version.read(answer.body, answer.headers) if check.version else ""
        self._found["health_version"] = told
        if _is_right(answer, check):
            return True
        self._found["problem"] = _problem(container, check, answer)
        return False

    def use(self, container: Container, clock: Clock) -> None:
        """The endpoints, the load with what it costs, the assets, and who runs there."""
        self._ask_endpoints(container)
        before = container.usage()
        began_s = time.monotonic()
        with self._load(container) as load:
            clock.sleep(LOAD_S)
            after = container.usage()
        self._measure(before, after, time.monotonic() - began_s)
        self._count(load)
        self._ask_assets(container)
        self._measure_again(container.usage())
        self._look_inside(container)

    def _load(self, container: Container) -> AbstractContextManager[Load]:
        paths = self._found["loaded"]
        return self._web.load(container.url, paths, at_once=AT_ONCE, rate_per_s=RATE_PER_S)

    def _measure(self, before: Usage, after: Usage, took_s: float) -> None:
        self._found["memory_bytes"] = after.memory_bytes
        if before.cpu_s is not None and after.cpu_s is not None and took_s > 0:
            self._found["cpu_pct"] = (after.cpu_s - before.cpu_s) / took_s * 100

    def _measure_again(self, after: Usage) -> None:
        """What the assets left behind counts as well; a container that ended shows nothing."""
        before = self._found["memory_bytes"]
        if before is not None and after.memory_bytes is not None:
            self._found["memory_bytes"] = max(before, after.memory_bytes)

    def _count(self, load: Load, until_s: float | None = None) -> None:
        asked = load.asked()
        lost = [
            one
            for one in asked
            # what was begun after the signal may be refused
            if one.status // 100 != 2 and (until_s is None or one.begun_s < until_s)
        ]
        self._found["requests"] = self._found.get("requests", 0) + len(asked)
        self._found["lost_requests"] = self._found.get("lost_requests", 0) + len(lost)

    def _ask_endpoints(self, container: Container) -> None:
        answer = self._web.get(container.url + DESCRIPTION)
        document = _parsed(answer.body) if answer.status == 200 else None
        answered = []
        not_asked = []
        # those that change nothing, and do as they say: what fails has a line of its own
        loaded = [self._planned.service.health.path or PAGE]
        if document is None and self._planned.service.openapi:
            said = answer.status or "nothing"
            not_asked.append(f"GET {DESCRIPTION}: it answers {said}, which describes nothing")
        for one in endpoints(document):
            if one.why_not:
                not_asked.append(f"{one.name}: {one.why_not}")
                continue
            found = self._ask(container, one)
            answered.append(found)
            if one.method == "GET" and found.status in found.expected and one.path not in loaded:
                loaded.append(one.path)
        self._found["endpoints"] = tuple(answered)
        self._found["loaded"] = tuple(loaded)
        self._found["not_asked"] = tuple(not_asked)

    def _ask(self, container: Container, endpoint: Endpoint) -> Answered:
        answer = self._web.request(endpoint.method, container.url + endpoint.path, endpoint.body)
        return Answered(name=endpoint.name, status=answer.status, expected=endpoint.expected)

    def _ask_assets(self, container: Container) -> None:
        page = self._web.get(container.url + PAGE)
        if page.status == 0 or page.status >= 500:
            # a service without a page says 404
            broken = Answered(name=PAGE, status=page.status, expected=(200,))
            self._found["assets"] = (broken,)
            return
        if page.status != 200 or "html" not in page.headers.get("content-type", ""):
            return
        found = []
        for address in assets(page.body, container.url + PAGE):
            answer = self._web.get(address)
            # an empty file is none that was meant
            status = answer.status if answer.body or answer.status != 200 else 0
            name = address.removeprefix(container.url)
            found.append(Answered(name=name, status=status, expected=(200,)))
        self._found["assets"] = tuple(found)

    def _look_inside(self, container: Container) -> None:
        running = container.processes()
        can_write = container.can_write()
        self._found["users"] = tuple(sorted({one.uid for one in running}))
        self._found["read_only"] = None if can_write is None else not can_write
        if running:
            held = {name for one in running for name in one.capabilities}
            self._found["capabilities"] = tuple(sorted(held))
            self._found["no_new_privileges"] = all(one.no_new_privileges for one in running)

    def stop(self, container: Container, clock: Clock) -> None:
        """Ends it while it is asked: what was begun before the signal has to be answered."""
        with self._load(container) as load:
            clock.sleep(LAST_S)
            told_s = time.monotonic()
            code = container.stop(self._stop_within_s)
            self._found["stopped_s"] = time.monotonic() - told_s
        self._found["exit_code"] = code
        self._count(load, told_s)


def _problem(container: Container, check: HealthCheck, answer: HttpAnswer) -> str:
    ended = "" if container.running() else "it ended; "
    said = telling_line(container.last_words())
    answered = answer.problem or f"answers {answer.status}, not {check.wanted_status}"
    return f"{ended}{check.wording}: {answered}; {said}"


def _is_right(answer: HttpAnswer, check: HealthCheck) -> bool:
    if not check.wanted_status:
        return bool(answer.status)
    return answer.status == check.wanted_status


def _parsed(body: str) -> Any:
    """JSON, or None for anything else."""
    try:
        return json.loads(body)
    except ValueError:
        return None
