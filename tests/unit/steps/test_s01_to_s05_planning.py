"""Steps 1 to 5: what is read off the ticket and the board, what is written, and what spoils a
verdict."""

from datetime import date, timedelta
from typing import Any

import pytest

from devflow.model.checks import Status
from devflow.model.outcomes import Absent
from devflow.model.planning import IssueLink, SprintRef, TimeTracking
from devflow.steps import (
    s01_ticket,
    s02_sprint_planning,
    s03_assignment,
    s04_requirements,
    s05_architecture,
)
from devflow.testing import story
from devflow.testing.tracker import OWNER
from tests.unit.steps.readable_ticket import ticket_of, world_with
from tests.unit.steps.ticket_world import KEY, PROJECT, SKIPPED, TicketWorld, lines, status

READABLE = PROJECT.only(s05_architecture.STEP.project_parts)
# step 1


def test_a_ticket_is_read_with_numbered_criteria_and_every_field_shown_with_its_source() -> None:
    ticket = ticket_of(world_with(assignee=OWNER))
    checks = lines(s01_ticket.STEP, ticket)
    assert [checks[label].measured for label in ("type", "priority", "assignee", "points")] == [
        "Story",
        "Medium",
        "Product Owner",
        "8 points",
    ]
    assert (
        checks["sprint"].measured == "Sprint 12 (active)"
        and checks["points"].source == "Story point estimate"
    )
    assert (checks["criterion AC-1"].measured, checks["criterion AC-2"].measured) == (
        "Three distinct tabs",
        "CSS-only implementation",
    )
    assert all(check.source for check in checks.values())
    assert status(s01_ticket.STEP, ticket) is Status.PASSED


def test_a_ticket_without_criteria_fails_and_says_what_to_add() -> None:
    ticket = ticket_of(world_with(description="As a user, I want tabs."))
    check = lines(s01_ticket.STEP, ticket)["criteria"]
    assert check.ok is False and 'heading "Acceptance Criteria"' in check.measured
    assert status(s01_ticket.STEP, ticket) is Status.FAILED


def test_a_story_must_tell_one_and_a_bug_need_not() -> None:
    text = "# Acceptance Criteria\n- it works"
    assert status(s01_ticket.STEP, ticket_of(world_with(description=text))) is Status.FAILED
    assert (
        status(s01_ticket.STEP, ticket_of(world_with(description=text, type="Bug")))
        is Status.PASSED
    )


def test_an_unassigned_ticket_without_sprint_and_points_passes_and_shows_them_unmeasured() -> None:
    ticket = ticket_of(world_with(sprint=None, points=None, priority=""))
    checks = lines(s01_ticket.STEP, ticket)
    assert (
        checks["assignee"].measured == "unassigned"
        and checks["sprint"].ok is checks["points"].ok is None
    )
    assert status(s01_ticket.STEP, ticket) is Status.PASSED


# step 2


def plan_of(world: TicketWorld) -> Any:
    return world.came_to(
        s02_sprint_planning.STEP, s02_sprint_planning.Needs(ticket=ticket_of(world))
    )


def test_the_reference_s_figures_follow_from_the_board() -> None:
    plan = plan_of(world_with())
    checks = lines(s02_sprint_planning.STEP, plan)
    measured = [
        checks[label].measured
        for label in ("points", "estimate", "complexity", "risk", "dependencies", "capacity")
    ]
    assert measured == ["8 points", "16 h", "Medium", "Low", "none", "24 h, of 40 h"]
    assert status(s02_sprint_planning.STEP, plan) is Status.PASSED


def test_without_an_estimate_the_hours_come_from_the_points_and_say_so() -> None:
    plan = plan_of(world_with(time=TimeTracking()))
    assert (plan.estimate_h, plan.estimate_from) == (16.0, "8 points x 2 h")


def test_over_commitment_and_an_open_blocker_are_shown_and_stop_nothing() -> None:
    world = world_with(links=(IssueLink(relation="is blocked by", key="SCRUM-90"),))
    world.tracker.issues["SCRUM-96"] = story(
        "SCRUM-96", points=30.0, time=TimeTracking(original_s=40 * 3600)
    )
    plan = plan_of(world)
    checks = lines(s02_sprint_planning.STEP, plan)
    assert [checks[label].ok for label in ("capacity", "velocity", "dependencies", "risk")] == [
        None
    ] * 4
    assert (
        checks["capacity"].measured == "-16 h, of 40 h"
        and checks["velocity"].limit == "at most 35 points"
    )
    assert (
        checks["dependencies"].measured == "is blocked by SCRUM-90 (open)" and plan.risk == "High"
    )
    assert status(s02_sprint_planning.STEP, plan) is Status.PASSED


def test_the_forecast_is_the_mean_of_what_closed_sprints_finished() -> None:
    world = world_with()
    for number, points in ((10, 20.0), (11, 30.0)):
        past = SprintRef(id=number, name=f"Sprint {number}", state="closed")
        world.tracker.issues[f"OLD-{number}"] = story(
            f"OLD-{number}", points=points, sprint=past, status_category="done"
        )
        world.tracker.issues[f"LEFT-{number}"] = story(f"LEFT-{number}", points=99.0, sprint=past)
        world.tracker.closed += (past,)
    plan = plan_of(world)
    assert plan.history == (20.0, 30.0) and plan.forecast_points == 25.0
    assert (
        lines(s02_sprint_planning.STEP, plan)["forecast"].source
        == "mean of 2 closed sprints: 20, 30"
    )


def test_without_closed_sprints_there_is_no_forecast() -> None:
    check = lines(s02_sprint_planning.STEP, plan_of(world_with()))["forecast"]
    assert check.ok is None and "none yet" in check.source
    assert check.measured == "not enough data (0 samples)"


def test_a_ticket_in_no_sprint_skips_planning() -> None:
    product = plan_of(world_with(sprint=None))
    assert isinstance(product, Absent) and product.kind == "skipped"


# step 3


def assignment_needs(world: TicketWorld) -> s03_assignment.Needs:
    plan = plan_of(world)
    return s03_assignment.Needs(ticket=ticket_of(world), sprint_planning=plan)


def test_picking_up_a_ticket_assigns_moves_schedules_tracks_and_tells() -> None:
    world = world_with()
    product = world.came_to(s03_assignment.STEP, assignment_needs(world))
    assert (product.assignee, product.flow) == ("Jose Rubio", ("To Do", "In Progress"))
    assert (product.start, product.due) == (date(2024, 1, 15), date(2024, 1, 17))
    assert (
        product.tracking_since == world.clock.at
        and product.watchers == ("Jose Rubio",)
        and product.on_board
    )
    assert world.tracker.said[KEY][0].body.startswith(
        "Jose Rubio works on SCRUM-95: In Progress, from 2024-01-15 to 2024-01-17."
    )
    assert status(s03_assignment.STEP, product) is Status.PASSED


def test_what_is_foreseen_is_what_is_written() -> None:
    world = world_with()
    needs = assignment_needs(world)
    world.came_to(s03_assignment.STEP, needs)
    foreseen = s03_assignment.STEP.foresee(s03_assignment.Params(), needs).writes
    assert [(write.port, write.verb) for write in foreseen] == world.meant


def test_picking_up_twice_changes_nothing() -> None:
    world = world_with()
    needs = assignment_needs(world)
    first = world.came_to(s03_assignment.STEP, needs)
    world.clock.at += timedelta(days=2)
    assert world.came_to(s03_assignment.STEP, needs) == first
    assert len(world.tracker.said[KEY]) == 1 and not world.tracker.said[KEY][0].edited


def test_a_ticket_that_nobody_works_on_is_not_adopted() -> None:
    world = world_with(assignee=OWNER)
    assert (
        status(s03_assignment.STEP, world.seen(s03_assignment.STEP, assignment_needs(world)))
        is Status.FAILED
    )


def test_a_ticket_that_is_unassigned_later_is_seen() -> None:
    world = world_with()
    needs = assignment_needs(world)
    world.came_to(s03_assignment.STEP, needs)
    world.tracker.issues[KEY] = world.tracker.issue(KEY).model_copy(update={"assignee": None})
    checks = lines(s03_assignment.STEP, world.seen(s03_assignment.STEP, needs))
    assert (checks["assignee"].ok, checks["assignee"].measured) == (False, "nobody")


def test_a_ticket_picked_up_by_hand_keeps_its_person_and_dates() -> None:
    due = date(2024, 2, 1)
    world = world_with(
        assignee=OWNER, status="Code Review", status_category="indeterminate", due=due
    )
    needs = assignment_needs(world)
    assert status(s03_assignment.STEP, world.seen(s03_assignment.STEP, needs)) is Status.FAILED
    product = world.came_to(s03_assignment.STEP, needs)
    assert (product.assignee, product.status, product.due) == ("Product Owner", "Code Review", due)
    assert status(s03_assignment.STEP, product) is Status.PASSED


@pytest.mark.parametrize(
    "spoiled",
    [
        {"assignee": ""},
        {"category": "new"},
        {"tracking_since": None},
        {"watchers": ()},
        {"told": ""},
    ],
)
def test_an_assignment_that_lacks_something_needed_fails(spoiled: dict[str, Any]) -> None:
    world = world_with()
    product = world.came_to(s03_assignment.STEP, assignment_needs(world))
    assert status(s03_assignment.STEP, product.model_copy(update=spoiled)) is Status.FAILED


def test_without_a_sprint_the_board_and_the_due_date_are_only_unmeasured() -> None:
    world = world_with(sprint=None)
    product = world.came_to(
        s03_assignment.STEP, s03_assignment.Needs(ticket=ticket_of(world), sprint_planning=SKIPPED)
    )
    checks = lines(s03_assignment.STEP, product)
    assert checks["board"].ok is checks["due"].ok is None
    assert status(s03_assignment.STEP, product) is Status.PASSED


# steps 4 and 5


def requirements_of(world: TicketWorld, **params: Any) -> Any:
    step = s04_requirements
    return world.came_to(step.STEP, step.Needs(ticket=ticket_of(world)), step.Params(**params))


def design_of(world: TicketWorld, **params: Any) -> Any:
    step = s05_architecture
    needs = step.Needs(
        ticket=ticket_of(world), requirements=requirements_of(world), project=READABLE
    )
    return world.came_to(step.STEP, needs, step.Params(**params))


def test_requirements_name_the_checks_that_prove_them_and_leave_the_rest_to_the_reviewer() -> None:
    product = requirements_of(world_with())
    assert [one.check for one in product.constraints] == ["api_compatible", "", "no_javascript"]
    assert product.document.path == "docs/requirements/SCRUM-95.md"
    assert (
        lines(s04_requirements.STEP, product)["constraint 3"].measured
        == "CSS-only implementation (check: by the reviewer)"
    )
    assert status(s04_requirements.STEP, product) is Status.PASSED
    bare = product.model_copy(update={"criteria": ()})
    assert lines(s04_requirements.STEP, bare)["criteria"].measured == "none: the ticket needs none"
    assert status(s04_requirements.STEP, bare) is Status.PASSED


def test_a_ticket_without_requirements_says_so_and_passes() -> None:
    product = requirements_of(world_with(description="As a user.\n# Acceptance Criteria\n- one"))
    check = lines(s04_requirements.STEP, product)["technical 1"]
    assert (check.ok, check.measured) == (None, "none in the ticket")
    assert status(s04_requirements.STEP, product) is Status.PASSED


def test_documents_are_left_out_where_they_are_not_wanted() -> None:
    world = world_with()
    assert requirements_of(world, write=False).document is None
    assert design_of(world, write=False).document is None


def test_a_document_that_step_6_is_going_to_write_has_no_tick() -> None:
    world = world_with()
    for step, product in (
        (s04_requirements.STEP, requirements_of(world)),
        (s05_architecture.STEP, design_of(world)),
    ):
        line = lines(step, product)["document"]
        assert (line.ok, line.needed, line.measured) == (None, False, product.document.path)
        assert line.source.endswith("which step 6 writes")


def test_the_design_tells_new_files_from_those_that_exist_and_who_imports_them() -> None:
    world = world_with()
    product = design_of(world)
    assert (product.approach, product.technology, product.plan) == (
        "CSS radio button tabs",
        "Pure CSS3",
        ("HTML", "CSS"),
    )
    assert (
        product.missing == ("web/new.py",) and product.impact.chains[0] == "web.app <- web.__main__"
    )
    assert lines(s05_architecture.STEP, product)["reach"].measured == "1 module, 0 test files"
    assert lines(s05_architecture.STEP, product)["file web/new.py"].measured == "web/new.py (new)"
    assert status(s05_architecture.STEP, product) is Status.PASSED


def test_coding_does_not_change_the_design() -> None:
    world = world_with()
    before = design_of(world)
    world.repository.work["web/new.py"] = "import web.app"
    assert design_of(world) == before


def test_a_dry_run_knows_the_decision_record_before_it_is_made() -> None:
    world = world_with()
    step = s05_architecture
    needs = step.Needs(
        ticket=ticket_of(world), requirements=requirements_of(world), project=READABLE
    )
    assert step.STEP.foresee(step.Params(), needs).known["document"] == design_of(world).document


def test_a_ticket_without_a_plan_shows_each_open_point() -> None:
    world = world_with(description="As a user.\n# Acceptance Criteria\n- one")
    product = design_of(world)
    for one in (product, design_of(world, write=False)):
        assert status(s05_architecture.STEP, one) is Status.PASSED
        assert lines(s05_architecture.STEP, one)["open"].measured.startswith("nothing")
    checks = lines(s05_architecture.STEP, product)
    assert [checks[label].ok for label in ("approach", "technology", "files", "plan 1")] == [
        None
    ] * 4
    assert "reach" not in checks
