"""Waits for replicas of one version and says whether they answer as that version.

Ready means that the version was answered: a 200 of another version, or of a stranger on the same
port, is no answer. A service that cannot tell its version is known by its replica, which has to be
what listens on its port.
"""

import time
from concurrent.futures import ThreadPoolExecutor
from typing import Collection, Final, Iterable, Mapping

from devflow.adapters.deploys import commands, health
from devflow.adapters.deploys.health import Health
from devflow.adapters.deploys.state import Deployment, Slot
from devflow.adapters.deploys.target import Target
from devflow.adapters.machine import processes
from devflow.adapters.machine.processes import Process
from devflow.model.command_line import command_line
from devflow.model.declared.services import HealthCheck
from devflow.model.errors import StepFailed
from devflow.model.wording import duration, short_version

ASK_EVERY_S: Final = 0.05  # s; a service begins to answer about 0.5 s after its start
ASK_WITHIN_S: Final = 1.0  # s; twenty times what /health takes
# replicas asked side by side: one that hangs takes ASK_WITHIN_S
AT_ONCE: Final = 8


class PortLost(StepFailed):
    """A replica's port was free when it was chosen, and is somebody else's."""


def asked(
    deployment: Deployment, slots: Iterable[Slot], within_s: float = ASK_WITHIN_S
) -> list[tuple[Slot, Health]]:
    """What each replica answers on its own port."""
    slots = list(slots)

    def ask(slot: Slot) -> Health:
        return health.ask(slot.port, deployment.services[slot.service].health, within_s)

    if len(slots) < 2:
        return [(slot, ask(slot)) for slot in slots]
    with ThreadPoolExecutor(min(AT_ONCE, len(slots))) as pool:
        return list(zip(slots, pool.map(ask, slots)))


def await_ready(
    target: Target, deployment: Deployment, slots: Iterable[Slot], within_s: float
) -> None:
    """Waits until these replicas answer as this version on their own ports.

    Raises ``StepFailed`` with the last log lines of the first one that does not; one that ends
    before it was ready is not waited for.
    """
    deadline = time.monotonic() + within_s
    waiting = list(slots)
    while waiting:
        answers = asked(deployment, waiting)
        waiting = [
            slot for slot, answer in answers if not _is_ready(target, deployment, slot, answer)
        ]
        if waiting and time.monotonic() > deadline:
            slot, last = next(one for one in answers if one[0] == waiting[0])
            check = deployment.services[slot.service].health
            problem = f"was not ready within {duration(within_s)}: {last.words(check)}"
            raise _not_ready(target, deployment, slot, problem)
        if waiting:
            time.sleep(ASK_EVERY_S)


def problem_of(target: Target, deployment: Deployment, slot: Slot, answer: Health) -> str:
    """Why a replica cannot be given requests; empty where it runs and answers as this version."""
    told = target.told(deployment, slot)
    if not told.is_alive:
        return "does not run"
    if told.flaps:
        return "keeps ending by itself"
    problem = wrong(deployment, slot.service, answer)
    return problem or _is_other(target, deployment, slot, answer)


def wrong(deployment: Deployment, service: str, answer: Health) -> str:
    """What is wrong with an answer, or with the version that it tells; empty where nothing is."""
    check = deployment.services[service].health
    tells_right = check.version is None or answer.version == deployment.version
    if answer.is_right(check) and tells_right:
        return ""
    return answer.problem or f"answers {answer.status} as {_shown(answer)}"


def unwell(target: Target, deployment: Deployment) -> str:
    """Why a version cannot be given requests; empty where each of its services has a replica that
    runs and answers as this version."""
    for service in deployment.services:
        problems = [
            f"{service} on port {slot.port} {problem}"
            for slot, answer in asked(deployment, deployment.ready(service))
            if (problem := problem_of(target, deployment, slot, answer))
        ]
        if len(problems) == len(deployment.ready(service)):
            return problems[0] if problems else f"{service} does not run"
    return ""


def await_public(
    deployments: Collection[Deployment], running: Process, ports: Mapping[int, str], within_s: float
) -> str:
    """Waits until each public port answers as one of these versions.

    Answers what still did not after ``within_s``, or empty.
    """
    deadline = time.monotonic() + within_s
    while True:
        problems = (_public_problem(deployments, running, port, ports[port]) for port in ports)
        problem = next(filter(None, problems), "")
        if not problem or time.monotonic() > deadline or not processes.alive(running):
            return problem
        time.sleep(ASK_EVERY_S)


def _public_problem(
    deployments: Collection[Deployment], running: Process, port: int, service: str
) -> str:
    problem = ""
    having = [
        one for one in deployments if service in one.services and one.public_port(service) == port
    ]
    for deployment in having:
        check = deployment.services[service].health
        answer = health.ask(port, check, ASK_WITHIN_S)
        # it came from whichever's turn it was
        problems = [wrong(one, service, answer) for one in having]
        problem = "" if "" in problems else problems[0]
        if not problem and check.version is None and not processes.listens(running, port):
            problem = "is answered by something else than the proxy"
        if not problem:
            return ""
    return f"{service} on port {port} {problem}" if problem else ""


def _is_ready(target: Target, deployment: Deployment, slot: Slot, answer: Health) -> bool:
    told = target.told(deployment, slot)
    check = deployment.services[slot.service].health
    if not answer.is_right(check):
        if not told.is_alive or told.restarts:
            raise _not_ready(target, deployment, slot, "ended before it was ready")
        return False
    problem = _is_other(target, deployment, slot, answer)
    if problem:
        raise _not_ready(target, deployment, slot, problem)
    _refuse_other_protocol(slot, check)
    return True


def _refuse_other_protocol(slot: Slot, check: HealthCheck) -> None:
    """Raises ``StepFailed`` for a service that is only known to listen, and answers no HTTP: nobody
    would reach it through the public port."""
    said = "" if check.path else health.said_otherwise(slot.port)
    if said:
        problem = f"{slot.service} answers {said!r}, which is no HTTP: public ports speak HTTP/1.1"
        hint = "run it beside devflow and name it under needs: [HOST:PORT], or set target: command"
        raise StepFailed(problem, where=f"project.services.{slot.service}", hint=hint)


def _is_other(target: Target, deployment: Deployment, slot: Slot, answer: Health) -> str:
    """What says that a right answer on a replica's own port is not of this version; empty where it
    is."""
    check = deployment.services[slot.service].health
    wanted = short_version(deployment.version)
    if check.version is None:
        if target.listens(slot):
            return ""
        return f"does not listen on its port {slot.port} itself: something else answers there"
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


def _not_ready(target: Target, deployment: Deployment, slot: Slot, problem: str) -> StepFailed:
    printed = target.printed(deployment, slot)
    text = f"{slot.service} {problem}{commands.last_lines(printed)}"
    hint = f"mend the service, then: {command_line('ship')}"
    is_lost = not target.listens(slot) and not processes.is_free(slot.port)
    failure = PortLost if is_lost else StepFailed
    return failure(text, where=target.log_place(deployment, slot), hint=hint)


def _shown(answer: Health) -> str:
    return short_version(answer.version) if answer.version else "no version"
