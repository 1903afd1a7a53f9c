"""With ``--output plain`` a fact is one line, whole by itself: for ears, logs and ``grep``."""

from datetime import timezone
from typing import Callable

import pytest

from devflow.model.events import Closed
from devflow.ui.board import board_of
from devflow.ui.outline import PlannedEntry
from devflow.ui.pages.explain import page_plain
from devflow.ui.pages.plan import plan_lines, plan_object, plan_plain
from devflow.ui.pages.step_list import ListLine, list_plain
from devflow.ui.plain import PlainScreen
from devflow.ui.status import status_plain
from tests.ui import story as stories
from tests.ui.canary_story import canary_taken_back, canary_watched
from tests.ui.drawing import drawn, written
from tests.ui.pages import PAGE, PLANNED
from tests.ui.story import NAMES, Story, outline


def plain(story: Story) -> str:
    return written(lambda stream: PlainScreen(stream, outline(), timezone.utc), story.events)


def lines_of(story: Story) -> list[str]:
    return status_plain(outline(), board_of(story.events), story.now)


def test_a_status_has_one_line_a_step_nothing_drawn_and_nothing_wrapped() -> None:
    lines = lines_of(stories.failed())
    steps = [line.split()[2] for line in lines if line[9:11].strip()]
    assert list(dict.fromkeys(steps)) == list(NAMES)
    [failed] = [line for line in lines if "16 quality          FAILED" in line]
    assert failed.endswith(
        "complexity 12 (limit 10) · 3.9 black no python3.9 on this machine (not measured)"
    )
    assert not set("".join(lines)) & set("✔✘⏸⊘○◐…")


@pytest.mark.parametrize("story", (stories.in_ci, canary_watched, canary_taken_back))
def test_what_is_for_ears_has_numbers_and_no_bars(story: Callable[[], Story]) -> None:
    told = story()
    said = "\n".join(lines_of(told)) + plain(told)
    assert not {char for char in said if "\u2580" <= char <= "\u259f" or char == "▪"}


def test_what_is_done_of_how_much_is_said_in_numbers() -> None:
    [line] = [line for line in lines_of(canary_watched()) if "25 production" in line]
    assert line.endswith("running      3 of 200, canary at 10 %: 3 of 200 requests, 2 failed")


def test_a_gate_ends_with_what_to_type() -> None:
    story = stories.at_the_gate()
    story.add(Closed, exit_code=8, why="1 approval")
    told = [line[28:].split(maxsplit=1) for line in lines_of(story)]
    assert ["next", "devflow --as tech-lead approve code_review, then devflow ship"] in told


@pytest.mark.parametrize("name", ["ticket", "pull_request", "quality", "licences"])
def test_a_plan_names_the_step_in_each_of_its_lines(name: str) -> None:
    entry = next(entry for entry in PLANNED if entry.name == name)
    lines = [line for line in plan_plain("SCRUM-95", "", PLANNED) if line[3:].startswith(name)]
    assert len(lines) == max(len(entry.writes), 1)


def test_a_plan_says_what_to_type_about_what_is_not_foreseen() -> None:
    version = "4f2c1ab09d3e was rolled back in production and is not brought again"
    hint = "change the code and go on with: devflow ship"
    entry = PlannedEntry(
        25, "production", "Production", "release", "unknown", why=version, hint=hint
    )
    lines = plan_plain("SCRUM-95", "", (entry,))
    assert lines[1:3] == [
        f"25 production       not foreseen: {version}",
        f"25 production       {hint}",
    ]
    drawn_lines = drawn(lambda pen: plan_lines(pen, "SCRUM-95", "", (entry,)), width=120)
    assert version in drawn_lines and hint in drawn_lines
    assert plan_object("SCRUM-95", (entry,))["entries"][0]["hint"] == hint


def test_a_page_of_a_step_has_one_line_a_fact_and_wraps_none() -> None:
    state = board_of(stories.failed().events).entry("quality")
    lines = page_plain(PAGE, state)
    assert all(line.startswith("quality") for line in lines)
    assert "quality needs: push (Push), trigger (Trigger)" in lines
    [parameter] = [line for line in lines if "max_complexity" in line]
    assert "= 10" in parameter and "limit" in parameter
    assert "quality in this run: FAILED · 1 of 3 checks not ok" in lines
    assert any(line.startswith("quality NOT OK: complexity: 12 (limit 10)") for line in lines)


def test_the_list_of_steps_has_one_line_a_step() -> None:
    title = "A title that is far longer than what a narrow console of eighty columns has room for"
    first, *onward = list_plain([ListLine(16, "quality", title)])
    assert first == f"16 quality          {title}"
    assert len(onward) == 2


def test_why_an_entry_did_not_pass_is_said_in_one_line() -> None:
    lines = plain(stories.failed()).splitlines()
    assert [line for line in lines if "complexity" in line] == [
        line for line in lines if "NOT OK       complexity: 12 (limit 10)" in line
    ]
    [entry] = [line for line in lines if "16 quality          FAILED" in line]
    assert "1 of 3 checks not ok" in entry
    [ended] = [line for line in lines if "exit 1" in line]
    assert ended.split(maxsplit=1)[1] == "exit 1       quality: FAILED"


def test_why_a_command_ended_is_said_where_no_line_has_said_it() -> None:
    story = Story()
    why = "quality: no python3.9 on this machine"
    story.add(Closed, exit_code=5, why=why)
    [ended] = [line for line in plain(story).splitlines() if "exit 5" in line]
    assert ended.endswith(why)
