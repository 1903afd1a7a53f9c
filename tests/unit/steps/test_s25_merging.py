"""Step 25: nobody is asked to approve what the merge would make something else of."""

import pytest

from devflow.model.errors import StepFailed
from devflow.model.outcomes import Absent, Waiting
from devflow.step import GateAnswer
from devflow.steps import s25_production
from tests.unit.steps.deploy_world import BRANCH, PARAMS, TURN, DeployWorld


def test_nobody_is_asked_to_approve_where_the_base_changed_the_deployed_folder() -> None:
    world = DeployWorld()
    world.repository.push_by_somebody("main", "services/other.py", "theirs")
    with pytest.raises(
        StepFailed, match=r"changed services since the branch was cut \(services/other.py\)"
    ):
        world.produce()
    assert world.host.writes == ["open_pull"]


def test_nobody_is_asked_to_approve_what_conflicts() -> None:
    world = DeployWorld()
    world.host.trial_merge_conflicts = True
    with pytest.raises(StepFailed, match="conflicts with main") as raised:
        world.produce()
    assert raised.value.hint.startswith("git merge") and world.host.writes == ["open_pull"]


def test_a_yes_to_what_conflicts_is_refused_at_once_with_the_files_and_a_no_is_not() -> None:
    world = DeployWorld()
    world.change("README.md", "mine")
    world.repository.push_by_somebody("main", "README.md", "theirs")
    world.host.trial_merge_conflicts = True
    world.host.acting = "dee"
    needs = world.needs()
    with pytest.raises(StepFailed, match=r"conflicts with main \(both changed README.md\)"):
        s25_production.answer(world.tools, TURN, PARAMS, needs, GateAnswer("approve"))
    assert world.host.said == {}, "nothing was written"
    no = s25_production.answer(world.tools, TURN, PARAMS, needs, GateAnswer("reject"))
    assert isinstance(no, Absent) and no.kind == "rejected"


def test_who_is_asked_is_told_that_somebody_has_merged_it_already() -> None:
    world = DeployWorld()
    waiting = world.produce()
    assert isinstance(waiting, Waiting) and "merged" not in waiting.for_
    world.repository.remote["main"] = world.push.sha
    by_hand = {"merged": True, "state": "closed", "merge_sha": world.push.sha}
    world.host.pulls[BRANCH] = world.host.pulls[BRANCH].model_copy(update=by_hand)
    waiting = world.produce()
    assert isinstance(waiting, Waiting)
    assert waiting.for_.endswith("of pull request #1, which is merged already")


def test_nothing_is_merged_where_the_base_changed_after_the_approvals() -> None:
    world = DeployWorld()
    world.approve()
    world.repository.push_by_somebody("main", "services/other.py", "theirs")
    with pytest.raises(
        StepFailed, match=r"changed services since the branch was cut \(services/other.py\)"
    ):
        world.produce()
    assert "merge" not in world.host.writes
