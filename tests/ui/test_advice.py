"""What a person is told to type next, at a gate, after a word at one, and at their turn."""

import json
from dataclasses import replace

from devflow.model.checks import Status, fact, measure
from devflow.model.errors import RolledBack
from devflow.model.events import Broke, Closed, Opened, Started, Waited
from devflow.model.figures import text
from devflow.model.outcomes import Absent, Waiting
from devflow.model.sandbox import REVIEWERS
from devflow.sandbox.seed import SCENARIO
from devflow.ui.advice import advice, after_answer, answer_object, given, what_next, whose_turn
from devflow.ui.board import EntryState, board_of
from devflow.ui.outline import PhaseLine
from devflow.ui.phases import PhaseState
from devflow.ui.phrases import ending
from devflow.ui.status import status_plain, status_text
from devflow.wiring.world import DEFAULT_PERSON
from tests.ui import canary_story
from tests.ui import story as stories
from tests.ui.drawing import drawn
from tests.ui.story import NAMES, Story, after, outline


def asked_of_nobody(story: Story) -> EntryState:
    waiting = Waiting(
        for_="a reviewer", not_by=("jose", "tech-lead"), type_next=("devflow approve code_review",)
    )
    story.add(Waited, entry="code_review", fingerprint="f", round=1, waiting=waiting)
    return after(story).entry("code_review")


def test_an_approval_is_typed_as_somebody_whose_word_it_can_be() -> None:
    [line] = [line for line in outline().entries if line.name == "code_review"]
    state = asked_of_nobody(Story())
    [approve] = [one for one in advice(line, state) if one.label == "approve"]
    assert approve.text == "devflow --as frontend-dev approve code_review"
    [approve] = [
        one for one in advice(replace(line, in_sandbox=False), state) if one.label == "approve"
    ]
    assert (approve.text, approve.note) == (
        "devflow approve code_review",
        "not by jose or tech-lead",
    )


def test_what_the_sandbox_s_ticket_lacks_is_written_by_a_command() -> None:
    lacking = measure("criteria", "acceptance criteria", text("none"), "SCRUM-95 description")
    state = EntryState(status=Status.FAILED, checks=(fact(lacking, False),))
    [line] = [line for line in outline().entries if line.name == "ticket"]
    told = {one.label: one.text for one in advice(replace(line, named="SCRUM-95"), state)}
    assert told["write"] == "devflow sandbox ticket SCRUM-95 --ac TEXT"
    assert "write" not in {one.label for one in advice(replace(line, in_sandbox=False), state)}


def done(**merged: object) -> Story:
    """A run whose pull request is as these fields say."""
    story = Story()
    story.add(Opened, command="ship", entries=NAMES, pid=7)
    pull = {"number": 1, "head_sha": "a", "state": "open", **merged}
    for name in NAMES:
        story.passes(name, product=pull if name == "pull_request" else {})
    story.add(Closed, exit_code=0)
    return story


def test_where_a_run_has_merged_its_end_says_how_the_base_that_is_here_follows() -> None:
    shown = replace(outline(), base="main", remote="/a b/remote.git")
    merged = after(done(merged=True))
    follow = "git switch main && git pull '/a b/remote.git' main"
    assert what_next(shown, merged) == follow
    of_one_branch = replace(shown, base_is_here=False)
    assert what_next(of_one_branch, merged) == (
        "git fetch '/a b/remote.git' main:main && git switch main"
    )
    assert ending(shown, merged).endswith("; merged in the sandbox alone")
    assert what_next(shown, after(done())) == ""
    assert "merged in the sandbox" not in ending(shown, after(done()))
    screen = drawn(lambda pen: status_text(pen, shown, merged, done().now), 60)
    assert " ".join(screen.split()).count(follow) == 1
    plain = status_plain(shown, merged, done().now)
    assert [line for line in plain if line.endswith(f"next         {follow}")]


def test_a_command_that_ended_at_a_turn_behind_a_failure_says_what_goes_on() -> None:
    story = stories.failed()
    assert what_next(outline(), after(story)) == ""
    story.add(Opened, command="start", entries=NAMES, pid=8)
    story.add(Closed, exit_code=0, why="your turn")
    assert what_next(outline(), after(story)) == "devflow ship"


def test_a_real_remote_is_named_and_nothing_is_said_of_a_sandbox() -> None:
    lines = [replace(one, in_sandbox=False) for one in outline().entries]
    shown = replace(outline(), phases=(PhaseLine("all", tuple(lines)),), base="main", remote="up")
    merged = after(done(merged=True))
    assert what_next(shown, merged) == "git switch main && git pull up main"
    assert "sandbox" not in ending(shown, merged)


def test_the_sandbox_has_the_people_that_are_named() -> None:
    people = json.loads(SCENARIO.read_text(encoding="utf-8"))["people"]
    assert {DEFAULT_PERSON, *REVIEWERS} == {person["name"] for person in people}


def test_a_word_at_a_gate_is_told_as_done_and_not_as_a_command() -> None:
    by_one = given("approve", "code_review", "SCRUM-95", "tech-lead")
    assert by_one == "approved code_review of SCRUM-95 as tech-lead"
    assert given("reject", "approval", "SCRUM-95", "") == "rejected approval of SCRUM-95"


def test_a_word_at_a_gate_is_an_object_for_programs() -> None:
    [line] = [line for line in outline().entries if line.name == "code_review"]
    opened = answer_object(line, "SCRUM-95", "approve", None)
    assert (opened["run"], opened["entry"], opened["verdict"]) == (
        "SCRUM-95",
        "code_review",
        "approve",
    )
    assert opened["is_open"] and opened["waiting_for"] is opened["rejected_by"] is None
    assert opened["next"] == [{"label": "go on", "text": "devflow ship", "note": ""}]
    waiting = Waiting(for_="approval by dee", by=("dee",))
    asked = answer_object(line, "SCRUM-95", "approve", waiting)
    assert (asked["is_open"], asked["waiting_for"], asked["by"]) == (
        False,
        "approval by dee",
        ["dee"],
    )
    absent = Absent(kind="rejected", why="dee rejected it", by="dee")
    refused = answer_object(line, "SCRUM-95", "reject", absent)
    assert (refused["is_open"], refused["rejected_by"]) == (False, "dee")


def test_a_word_at_a_gate_is_answered_with_who_is_asked_still() -> None:
    [line] = [line for line in outline().entries if line.name == "code_review"]
    assert [one.text for one in after_answer(line, None)] == ["devflow ship"]
    waiting = asked_of_nobody(Story()).waiting
    assert [one.text for one in after_answer(line, waiting)] == [
        "a reviewer",
        "devflow --as frontend-dev approve code_review",
        "devflow ship",
    ]


def test_a_no_is_taken_back_by_whoever_said_it() -> None:
    [line] = [line for line in outline().entries if line.name == "code_review"]
    no = Absent(kind="rejected", why="devops rejected it", by="devops")
    told = [(one.label, one.text, one.note) for one in after_answer(line, no)]
    assert told == [
        ("take back", "devflow --as devops approve code_review", ""),
        ("go on", "devflow ship", "once it is taken back"),
    ]
    elsewhere = after_answer(replace(line, in_sandbox=False), no)
    assert (elsewhere[0].text, elsewhere[0].note) == ("devflow approve code_review", "by devops")
    # a pull request that was closed is begun anew, by no word at a gate
    state = EntryState(status=Status.REJECTED, hint="devflow ship --again pull_request")
    assert [one.label for one in advice(line, state)] == ["anew"]


def test_whoever_is_waited_for_is_told_the_whole_command() -> None:
    story = Story()
    stories.planning(story)
    story.events = [one for one in story.events if getattr(one, "entry", "") != "coding"]
    story.add(Closed, exit_code=0, why="your turn")
    assert what_next(outline(), after(story)) == "devflow ship, once coding is done"
    named = replace(outline(), named="NOPE-1")
    assert what_next(named, after(story)) == "devflow ship NOPE-1, once coding is done"
    story = stories.at_the_gate()
    assert what_next(outline(), after(story)) == "", "while it runs"
    story.add(Closed, exit_code=8)
    assert (
        what_next(outline(), after(story))
        == "devflow --as tech-lead approve code_review, then devflow ship"
    )
    story = stories.done()
    story.add(Closed, exit_code=0)
    assert what_next(outline(), after(story)) == ""


def test_behind_what_failed_it_is_nobodys_turn() -> None:
    for status in (Status.FAILED, Status.CRASHED, Status.UNAVAILABLE):
        story = Story()
        story.record("ticket", status=status)
        story.add(Closed, exit_code=1)
        assert whose_turn(outline(), after(story)) is None
        assert what_next(outline(), after(story)) == ""


def test_after_an_interruption_the_run_is_gone_on_with() -> None:
    story = Story()
    stories.planning(story)
    story.add(Started, entry="local_tests", fingerprint="f", round=1, attempt=1)
    killed = after(story).at_rest()
    story.add(Closed, exit_code=130, why="interrupted")
    for board in (killed, after(story)):
        assert what_next(outline(), board) == "devflow ship"
        development = PhaseState.of(outline().phases[1], board)
        assert development.status is Status.PENDING and development.settled


def test_a_deferred_gate_still_says_what_opens_it() -> None:
    story = stories.at_the_gate()
    story.record("code_review", status=Status.DEFERRED, by="make")
    [line] = [line for line in outline().entries if line.name == "code_review"]
    assert "devflow --as tech-lead approve code_review" in [
        item.text for item in advice(line, after(story).entry("code_review"))
    ]


def test_what_to_type_names_the_ticket_where_the_branch_does_not() -> None:
    story = Story()
    story.record("ticket", status=Status.FAILED)
    [line] = [line for line in outline().entries if line.name == "ticket"]
    elsewhere = replace(line, named="NOPE-1")
    typed = {item.label: item.text for item in advice(elsewhere, after(story).entry("ticket"))}
    assert typed["rerun"] == "devflow ship NOPE-1"
    assert typed["whole log"] == "devflow logs ticket NOPE-1"


def test_the_log_of_an_entry_that_printed_nothing_is_offered_to_nobody() -> None:
    story = Story()
    story.record("ticket", status=Status.FAILED)
    story.add(
        Broke, entry="quality", fingerprint="f", status=Status.CRASHED, exit_code=1, message=""
    )
    board = after(story)
    labels = {}
    for line in outline().entries:
        silent = replace(line, has_log=lambda: False)
        labels[line.name] = {item.label for item in advice(silent, board.entry(line.name))}
    assert "rerun" in labels["ticket"] and "whole log" not in labels["ticket"]
    # of a crash that is its trace
    assert "whole log" in labels["quality"]


def test_what_was_seen_of_a_canary_that_was_taken_back_is_told_and_what_to_do() -> None:
    [line] = [line for line in outline().entries if line.name == "production"]
    state = board_of(canary_story.canary_taken_back().events).entry("production")
    told = [(one.label, one.text) for one in advice(line, state)]
    assert ("rerun", "devflow ship") not in told, "it would not be brought again"
    assert ("seen", "backend fails more often; backend is slower (p99)") in told
    assert ("mend", "change the code and go on with: devflow ship") in told
    assert ("or again", "devflow ship --again production") in told
    merged = fact(measure("merged", "merged", text("abc"), "url"), True)
    landed = replace(state, checks=(*state.checks, merged))
    mend = next(one.text for one in advice(line, landed) if one.label == "mend")
    assert mend.endswith("under another ticket: devflow start KEY")
    judged = fact(measure("taken_back", "taken back", text("abc"), "deploys"), False)
    refused = EntryState(
        status=Status.FAILED, exit_code=RolledBack.exit_code, hint="revert or mend it"
    )
    labels = [one.label for one in advice(line, refused)]
    assert labels[0] == "mend" and "rerun" not in labels
    by_hand = EntryState(status=Status.FAILED, checks=(judged,))
    assert ("or again", "devflow ship --again production") in [
        (one.label, one.text) for one in advice(line, by_hand)
    ]
