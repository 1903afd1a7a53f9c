"""Step 1: which ticket it is."""

from dataclasses import fields
from typing import Any, Literal

import pytest

from devflow.model.checks import Status
from devflow.model.declared.project import Project
from devflow.model.errors import StepFailed, UsageError
from devflow.model.outcomes import Waiting
from devflow.step import GateAnswer, Tools
from devflow.steps import s01_ticket
from tests.unit.steps.readable_ticket import ticket_of, world_with
from tests.unit.steps.ticket_world import KEY, PROJECT, TicketWorld, lines, status


def test_an_unknown_ticket_and_one_of_another_project_are_refused() -> None:
    with pytest.raises(StepFailed):
        ticket_of(TicketWorld())
    other = Project.model_validate({"tracker": {"project": "OTHER"}})
    with pytest.raises(UsageError) as refused:
        world_with().came_to(s01_ticket.STEP, s01_ticket.Needs(project=other))
    assert refused.value.hint == "devflow start OTHER-<number>"


def test_a_ticket_that_was_moved_to_another_project_is_not_taken_for_this_one() -> None:
    world = world_with()
    world.tracker.issues[KEY] = world.tracker.issues[KEY].model_copy(update={"key": "SHOP-1"})
    with pytest.raises(StepFailed, match="it is SHOP-1 now"):
        ticket_of(world)


def test_reading_the_ticket_writes_nothing_and_looks_the_same() -> None:
    world = world_with()
    assert world.seen(
        s01_ticket.STEP, s01_ticket.Needs(project=PROJECT.only(s01_ticket.STEP.project_parts))
    ) == ticket_of(world)
    assert world.tracker.writes == []


NEEDS = s01_ticket.Needs(project=PROJECT.only(s01_ticket.STEP.project_parts))
UNSURE = """## User Story
As a reader
## Acceptance Criteria
- The list is sorted

It takes at most 2 s.
"""


def asked(world: TicketWorld) -> Waiting:
    waiting = world.play(s01_ticket.STEP, NEEDS).came_to
    assert isinstance(waiting, Waiting)
    return waiting


def answered(world: TicketWorld, verdict: Literal["approve", "reject"] = "approve") -> None:
    assert s01_ticket.STEP.answer is not None
    ports: dict[str, Any] = {one.name: getattr(world, one.name, None) for one in fields(Tools)}
    turn = world.turn(s01_ticket.STEP)
    answer = GateAnswer(verdict)
    s01_ticket.STEP.answer(Tools(**ports), turn, s01_ticket.Params(), NEEDS, answer)


def test_what_is_not_sure_is_shown_and_waits_for_a_person_s_word() -> None:
    world = world_with(description=UNSURE)
    waiting = asked(world)
    assert waiting.for_ == "a word on the 1 criterion that was read"
    assert waiting.shows == (
        ("unsure", 'a text beside the list: "It takes at most 2 s."'),
        ("AC-1", "The list is sorted"),
        (
            "if not",
            'list them under one heading "Acceptance Criteria" in the description of SCRUM-95',
        ),
    )
    assert waiting.type_next == ("devflow approve ticket SCRUM-95",)
    found = world.look(s01_ticket.STEP, NEEDS)
    assert found is not None
    seen = found.product
    assert status(s01_ticket.STEP, seen) is Status.FAILED
    assert lines(s01_ticket.STEP, seen)["criterion AC-1"].ok is None, "nothing unsure is ticked"


def test_a_word_is_remembered_for_this_very_text() -> None:
    world = world_with(description=UNSURE)
    asked(world)
    answered(world)
    ticket = ticket_of(world)
    assert ticket.confirmed and status(s01_ticket.STEP, ticket) is Status.PASSED
    assert "a person said that they are these" in lines(s01_ticket.STEP, ticket)["sure"].measured
    issue = world.tracker.issues[KEY]
    world.tracker.issues[KEY] = issue.model_copy(update={"description": UNSURE + "Or 3 s.\n"})
    asked(world)
    world.tracker.issues[KEY] = issue
    assert ticket_of(world).confirmed


def test_a_no_is_said_in_the_ticket_itself_and_what_is_sure_is_not_asked_about() -> None:
    with pytest.raises(UsageError, match="changed in the ticket itself"):
        answered(world_with(description=UNSURE), "reject")
    with pytest.raises(UsageError, match="nothing is asked"):
        answered(world_with())


@pytest.mark.parametrize(
    "kind, params, expected",
    [
        ("Story", {}, Status.FAILED),
        ("Story", {"criteria": "optional"}, Status.PASSED),
        ("Bug", {}, Status.PASSED),
        ("task", {}, Status.PASSED),
        ("Bug", {"criteria_optional_for": ()}, Status.FAILED),
    ],
)
def test_bugs_and_tasks_need_no_criteria_unless_the_team_wants_them(
    kind: str, params: dict[str, Any], expected: Status
) -> None:
    world = world_with(description="## User Story\nAs a reader", type=kind)
    assert status(s01_ticket.STEP, ticket_of(world), s01_ticket.Params(**params)) is expected


def test_a_field_of_its_own_and_a_team_s_own_heading_hold_criteria() -> None:
    source = "Acceptance Criteria (customfield_1)"
    ticket = ticket_of(world_with(criteria="- one\n- two", criteria_source=source))
    assert [one.text for one in ticket.criteria] == ["one", "two"]
    assert lines(s01_ticket.STEP, ticket)["criterion AC-1"].source == f"{KEY} {source}"
    params = s01_ticket.Params(headings=s01_ticket.Headings(criteria=("Done when",)))
    world = world_with(description="As a reader\n\n## Done when\n- it is sorted\n")
    ticket = world.play(s01_ticket.STEP, NEEDS, params).product
    assert [one.text for one in ticket.criteria] == ["it is sorted"]
