"""Step 25: nobody is asked to approve what the merge would make something else of."""

import pytest

from devflow.model.errors import StepFailed
from tests.unit.steps.deploy_world import DeployWorld


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


def test_nothing_is_merged_where_the_base_changed_after_the_approvals() -> None:
    world = DeployWorld()
    world.approve()
    world.repository.push_by_somebody("main", "services/other.py", "theirs")
    with pytest.raises(
        StepFailed, match=r"changed services since the branch was cut \(services/other.py\)"
    ):
        world.produce()
    assert "merge" not in world.host.writes
