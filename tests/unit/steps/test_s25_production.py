"""Step 25 on ports in memory: the gate, the merge, the switch."""

from dataclasses import fields, replace
from typing import Any

import pytest

from devflow.craft.deploy.rollout import bring
from devflow.craft.deploy.strategies.canary import CanarySettings
from devflow.craft.review.approvals import images_told
from devflow.engine.stand_in import StandIn
from devflow.model.checks import Status, judged, why
from devflow.model.errors import AccessDenied, PipelineInvalid, RolledBack, StepFailed
from devflow.model.figures import absent
from devflow.model.images import PublishedImage
from devflow.model.outcomes import Absent, Waiting
from devflow.model.release import Production, Published
from devflow.model.wording import short_version
from devflow.step import GateAnswer
from devflow.steps import s24_development, s25_production, s26_monitoring, s28_analytics
from devflow.testing import NOW
from tests.unit.steps.deploy_world import BRANCH, PARAMS, RELEASED, TURN, DeployWorld, report

AT_ONCE = PARAMS.model_copy(update={"canary": CanarySettings(pct=0)})


def test_it_waits_for_each_role_and_writes_nothing_meanwhile() -> None:
    world = DeployWorld()
    world.say("sam")
    waiting = world.produce()
    assert (
        isinstance(waiting, Waiting)
        and waiting.for_ == "approval by devops (dee), product_owner (pia)"
    )
    assert (
        waiting.look_at == "http://host.test/pull/1"
        and "devflow approve production" in waiting.type_next
    )
    assert "merge" not in world.host.writes and "fetch" not in world.repository.writes
    assert not any("production" in write for write in world.deploys.writes)


def test_what_the_roles_approved_is_merged_deployed_and_read_back() -> None:
    world = DeployWorld()
    world.approve()
    made = world.produce()
    assert isinstance(made, Production) and made.merge_sha == world.repository.remote["main"]
    assert made.version == world.version
    assert [service.url for service in made.services] == [
        "http://127.0.0.1:5102",
        "http://127.0.0.1:3100",
    ]
    checks = s25_production.judge(PARAMS, made)
    assert judged(checks) is Status.PASSED, why(checks)
    assert {one.role: one.by for one in made.approvals} == {
        "devops": "dee",
        "product_owner": "pia",
        "security": "sam",
    }
    assert world.seen() == made


def test_ports_of_production_that_nobody_kept_are_told_and_nobody_is_asked_again() -> None:
    world = DeployWorld()
    world.approve()
    world.produce()
    world.deploys.unkept.add("production")
    found = world.seen()
    assert found is not None
    assert "public ports: kept by nobody" in why(s25_production.judge(PARAMS, found))
    made = world.produce()
    assert isinstance(made, Production) and made.unheld_s == 0.004
    assert "unheld" in {check.id for check in s25_production.judge(PARAMS, made)}
    found = world.seen()
    assert found is not None and found.unheld_s == 0.0


@pytest.mark.parametrize(
    "but",
    [{"version": "f" * 40}, {"sha": "f" * 40}, {"gate": "code_review"}],
    ids=["another version", "another commit", "another gate"],
)
def test_an_approval_of_anything_else_counts_for_nothing(but: dict[str, str]) -> None:
    world = DeployWorld()
    for login in ("dee", "pia"):
        world.say(login)
    world.say("sam", **but)
    assert world.produce().for_.startswith("approval by security (sam")


def test_a_new_commit_voids_the_approvals_even_where_the_deployed_folder_stays_the_same() -> None:
    world = DeployWorld()
    world.approve()
    world.change("README.md", "read more")
    assert isinstance(world.produce(), Waiting)


def test_an_edited_comment_is_void() -> None:
    world = DeployWorld()
    world.approve()
    world.host.said["0"] = world.host.said["0"].model_copy(update={"edited": True})
    assert world.produce().for_ == "approval by devops (dee: the comment was edited)"


def test_an_account_without_the_role_cannot_approve_and_cannot_reject() -> None:
    world = DeployWorld()
    for login in ("mallory", "dee", "pia"):
        world.say(login)
    world.say("mallory", "reject")
    assert world.produce().for_ == "approval by security (sam)"


def test_the_same_approval_said_twice_is_one() -> None:
    world = DeployWorld()
    world.say("dee")
    world.say("dee")
    two = PARAMS.model_copy(
        update={"approvals": {"devops": 2}, "roles": {"devops": ("dee", "don")}}
    )
    waiting = s25_production.make(world.tools, TURN, two, world.needs())
    assert isinstance(waiting, Waiting) and waiting.for_ == "approval by devops (don)"
    three = two.model_copy(update={"roles": {"devops": ("dee", "don", "kim")}})
    waiting = s25_production.make(world.tools, TURN, three, world.needs())
    assert isinstance(waiting, Waiting) and waiting.for_ == "approval by devops (1 of don, kim)"


def test_a_word_is_written_once_counted_and_refused_to_those_without_a_role() -> None:
    world = DeployWorld()
    needs = world.needs()
    world.host.acting = "Dee"
    for _ in range(2):
        s25_production.answer(world.tools, TURN, PARAMS, needs, GateAnswer("approve", "Fine."))
    assert len(world.host.said) == 1
    assert world.produce().for_ == "approval by product_owner (pia), security (sam)"
    s25_production.answer(world.tools, TURN, PARAMS, needs, GateAnswer("reject"))
    assert isinstance(world.produce(), Absent) and len(world.host.said) == 2
    world.host.acting = "mallory"
    with pytest.raises(AccessDenied, match="mallory has no role at production") as denied:
        s25_production.answer(world.tools, TURN, PARAMS, needs, GateAnswer("approve"))
    assert denied.value.hint == "who may: devops: dee; product_owner: pia; security: sam"
    assert len(world.host.said) == 2


def test_a_word_that_the_gate_does_not_count_is_said_to_be_so() -> None:
    world = DeployWorld()
    needs = world.needs()
    world.host.acting = "dee"
    world.host.edits_at_once = True
    with pytest.raises(StepFailed, match="does not count what dee said: the comment was edited"):
        s25_production.answer(world.tools, TURN, PARAMS, needs, GateAnswer("approve"))


def test_a_no_stands_until_the_same_account_takes_it_back() -> None:
    world = DeployWorld()
    world.say("sam", "reject")
    for login in ("dee", "pia"):
        world.say(login)
    rejected = world.produce()
    assert isinstance(rejected, Absent) and rejected.kind == "rejected"
    version = short_version(world.version)
    when = f"{NOW:%Y-%m-%d %H:%M}"
    # who, when, with which words, and where
    told = f'sam rejected {version} {when}, "I looked at it.": http://c/0'
    assert rejected.why == told
    world.say("sam")
    assert isinstance(world.produce(), Production)


def test_a_role_that_nobody_has_is_an_error_of_the_configuration() -> None:
    world = DeployWorld()
    with pytest.raises(PipelineInvalid, match="devops") as raised:
        s25_production.make(world.tools, TURN, s25_production.Params(), world.needs())
    assert "roles" in raised.value.hint


def test_nothing_is_deployed_where_the_merge_holds_another_version() -> None:
    world = DeployWorld()
    world.approve()
    needs = world.needs()
    theirs = world.repository.push_by_somebody("main", "services/other.py", "theirs")
    world.host.pulls[BRANCH] = world.host.pulls[BRANCH].model_copy(
        update={"merged": True, "merge_sha": theirs}
    )
    with pytest.raises(StepFailed, match="was approved"):
        s25_production.make(world.tools, TURN, PARAMS, needs)
    assert not any("production" in write for write in world.deploys.writes)


def test_a_red_suite_keeps_it_from_being_merged() -> None:
    world = DeployWorld()
    world.approve()
    with pytest.raises(StepFailed, match="not ready.*backend_tests: 57 passed, 1 failed"):
        world.produce(suites={"backend_tests": report(world.push.sha, failed=1)})
    assert "merge" not in world.host.writes


def test_what_was_not_measured_is_said_and_holds_nothing_back() -> None:
    world = DeployWorld()
    world.approve()
    made = world.produce(quality=Absent(kind="unavailable", why="no python3.9 here"))
    lines = {check.id: check for check in s25_production.judge(PARAMS, made)}
    line = lines["quality"]
    assert (line.ok, line.needed) == (None, False)
    assert line.figure == absent("no python3.9 here", "unavailable")


def test_a_version_that_stops_answering_after_the_switch_is_taken_back_at_once_and_for_good() -> (
    None
):
    world = DeployWorld()
    world.approve()
    needs = world.needs()
    before = replace(world.deploys.prepared["development"][world.version], version="a" * 40)
    bring(world.deploys, "production", before, 1)
    world.deploys.sick.add(world.version)
    for again in (False, True):
        with pytest.raises(
            RolledBack, match="is not brought again" if again else "connection refused"
        ):
            s25_production.make(world.tools, TURN, AT_ONCE, needs)
    serving = world.deploys.environment("production")
    assert serving is not None and (serving.version, serving.rolled_back) == (
        "a" * 40,
        world.version,
    )


def test_a_version_that_was_rolled_back_fails_when_looked_at_and_is_not_brought_again() -> None:
    world = DeployWorld()
    world.approve()
    world.produce()
    world.deploys.served["production"].append("a" * 40)
    prepared = world.deploys.prepared["production"]
    prepared["a" * 40] = replace(prepared[world.version], version="a" * 40)
    world.deploys.rollback("production")
    found = world.seen()
    assert found is not None
    checks = s25_production.judge(PARAMS, found)
    assert "was rolled back" in why(checks)
    # nor is it told that it came beside nothing
    assert not {"strategy", "rollback", "canary"} & {check.id for check in checks}
    with pytest.raises(RolledBack):
        world.produce()


def test_an_unmerged_pull_request_is_not_live_whatever_production_serves() -> None:
    world = DeployWorld()
    world.approve()
    base = world.repository.remote["main"]
    world.produce()
    unmerged = {"merged": False, "merge_sha": "", "state": "open"}
    world.host.pulls[BRANCH] = world.host.pulls[BRANCH].model_copy(update=unmerged)
    world.repository.remote["main"] = base
    assert world.seen() is None


def same_squash(world: DeployWorld) -> str:
    """A colleague squashes the branch by hand and pushes it."""
    parent = world.repository.remote["main"]
    files = world.repository.trees[world.repository.tree_of(world.push.sha)]
    sha = world.repository.add_commit(parent, dict(files), "by hand")
    world.repository.remote["main"] = sha
    return sha


def test_what_the_base_holds_already_is_adopted_and_deployed_and_nothing_is_merged() -> None:
    world = DeployWorld()
    world.approve()
    sha = same_squash(world)
    made = world.produce()
    assert (made.merge_sha, "merge" in world.host.writes) == (sha, False)
    found = world.seen()
    assert found is not None and found.merge_sha == sha


def test_the_base_may_go_on_once_it_holds_what_was_approved() -> None:
    world = DeployWorld()
    world.approve()
    sha = same_squash(world)
    world.produce()
    world.repository.push_by_somebody("main", "services/later.py", "theirs")
    found = world.seen()
    assert found is not None and found.merge_sha == sha


def test_a_base_with_the_approved_folder_alone_still_lacks_the_rest_and_is_merged_into() -> None:
    world = DeployWorld()
    world.change("README.md", "read this")
    world.approve()
    world.repository.push_by_somebody("main", "services/app.py", "two")
    made = world.produce()
    assert "merge" in world.host.writes and made.version == world.version


def test_a_draft_is_waited_for_and_not_merged() -> None:
    world = DeployWorld()
    world.approve()
    world.host.pulls[BRANCH] = world.host.pulls[BRANCH].model_copy(update={"draft": True})
    waiting = world.produce()
    assert waiting.for_ == "pull request #1, a draft, to be marked as ready for review"
    assert "merge" not in world.host.writes


def test_the_word_of_somebody_who_has_lost_the_repository_does_not_count() -> None:
    world = DeployWorld()
    world.approve()
    del world.host.permissions["sam"]
    assert world.produce().for_.startswith("approval by security")


def test_a_merge_and_a_deployment_without_approvals_do_not_pass() -> None:
    world = DeployWorld()
    world.approve()
    world.produce()
    world.host.said.clear()
    found = world.seen()
    assert found is not None and "approved by devops: nobody" in why(
        s25_production.judge(PARAMS, found)
    )


@pytest.mark.parametrize(
    "step",
    [s24_development, s25_production, s26_monitoring, s28_analytics],
    ids=lambda one: one.__name__,
)
def test_a_dry_run_foresees_without_knowing_anything(step: Any) -> None:
    unknown = {field.name: StandIn(field.name) for field in fields(step.Needs)}
    # the project is always known
    needs = step.Needs(**{**unknown, "project": RELEASED})
    for write in step.foresee(step.Params(), needs).writes:
        assert write.port in ("repository", "host", "deploys") and write.target


def test_containers_are_those_of_the_published_images() -> None:
    world = DeployWorld()
    image = PublishedImage(
        service="backend",
        repository="registry.test/carprice/backend",
        digest=f"sha256:{'a' * 64}",
        tags=(),
    )
    world.published = Published(
        digests={"backend": image.digest}, version=world.version, images=(image,)
    )
    for login in ("dee", "pia", "sam"):
        world.say(login, images=images_told(world.published.digests))
    world.produce()
    assert world.deploys.prepared["production"][world.version].images == (image,)
