"""An approval of production is bound to the published images, asked of the step on ports in
memory."""

from devflow.model.outcomes import Waiting
from devflow.model.release import Production, Published
from devflow.step import GateAnswer
from devflow.steps import s25_production
from tests.unit.steps.deploy_world import PARAMS, TURN, DeployWorld

FIRST = {"api": f"sha256:{'1' * 64}", "web": f"sha256:{'2' * 64}"}
TOLD = f"api@{'1' * 16},web@{'2' * 16}"


def test_an_approval_is_bound_to_the_published_images() -> None:
    world = DeployWorld()
    world.published = Published(digests=FIRST)
    world.host.acting = "dee"
    s25_production.answer(world.tools, TURN, PARAMS, world.needs(), GateAnswer("approve"))
    said = next(one.body for one in world.host.said.values())
    line = f"devflow: approve production {world.version} at {world.push.sha} with {TOLD}"
    assert said.partition("\n")[0] == line
    world.say("pia", images=TOLD)
    world.say("sam", images=TOLD)
    assert isinstance(world.produce(), Production)


def test_images_that_are_published_anew_void_what_was_said_of_others() -> None:
    world = DeployWorld()
    world.published = Published(digests=FIRST)
    for login in ("dee", "pia", "sam"):
        world.say(login, images=TOLD)
    world.published = Published(digests={**FIRST, "web": f"sha256:{'3' * 64}"})
    waiting = world.produce()
    other = f"api@{'1' * 16},web@{'3' * 16}"
    why = f"dee: the word is about {TOLD}, now there are {other}"
    assert isinstance(waiting, Waiting) and why in waiting.for_
    assert "merge" not in world.host.writes


def test_a_word_without_images_counts_where_none_are_published_and_only_there() -> None:
    world = DeployWorld()
    world.approve()
    needs = world.needs()
    world.published = Published(digests=FIRST)
    why = f"sam: the word is about no published images, now there are {TOLD}"
    waiting = world.produce()
    assert isinstance(waiting, Waiting) and why in waiting.for_
    assert isinstance(s25_production.make(world.tools, TURN, PARAMS, needs), Production)


def test_a_word_about_images_counts_for_nothing_where_none_are_published() -> None:
    world = DeployWorld()
    for login in ("dee", "pia", "sam"):
        world.say(login, images=TOLD)
    assert f"dee: the word is about {TOLD}, now there are no published" in world.produce().for_
