"""Production with a version that serves, users who ask for its services, and everybody's word for
the next version, on ports in memory."""

from dataclasses import replace
from typing import Any

from devflow.craft.deploy.rollout import bring
from devflow.steps import s25_production as step
from tests.canaries.living import LivingDeploys, LoadingWeb, MovingClock
from tests.unit.steps.deploy_world import PARAMS, TURN, DeployWorld

STABLE = "a" * 40


class CanaryWorld(DeployWorld):
    """Production serves a version, users ask for its services, and everybody has approved the next
    one."""

    def __init__(self, **rates: float) -> None:
        super().__init__()
        clock = MovingClock()
        self.clock = clock
        self.living = LivingDeploys(clock)
        self.deploys = self.living
        self.web = LoadingWeb(self.living)
        self.approve()
        self.ready = self.needs()
        ready = self.living.prepared["development"][self.version]
        before = replace(ready, version=STABLE, port_offset=PARAMS.port_offset)
        bring(self.living, "production", before, 1)
        self.living.rates = rates
        self.living.writes.clear()

    def ship(self, kept: Any = None, hold: bool = False, **canary: Any) -> Any:
        params = PARAMS.model_copy(
            update={"canary": step.Params.model_validate({"canary": canary}).canary}
        )
        turn = replace(TURN, kept=kept or {}, hold=hold)
        return step.make(self.tools, turn, params, self.ready)

    @property
    def shares(self) -> dict[str, int]:
        return self.living.shares["production"]
