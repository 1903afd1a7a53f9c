"""Lines that were not measured for one and the same reason are one line; nothing else is."""

import json
from datetime import timezone
from typing import Any, List

import pytest

from devflow.model.checks import Check, Status
from devflow.model.events import Closed, Waited
from devflow.model.outcomes import Waiting
from devflow.ui.board import EntryState, board_of
from devflow.ui.evidence import lines_of
from devflow.ui.phrases import newest_fact
from devflow.ui.picture import Moment, status
from devflow.ui.plain import PlainScreen
from devflow.ui.status import status_object, status_text
from tests.ui.drawing import drawn, written
from tests.ui.story import Story, check, no_browser, outline, sent_back

REASON = "skipped: no browser on PATH: none of chromium, google-chrome"


def not_measured(label: str, why: str = REASON, needed: bool = False, **fields: Any) -> Check:
    return check(label, why, f"tests/{label}.py", ok=None, needed=needed, **fields)


def shown(*checks: Check) -> List[str]:
    return [line.alone for line in lines_of(checks)]


def test_three_lines_of_one_reason_are_one_and_two_are_two() -> None:
    many = [not_measured(f"test_that_the_page_number_{number}_is_drawn") for number in range(32)]
    assert shown(*many) == [f"32 tests {REASON}"]
    assert shown(*many[:2]) == [f"{one.label}: {REASON}" for one in many[:2]]


def test_two_lines_of_one_reason_are_one_where_both_are_named() -> None:
    assert shown(not_measured("3.8 black"), not_measured("3.8 flake8")) == [
        f"3.8 black, 3.8 flake8 {REASON}"
    ]


def test_why_a_command_ended_is_said_once_on_a_screen() -> None:
    story = Story()
    reason = "black cannot be installed for python3.8"
    why = f"not measured: {reason}"
    checks = [not_measured(name, why, needed=True) for name in ("3.8 black", "3.8 flake8")]
    story.record("quality", *checks, status=Status.UNAVAILABLE)
    story.add(Closed, exit_code=5, why=f"quality: 3.8 black: {why}")
    moment = Moment(outline(), board_of(story.events), story.now)
    lines = drawn(lambda pen: status(pen, moment), width=100).splitlines()
    told = [line.strip() for line in lines if "3.8 black" in line]
    assert len(told) == 2 and "16 quality" in told[0], "in the tree and below"
    assert told[1].startswith(f"3.8 black, 3.8 flake8 {why}")


def test_few_short_labels_are_named() -> None:
    criteria = [not_measured(name) for name in ("AC-1", "AC-2", "AC-3")]
    assert shown(*criteria) == [f"AC-1, AC-2, AC-3 {REASON}"]


@pytest.mark.parametrize(
    ("label", "subject"),
    (
        ("test_page_{}[a b]", "12 tests"),
        ("AC-{}", "12 ACs"),
        ("3.{} black of everything", "12 lines"),
        ("unit coverage of part {}", "12 lines"),
    ),
)
def test_many_labels_are_counted_by_their_kind(label: str, subject: str) -> None:
    labels = [label.format(number) for number in range(12)]
    many = [not_measured(name, "no engine", needed=True) for name in labels]
    assert shown(*many) == [f"{subject} not measured: no engine"]


def test_labels_of_several_kinds_are_lines() -> None:
    labels = [f"{kind}_{number}_of_the_page" for kind in ("test", "check") for number in range(3)]
    assert shown(*map(not_measured, labels)) == [f"6 lines {REASON}"]


@pytest.mark.parametrize(
    ("reason", "text"),
    (
        ("", "a, b, c not measured"),
        ("no board", "a, b, c not measured: no board"),
        ("not measured: no board", "a, b, c not measured: no board"),
        ("not enough data (1 sample)", "a, b, c: not enough data (1 sample)"),
    ),
)
def test_the_line_says_once_that_nothing_was_measured(reason: str, text: str) -> None:
    checks = [not_measured(name, reason, needed=True) for name in "abc"]
    assert shown(*checks) == [text]


def test_another_reason_a_need_and_a_verdict_are_lines_of_their_own() -> None:
    same = [not_measured(name) for name in "abc"]
    other = not_measured("d", why="skipped: no database")
    needed = not_measured("e", needed=True)
    red = check("f", REASON, "x", ok=False)
    singles = [f"{one.label}: {one.measured}" for one in (other, needed, red)]
    assert shown(*same, other, needed, red) == [f"a, b, c {REASON}", *singles]


def test_one_line_stands_where_the_first_stood_wherever_the_others_were() -> None:
    passed = [check(name, "ok", "x") for name in "xyz"]
    missing = [not_measured(name) for name in "abc"]
    mixed = [passed[0], missing[0], passed[1], missing[1], passed[2], missing[2]]
    assert shown(*mixed) == ["x: ok", f"a, b, c {REASON}", "y: ok", "z: ok"]


def test_values_without_a_verdict_are_no_reason() -> None:
    notes = [check(name, "none", "GitHub", ok=None, needed=False) for name in "abc"]
    assert shown(*notes) == ["a: none", "b: none", "c: none"]


@pytest.mark.parametrize(
    ("limits", "text"),
    (((">= 80 %",) * 3, " (limit >= 80 %)"), ((">= 80 %", ">= 80 %", ""), "")),
)
def test_a_limit_is_named_where_all_have_it(limits: Any, text: str) -> None:
    checks = [not_measured(name, limit=limit) for name, limit in zip("abc", limits)]
    assert shown(*checks) == [f"a, b, c {REASON}{text}"]


def test_the_source_is_the_first_and_how_many_more() -> None:
    alike = [check(name, REASON, "python3.9", ok=None) for name in "abc"]
    (line,) = lines_of(alike)
    assert line.source == "python3.9"
    (line,) = lines_of(map(not_measured, "abc"))
    assert line.source == "tests/a.py and 2 more"


def test_what_may_not_be_printed_counts_for_nothing() -> None:
    assert shown(*map(not_measured, "ab"), check("c", REASON, "", ok=None, needed=False)) == [
        f"a, b {REASON}",
    ]


def test_the_line_of_an_entry_says_it_once() -> None:
    board = board_of(no_browser().events)
    assert newest_fact(board.entry("backend_tests")) == (
        "tests 58 passed · 32 tests skipped: no browser on PATH"
    )
    assert newest_fact(EntryState()) == ""


def test_tree_status_and_plain_lines_say_it_once_and_json_keeps_every_check() -> None:
    story = no_browser()
    at = Moment(outline(), board_of(story.events), story.now)
    tree = drawn(lambda pen: status(pen, at, "checks"), 120)
    short = drawn(lambda pen: status_text(pen, at.outline, at.board, at.now), 120)
    plain = written(lambda stream: PlainScreen(stream, outline(), timezone.utc), story.events)
    for text in (tree, short, plain):
        assert "test_page_1" not in text and "32 tests" in text
    assert "\n     32 tests not measured: no browser on PATH" in short
    text = json.dumps(status_object(outline(), at.board, running=False))
    assert text.count('"label": "test_page_') == 64


def waiting_for_a_change() -> Story:
    story = sent_back()
    waiting = Waiting(for_="your change: Consider adding loading states")
    story.start("coding", 2)
    story.add(Waited, entry="coding", fingerprint="f", waiting=waiting, round=2)
    return story


def test_what_came_back_and_is_waited_for_is_said_once() -> None:
    said = newest_fact(board_of(waiting_for_a_change().events).entry("coding"))
    to_dos = "round 2: 1 to-do from code review"
    assert said == f"{to_dos} · waiting for your change: Consider adding loading states"


def test_where_a_line_has_no_room_it_is_told_once_below() -> None:
    story = waiting_for_a_change()
    moment = Moment(outline(), board_of(story.events), story.now)
    told = drawn(lambda pen: status(pen, moment), width=80)
    assert "to-do       Consider adding loading states" in told
    assert told.count("Consider adding") == 1 and "your change: C" not in told
