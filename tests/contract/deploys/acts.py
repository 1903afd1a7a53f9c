"""What is done to versions while clients keep asking, as the steps and the commands do it."""

import os
import signal
from dataclasses import dataclass

from devflow.craft.deploy.strategies.blue_green import come_up, take_over
from devflow.craft.deploy.strategies.rolling import roll
from devflow.ports.deploys import Release
from tests.contract.deploys.load import Load
from tests.contract.deploys.world import ENV, World, until

KEEP = 1
# to each side of a kill, so that it happens under load, and what comes after it is asked too
AROUND = 200


@dataclass
class Acts:
    """A world, and the number of its last version."""

    world: World
    number: int = 0

    def switch(self) -> None:
        """The next version comes up whole, and takes all requests."""
        release = self._next()
        come_up(self.world.deploys, ENV, release)
        take_over(self.world.deploys, ENV, release.version, KEEP)

    def roll(self) -> None:
        """The next version takes over replica by replica."""
        roll(self.world.deploys, ENV, self._next(), KEEP, lambda *_: None)

    def go_back(self) -> None:
        """The version before has all requests again."""
        self.world.deploys.rollback(ENV)

    def kill(self, load: Load) -> int:
        """Kills a replica and waits until it is there again. Answers how many requests failed
        meanwhile: it had begun them, and one that may have had an effect is not repeated."""
        load.until(load.asked + AROUND)
        before = len(load.failures)
        killed = self.world.replica("api").id
        os.kill(int(killed), signal.SIGKILL)
        load.until(load.asked + AROUND)
        until(lambda: self._is_another("api", killed), within_s=20)
        return len(load.failures) - before

    def _next(self) -> Release:
        self.number += 1
        return self.world.release(f"v{self.number}")

    def _is_another(self, service: str, killed: str) -> bool:
        replica = self.world.replica(service)
        return replica.is_well and replica.id != killed
