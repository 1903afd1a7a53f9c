"""Steps 20 to 28 of a project without services, on ports in memory: a library, a command line, a
package."""

from dataclasses import replace
from typing import Any

import pytest

from devflow.craft.without_services import NO_SERVICES
from devflow.model.checks import Status, judged, why
from devflow.model.declared.project import Project
from devflow.model.outcomes import Absent, Waiting
from devflow.model.release import Production
from devflow.steps import (
    s20_images,
    s24_development,
    s25_production,
    s26_monitoring,
    s27_closure,
    s28_analytics,
)
from tests.unit.steps.closed_ticket import closure_needs, in_review
from tests.unit.steps.deploy_world import NO_IMAGES, PARAMS, TURN, DeployWorld
from tests.unit.steps.ticket_world import KEY, lines, status

PACKAGE = Project(base="main", version_path="services")
NOTHING = Absent(kind="skipped", why=NO_SERVICES)


def released(world: DeployWorld) -> Any:
    needs = replace(world.needs(), development=NOTHING, images=NOTHING, project=PACKAGE)
    return s25_production.make(world.tools, TURN, PARAMS, needs)


def test_what_has_nothing_to_deploy_skips_what_is_about_a_deployment() -> None:
    world = DeployWorld()
    images = s20_images.Needs(world.push, PACKAGE)
    development = s24_development.Needs(world.push, NOTHING, NOTHING, PACKAGE)
    monitoring = s26_monitoring.Needs(NOTHING, NOTHING, PACKAGE)
    analytics = s28_analytics.Needs(NOTHING, NOTHING, NOTHING, PACKAGE)
    made = [
        s20_images.make(world.tools, TURN, s20_images.Params(), images),
        s24_development.make(world.tools, TURN, s24_development.Params(), development),
        s26_monitoring.make(world.tools, TURN, s26_monitoring.Params(), monitoring),
        s28_analytics.make(world.tools, TURN, s28_analytics.Params(), analytics),
    ]
    assert made == [NOTHING] * 4 and {one.why for one in made} == {NO_SERVICES}
    assert not s24_development.foresee(s24_development.Params(), development).writes
    assert not world.deploys.writes


def test_its_release_is_the_approved_merge() -> None:
    world = DeployWorld()
    waiting = released(world)
    assert isinstance(waiting, Waiting) and "merge" not in world.host.writes
    world.approve()
    made = released(world)
    assert isinstance(made, Production) and made.merge_sha == world.repository.remote["main"]
    assert not made.is_deployed and not world.deploys.served.get("production")
    checks = s25_production.judge(PARAMS, made)
    assert judged(checks) is Status.PASSED, why(checks)
    assert [one.figure.why for one in checks if one.id == "nothing"] == [NO_SERVICES]
    needs = replace(world.needs(), development=NOTHING, images=NOTHING, project=PACKAGE)
    assert s25_production.look(world.see, TURN, PARAMS, needs) == made
    # and there is nothing to watch
    watched = s26_monitoring.Needs(made, NOTHING, PACKAGE)
    assert s26_monitoring.make(world.tools, TURN, s26_monitoring.Params(), watched) == NOTHING


def test_its_merge_is_found_only_while_the_base_holds_it() -> None:
    world = DeployWorld()
    world.approve()
    needs = replace(world.needs(), development=NOTHING, images=NOTHING, project=PACKAGE)
    assert s25_production.look(world.see, TURN, PARAMS, needs) is None


def test_it_writes_what_was_foreseen() -> None:
    world = DeployWorld()
    world.approve()
    needs = replace(world.needs(), development=NOTHING, images=NOTHING, project=PACKAGE)
    writes = s25_production.foresee(PARAMS, needs).writes
    assert [(one.port, one.verb) for one in writes] == [("repository", "fetch"), ("host", "merge")]


def test_its_ticket_is_done_and_the_comment_says_what_was_merged() -> None:
    world = in_review()
    merged = Production(
        environment="", version="v" * 40, merge_sha="e" * 40, approvals=(), services=()
    )
    needs = closure_needs(
        world, development=NOTHING, production=merged, monitoring=NOTHING, suites={}
    )
    made = world.came_to(s27_closure.STEP, needs)
    found = lines(s27_closure.STEP, made)
    assert made.production == "merged" and found["flow"].measured.endswith("Done")
    assert found["production"].measured == f"eeeeeee merged, {NO_SERVICES}"
    assert found["development"].ok is None and status(s27_closure.STEP, made) is Status.PASSED
    assert f"- Development: skipped: {NO_SERVICES}\n" in world.tracker.said[KEY][0].body


@pytest.mark.parametrize("kind", ["unavailable", "deferred", "rejected"])
def test_a_deployment_that_should_be_there_holds_the_merge_and_the_closure_back(kind: Any) -> None:
    lost = Absent(kind=kind, why="no engine")
    world = DeployWorld()
    world.approve()
    held = world.produce(development=lost)
    assert (held.kind, held.why) == (kind, "development: no engine")
    assert "merge" not in world.host.writes
    closing = in_review()
    needs = closure_needs(closing, development=lost)
    ended = closing.came_to(s27_closure.STEP, needs)
    assert isinstance(ended, Absent) and ended.kind == kind
    assert closing.tracker.issue(KEY).status == "Code Review"


def test_services_without_an_entry_for_development_go_to_production_alone() -> None:
    world = DeployWorld()
    world.approve()
    made = world.produce(development=Absent(kind="skipped", why="not in the pipeline"))
    assert made.environment == "production" and made.version == world.version
    unread = [one for one in made.readiness if one.id == "deployed"]
    assert [one.ok for one in unread] == [None]


def test_a_log_that_nobody_named_is_unavailable_and_says_what_to_write() -> None:
    world = DeployWorld()
    needs = s28_analytics.Needs(NO_IMAGES, world.develop(), NOTHING, PACKAGE)
    made = s28_analytics.make(world.tools, TURN, s28_analytics.Params(), needs)
    assert isinstance(made, Absent) and made.kind == "unavailable"
    assert "analytics: {with: {service: NAME" in made.why
