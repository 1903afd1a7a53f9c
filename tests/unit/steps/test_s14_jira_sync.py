"""Step 14: what the ticket is told of its pull request, once and never twice."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from devflow.model.checks import Status
from devflow.model.planning import Assignment, Document, Requirements
from devflow.steps import s14_jira_sync
from devflow.testing.tracker import AT, WORKFLOW
from tests.unit.steps.ticket_world import (
    BRANCH,
    KEY,
    TICKET,
    TicketWorld,
    begun,
    lines,
    pull_of,
    status,
)


def sync_needs(world: TicketWorld, **fields: Any) -> s14_jira_sync.Needs:
    from_step_3 = Assignment(
        key=KEY, assignee="Jose Rubio", status="In Progress", tracking_since=AT
    )
    document = Document(path="docs/requirements/SCRUM-95.md", text="x")
    requirements = Requirements(
        story="", technical=(), constraints=(), criteria=(), document=document
    )
    return s14_jira_sync.Needs(
        ticket=TICKET,
        assignment=from_step_3,
        requirements=requirements,
        pull_request=pull_of(world, **fields),
    )


def test_the_ticket_moves_links_tells_and_logs() -> None:
    world = begun()
    world.clock.at = AT + timedelta(hours=3)
    needs = sync_needs(world)
    product = world.came_to(s14_jira_sync.STEP, needs)
    assert (product.status, product.flow, product.spent_s) == (
        "Code Review",
        ("In Progress", "Code Review"),
        3 * 3600,
    )
    assert product.linked and product.told == ("tech-lead", "frontend-dev")
    sha = needs.pull_request.head_sha
    assert world.tracker.links(KEY) == (
        needs.pull_request.url,
        f"http://host.test/blob/{sha}/docs/requirements/SCRUM-95.md",
    )
    assert "58 passed" in world.tracker.said[KEY][0].body
    assert status(s14_jira_sync.STEP, product) is Status.PASSED


def test_the_comment_names_the_ticket_once_and_has_no_empty_bullets() -> None:
    world = begun()
    needs = sync_needs(world, evidence=("Summary", "Testing"), title=f"{KEY} Add tabs")
    world.came_to(s14_jira_sync.STEP, needs)
    said = world.tracker.said[KEY][0].body
    url = needs.pull_request.url
    number = needs.pull_request.number
    assert said.startswith(f"Pull request [#{number}]({url}): {KEY} Add tabs\n")
    assert "- its text tells of: Summary, Testing\n" in said
    assert "- Summary\n" not in said


def test_the_first_round_writes_what_was_foreseen() -> None:
    world = begun()
    needs = sync_needs(world)
    world.came_to(s14_jira_sync.STEP, needs)
    foreseen = s14_jira_sync.STEP.foresee(s14_jira_sync.Params(), needs).writes
    assert [(write.port, write.verb) for write in foreseen] == world.meant


def test_a_second_attempt_adds_nothing() -> None:
    world = begun()
    first = world.came_to(s14_jira_sync.STEP, sync_needs(world))
    world.clock.at = AT + timedelta(hours=2)
    assert world.came_to(s14_jira_sync.STEP, sync_needs(world)) == first
    assert len(world.tracker.said[KEY]) == 1 and len(world.tracker.worklogs) == 1


def test_a_new_head_is_told_in_the_same_comment_and_its_time_is_logged_on_top() -> None:
    world = begun()
    world.clock.at = AT + timedelta(hours=1)
    world.came_to(s14_jira_sync.STEP, sync_needs(world))
    world.repository.push_by_somebody(BRANCH, "more.html", "<b>")
    needs = sync_needs(world)
    assert not world.seen(s14_jira_sync.STEP, needs, round_=2).commented
    world.clock.at = AT + timedelta(hours=4)
    product = world.came_to(s14_jira_sync.STEP, needs, round_=2)
    assert product.spent_s == 4 * 3600 and list(world.tracker.worklogs.values()) == [3600, 3 * 3600]
    assert len(world.tracker.said[KEY]) == 1 and world.tracker.said[KEY][0].edited


def test_a_later_round_leaves_the_status_to_people_unless_asked() -> None:
    world = begun()
    world.came_to(s14_jira_sync.STEP, sync_needs(world))
    world.tracker.transition(KEY, "In Progress", backwards=True)
    back = world.came_to(s14_jira_sync.STEP, sync_needs(world), round_=2)
    assert back.status == "In Progress"
    assert (
        lines(s14_jira_sync.STEP, back)["status"].measured
        == "Code Review: moved back to In Progress"
    )
    again = s14_jira_sync.Params(again=True)
    assert (
        world.came_to(s14_jira_sync.STEP, sync_needs(world), again, round_=3).status
        == "Code Review"
    )


def test_a_workflow_without_code_review_is_skipped_with_its_reason() -> None:
    world = begun(workflow={name: kind for name, kind in WORKFLOW.items() if name != "Code Review"})
    product = world.came_to(s14_jira_sync.STEP, sync_needs(world))
    assert (
        product.status_skipped
        == "Code Review: skipped, the workflow has In Progress, To Do, Testing, Done"
    )
    assert (
        lines(s14_jira_sync.STEP, product)["status"].ok is None
        and status(s14_jira_sync.STEP, product) is Status.PASSED
    )


def test_work_of_a_few_seconds_is_logged_as_the_minute_that_jira_takes() -> None:
    world = begun()
    assert world.came_to(s14_jira_sync.STEP, sync_needs(world)).spent_s == 60


def test_without_tracking_no_time_is_made_up() -> None:
    world = begun()
    needs = sync_needs(world)
    untracked = replace(
        needs, assignment=needs.assignment.model_copy(update={"tracking_since": None})
    )
    product = world.came_to(s14_jira_sync.STEP, untracked)
    assert product.spent_s is None and lines(s14_jira_sync.STEP, product)["time"].ok is None


@pytest.mark.parametrize("spoiled", [{"linked": False}, {"commented": False}])
def test_a_missing_link_or_comment_fails(spoiled: dict[str, Any]) -> None:
    world = begun()
    product = world.came_to(s14_jira_sync.STEP, sync_needs(world)).model_copy(update=spoiled)
    assert status(s14_jira_sync.STEP, product) is Status.FAILED
