"""Step 25: what takes production back, what does not, and what is to be done then."""

from dataclasses import replace
from datetime import timedelta

import pytest

from devflow.craft.deploy.rollout import bring
from devflow.craft.deploy.strategies.canary import CanarySettings
from devflow.model.checks import Status, judged
from devflow.model.declared.services import HealthCheck
from devflow.model.errors import RolledBack, UsageError
from devflow.model.outcomes import Waiting
from devflow.model.release import Deployment, Production
from devflow.model.wording import figure
from devflow.step import GateAnswer
from devflow.steps import s24_development, s25_production
from devflow.testing import NOW
from tests.unit.steps.deploy_world import DEPLOYED, NO_IMAGES, PARAMS, TURN, DeployWorld

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


def test_a_person_may_want_a_version_again_that_was_taken_back_and_it_is_approved_anew() -> None:
    world = _taken_back()
    with pytest.raises(RolledBack, match="was rolled back in production .* by jose") as refused:
        world.produce()
    assert "if the cause lay elsewhere: devflow ship --again production" in refused.value.hint
    waiting = _again(world)
    assert isinstance(waiting, Waiting)
    assert "dee: approved before the version was taken back" in waiting.for_
    assert dict(waiting.shows)["taken back"].endswith("by jose; brought again on purpose")
    assert f"lift production {world.version[:7]}" in world.deploys.writes
    # said now, they know of it
    for login in ("dee", "pia", "sam"):
        world.say(login)
    made = s25_production.make(world.tools, TURN, AT_ONCE, world.needs())
    assert isinstance(made, Production) and not made.is_taken_back
    checks = s25_production.judge(AT_ONCE, made)
    assert judged(checks) is Status.PASSED
    again = next(check for check in checks if check.id == "again")
    assert again.ok is None and "by jose, brought again on purpose" in figure(again.figure)
    seen = world.seen()
    assert seen is not None and seen.verdict == made.verdict


def test_what_is_lifted_may_be_approved_and_rejected_again() -> None:
    world = _taken_back()
    _again(world)
    world.host.acting = "dee"
    needs = world.needs()
    still = s25_production.answer(world.tools, TURN, PARAMS, needs, GateAnswer("approve"))
    assert isinstance(still, Waiting) and set(still.by) == {"pia", "sam"}


def test_a_lifted_version_that_is_taken_back_once_more_is_refused_once_more() -> None:
    world = _taken_back()
    _again(world)
    for login in ("dee", "pia", "sam"):
        world.say(login)
    s25_production.make(world.tools, TURN, AT_ONCE, world.needs())
    world.deploys.rollback("production", "eva")
    with pytest.raises(RolledBack, match="by eva and is not brought again by itself"):
        world.produce()


def test_development_takes_a_version_again_too_where_a_person_wants_it() -> None:
    world = DeployWorld()
    world.develop()
    world.change("services/app.py", "three")
    world.develop()
    world.deploys.rollback("development", "jose")
    turn = replace(TURN, entry="development")
    needs = s24_development.Needs(
        push=world.push, images=NO_IMAGES, publish=NO_IMAGES, project=DEPLOYED
    )
    params = s24_development.Params()
    with pytest.raises(RolledBack, match="by jose") as refused:
        s24_development.make(world.tools, turn, params, needs)
    assert "devflow ship --again development" in refused.value.hint
    made = s24_development.make(world.tools, replace(turn, again=True), params, needs)
    assert isinstance(made, Deployment) and made.version == world.version
    checks = s24_development.judge(params, made)
    assert judged(checks) is Status.PASSED and "again" in {check.id for check in checks}


def _taken_back() -> DeployWorld:
    """A version that served production beside the one before, and that jose took back."""
    world = DeployWorld()
    for login in ("dee", "pia", "sam"):
        world.say(login, days=-60)
    before = world.needs()
    release = world.deploys.prepared["development"][world.version]
    bring(world.deploys, "production", replace(release, version="a" * 40), 1)
    assert isinstance(s25_production.make(world.tools, TURN, AT_ONCE, before), Production)
    world.deploys.rollback("production", "jose")
    known = world.deploys.verdicts["production"]
    since = {"at": NOW - timedelta(days=30)}
    world.deploys.verdicts["production"] = known.model_copy(update=since)
    return world


def _again(world: DeployWorld) -> object:
    turn = replace(TURN, again=True)
    return s25_production.make(world.tools, turn, AT_ONCE, world.needs())
