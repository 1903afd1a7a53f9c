"""When a gate takes a person's word, and what they are told where it does not."""

from pathlib import Path

import pytest

from devflow.engine.fold import RunState
from devflow.engine.gate import Gates
from devflow.model.errors import UsageError
from devflow.model.outcomes import Absent, Waiting
from devflow.step import GateAnswer
from tests.standins.toy_world import RUN, plan_of, tools_of
from tests.unit.engine.story import Story


def says(story: Story) -> Waiting | Absent | None:
    gates = Gates(plan_of(story.pipeline), RunState(story.journal.events(RUN)), RUN)
    return gates.answer(tools_of(story.world), "gate", GateAnswer("reject"))


def test_a_gate_that_the_run_never_came_to_is_told_from_one_that_it_went_back_from(
    tmp_path: Path,
) -> None:
    story = Story(tmp_path)
    story.ship(start=True)
    with pytest.raises(UsageError, match=f"^{RUN} has not come to gate yet$") as raised:
        says(story)
    assert raised.value.hint == f"devflow ship {RUN}"
    story.people(draft="one", points="one=5")
    story.ship()
    assert says(story) == Waiting(for_="more than reject")
    # the review wants another draft: what the gate asked about is not there any more
    story.people(draft="two", points="two=1")
    story.ship()
    with pytest.raises(UsageError, match="came to gate, and stands before it again: at draft"):
        says(story)
