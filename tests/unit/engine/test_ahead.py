"""What is known of the entries to come is asked before anything is written, and what is said
meanwhile is said of the entry whose turn it is."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from devflow.engine.ahead import look_ahead
from devflow.engine.fold import RunState
from devflow.engine.ledger import Ledger
from devflow.engine.plan import Plan
from devflow.engine.proxies import reading
from devflow.model.errors import StepFailed
from devflow.model.events import Event, Tick
from tests.standins.toy_world import PIPELINE, RUN, plan_of, tools_of
from tests.unit.engine.story import Story


def looking_ahead(plan: Plan, name: str, ahead: Any) -> Plan:
    """The plan, one of whose steps looks ahead."""
    groups = []
    for group in plan.groups:
        entries = [
            replace(one, step=replace(one.step, ahead=ahead)) if one.name == name else one
            for one in group
        ]
        groups.append(tuple(entries))
    return replace(plan, groups=tuple(groups))


def test_an_entry_that_has_come_to_nothing_is_asked_and_one_that_has_is_not(
    tmp_path: Path,
) -> None:
    asked: list[str] = []

    def ahead(see: Any, run: str, params: Any) -> tuple[str, ...]:
        asked.append(run)
        return ("nobody can tell",)

    story = Story(tmp_path)
    plan = looking_ahead(plan_of(PIPELINE), "draft", ahead)
    see = reading(tools_of(story.world))
    fresh = RunState(story.journal.events(RUN))
    assert look_ahead(plan, see, fresh, RUN) == ("nobody can tell",)
    story.people(draft="one")
    story.ship()
    made = RunState(story.journal.events(RUN))
    assert look_ahead(plan, see, made, RUN) == ()
    assert asked == [RUN]


def test_what_is_known_to_stop_an_entry_is_raised(tmp_path: Path) -> None:
    def ahead(see: Any, run: str, params: Any) -> tuple[str, ...]:
        raise StepFailed("no way")

    story = Story(tmp_path)
    plan = looking_ahead(plan_of(PIPELINE), "draft", ahead)
    with pytest.raises(StepFailed, match="no way"):
        look_ahead(plan, reading(tools_of(story.world)), RunState(()), RUN)


def test_what_is_said_amid_a_turn_is_the_entrys_newest_fact(tmp_path: Path) -> None:
    story = Story(tmp_path)
    plan = plan_of(PIPELINE)
    heard: list[Event] = []
    ledger = Ledger(plan, RUN, story.journal, story.world, (heard.append,))
    assert not ledger.say_on_turn("nobody's turn")
    with ledger.turn_of(plan.by_name["draft"]):
        assert ledger.say_on_turn("429; asked again in 20.0 s")
    assert not ledger.say_on_turn("nobody's turn")
    (tick,) = heard
    assert isinstance(tick, Tick)
    assert (tick.entry, tick.text) == ("draft", "429; asked again in 20.0 s")
