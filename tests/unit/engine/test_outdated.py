"""What is shown of a run is of now: a tick of another tree, of a product that is no longer there or
of other parameters is outdated, by the journal alone."""

from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Mapping, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from devflow.commands.status import board_now
from devflow.config.pipeline import parse
from devflow.engine.fold import RunState
from devflow.engine.ledger import Ledger
from devflow.engine.outdated import outdated
from devflow.engine.plan import Plan, build
from devflow.engine.runner import Runner
from devflow.model.checks import Status
from devflow.model.events import Opened, Started
from devflow.ui.outline import EntryLine, Outline, PhaseLine
from devflow.ui.phrases import ending
from devflow.ui.status import run_state, short_status, waiting_for
from tests.standins.toy_world import PIPELINE, RUN, plan_of
from tests.unit.engine import tree_toys
from tests.unit.engine.story import Story
from tests.unit.engine.tree_toys import STEPS, Here

BUILD = """[
  work,
  {test: {uses: shell, with: {run: pytest}}},
  publish,
  {image: {uses: shell, with: {run: build}}},
  measure,
  {scan: {uses: shell, required: false, with: {run: scan}}},
  {told: {uses: shell, with: {run: mail, changes: true}}},
  {smoke: {uses: shell, with: {run: smoke}}},
]"""
ALL = {"work", "test", "publish", "image", "measure", "scan", "told", "smoke"}
AFTER_THE_IMAGE = {"measure", "scan", "told", "smoke"}


def shown(plan: Plan, events: Any) -> dict[str, Status]:
    """Each entry's status on the screens."""
    board = board_now(plan, tuple(events))
    return {entry.name: board.entry(entry.name).status for entry in plan.entries}


def of(status: Status, statuses: Mapping[str, Status]) -> set[str]:
    return {name for name, one in statuses.items() if one is status}


def passed(here: Here) -> set[str]:
    return of(Status.PASSED, shown(here.plan, here.journal.events(RUN)))


def pending(here: Here) -> set[str]:
    return of(Status.PENDING, shown(here.plan, here.journal.events(RUN)))


@pytest.fixture
def built(tmp_path: Path) -> Here:
    """A run in which everything passed."""
    here = Here(tmp_path, BUILD)
    assert here.ship() == 0 and passed(here) == ALL
    return here


def test_an_unavailable_entry_leaves_no_tick_of_the_commit_before(built: Here) -> None:
    built.edit("2\n")
    built.shell.missing = "build"
    assert built.ship() == 5
    assert passed(built) == {"work", "test", "publish"}
    assert pending(built) == AFTER_THE_IMAGE


def test_a_failed_entry_leaves_no_tick_of_the_commit_before(built: Here) -> None:
    built.edit("2\n")
    built.shell.failing = "build"
    assert built.ship() == 1
    statuses = shown(built.plan, built.journal.events(RUN))
    assert statuses["image"] is Status.FAILED and pending(built) == AFTER_THE_IMAGE


def test_what_failed_of_the_commit_before_is_no_failure_of_this_one(built: Here) -> None:
    built.edit("2\n")
    built.shell.failing = "smoke"
    assert built.ship() == 1
    built.edit("3\n")
    built.shell.failing = "build"
    assert built.ship() == 1
    assert of(Status.FAILED, shown(built.plan, built.journal.events(RUN))) == {"image"}


def test_what_broke_of_the_commit_before_is_no_failure_of_this_one(tmp_path: Path) -> None:
    here = Here(tmp_path, "[work, publish, {image: {uses: shell, with: {run: build}}}, measure]")
    cast(Any, here.shell).measure = _raises
    assert here.ship() == 1
    assert of(Status.CRASHED, shown(here.plan, here.journal.events(RUN))) == {"image"}
    here.edit("2\n")
    here.shell.missing = "build"
    assert here.ship() == 5
    assert of(Status.UNAVAILABLE, shown(here.plan, here.journal.events(RUN))) == {"image"}


def _raises(*_: object) -> None:
    raise RuntimeError("a step's own mistake")


def test_a_death_amid_an_entry_leaves_no_tick_of_the_commit_before(built: Here) -> None:
    built.edit("2\n")
    built.shell.failing = "build"
    assert built.ship() == 1
    # the lines up to the beginning of the entry, as a death leaves them
    kept = []
    for event in built.journal.events(RUN):
        kept.append(event)
        if isinstance(event, Started) and event.entry == "image" and event.attempt == 2:
            break
    statuses = shown(built.plan, kept)
    assert statuses["image"] is Status.RUNNING
    assert of(Status.PASSED, statuses) == {"work", "test", "publish"}
    again = Opened(at=kept[-1].at, run=RUN, command="ship", epoch=3)
    assert shown(built.plan, [*kept, again])["image"] is Status.PENDING


def test_what_came_back_is_shown_again_without_being_made_again(built: Here) -> None:
    built.edit("2\n")
    built.shell.missing = "build"
    built.ship()
    built.edit("1\n")
    built.shell.missing = ""
    made = len(built.shell.ran)
    assert built.ship() == 0 and passed(built) == ALL
    assert built.shell.ran[made:] == ["pytest", "build"]


def test_other_parameters_make_a_tick_outdated_and_another_limit_does_not(built: Here) -> None:
    other = BUILD.replace("run: scan", "run: scan --all").replace(
        "run: smoke", "run: smoke, timeout_s: 5"
    )
    assert outdated(tree_toys.plan_of(other), RunState(built.journal.events(RUN))) == {"scan"}


def test_a_new_limit_that_a_product_no_longer_keeps_takes_its_tick(tmp_path: Path) -> None:
    story = Story(tmp_path)
    story.people(draft="one", points="one=5", gate="one=yes")
    assert story.ship().exit_code == 0
    stricter = plan_of(PIPELINE.replace("- review", "- review: {with: {least: 7}}"))
    statuses = shown(stricter, story.journal.events(RUN))
    assert of(Status.PENDING, statuses) == {"review"}


def test_a_deferred_gate_is_of_now_until_what_it_waits_for_is_another(tmp_path: Path) -> None:
    story = Story(tmp_path)
    story.people(draft="one", points="one=5")
    assert story.ship().exit_code == 8
    statuses = shown(plan_of(), story.journal.events(RUN))
    assert statuses["gate"] is Status.DEFERRED and statuses["close"] is Status.PASSED
    story.people(draft="two")
    assert story.ship().exit_code == 8
    statuses = shown(plan_of(), story.journal.events(RUN))
    assert statuses["review"] is Status.WAITING
    # closing needs the draft, and what the gate of the other draft said
    assert of(Status.PENDING, statuses) == {"check", "second_check", "act", "gate", "close"}


def test_a_gate_that_was_settled_later_makes_what_needed_it_outdated(tmp_path: Path) -> None:
    story = Story(tmp_path)
    story.people(draft="one", points="one=5")
    story.ship()
    story.people(gate="one=yes")
    story.ship()
    events = story.journal.events(RUN)
    settled = [one.type == "recorded" and one.entry == "gate" for one in events]
    upto = len(settled) - settled[::-1].index(True)
    statuses = shown(plan_of(), events[:upto])
    assert statuses["gate"] is Status.PASSED and statuses["close"] is Status.PENDING
    assert set(shown(plan_of(), events).values()) == {Status.PASSED}


def test_nothing_of_a_whole_story_is_outdated_at_its_end(tmp_path: Path) -> None:
    story = Story(tmp_path)
    assert story.to_the_end().exit_code == 0
    assert outdated(plan_of(), RunState(story.journal.events(RUN))) == frozenset()


def test_what_is_bound_to_the_working_tree_is_known_by_the_tree_that_it_names(
    tmp_path: Path,
) -> None:
    early = "{early: {uses: shell, with: {run: lint}}}"
    here = Here(tmp_path, f"[{early}, measure]")
    assert here.ship() == 0 and passed(here) == {"early", "measure"}
    other = tree_toys.plan_of("[{early: {uses: shell, with: {run: lint --all}}}, measure]")
    assert outdated(other, RunState(here.journal.events(RUN))) == {"early"}
    # an absence names no tree, and is what the journal has
    here.shell.missing = "lint"
    here.edit("2\n")
    assert here.ship() == 5
    statuses = shown(here.plan, here.journal.events(RUN))
    assert statuses["early"] is Status.UNAVAILABLE


def test_what_was_left_in_a_shared_checkout_is_gone_with_the_entry_that_left_it(
    tmp_path: Path,
) -> None:
    install = "{install: {uses: shell, with: {run: npm ci, in: js}}}"
    test = "{test: {uses: shell, with: {run: node, in: js}}}"
    lint = "{lint: {uses: shell, with: {run: eslint, in: js}}}"
    here = Here(tmp_path, f"[work, {install}, {test}, {lint}]")
    here.shell.failing = "eslint"
    assert here.ship() == 1 and passed(here) == {"work", "install", "test"}
    here.shell.failing = "npm"
    assert here.ship() == 1 and passed(here) == {"work"}
    assert pending(here) == {"test", "lint"}


def test_a_run_that_left_the_working_tree_alone_is_of_now_for_every_command(
    tmp_path: Path,
) -> None:
    class Params(tree_toys.Value):
        pushed: bool = False

    def take_pushed(params: Params) -> Params:
        return params.model_copy(update={"pushed": True})

    work = replace(STEPS["work"], params=Params, as_pushed=take_pushed)
    text = "devflow: 1\nphases:\n  all: [work, measure]\n"
    written = build(parse("pipeline.yaml", text), {**STEPS, "work": work})
    groups = []
    for group in written.groups:
        groups.append(tuple(one.as_pushed for one in group))
    pushed = replace(written, groups=tuple(groups))
    for ran in (written, pushed):
        here = Here(tmp_path, "[work]")
        ledger = Ledger(ran, RUN, here.journal, cast(Any, here.clock))
        assert Runner(ran, here.tools, ledger).run().exit_code == 0
        for plan in (written, pushed):
            assert outdated(plan, RunState(here.journal.events(RUN))) == frozenset()


def test_a_step_that_cannot_judge_what_it_made_has_no_tick(built: Here) -> None:
    def cannot(params: Any, product: Any) -> Any:
        raise RuntimeError("a mistake")

    steps = {**STEPS, "publish": replace(STEPS["publish"], judge=cannot)}
    text = f"devflow: 1\nphases:\n  all: {BUILD}\n"
    plan = build(parse("pipeline.yaml", text), steps)
    statuses = shown(plan, built.journal.events(RUN))
    assert of(Status.PASSED, statuses) == {"work", "test"}


def test_the_words_count_no_outdated_tick(built: Here) -> None:
    built.edit("2\n")
    built.shell.missing = "build"
    built.ship()
    events = tuple(built.journal.events(RUN))
    lines = tuple(EntryLine(None, entry.name, "") for entry in built.plan.entries)
    outline = Outline(RUN, phases=(PhaseLine("all", lines),))
    board = board_now(built.plan, events)
    assert short_status(outline, board, running=False) == f"{RUN} 3/8 ⊘ all"
    assert "3 passed, 4 pending, 1 unavailable" in ending(outline, board)
    everything = replace(board, outdated=frozenset(ALL), exit_code=8)
    assert run_state(outline, everything, running=False) == "waiting"
    assert waiting_for(outline, everything) == ""


ACTS = st.lists(
    st.tuples(
        st.sampled_from(["1\n", "2\n", "3\n"]),
        st.sampled_from(["", "pytest", "build", "scan", "smoke"]),
        st.sampled_from(["", "pytest", "build", "scan", "smoke"]),
    ),
    min_size=1,
    max_size=6,
)


@given(ACTS)
@settings(max_examples=60, deadline=None)
def test_after_a_ship_what_is_shown_as_passed_is_what_a_plan_says_to_stand(acts: Any) -> None:
    with TemporaryDirectory() as folder:
        here = Here(Path(folder), BUILD)
        for text, failing, missing in acts:
            here.edit(text)
            here.shell.failing = failing
            here.shell.missing = missing
            here.ship()
            stands = {name for name, state in here.planned().items() if state == "stands"}
            assert passed(here) == stands
