"""A canary whose command was killed on its way, in memory: the next one ends what it left."""

from dataclasses import replace
from typing import Any

import pytest

from devflow.model.checks import Status, judged
from devflow.model.errors import RolledBack
from devflow.model.release import Production
from devflow.steps import s25_production as step
from devflow.testing.deploys import Killed
from tests.canaries.world import failing
from tests.unit.steps.canary_world import STABLE, CanaryWorld
from tests.unit.steps.deploy_world import PARAMS, TURN


def test_what_a_killed_command_was_taking_back_is_ended_before_it_is_refused() -> None:
    world = CanaryWorld(backend=2)
    world.ship()
    # as by `devflow abort`, killed before it ended the version's replicas
    world.living.rollback("production")
    assert world.living.replicas["production"][STABLE] == 1
    with pytest.raises(RolledBack):
        world.ship()
    environment = world.living.environment("production")
    assert environment is not None and environment.leaving == ()
    assert [one.version for one in environment.held] == [STABLE]


def test_what_a_killed_promotion_left_is_ended_by_the_next_ship_and_not_adopted() -> None:
    world = CanaryWorld(backend=2)
    waiting = world.ship()
    # as by `devflow promote`, killed before it ended the version before
    world.living.share("production", {world.version: 100})
    turn = replace(TURN, kept=waiting.keep)
    assert step.look(world.see, turn, PARAMS, world.ready) is None
    made = world.ship(waiting.keep)
    assert made.canary.verdict == "promoted" and made.previous == STABLE
    assert STABLE not in world.living.replicas["production"]
    assert step.look(world.see, turn, PARAMS, world.ready) == made


def test_a_version_that_was_given_everything_is_not_judged_anew() -> None:
    world = CanaryWorld(backend=2)
    waiting = world.ship()
    # as by `devflow promote`, killed before it was kept which version serves
    world.living.shares["production"] = {world.version: 100}
    made = world.ship(waiting.keep)
    assert isinstance(made, Production) and made.canary is not None
    assert made.canary.verdict == "promoted" and world.shares == {world.version: 100}


@pytest.mark.parametrize("change", [None, failing(0.5)], ids=["healthy", "failing"])
def test_one_that_is_killed_anywhere_is_ended_by_the_next(change: Any) -> None:
    for point in range(1, 7):
        world = CanaryWorld(backend=100)
        if change:
            world.living.changes[world.version] = change
        world.living.kill_after = point
        try:
            world.ship()
        except Killed:
            pass
        assert sum(world.shares.values()) == 100
        try:
            made = world.ship()
        except RolledBack:
            assert change and world.shares == {STABLE: 100}
            environment = world.living.environment("production")
            assert environment is not None and len(environment.held) == 1
            continue
        assert bool(change) == (world.shares == {STABLE: 100})
        assert judged(step.judge(PARAMS, made)) is (Status.FAILED if change else Status.PASSED)
