"""Step 24 on ports in memory."""

from dataclasses import replace

import pytest

from devflow.model.change import Push
from devflow.model.checks import Status, judged, why
from devflow.model.errors import RolledBack, StepFailed
from devflow.model.figures import Id, Quantity
from devflow.model.release import Deployment, Published
from devflow.steps import s24_development as step
from tests.unit.steps.deploy_world import BRANCH, NO_IMAGES, PROJECT, TURN, DeployWorld

PARAMS = step.Params()


def needs_of(world: DeployWorld) -> step.Needs:
    return step.Needs(push=world.push, images=NO_IMAGES, publish=NO_IMAGES, project=PROJECT)


def look(world: DeployWorld) -> Deployment | None:
    return step.look(world.see, TURN, PARAMS, needs_of(world))


def test_the_version_is_the_tree_of_the_deployed_folder_and_every_service_answers_as_it() -> None:
    world = DeployWorld()
    product = world.develop()
    assert product.version == world.repository.tree_of(world.push.sha, "services")
    version = world.version[:7]
    assert world.deploys.writes == [
        "prepare development",
        f"scale development {version} 1",
        f"share development {version}:100",
        "retire development",
    ]
    assert judged(step.judge(PARAMS, product)) is Status.PASSED
    found = look(world)
    assert found is not None and found == product.model_copy(update={"way_back": None})


def test_a_first_deployment_has_nothing_to_go_back_to_and_says_so_without_failing() -> None:
    lines = {check.id: check for check in step.judge(PARAMS, DeployWorld().develop())}
    assert (lines["rollback"].ok, lines["rollback"].needed) == (None, False)


def test_a_second_version_keeps_the_first_one() -> None:
    world = DeployWorld()
    first = world.develop()
    world.change("services/app.py", "three")
    second = world.develop()
    assert second.previous == first.version
    lines = {check.id: check for check in step.judge(PARAMS, second)}
    back = lines["rollback"]
    assert back.ok is True
    assert isinstance(back.figure, Id) and back.figure.id == first.version


def test_ports_that_nobody_kept_are_told_with_how_long_nobody_held_them() -> None:
    world = DeployWorld()
    said: list[str] = []
    world.develop()
    world.deploys.unkept.add("development")
    # it serves this version: it is begun anew all the same
    found = look(world)
    assert found is not None and judged(step.judge(PARAMS, found)) is Status.FAILED
    assert "public ports: kept by nobody" in why(step.judge(PARAMS, found))
    turn = replace(TURN, say=lambda text, *_: said.append(text))
    product = step.make(world.tools, turn, PARAMS, needs_of(world))
    assert isinstance(product, Deployment) and product.unheld_s == 0.004
    assert said[0].startswith("nobody keeps its public ports")
    lines = {check.id: check for check in step.judge(PARAMS, product)}
    figure = lines["unheld"].figure
    assert isinstance(figure, Quantity) and (figure.value, figure.unit) == (4.0, "ms")
    assert "connections were refused" in figure.note
    assert judged(step.judge(PARAMS, product)) is Status.PASSED
    # it is what this turn has seen, and not what the next one has
    found = look(world)
    assert found is not None and found.unheld_s == 0.0
    assert world.develop().unheld_s == 0.0


def test_a_service_that_does_not_answer_fails_with_its_reason() -> None:
    world = DeployWorld()
    world.develop()
    world.deploys.sick.add(world.version)
    product = look(world)
    assert product is not None and judged(step.judge(PARAMS, product)) is Status.FAILED
    assert "connection refused" in why(step.judge(PARAMS, product))


def test_another_versions_good_answer_is_no_answer() -> None:
    product = DeployWorld().develop()
    assert (
        judged(step.judge(PARAMS, product.model_copy(update={"version": "f" * 40})))
        is Status.FAILED
    )


def test_an_environment_without_services_fails() -> None:
    product = DeployWorld().develop().model_copy(update={"services": ()})
    assert judged(step.judge(PARAMS, product)) is Status.FAILED


def test_what_was_never_deployed_was_ended_by_hand_or_is_another_version_is_not_looked_at() -> None:
    world = DeployWorld()
    assert look(world) is None
    world.develop()
    world.change("services/app.py", "three")
    assert look(world) is None
    world.deploys.down("development")
    assert look(world) is None


def test_a_version_that_was_taken_back_fails_and_is_not_brought_again() -> None:
    world = DeployWorld()
    world.develop()
    world.change("services/app.py", "three")
    world.develop()
    world.deploys.rollback("development")
    product = look(world)
    assert product is not None
    checks = step.judge(PARAMS, product)
    assert "was rolled back" in why(checks)
    assert not {"strategy", "rollback", "way_back"} & {check.id for check in checks}
    with pytest.raises(RolledBack):
        world.develop()


def test_a_commit_without_the_deployed_folder_is_said_with_the_setting() -> None:
    world = DeployWorld()
    unknown = replace(needs_of(world), push=Push(branch=BRANCH, sha="0" * 40))
    with pytest.raises(StepFailed, match="0000000 has no folder 'services'") as raised:
        step.make(world.tools, TURN, PARAMS, unknown)
    assert "project.version_path" in raised.value.hint


@pytest.mark.parametrize("version", ["", "another"])
def test_published_images_of_another_version_fail_the_deployment(version: str) -> None:
    world = DeployWorld()
    digests = {"backend": f"sha256:{'a' * 64}"}
    for held, status in ((version, Status.FAILED), (world.version, Status.PASSED)):
        published = Published(digests=digests, version=held)
        needs = replace(needs_of(world), publish=published)
        product = step.make(world.tools, TURN, PARAMS, needs)
        assert product.images == digests
        assert judged(step.judge(PARAMS, product)) is status
