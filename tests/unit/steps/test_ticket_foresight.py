"""What the steps 1 to 5, 14, 27 and 29 foresee: with nothing but stand-ins, the writes that will be
made.

A stand-in raises where code would decide by it, so that a plan never shows a decision that nobody
could have made.
"""

from dataclasses import fields

import pytest

from devflow.engine.stand_in import StandIn
from devflow.step import AnyStep
from devflow.steps import (
    s01_ticket,
    s02_sprint_planning,
    s03_assignment,
    s04_requirements,
    s05_architecture,
    s14_jira_sync,
    s27_closure,
    s29_retrospective,
)

WRITES = {
    s01_ticket.STEP: [],
    s02_sprint_planning.STEP: [],
    s03_assignment.STEP: ["assign", "remember", "transition", "schedule", "watch", "comment"],
    s04_requirements.STEP: [],
    s05_architecture.STEP: [],
    s14_jira_sync.STEP: ["transition", "link", "link", "comment", "log_work"],
    s27_closure.STEP: ["transition", "transition", "comment"],
    s29_retrospective.STEP: ["comment"],
}


@pytest.mark.parametrize("step", WRITES, ids=lambda step: str(step.name))
def test_a_step_foresees_its_writes_from_stand_ins_alone(step: AnyStep) -> None:
    needs = step.needs(**{field.name: StandIn(field.name) for field in fields(step.needs)})
    foreseen = step.foresee(step.params(), needs)
    assert [write.verb for write in foreseen.writes] == WRITES[step]
    assert all(
        write.port == "tracker" and "‹ticket.key›" in write.target for write in foreseen.writes
    )
    assert set(foreseen.known) <= set(step.makes.model_fields)
