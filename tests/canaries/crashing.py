"""A canary whose replicas answer well, end by themselves every few seconds, and are started again:
in memory, from the strategy's first word to its last."""

import random
from dataclasses import dataclass
from typing import Final

from devflow.craft.deploy.rollout import bring, bring_or_go_back
from devflow.craft.deploy.strategies.canary import CanarySettings, Scene
from devflow.model.declared.project import Service
from devflow.ports.deploys import Release
from tests.canaries.living import LivingDeploys, LoadingWeb, MovingClock

STABLE: Final = "a" * 40
NEW: Final = "b" * 40
ENVIRONMENT: Final = "production"


@dataclass(frozen=True)
class Ended:
    """What such a canary came to: what was found of it, and who serves."""

    found: tuple[str, ...]
    shares: dict[str, int]


def crash_loop(seed: int) -> Ended:
    """Each of its replicas lives for a second or for up to fifteen."""
    chance = random.Random(seed)
    clock = MovingClock()
    deploys = LivingDeploys(clock, seed)
    bring(deploys, ENVIRONMENT, _release(STABLE), 1)
    deploys.rates = {"backend": chance.uniform(5, 200)}
    deploys.dies_every_s[NEW] = chance.uniform(1, 15)
    scene = Scene(deploys, LoadingWeb(deploys), clock, lambda *_, **__: None, ENVIRONMENT)
    brought = bring_or_go_back(scene, _release(NEW), 1, CanarySettings(), {})
    found = brought.canary.found if brought.canary else ()
    return Ended(tuple({one.what for one in found}), deploys.shares[ENVIRONMENT])


def _release(version: str) -> Release:
    service = Service(path=".", port=5002, run=("python", "service.py", "{port}"))
    return Release("c" * 40, version, {"backend": service}, port_offset=100)
