"""Step 1: which ticket it is."""

import pytest

from devflow.model.declared.project import Project
from devflow.model.errors import StepFailed, UsageError
from devflow.steps import s01_ticket
from tests.unit.steps.readable_ticket import ticket_of, world_with
from tests.unit.steps.ticket_world import KEY, PROJECT, TicketWorld


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
