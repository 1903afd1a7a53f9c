"""Brings the processes of one version up and says whether they answer as that version.

Ready means that the version was answered: a 200 of another version, or of a stranger on the same
port, is no answer.
"""

import re
import sys
import time
from pathlib import Path
from typing import Final

from devflow.adapters.deploys import forwarder, health
from devflow.adapters.deploys.state import Held, Home, Placed
from devflow.adapters.machine import processes
from devflow.adapters.machine.processes import MARKER, Process
from devflow.model.errors import StepFailed

ASK_EVERY_S: Final = 0.05
ASK_WITHIN_S: Final = 1.0  # s; twenty times what /health takes
LOG_LINES: Final = 10
_PLACEHOLDER: Final = re.compile(r"\{(\w+)\}")


def spawn_service(home: Home, code: Path, held: Held, service: str) -> Process:
    """Starts one service of a release. Raises ``StepFailed`` where pipeline.yaml names no command
    for it."""
    declared, data = held.services[service], home.data(service)
    if not declared.run:
        raise StepFailed(
            f"{service} has no command",
            where="pipeline.yaml",
            hint=f"set project.services.{service}.run",
        )
    data.mkdir(parents=True, exist_ok=True)
    values = {
        f"{name}_url": f"http://127.0.0.1:{placed.port}" for name, placed in held.placed.items()
    }
    values |= {"port": str(held.placed[service].port), "state": str(data)}
    argv = [
        _PLACEHOLDER.sub(lambda found: values.get(found[1], found[0]), token)
        for token in declared.run
    ]
    if argv[0] in ("python", "python3"):
        argv[0] = sys.executable
    return processes.spawn(
        argv, code, home.log(held.version, service), {MARKER: home.marker(held.version, service)}
    )


def spawn_forwarder(home: Home) -> Process:
    """Starts the environment's forwarder, isolated from the folder that devflow runs in."""
    argv = (sys.executable, "-I", "-S", forwarder.__file__, str(home.file))
    return processes.spawn(
        argv, home.path, home.path / "forwarder.log", {MARKER: home.marker("", "forwarder")}
    )


def await_ready(home: Home, held: Held, within_s: float) -> None:
    """Waits until every service answers as this version on its own port. Raises ``StepFailed`` with
    the last log lines."""
    deadline = time.monotonic() + within_s
    waiting = dict(held.placed)
    while waiting:
        for service, placed in held.placed.items():
            if service in waiting and _is_ready(home, held, service, placed):
                del waiting[service]
        if waiting and time.monotonic() > deadline:
            raise _not_ready(
                home, held, next(iter(waiting)), f"was not ready within {within_s:g} s"
            )
        if waiting:
            time.sleep(ASK_EVERY_S)


def _is_ready(home: Home, held: Held, service: str, placed: Placed) -> bool:
    answer = health.ask(placed.port, held.services[service].health, ASK_WITHIN_S)
    if answer.status == 200 and answer.version != held.version:
        said = answer.version[:12] or "no version"
        raise _not_ready(
            home, held, service, f"answers as {said}, which is not {held.version[:12]}"
        )
    if answer.status != 200 and not processes.alive(placed.process):
        raise _not_ready(home, held, service, "ended before it was ready")
    return answer.status == 200


def _not_ready(home: Home, held: Held, service: str, problem: str) -> StepFailed:
    log = home.log(held.version, service)
    lines = (
        log.read_text(encoding="utf-8", errors="replace").splitlines()[-LOG_LINES:]
        if log.exists()
        else []
    )
    text = "\n".join((f"{service} {problem}", *(f"  {line}" for line in lines)))
    return StepFailed(text, where=str(log), hint="mend the service, then: devflow ship")


def unwell(held: Held) -> str:
    """Why a release cannot serve as it stands, empty where every service runs and answers as this
    version on its own port."""
    for service, placed in held.placed.items():
        if not processes.alive(placed.process):
            return f"{service} does not run"
        problem = _other(held, service, placed.port)
        if problem:
            return problem
    return ""


def await_public(held: Held, running: Process, within_s: float) -> str:
    """Waits until the public ports answer as this version; answers what still did not after
    ``within_s``, or empty."""
    deadline = time.monotonic() + within_s
    while True:
        problems = (
            _other(held, service, placed.public_port) for service, placed in held.placed.items()
        )
        problem = next(filter(None, problems), "")
        if not problem or time.monotonic() > deadline or not processes.alive(running):
            return problem
        time.sleep(ASK_EVERY_S)


def _other(held: Held, service: str, port: int) -> str:
    answer = health.ask(port, held.services[service].health, ASK_WITHIN_S)
    if (answer.status, answer.version) == (200, held.version):
        return ""
    return f"{service} on port {port} " + (
        answer.problem or f"answers {answer.status} as {answer.version[:12] or 'no version'}"
    )
