"""With ``--output plain`` a fact is one line, whole by itself: for ears, logs and ``grep``."""

import pytest

from devflow.model.events import Closed
from devflow.ui.board import board_of
from devflow.ui.pages.plan import plan_plain
from devflow.ui.status import status_plain
from tests.ui import story as stories
from tests.ui.pages import PLANNED
from tests.ui.story import NAMES, Story, outline


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
