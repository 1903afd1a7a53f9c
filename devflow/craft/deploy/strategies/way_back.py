"""Whether one can go back is measured: the version before is started once more beside the one that
serves, on ports of its own, and has to answer as itself."""

from devflow.craft.deploy.strategies.held import held_of
from devflow.model.errors import StepFailed
from devflow.model.release import WayBack
from devflow.ports.clock import Clock
from devflow.ports.deploys import Deploys


def measured_way_back(deploys: Deploys, clock: Clock, name: str) -> WayBack | None:
    """What the version before answered, and how long its start took; ``None`` where there is none,
    and where a team's own commands know one version at a time. Nothing of it runs afterwards, and
    nobody was sent to it."""
    environment = deploys.environment(name)
    if environment is None or not environment.previous or environment.target == "command":
        return None
    previous = environment.previous
    began = clock.now()
    problem = ""
    try:
        deploys.scale(name, previous, 1)
    except StepFailed as error:
        problem = error.message
    took = clock.now() - began
    held = held_of(deploys.environment(name), previous)
    deploys.scale(name, previous, 0)
    return WayBack(
        version=previous,
        replicas=held.replicas if held else (),
        duration_s=took.total_seconds(),
        problem=problem,
    )
