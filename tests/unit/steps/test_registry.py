"""The registry lists the lifecycle in order, and every measuring step is foreseen from nothing."""

from dataclasses import fields

import pytest

from devflow.engine.stand_in import StandIn, Unforeseen
from devflow.model.declared.project import Project
from devflow.model.outcomes import Absent
from devflow.step import Headline, Tools
from devflow.steps import MODULES, REGISTRY, s01_ticket, s06_branch, s07_coding, shell
from tests.unit.steps.ticket_world import TICKET

STATUS = ("host", "set_status")
CHECK = ("host", "put_check")
# which writes each measuring step has, by its name
MEASURING = {
    "local_tests": [],
    "quality": [STATUS, CHECK],
    "backend_tests": [STATUS],
    "frontend_tests": [STATUS],
    "integration": [STATUS],
    "images": [],
    "publish": [],
    "analysis": [],
    "smoke": [],
}
STEPS = tuple(REGISTRY.values())
NUMBERED = [step for step in STEPS if step.number is not None]


def called(step):
    return step.name


def test_the_registry_holds_the_lifecycle_in_order_then_those_that_any_pipeline_may_use():
    numbers = [step.number for step in STEPS]
    in_order = list(range(1, len(NUMBERED) + 1))
    assert numbers[: len(NUMBERED)] == in_order
    assert set(numbers[len(NUMBERED) :]) <= {None}


def test_no_two_steps_have_one_name():
    assert len({step.name for step in STEPS}) == len(MODULES)


@pytest.mark.parametrize("step", STEPS, ids=called)
def test_every_step_names_the_parts_of_the_project_that_it_reads(step):
    assert step.project_parts is not None
    assert set(step.project_parts) <= set(Project.model_fields)
    reads_project = "project" in {field.name for field in fields(step.needs)}
    assert reads_project or step.project_parts == ()


def test_the_head_of_a_screen_has_its_words_from_the_products():
    saying = [step.name for step in STEPS if step.headline]
    assert saying == ["ticket", "branch"]
    branch = s06_branch.STEP.makes(name="SCRUM-95-add-tabs", base="main", base_sha="b")
    assert s01_ticket.headline(TICKET) == Headline(summary="Add tabs")
    assert s06_branch.headline(branch) == Headline(branch="SCRUM-95-add-tabs")


def test_coding_alone_may_take_what_was_pushed():
    taking = [step.name for step in STEPS if step.as_pushed]
    assert taking == ["coding"]
    assert s07_coding.take_pushed(s07_coding.Params()) == s07_coding.Params(as_pushed=True)


@pytest.mark.parametrize("step", NUMBERED, ids=called)
def test_every_foresee_answers_or_gives_its_reason_from_nothing_but_stand_ins(step):
    needs = step.needs(**{field.name: StandIn(field.name) for field in fields(step.needs)})
    try:
        foreseen = step.foresee(step.params(), needs)
    except Unforeseen as reason:
        assert "does not exist yet" in str(reason)
    else:
        ports = {field.name for field in fields(Tools)}
        assert all(write.port in ports and write.verb and write.target for write in foreseen.writes)
        assert set(foreseen.known) <= set(step.makes.model_fields)


@pytest.mark.parametrize("name", MEASURING)
def test_a_measuring_step_is_foreseen_from_stand_ins(name):
    step = REGISTRY[name]
    stand_ins = {field.name: StandIn(field.name) for field in fields(step.needs)}
    if "project" in stand_ins:
        stand_ins["project"] = Project()
    foreseen = step.foresee(step.params(), step.needs(**stand_ins))
    assert [(write.port, write.verb) for write in foreseen.writes] == MEASURING[name]
    assert set(foreseen.known) <= set(step.makes.model_fields)
    assert all("‹push.sha›" in write.target for write in foreseen.writes)


NOTHING_PUSHED = shell.Needs(tree=Absent(kind="skipped", why="no earlier entry settles a commit"))


def test_a_command_that_changes_the_world_is_foreseen():
    params = shell.Params(run="make licences", changes=True)
    foreseen = shell.STEP.foresee(params, NOTHING_PUSHED)
    writes = [(write.port, write.verb, write.target) for write in foreseen.writes]
    assert writes == [("shell", "act", "make licences")]


def test_a_command_that_only_measures_writes_nothing():
    assert shell.STEP.foresee(shell.Params(run="make licences"), NOTHING_PUSHED).writes == ()
