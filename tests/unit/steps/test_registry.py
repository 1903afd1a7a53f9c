"""The registry lists the lifecycle in order, and every measuring step can be foreseen from nothing."""

from dataclasses import fields

import pytest

from devflow.engine.stand_in import StandIn, Unforeseen
from devflow.model.project import Project
from devflow.step import Tools
from devflow.steps import REGISTRY

STATUS, CHECK = ("host", "set_status"), ("host", "put_check")
MEASURING = {
    8: [],
    16: [STATUS, CHECK],
    17: [STATUS],
    18: [STATUS],
    19: [STATUS],
    20: [],
    21: [],
    22: [],
    23: [],
}
"""Which writes each measuring step has, by its number."""


def test_the_registry_holds_the_29_steps_in_order_then_those_that_any_pipeline_may_use():
    assert [step.number for step in REGISTRY] == [*range(1, 30), None, None, None]
    assert [step.name for step in REGISTRY[29:]] == ["shell", "suite", "checks"]


@pytest.mark.parametrize("step", REGISTRY[:29], ids=lambda step: step.name)
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


@pytest.mark.parametrize("number", MEASURING)
def test_a_measuring_step_is_foreseen_from_stand_ins(number):
    step = REGISTRY[number - 1]
    names = step.needs.__dataclass_fields__
    needs = step.needs(
        **{name: Project() if name == "project" else StandIn(name) for name in names}
    )
    foreseen = step.foresee(step.params(), needs)
    assert [(write.port, write.verb) for write in foreseen.writes] == MEASURING[number]
    assert set(foreseen.known) <= set(step.makes.model_fields)
    assert all("‹push.sha›" in write.target for write in foreseen.writes)


def test_a_command_that_changes_the_world_is_foreseen_and_a_measuring_one_is_not():
    step = REGISTRY[29]
    writes = [
        step.foresee(step.params(run="make licences", changes=changes), None).writes
        for changes in (True, False)
    ]
    assert [[(write.port, write.verb, write.target) for write in one] for one in writes] == [
        [("shell", "act", "make licences")],
        [],
    ]
