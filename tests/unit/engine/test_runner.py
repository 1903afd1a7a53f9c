"""What the engine promises, on toy steps."""

from pathlib import Path

import pytest

from devflow.engine.ledger import Ledger
from devflow.engine.runner import Runner
from devflow.model.events import Event
from devflow.model.summary import Summary
from tests.standins.toy_world import PIPELINE, RUN, FileJournal, plan_of, tools_of
from tests.unit.engine.story import Story


def test_start_ends_before_the_persons_step(tmp_path: Path) -> None:
    story = Story(tmp_path)
    ending = story.ship(start=True)
    assert (ending.exit_code, ending.why, ending.entry) == (0, "your turn", "draft")
    assert story.ship(start=True).why == "your turn", "also where it stands"
    assert len(story.events("recorded")) == 1


def test_a_gate_waits_and_the_command_ends_with_8(tmp_path: Path) -> None:
    story = Story(tmp_path)
    story.people(draft="one")
    ending = story.ship()
    assert (ending.exit_code, ending.entry) == (8, "review")


def test_a_send_back_begins_a_new_round_and_the_same_thing_is_not_taken_twice(
    tmp_path: Path,
) -> None:
    story = Story(tmp_path)
    story.people(draft="one", points="one=1")
    ending = story.ship()
    assert (ending.exit_code, ending.entry) == (8, "draft")
    assert "write more" in ending.why
    assert story.ship().entry == "draft", "asked again with the same draft"
    story.people(draft="two", points="two=4")
    assert story.ship().exit_code == 8
    rounds = {event.entry: event.round for event in story.events("recorded")}
    assert rounds["draft"] == rounds["review"] == 2 and rounds["note"] == 1


def test_the_same_thing_is_taken_when_its_judge_has_changed_their_mind(tmp_path: Path) -> None:
    story = Story(tmp_path)
    story.people(draft="one", points="one=1")
    story.ship()
    story.people(points="one=9")
    assert story.ship().entry == "gate"


def test_a_deferred_gate_holds_nothing_back_and_what_needed_it_is_made_again(
    tmp_path: Path,
) -> None:
    story = Story(tmp_path)
    story.people(draft="one", points="one=5")
    assert (story.ship().exit_code, story.world.state()["comments"][-1][1]) == (
        8,
        "closed, gate open",
    )
    story.people(gate="one=yes")
    assert story.ship().exit_code == 0
    closing = [body for mark, body in story.world.state()["comments"] if ":close:" in mark]
    assert closing == ["closed, gate through"], "edited, not doubled"


def test_what_a_deferred_gate_keeps_is_there_when_it_is_asked_again(tmp_path: Path) -> None:
    story = Story(tmp_path)
    story.people(draft="one", points="one=5")
    for _ in range(3):
        assert story.ship().exit_code == 8
    kept = [event.waiting.keep for event in story.events("waited") if event.type == "waited"]
    assert [one["asked"] for one in kept if "asked" in one] == [1, 2, 3]


def test_what_was_taken_back_ends_with_9(tmp_path: Path) -> None:
    story = Story(tmp_path)
    story.people(draft="one", points="one=5", gate="one=back")
    ending = story.ship()
    assert (ending.exit_code, ending.entry) == (9, "gate")


def test_a_finished_run_makes_no_write_and_no_entry_again(tmp_path: Path) -> None:
    story = Story(tmp_path)
    assert story.to_the_end().exit_code == 0
    world = story.world.file.read_bytes()
    events = len(story.journal.events(""))
    assert story.ship().exit_code == 0
    said = [event.type for event in story.journal.events("")[events:]]
    assert (story.world.file.read_bytes(), said) == (world, ["looked"])


def test_a_run_that_waits_at_its_gate_asks_the_gate_alone(tmp_path: Path) -> None:
    story = Story(tmp_path)
    story.people(draft="one", points="one=5")
    story.ship()
    events = len(story.journal.events(""))
    assert story.ship().exit_code == 8
    said = [
        (event.type, event.entry)
        for event in story.journal.events("")[events:]
        if event.type != "looked"
    ]
    assert said == [("started", "gate"), ("waited", "gate"), ("recorded", "gate")]


def test_rejected_at_the_gate_ends_with_6_and_is_asked_again(tmp_path: Path) -> None:
    story = Story(tmp_path)
    story.people(draft="one", points="one=5", gate="one=no")
    assert story.ship().exit_code == 6
    story.people(gate="one=yes")
    assert story.ship().exit_code == 0


def test_a_new_limit_is_judged_on_the_old_product_and_makes_nothing_again(tmp_path: Path) -> None:
    story = Story(tmp_path)
    story.to_the_end()
    started = len(story.events("started"))
    story.pipeline = PIPELINE.replace("- review", "- review: {with: {least: 4}}")
    assert story.ship().exit_code == 0
    assert len(story.events("started")) == started
    story.pipeline = PIPELINE.replace("- review", "- review: {with: {least: 9}}")
    assert story.ship().entry == "draft", "the old product no longer passes, and is sent back"


def test_a_renamed_entry_is_a_new_one(tmp_path: Path) -> None:
    story = Story(tmp_path)
    story.to_the_end()
    story.pipeline = PIPELINE.replace("second_check", "another_check")
    story.ship()
    assert [event.entry for event in story.events("recorded")][-1] == "another_check"


def test_work_done_by_hand_is_seen_at_the_next_start(tmp_path: Path) -> None:
    story = Story(tmp_path)
    story.to_the_end()
    story.people(draft="three")
    ending = story.ship()
    assert (ending.exit_code, ending.entry) == (8, "review"), "the approval was for another draft"


def test_an_act_that_cannot_be_repeated_is_shown_where_its_outcome_is_unknown(
    tmp_path: Path,
) -> None:
    story = Story(tmp_path)
    story.people(draft="one", points="one=5")
    died = []

    def die(point: str) -> None:
        if point == "after act" and not died:
            died.append(point)
            raise KeyboardInterrupt

    story.world._hook = die
    with pytest.raises(KeyboardInterrupt):
        story.ship()
    story.ship()
    assert story.world.state()["acted"] == ["notify"]
    assert [event.verb for event in story.events("doubtful")] == ["act"]


def test_a_crashing_step_is_recorded_with_its_trace_and_made_again(tmp_path: Path) -> None:
    story = Story(tmp_path)
    story.people(draft="one", points="one=many")
    assert story.ship().exit_code == 1
    crash = story.events("broke")[0]
    assert crash.status == "crashed" and "invalid literal" in crash.trace
    story.people(points="one=5")
    assert story.ship().exit_code == 8


def test_an_entry_that_passed_is_stored_with_the_start_of_the_next_and_shown_after(
    tmp_path: Path,
) -> None:
    story = Story(tmp_path)
    story.people(draft="one", points="one=5", gate="one=yes")
    stored: list[tuple[str, ...]] = []
    append = story.journal.append

    class Journal(FileJournal):
        def append(self, *events: Event, summary: Summary | None = None) -> None:
            append(*events)
            stored.append(tuple(event.type for event in events))

    shown: list[Event] = []
    journal = Journal(tmp_path / "journal.jsonl")
    plan = plan_of()

    def show(event: Event) -> None:
        assert event in journal.events(RUN), "durable before it is shown"
        shown.append(event)

    ledger = Ledger(plan, RUN, journal, story.world, (show,))
    assert Runner(plan, tools_of(story.world), ledger).run().exit_code == 0
    assert ("recorded", "started") in stored
    assert max(map(len, stored)) == 2
    assert shown == journal.events(RUN)
