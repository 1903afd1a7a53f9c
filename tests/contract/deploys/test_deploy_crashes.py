"""The port ``Deploys`` where devflow itself is killed, or finds no room: one version serves, and
the next command ends what was begun."""

import time

import pytest

from devflow.ports.deploys import Release
from tests.contract.deploys.kills import Stage, launched
from tests.contract.deploys.launcher import VERBS
from tests.contract.deploys.world import ENV, World, bring

# every point of every verb, with each proxy, is tried in `make faults`
EVERY = 10


def finishes(world: World, release: Release) -> None:
    """One version serves now, and the next command ends what was begun."""
    assert world.served()["version"] in ("v1", "v2")
    bring(world.deploys, release)
    world.deploys.retire(ENV, keep=1)
    assert world.served()["version"] == "v2" and world.started() == ("v2",)
    # two services of one version, each with what keeps it alive
    assert len(world.of_replicas()) == 4


@pytest.mark.parametrize("verb", VERBS)
def test_one_version_serves_through_a_kill_on_the_way_and_the_verb_said_again_ends_it(
    verb: str,
) -> None:
    stage = Stage(verb, "own")
    try:
        points = stage.whole.points
        # intents, tables, signals, starts: all that a verb does to the world outside it
        assert {name.partition(" ")[0] for name in points} >= {"open", "os.rename", "os.kill"}
        outcomes = {point: stage.killed_at(point) for point in points[EVERY // 2 :: EVERY]}
    finally:
        stage.leave()
    assert len(outcomes) >= 2 and outcomes == dict.fromkeys(outcomes, "")


@pytest.mark.parametrize("declared,left", [(1, 2), (3, 3)])
def test_a_promoted_version_keeps_none_of_what_a_killed_promotion_began_beside_it(
    world: World, declared: int, left: int
) -> None:
    """Two of each service serve; one more was started in place of one that did not answer then,
    and both were there when the command was killed."""
    bring(world.deploys, world.release("v1"), replicas=2)
    world.settings = world.settings.model_copy(update={"replicas": declared})
    release = world.release("v2")
    world.deploys.prepare(ENV, release)
    world.deploys.scale(ENV, "v2", 3)
    world.deploys.share(ENV, {"v1": 90, "v2": 10})
    VERBS["promote"](world.deploys, release)
    assert world.started() == ("v2",)
    # two services, each replica with what keeps it alive
    assert len(world.replicas("v2")) == 2 * left and len(world.of_replicas()) == 4 * left


@pytest.mark.parametrize("after_s", [0.05, 0.2, 0.4])
def test_one_version_serves_after_a_kill_at_any_time_and_the_next_command_finishes(
    world: World, after_s: float
) -> None:
    world.deploy("v1")
    release = world.release("v2")
    with launched(world, release) as running:
        assert running.said.readline()
        time.sleep(after_s)
        running.kill()
    finishes(world, release)


@pytest.mark.parametrize("limit_bytes", [1, 1024, 4096])
def test_where_there_is_no_room_it_is_said_and_what_served_serves_on(
    world: World, limit_bytes: int
) -> None:
    world.deploy("v1")
    release = world.release("v2")
    with launched(world, release, limit_bytes=limit_bytes) as running:
        code, problem = running.ended()
    assert code == 1 and "StorageFailed" in problem.splitlines()[-1], problem
    assert world.served()["version"] == "v1"
    finishes(world, release)
