"""What a command keeps of its run event by event is what the fold over all its events says."""

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from devflow.commands.heard import Heard
from devflow.commands.status import board_now
from devflow.engine.fold import RunState
from devflow.engine.outdated import outdated
from devflow.engine.plan import Plan
from devflow.model.errors import MadeByNewer
from devflow.model.events import Damaged, Event, Opened, Recorded
from devflow.ui.outline import EntryLine, Outline, PhaseLine
from devflow.ui.status import short_status
from tests.standins.toy_world import RUN, plan_of
from tests.ui import story as stories
from tests.ui.gallery import STORIES
from tests.unit.engine.story import Story
from tests.unit.engine.test_outdated import ACTS, BUILD
from tests.unit.engine.tree_toys import Here


def outline_of(plan: Plan) -> Outline:
    """The plan's entries, each in a phase of its own."""
    phases = []
    for entry in plan.entries:
        line = EntryLine(None, entry.name, "", required=entry.required)
        phases.append(PhaseLine(f"of {entry.name}", (line,)))
    return Outline(RUN, phases=tuple(phases))


def check_every_event(plan: Plan, outline: Outline, events: Sequence[Event], first: int) -> None:
    """Begins after the ``first`` events and takes in the others one by one."""
    heard = Heard(plan, outline, events[:first])
    for place in range(first, len(events)):
        heard.hear(events[place])
        upto = tuple(events[: place + 1])
        board = board_now(plan, upto)
        assert heard.outdated == outdated(plan, RunState(upto)), events[place]
        for running, seen in ((False, board.at_rest()), (True, board)):
            line = heard.summary("", "").line(outline.ticket, running=running)
            assert line == short_status(outline, seen, running=running), events[place]


@pytest.mark.parametrize("name", (*STORIES, "stopped_anew"))
def test_every_golden_story_has_the_line_of_its_fold(name: str) -> None:
    events = [event for event in getattr(stories, name)().events if event.type != "tick"]
    plan = Plan((), (), plan_of().project)
    check_every_event(plan, stories.outline(), events, 0)
    check_every_event(plan, stories.outline(), events, len(events) // 2)


def test_the_toys_whole_story_has_the_line_of_its_fold(tmp_path: Path) -> None:
    story = Story(tmp_path)
    story.to_the_end()
    events = tuple(story.journal.events(RUN))
    for first in (0, len(events) // 3):
        check_every_event(plan_of(), outline_of(plan_of()), events, first)


@given(ACTS, st.randoms(use_true_random=False))
@settings(max_examples=8, deadline=None)
def test_whatever_happens_has_the_line_of_its_fold(acts: Any, random: Any) -> None:
    with TemporaryDirectory() as folder:
        here = Here(Path(folder), BUILD)
        seen = [0]
        for text, failing, missing in acts:
            here.edit(text)
            here.shell.failing = failing
            here.shell.missing = missing
            here.ship()
            seen.append(len(here.journal.events(RUN)))
        events = tuple(here.journal.events(RUN))
        first = random.choice(seen[:-1])
        check_every_event(here.plan, outline_of(here.plan), events, first)


def test_a_product_of_a_newer_devflow_is_no_reason_to_make_anything_again(tmp_path: Path) -> None:
    story = Story(tmp_path)
    story.to_the_end()
    newer = []
    for event in story.journal.events(RUN):
        if isinstance(event, Recorded) and event.entry == "draft" and event.product:
            event = event.model_copy(update={"product_schema": 2})
        newer.append(event)
    lines = "".join(f"{event.model_dump_json()}\n" for event in newer)
    (tmp_path / "journal.jsonl").write_text(lines)
    with pytest.raises(MadeByNewer, match="Draft was made by a newer devflow"):
        Heard(plan_of(), outline_of(plan_of()), newer)
    with pytest.raises(MadeByNewer, match="Draft was made by a newer devflow"):
        story.ship()
    assert (tmp_path / "journal.jsonl").read_text() == lines


def test_a_run_of_which_rows_are_lost_has_pending_entries_and_is_not_new(tmp_path: Path) -> None:
    story = Story(tmp_path)
    story.to_the_end()
    events = tuple(story.journal.events(RUN))
    lost = Damaged(at=events[-1].at, run=RUN, file="journal.db", lost=1, is_gap=True)
    heard = Heard(plan_of(), outline_of(plan_of()), (*events, lost))
    assert heard.is_damaged
    assert heard.summary("", "").line(RUN, running=False).startswith(f"{RUN} 0/8 ⏸ ")
    again = Opened(at=events[-1].at, run=RUN, command="ship", epoch=3)
    heard.hear(again)
    assert RunState((*events, lost)).of("close").record is None
