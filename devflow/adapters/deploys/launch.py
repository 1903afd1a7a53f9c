"""Brings the processes of one version up and says whether they answer as that version.

Ready means that the version was answered: a 200 of another version, or of a stranger on the same
port, is no answer. A service that cannot tell its version is known by its process, which has to be
what listens on its port.
"""

import sys
import time
from typing import Final, Iterable

from devflow.adapters.deploys import commands, forwarder, health, reach
from devflow.adapters.deploys.state import Deployment, Home, Place
from devflow.adapters.machine import processes
from devflow.adapters.machine.processes import MARKER, Process
from devflow.model.command_line import command_line
from devflow.model.declared.services import is_service
from devflow.model.errors import StepFailed
from devflow.model.wording import duration, short_version

ASK_EVERY_S: Final = 0.05  # s; a service begins to answer about 0.5 s after its start
ASK_WITHIN_S: Final = 1.0  # s; twenty times what /health takes


def spawn_forwarder(home: Home) -> Process:
    """Starts the environment's forwarder, isolated from the folder that devflow runs in."""
    argv = (sys.executable, "-I", "-S", forwarder.__file__, str(home.file))
    variables = {MARKER: home.marker("", "forwarder")}
    return processes.spawn(argv, home.path, home.forwarder_log, variables)


def await_needs(home: Home, deployment: Deployment, service: str, within_s: float) -> None:
    """Waits until everything that a service needs is there: the services of this version answer,
    and what is outside takes connections; each for so long.

    Raises ``StepFailed`` that says what is not.
    """
    for need in deployment.services[service].needs:
        if is_service(need):
            await_ready(home, deployment, within_s, (need,))
        else:
            env = commands.variables(home, deployment, service)
            reach.await_reached(service, need, env, within_s)


def await_ready(
    home: Home, deployment: Deployment, within_s: float, services: Iterable[str]
) -> None:
    """Waits until these services answer as this version on their own ports.

    Raises ``StepFailed`` with the last log lines.
    """
    deadline = time.monotonic() + within_s
    waiting = list(services)
    while waiting:
        waiting = [one for one in waiting if not _is_ready(home, deployment, one)]
        if waiting and time.monotonic() > deadline:
            check = deployment.services[waiting[0]].health
            last = health.ask(deployment.placed[waiting[0]].port, check, ASK_WITHIN_S)
            problem = f"was not ready within {duration(within_s)}: {last.words(check)}"
            raise _not_ready(home, deployment, waiting[0], problem)
        if waiting:
            time.sleep(ASK_EVERY_S)


def _is_ready(home: Home, deployment: Deployment, service: str) -> bool:
    place = deployment.placed[service]
    check = deployment.services[service].health
    answer = health.ask(place.port, check, ASK_WITHIN_S)
    if not answer.is_right(check):
        if not processes.alive(place.process):
            raise _not_ready(home, deployment, service, "ended before it was ready")
        return False
    problem = _is_other(deployment, service, answer)
    if problem:
        raise _not_ready(home, deployment, service, problem)
    return True


def _is_other(deployment: Deployment, service: str, answer: health.Health) -> str:
    """What says that a right answer on a service's own port is not of this version; empty where it
    is."""
    check = deployment.services[service].health
    wanted = short_version(deployment.version)
    if check.version is None:
        place = deployment.placed[service]
        if processes.listens(place.process, place.port):
            return ""
        return f"does not listen on its port {place.port} itself: something else answers there"
    if answer.version == deployment.version:
        return ""
    problem = f"answers as {_shown(answer)}, which is not {wanted}"
    if answer.version:
        return problem
    if check.version.header:
        header = check.version.header
        return f"{problem}: its header {header} has to be the git tree it is started from"
    told = f"at {check.version.json_}" if check.version.json_ != "/version" else 'whose "version"'
    return (
        f"{problem}: its health has to be JSON {told} is the git tree it is started from; "
        f"where it tells none: health: {{path: {check.path}}}"
    )


def _not_ready(home: Home, deployment: Deployment, service: str, problem: str) -> StepFailed:
    log = home.log(deployment.version, service)
    printed = home.printed(deployment.version, service)
    text = f"{service} {problem}{commands.last_lines(printed)}"
    hint = f"mend the service, then: {command_line('ship')}"
    return StepFailed(text, where=str(log), hint=hint)


def unwell(deployment: Deployment) -> str:
    """Why a release cannot serve as it stands.

    Empty where every service runs and answers as this version on its own port.
    """
    for service, place in deployment.placed.items():
        if not processes.alive(place.process):
            return f"{service} does not run"
        answer = health.ask(place.port, deployment.services[service].health, ASK_WITHIN_S)
        problem = _wrong(deployment, service, answer) or _is_other(deployment, service, answer)
        if problem:
            return f"{service} on port {place.port} {problem}"
    return ""


def await_public(deployment: Deployment, running: Process, within_s: float) -> str:
    """Waits until the public ports answer as this version.

    Answers what still did not after ``within_s``, or empty.
    """
    deadline = time.monotonic() + within_s
    while True:
        problem = _public_problem(deployment, running)
        if not problem or time.monotonic() > deadline or not processes.alive(running):
            return problem
        time.sleep(ASK_EVERY_S)


def _public_problem(deployment: Deployment, running: Process) -> str:
    for service, place in deployment.placed.items():
        check = deployment.services[service].health
        answer = health.ask(place.public_port, check, ASK_WITHIN_S)
        problem = _wrong(deployment, service, answer)
        if not problem and check.version is None and not is_forwarded(running, place):
            problem = "is answered by something else than the forwarder"
        if problem:
            return f"{service} on port {place.public_port} {problem}"
    return ""


def is_forwarded(forwarding: Process | None, place: Place) -> bool:
    """Whether the public port is the forwarder's."""
    return processes.listens(forwarding, place.public_port)


def _wrong(deployment: Deployment, service: str, answer: health.Health) -> str:
    """What is wrong with an answer, or with the version that it tells; empty where nothing is."""
    check = deployment.services[service].health
    tells_right = check.version is None or answer.version == deployment.version
    if answer.is_right(check) and tells_right:
        return ""
    return answer.problem or f"answers {answer.status} as {_shown(answer)}"


def _shown(answer: health.Health) -> str:
    return short_version(answer.version) if answer.version else "no version"
