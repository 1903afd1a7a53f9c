"""Step 25: what takes production back, what does not, and what is to be done then."""

from dataclasses import replace

import pytest

from devflow.craft.deploy.rollout import bring
from devflow.craft.deploy.strategies.canary import CanarySettings
from devflow.model.checks import Status, judged
from devflow.model.declared.services import HealthCheck
from devflow.model.errors import RolledBack, UsageError
from devflow.model.release import Production
from devflow.step import GateAnswer
from devflow.steps import s25_production
from tests.unit.steps.deploy_world import PARAMS, TURN, DeployWorld

AT_ONCE = PARAMS.model_copy(update={"canary": CanarySettings(pct=0)})


def test_a_version_that_no_health_check_tells_is_no_reason_to_go_back() -> None:
    world = DeployWorld()
    world.approve()
    needs = world.needs()
    services = {
        name: one.model_copy(update={"health": HealthCheck(path="/", status=200)})
        for name, one in needs.project.services.items()
    }
    project = needs.project.model_copy(update={"services": services})
    before = world.deploys.prepared["development"][world.version]
    earlier = replace(before, version="a" * 40, services=services)
    bring(world.deploys, "production", earlier, 1)
    made = s25_production.make(world.tools, TURN, AT_ONCE, replace(needs, project=project))
    assert isinstance(made, Production) and made.version == world.version
    assert judged(s25_production.judge(AT_ONCE, made)) is Status.PASSED
    serving = world.deploys.environment("production")
    assert serving is not None and (serving.version, serving.rolled_back) == (world.version, "")


def test_what_was_taken_back_after_its_merge_is_mended_under_another_ticket() -> None:
    world = DeployWorld()
    world.approve()
    world.produce()
    world.deploys.rolled_back["production"] = world.version
    with pytest.raises(RolledBack, match="is not brought again") as refused:
        world.produce()
    assert "another ticket: devflow start KEY" in refused.value.hint


def test_what_is_merged_is_neither_foreseen_nor_approved_once_more() -> None:
    world = DeployWorld()
    needs = world.needs()
    before = s25_production.foresee_here(world.see, TURN, PARAMS, needs)
    assert "merge" in [write.verb for write in before.writes]
    world.approve()
    world.produce()
    after = s25_production.foresee_here(world.see, TURN, PARAMS, needs)
    assert "merge" not in [write.verb for write in after.writes]
    world.host.acting = "dee"
    with pytest.raises(UsageError, match="is merged, and no approval is missing"):
        s25_production.answer(world.tools, TURN, PARAMS, needs, GateAnswer("approve"))


def test_a_version_that_was_taken_back_is_neither_foreseen_nor_approved_nor_rejected() -> None:
    world = DeployWorld()
    world.approve()
    world.produce()
    world.deploys.rolled_back["production"] = world.version
    needs = world.needs()
    with pytest.raises(RolledBack, match="was rolled back in production"):
        s25_production.foresee_here(world.see, TURN, PARAMS, needs)
    world.host.acting = "dee"
    said = len(world.host.said)
    for word in (GateAnswer("approve"), GateAnswer("reject")):
        with pytest.raises(RolledBack, match="is not brought again"):
            s25_production.answer(world.tools, TURN, PARAMS, needs, word)
    assert len(world.host.said) == said, "nothing was written"
