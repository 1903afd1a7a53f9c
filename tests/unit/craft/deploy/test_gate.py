"""Whose approval opens the production gate, asked of the step on ports in memory."""

import pytest

from devflow.model.errors import AccessDenied, PipelineInvalid
from devflow.model.outcomes import Absent, Waiting
from devflow.model.release import Production
from devflow.step import GateAnswer
from devflow.steps import s25_production
from tests.unit.steps.deploy_world import PARAMS, ROLES, TURN, DeployWorld


def test_nobody_approves_their_own_change_and_a_no_of_theirs_counts() -> None:
    world = DeployWorld()
    world.host.committers = ("Sam",)
    world.approve()
    two = PARAMS.model_copy(update={"roles": {**ROLES, "security": ("sam", "kim")}})
    needs = world.needs()
    waiting = s25_production.make(world.tools, TURN, two, needs)
    assert isinstance(waiting, Waiting) and waiting.for_ == "approval by security (kim)"
    world.host.acting = "sam"
    with pytest.raises(AccessDenied, match="sam may not approve their own change") as denied:
        s25_production.answer(world.tools, TURN, two, needs, GateAnswer("approve"))
    assert "security: kim" in denied.value.hint and "sam" not in denied.value.hint
    alone = PARAMS.model_copy(update={"self_approval": True})
    s25_production.answer(world.tools, TURN, alone, needs, GateAnswer("approve"))
    assert isinstance(s25_production.make(world.tools, TURN, alone, needs), Production)
    world.say("sam", "reject")
    assert isinstance(s25_production.make(world.tools, TURN, two, needs), Absent)


def test_a_role_that_only_the_author_has_is_an_error_of_the_configuration() -> None:
    world = DeployWorld()
    world.host.committers = ("sam",)
    with pytest.raises(PipelineInvalid, match="with sam, who wrote the change") as raised:
        world.produce()
    assert raised.value.parameter == ("roles", "security")


@pytest.mark.parametrize("nobody", [{}, {"devops": 0}], ids=["none", "0"])
def test_that_nobody_is_asked_is_said_in_the_evidence(nobody: dict[str, int]) -> None:
    world = DeployWorld()
    params = PARAMS.model_copy(update={"approvals": nobody})
    made = s25_production.make(world.tools, TURN, params, world.needs())
    assert isinstance(made, Production)
    lines = {one.id: one for one in s25_production.judge(params, made)}
    line = lines["approval"]
    assert (line.ok, line.label) == (None, "approved by")
    assert line.measured == "nobody: no approval is asked for"
