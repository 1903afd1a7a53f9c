"""Dry runs: the reading half alone, stand-ins that never decide, and reasons where nothing can be
foreseen."""

import operator
from dataclasses import replace
from pathlib import Path
from typing import Any, Callable

import pytest

from devflow.engine.dry_run import DryRun, Foresight
from devflow.engine.fold import RunState
from devflow.engine.plan import Plan
from devflow.engine.proxies import reading
from devflow.engine.stand_in import StandIn, Unforeseen
from devflow.model.errors import RolledBack
from devflow.model.outcomes import Foreseen
from tests.standins.toy_world import RUN, plan_of, tools_of
from tests.unit.engine.story import Story


def foreseen(story: Story, plan: Plan | None = None) -> dict[str, Foresight]:
    run = DryRun(
        plan or plan_of(story.pipeline),
        reading(tools_of(story.world)),
        RunState(story.journal.events(RUN)),
        RUN,
    )
    return {foresight.entry.name: foresight for foresight in run.foresee()}


def test_a_dry_run_before_any_start_foresees_every_write_and_writes_nothing(tmp_path: Path) -> None:
    story = Story(tmp_path)
    found = foreseen(story)
    assert [write.verb for one in found.values() for write in one.writes] == [
        "comment",
        "comment",
        "remember",
        "remember",
        "comment",
    ]
    assert {one.state for one in found.values()} == {"to do"}
    assert list(tmp_path.iterdir()) == []


def test_what_stands_is_shown_so_and_the_rest_is_foreseen(tmp_path: Path) -> None:
    story = Story(tmp_path)
    story.people(draft="one", points="one=5")
    story.ship()
    assert {name: one.state for name, one in foreseen(story).items() if name != "gate"} == {
        name: "stands"
        for name in ("note", "draft", "review", "check", "second_check", "act", "close")
    }


def test_what_cannot_be_foreseen_says_why_and_what_to_type(tmp_path: Path) -> None:
    story = Story(tmp_path)
    plan = plan_of(story.pipeline)

    def refuse(*_: object) -> Foreseen:
        raise RolledBack("it was rolled back", hint="change the code")

    first, *others = plan.entries
    refused = replace(first, step=replace(first.step, foresee=refuse, foresee_here=None, look=None))
    one = foreseen(story, replace(plan, groups=((refused,), tuple(others))))[first.name]
    assert (one.state, one.why, one.hint) == (
        "not foreseen",
        "it was rolled back",
        "change the code",
    )


def test_a_look_gets_no_writing_verb_at_run_time() -> None:
    with pytest.raises(AttributeError, match="reading half"):
        reading(tools_of(Story(Path()).world)).tracker.comment


def test_a_stand_in_prints_formats_slices_and_has_attributes() -> None:
    push = StandIn("push", {"branch": "main"})
    assert (
        f"{push.sha} {push.sha:>20} {push.sha[:7]} {push.branch}"
        == "‹push.sha› ‹push.sha› ‹push.sha› main"
    )
    assert "at " + push.sha + "!" == "at ‹push.sha›!"


DECISIONS: dict[str, Callable[[Any], Any]] = {
    "truth": bool,
    "equality": lambda item: item == "x",
    "order": lambda item: item < 1,
    "length": len,
    "iteration": list,
    "membership": lambda item: "x" in item,
    "hash": hash,
    "number": int,
    "index": operator.index,
}


@pytest.mark.parametrize("decide", DECISIONS.values(), ids=DECISIONS.keys())
def test_a_stand_in_raises_when_code_decides_by_it(decide: Callable[[Any], Any]) -> None:
    with pytest.raises(Unforeseen, match="‹push.sha›"):
        decide(StandIn("push").sha)
