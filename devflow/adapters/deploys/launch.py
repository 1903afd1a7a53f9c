"""Brings the processes of one version up and says whether they answer as that version.

Ready means that the version was answered: a 200 of another version, or of a stranger on the same
port, is no answer.
"""

import re
import sys
import time
from pathlib import Path
from typing import Final, Mapping

from devflow.adapters.deploys import forwarder, health
from devflow.adapters.deploys.state import Deployment, Home, Place
from devflow.adapters.machine import private, processes
from devflow.adapters.machine.processes import MARKER, Process
from devflow.model.bounds.commands import argv_of
from devflow.model.command_line import command_line
from devflow.model.errors import StepFailed
from devflow.model.wording import duration, short_version

ASK_EVERY_S: Final = 0.05  # s; a service begins to answer about 0.5 s after its start
ASK_WITHIN_S: Final = 1.0  # s; twenty times what /health takes
LOG_LINES: Final = 10  # of a service that did not come up, repeated in the error
_PLACEHOLDER: Final = re.compile(r"\{(\w+)\}")


def spawn_service(home: Home, code: Path, deployment: Deployment, service: str) -> Process:
    """Starts one service of a release.

    Raises ``StepFailed`` where pipeline.yaml names no command for it.
    """
    command = argv_of(deployment.services[service].run)
    if not command:
        hint = f"set project.services.{service}.run"
        raise StepFailed(f"{service} has no command", where="pipeline.yaml", hint=hint)
    data = home.data(service)
    private.make_folder(data)
    values = {"port": str(deployment.placed[service].port), "state": str(data)}
    for name, place in deployment.placed.items():
        values[f"{name}_url"] = f"http://127.0.0.1:{place.port}"
    argv = [_fill_in(token, values) for token in command]
    if argv[0] in ("python", "python3"):
        argv[0] = sys.executable
    log = home.log(deployment.version, service)
    variables = {MARKER: home.marker(deployment.version, service)}
    return processes.spawn(argv, code, log, variables, is_private=True)


def _fill_in(token: str, values: Mapping[str, str]) -> str:
    """A word of a command with its placeholders filled; braces of its own stay."""

    def value(match: re.Match[str]) -> str:
        return values.get(match[1], match[0])

    return _PLACEHOLDER.sub(value, token)


def spawn_forwarder(home: Home) -> Process:
    """Starts the environment's forwarder, isolated from the folder that devflow runs in."""
    argv = (sys.executable, "-I", "-S", forwarder.__file__, str(home.file))
    variables = {MARKER: home.marker("", "forwarder")}
    return processes.spawn(argv, home.path, home.forwarder_log, variables)


def await_ready(home: Home, deployment: Deployment, within_s: float) -> None:
    """Waits until every service answers as this version on its own port.

    Raises ``StepFailed`` with the last log lines.
    """
    deadline = time.monotonic() + within_s
    waiting = dict(deployment.placed)
    while waiting:
        for service, place in deployment.placed.items():
            if service in waiting and _is_ready(home, deployment, service, place):
                del waiting[service]
        if waiting and time.monotonic() > deadline:
            problem = f"was not ready within {duration(within_s)}"
            raise _not_ready(home, deployment, next(iter(waiting)), problem)
        if waiting:
            time.sleep(ASK_EVERY_S)


def _is_ready(home: Home, deployment: Deployment, service: str, place: Place) -> bool:
    answer = health.ask(place.port, deployment.services[service].health, ASK_WITHIN_S)
    if answer.status == 200 and answer.version != deployment.version:
        problem = f"answers as {_shown(answer)}, which is not {short_version(deployment.version)}"
        if not answer.version:
            problem += (
                ': its health has to be JSON whose "version" is the git tree it is started from'
            )
        raise _not_ready(home, deployment, service, problem)
    if answer.status != 200 and not processes.alive(place.process):
        raise _not_ready(home, deployment, service, "ended before it was ready")
    return answer.status == 200


def _not_ready(home: Home, deployment: Deployment, service: str, problem: str) -> StepFailed:
    log = home.log(deployment.version, service)
    text = f"{service} {problem}"
    if log.exists():
        lines = log.read_text(encoding="utf-8", errors="replace").splitlines()
        for line in lines[-LOG_LINES:]:
            text += f"\n  {line}"
    hint = f"mend the service, then: {command_line('ship')}"
    return StepFailed(text, where=str(log), hint=hint)


def unwell(deployment: Deployment) -> str:
    """Why a release cannot serve as it stands.

    Empty where every service runs and answers as this version on its own port.
    """
    for service, place in deployment.placed.items():
        if not processes.alive(place.process):
            return f"{service} does not run"
        problem = _other(deployment, service, place.port)
        if problem:
            return problem
    return ""


def await_public(deployment: Deployment, running: Process, within_s: float) -> str:
    """Waits until the public ports answer as this version.

    Answers what still did not after ``within_s``, or empty.
    """
    deadline = time.monotonic() + within_s
    while True:
        problem = _public_problem(deployment)
        if not problem or time.monotonic() > deadline or not processes.alive(running):
            return problem
        time.sleep(ASK_EVERY_S)


def _public_problem(deployment: Deployment) -> str:
    for service, place in deployment.placed.items():
        problem = _other(deployment, service, place.public_port)
        if problem:
            return problem
    return ""


def _other(deployment: Deployment, service: str, port: int) -> str:
    answer = health.ask(port, deployment.services[service].health, ASK_WITHIN_S)
    if (answer.status, answer.version) == (200, deployment.version):
        return ""
    problem = answer.problem or f"answers {answer.status} as {_shown(answer)}"
    return f"{service} on port {port} {problem}"


def _shown(answer: health.Health) -> str:
    return short_version(answer.version) if answer.version else "no version"
