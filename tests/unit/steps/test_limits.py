"""A limit is what a product is judged by: with another limit the same product is made.

Each step with limits is made twice, in two worlds alike, with every limit changed at once. Steps 17
to 19 are the step ``suite`` with other defaults, and share its ``make``.
"""

import json
from datetime import timedelta
from typing import Any, Callable

import pytest

from devflow.model.declared.project import Project
from devflow.model.tree import Tree
from devflow.model.values import LIMIT
from devflow.step import AnyStep, Turn
from devflow.steps import (
    REGISTRY,
    checks,
    s01_ticket,
    s02_sprint_planning,
    s08_local_tests,
    s09_pre_commit,
    s10_commit,
    s12_pull_request,
    s13_code_review,
    s16_quality,
    s22_analysis,
    s24_development,
    s25_production,
    s26_monitoring,
    s28_analytics,
    s29_retrospective,
    shell,
    suite,
)
from devflow.testing import NOW, story
from tests.standins.shell import RealShell
from tests.unit.steps.change_story import Story
from tests.unit.steps.deploy_world import PARAMS as APPROVED
from tests.unit.steps.deploy_world import PROJECT, TURN, DeployWorld
from tests.unit.steps.image_world import ImageWorld
from tests.unit.steps.measured_world import FILES, MeasuredWorld
from tests.unit.steps.publish_world import PublishWorld
from tests.unit.steps.smoke_world import SmokeWorld
from tests.unit.steps.test_s22_analysis import World as AnalysisWorld
from tests.unit.steps.test_s26_monitoring import BACKEND, FRONTEND, exposition
from tests.unit.steps.ticket_world import KEY, SKIPPED, TICKET, TicketWorld
from tests.unit.steps.ticket_world import PROJECT as SCRUM

Make = Callable[[dict[str, Any]], Any]

# limits that bound how long is waited: a product can only differ in having come in time or not,
# so that they are tried with values that are both enough
WAITING = {
    ("pre_commit", "timeout_s"): "hooks that take longer are ended",
    ("pull_request", "head_within_s"): "a head that is seen later is waited for by the next call",
    ("development", "ready_within_s"): "a service that is ready later is taken back",
    ("production", "ready_within_s"): "a service that is ready later is taken back",
    ("production", "window"): "what is outside of it is brought later",
    ("production", "approvals_expire_h"): "an approval that is older is asked for again",
    ("quality", "timeout_s"): "a linter that takes longer is ended",
    ("shell", "timeout_s"): "a command that takes longer is ended",
    ("checks", "timeout_s"): "what has not ended by then is no longer waited for",
}
# pairs that a world can tell apart, where twice the default would be as good as the default
PAIRS: dict[tuple[str, str], tuple[Any, Any]] = {
    ("ticket", "criteria"): ("required", "optional"),
    ("analytics", "min_visitors"): (1, 50),
    ("monitoring", "min_samples"): (1, 500),
    # it is a Monday
    ("production", "window"): (None, {"days": ["mon"]}),
    ("checks", "timeout_s"): (3600.0, 7200.0),
    ("images", "fail_on"): ("critical", "never"),
    ("production", "canary"): ({}, {"pct": 20, "enough": 400}),
    ("smoke", "limits"): ({}, {"api": {"memory_mb": 1.0, "start_within_s": 0.001}}),
}


def ticket(limits: dict[str, Any]) -> Any:
    world = TicketWorld(story())
    return world.came_to(s01_ticket.STEP, s01_ticket.Needs(SCRUM), s01_ticket.Params(**limits))


def sprint_planning(limits: dict[str, Any]) -> Any:
    world = TicketWorld(story())
    params = s02_sprint_planning.Params(**limits)
    return world.came_to(s02_sprint_planning.STEP, s02_sprint_planning.Needs(TICKET), params)


def local_tests(limits: dict[str, Any]) -> Any:
    return MeasuredWorld(FILES).measure(s08_local_tests.STEP, **limits).product


def pre_commit(limits: dict[str, Any]) -> Any:
    change = Story()
    change.developed()
    return change.came_to(s09_pre_commit, **limits)


def commit(limits: dict[str, Any]) -> Any:
    change = Story()
    change.developed()
    return change.came_to(s10_commit, **limits)


def pull_request(limits: dict[str, Any]) -> Any:
    change = Story()
    change.web.program = "/bin/chromium"
    change.pushed()
    return change.came_to(s12_pull_request, screenshots="frontend", **limits)


def code_review(limits: dict[str, Any]) -> Any:
    change = Story()
    change.shell = RealShell(change.repository)
    change.pushed()
    change.through(s12_pull_request, reviewers=("tech-lead",))
    change.reviewed_by("tech-lead", "approved")
    return change.came_to(s13_code_review, **limits)


def quality(limits: dict[str, Any]) -> Any:
    here = {"pythons": ("3.11",), "tools": ("black", "flake8"), "paths": ("services",)}
    return MeasuredWorld(FILES).measure(s16_quality.STEP, **here, **limits).product


def suite_report(limits: dict[str, Any]) -> Any:
    return MeasuredWorld(FILES).measure(suite.STEP, suite="backend", **limits).product


def images(limits: dict[str, Any]) -> Any:
    return ImageWorld().build(**limits)


def publish(limits: dict[str, Any]) -> Any:
    return PublishWorld().publish(**limits)


def analysis(limits: dict[str, Any]) -> Any:
    world = AnalysisWorld()
    needs = world.needs({"backend": world.image()})
    turn = Turn(KEY, "analysis")
    return s22_analysis.make(world.tools, turn, s22_analysis.Params(**limits), needs)


def smoke(limits: dict[str, Any]) -> Any:
    return SmokeWorld().smoke(**limits)


def development(limits: dict[str, Any]) -> Any:
    world = DeployWorld()
    needs = s24_development.Needs(push=world.push, images=SKIPPED, publish=SKIPPED, project=PROJECT)
    return s24_development.make(world.tools, TURN, s24_development.Params(**limits), needs)


def production(limits: dict[str, Any]) -> Any:
    world = DeployWorld()
    needs = world.needs()
    world.approve()
    params = s25_production.Params(roles=APPROVED.roles, **limits)
    return s25_production.make(world.tools, TURN, params, needs)


def monitoring(limits: dict[str, Any]) -> Any:
    world = DeployWorld()
    for url in (BACKEND, FRONTEND):
        world.web.pages[url] = exposition()
    params = s26_monitoring.Params(pages="frontend", observe_s=2.0, **limits)
    needs = s26_monitoring.Needs(SKIPPED, world.develop(), PROJECT)
    return s26_monitoring.make(world.tools, TURN, params, needs)


def analytics(limits: dict[str, Any]) -> Any:
    world = DeployWorld()
    visits = []
    for number, minutes_ago in enumerate((90.0, 80.0, 1.0), start=1):
        at = NOW - timedelta(minutes=minutes_ago)
        visit = {"id": number, "visitor": f"v{number}", "feature": "page", "action": "view"}
        visits.append({**visit, "device": "mobile", "synthetic": False, "at": at.isoformat()})
    url = f"http://127.0.0.1:5002/api/v1/events?after_id=0&limit={s28_analytics.PAGE_SIZE}"
    world.web.pages[url] = json.dumps({"events": visits})
    needs = s28_analytics.Needs(SKIPPED, world.develop(), SKIPPED, PROJECT)
    tabs = ("current", "future")
    log = {"service": "backend", "path": "/api/v1/events", "features": tabs, "adopted": tabs}
    params = s28_analytics.Params.model_validate({**log, **limits})
    return s28_analytics.make(world.tools, TURN, params, needs)


def retrospective(limits: dict[str, Any]) -> Any:
    world = TicketWorld(story())
    plan = sprint_planning({})
    needs = s29_retrospective.Needs(TICKET, plan, SKIPPED, SKIPPED)
    return world.came_to(s29_retrospective.STEP, needs, s29_retrospective.Params(**limits))


def command(limits: dict[str, Any]) -> Any:
    world = MeasuredWorld(FILES)
    params = shell.Params(run="cat services/app.py", **limits)
    needs = shell.Needs(Tree(id=world.repository.work_tree()))
    return shell.make(world.tools, Turn(KEY, "shell"), params, needs)


def ci_checks(limits: dict[str, Any]) -> Any:
    change = Story()
    push = change.pushed()
    needs = checks.Needs(push, Project())
    params = checks.Params(names=("build",), **limits)
    return checks.make(change.tools, Turn(KEY, "checks"), params, needs)


WORLDS: dict[str, Make] = {
    "ticket": ticket,
    "sprint_planning": sprint_planning,
    "local_tests": local_tests,
    "pre_commit": pre_commit,
    "commit": commit,
    "pull_request": pull_request,
    "code_review": code_review,
    "quality": quality,
    "suite": suite_report,
    "images": images,
    "publish": publish,
    "analysis": analysis,
    "smoke": smoke,
    "development": development,
    "production": production,
    "monitoring": monitoring,
    "analytics": analytics,
    "retrospective": retrospective,
    "shell": command,
    "checks": ci_checks,
}
DURATIONS = ("duration_s", "started_s", "stopped_s")
STEPS = dict(REGISTRY)
# a step with another one's make is tried with it
SHARED = {
    step.name for step in STEPS.values() if step.make is suite.make and step is not suite.STEP
}


def limits_of(step: AnyStep) -> dict[str, tuple[Any, Any]]:
    """Two values of each limit of the step's parameters."""
    pairs = {}
    for name, field in step.params.model_fields.items():
        if LIMIT in field.metadata:
            default = field.get_default(call_default_factory=True)
            two_values = (default, another(default))
            pairs[name] = PAIRS.get((step.name, name), two_values)
    return pairs


def another(value: Any) -> Any:
    """A value of the same type that is not this one."""
    if isinstance(value, bool):
        return not value
    # twice a ratio would be none
    if isinstance(value, float):
        return value / 2 if value else 1.0
    if isinstance(value, int):
        return value * 2 + 1
    if isinstance(value, str):
        return f"{value}-another"
    return 1.0 if value is None else (*value, "another")


def without_durations(product: Any) -> Any:
    """What was made, but for the times that it took, which are no two times the same."""
    if isinstance(product, dict):
        kept = {key: value for key, value in product.items() if key not in DURATIONS}
        return {key: without_durations(value) for key, value in kept.items()}
    if isinstance(product, list):
        return [without_durations(item) for item in product]
    return product


@pytest.mark.parametrize("name", WORLDS)
def test_with_other_limits_the_same_product_is_made(name: str) -> None:
    pairs = limits_of(STEPS[name])
    assert pairs
    products = []
    for place in (0, 1):
        limits = {limit: values[place] for limit, values in pairs.items()}
        product = WORLDS[name](limits)
        products.append(without_durations(product.model_dump(mode="json")))
    one, other = products
    assert one == other


def test_every_step_with_limits_is_tried() -> None:
    with_limits = {step.name for step in STEPS.values() if limits_of(step)}
    assert with_limits - SHARED == set(WORLDS)


def test_a_limit_on_waiting_is_a_limit_of_its_step() -> None:
    for name, limit in WAITING:
        assert limit in limits_of(STEPS[name])
