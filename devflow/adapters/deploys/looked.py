"""What runs in an environment, as it answers at this moment."""

from devflow.adapters.deploys import health, launch
from devflow.adapters.deploys.state import Deployment, EnvironmentState, Slot
from devflow.adapters.deploys.target import Target
from devflow.adapters.machine import processes
from devflow.adapters.machine.processes import Process
from devflow.model.environments import Held, Replica, Running


def held_of(target: Target, state: EnvironmentState, deployment: Deployment) -> Held:
    """A version, with every replica asked."""
    answers = launch.asked(deployment, deployment.slots)
    return Held(
        version=deployment.version,
        commit=deployment.commit,
        share_pct=state.shares.get(deployment.version, 0),
        replicas=tuple(_replica(target, deployment, slot, answer) for slot, answer in answers),
        digests=deployment.digests,
        repositories=deployment.repositories,
        since=deployment.since,
        rolls=deployment.rolls,
        declared=deployment.settings.replicas,
    )


def _replica(target: Target, deployment: Deployment, slot: Slot, answer: health.Health) -> Replica:
    told = target.told(deployment, slot)
    problem = launch.problem_of(target, deployment, slot, answer)
    why_not = f": {told.problem}" if told.problem and not told.is_alive else ""
    return Replica(
        service=slot.service,
        index=slot.index,
        id=told.id,
        url=f"http://127.0.0.1:{slot.port}",
        version=answer.version,
        status=answer.status,
        latency_ms=answer.latency_ms,
        problem=f"{problem}{why_not}" if problem else "",
        restarts=told.restarts,
        given_up=told.given_up,
        is_well=not problem,
    )


def running_of(
    target: Target, forwarding: Process | None, deployment: Deployment, service: str
) -> Running:
    """A service, asked on its public port, which ``forwarding`` holds."""
    check = deployment.services[service].health
    port = deployment.public_port(service)
    answer = health.ask(port, check)
    ready = deployment.ready(service)
    tolds = [target.told(deployment, slot) for slot in ready]
    ids = [int(told.id) for told in tolds if told.is_alive and told.id.isdigit()]
    started_as = ""
    if check.version is None and processes.listens(forwarding, port):
        is_own = any(map(target.listens, ready))
        started_as = deployment.version if is_own else ""
    return Running(
        service=service,
        url=f"http://127.0.0.1:{port}",
        pid=ids[0] if ids else 0,
        version=answer.version,
        status=answer.status,
        latency_ms=answer.latency_ms,
        problem=answer.problem,
        wanted_status=check.wanted_status,
        tells_version=check.version is not None,
        started_as=started_as,
    )
