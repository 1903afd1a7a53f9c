"""Every screen as it looks, at several widths, with and without colour, in ASCII and in a pipe."""

import io
import json
from dataclasses import replace
from datetime import timezone
from typing import Any, Callable, Dict, Iterable, List

import pytest
from rich.text import Text

from devflow.model.errors import PipelineInvalid
from devflow.model.outcomes import Write
from devflow.ui.actions import ActionsScreen, step_summary
from devflow.ui.board import board_of
from devflow.ui.errors import error_text
from devflow.ui.explain import list_lines, page_lines
from devflow.ui.outline import ParamLine, PlannedEntry, StepPage
from devflow.ui.pen import Pen
from devflow.ui.picture import Moment, live, status
from devflow.ui.plain import PlainScreen
from devflow.ui.plan import plan_lines, plan_object
from devflow.ui.status import status_object, status_text
from tests.ui import story as stories
from tests.ui.golden import assert_golden, drawn

STORIES = ("at_the_gate", "sent_back", "in_ci", "failed", "done")
BRANCH = "SCRUM-95-add-tabbed-interface from main (4be1c07), push with upstream"
TITLE = '"SCRUM-95 Add tabbed interface for car price forms" ‹push.sha› → main'
PLANNED = (
    PlannedEntry(1, "ticket", "Ticket", "planning", "stands"),
    PlannedEntry(
        6,
        "branch",
        "Branch",
        "development",
        "to do",
        (Write(port="repository", verb="push_branch", target=BRANCH),),
    ),
    PlannedEntry(9, "pre_commit", "Hooks", "development", "to do"),
    PlannedEntry(
        12,
        "pull_request",
        "Pull request",
        "review",
        "to do",
        (
            Write(port="host", verb="open_pull", target=TITLE),
            Write(port="host", verb="request_review", target="tech-lead, frontend-dev"),
            Write(port="tracker", verb="link", target="SCRUM-95 to the pull request"),
        ),
    ),
    PlannedEntry(16, "quality", "Quality", "ci", "unknown", why="foresee decided by ‹push.sha›"),
    PlannedEntry(
        None,
        "licences",
        "Licences",
        "ci",
        "to do",
        (Write(port="shell", verb="act", target="pip-licenses"),),
    ),
)
PAGE = StepPage(
    16,
    "quality",
    "Code quality",
    "ci",
    "Runs black and flake8 under each interpreter.\nA missing interpreter is never passed.",
    (("push", "Push"), ("trigger", "Trigger")),
    "Quality",
    (
        ParamLine(
            "pythons",
            "tuple[str, ...]",
            '["3.9", "3.11"]',
            False,
            "interpreters of the matrix; reference step 16",
        ),
        ParamLine("max_complexity", "int", "10", True, "McCabe; reference step 16"),
    ),
    "pythons are interpreters of this machine.",
    sends_back_to="coding",
)


def moment(name: str) -> Moment:
    """The end of a story."""
    story = getattr(stories, name)()
    return Moment(stories.outline(), board_of(story.events), story.now)


def told(name: str) -> Any:
    """Outline, board and time of a story's end."""
    made = moment(name)
    return made.outline, made.board, made.now


@pytest.mark.parametrize("name", STORIES)
@pytest.mark.parametrize("width", (80, 120))
def test_the_live_tree_looks_as_it_should(name: str, width: int) -> None:
    shown = drawn(lambda pen: live(replace(pen, beat=3), moment(name), 23), width, colour=True)
    assert_golden(f"live_{name}_{width}.ansi", shown)


@pytest.mark.parametrize("name", STORIES)
def test_the_live_tree_says_the_same_without_colour(name: str) -> None:
    assert_golden(
        f"live_{name}_80_no_color.txt",
        drawn(lambda pen: live(replace(pen, beat=3), moment(name), 23), 80),
    )


@pytest.mark.parametrize("width", (40, 80))
def test_the_live_tree_has_ascii_twins(width: int) -> None:
    shown = drawn(
        lambda pen: live(replace(pen, beat=3), moment("in_ci"), 23), width, encoding="ascii"
    )
    assert_golden(f"live_in_ci_{width}_ascii.txt", shown)


@pytest.mark.parametrize("name", ("at_the_gate", "failed", "done"))
@pytest.mark.parametrize("width", (80, 120))
def test_the_whole_tree_shows_each_check_with_its_limit_and_source(name: str, width: int) -> None:
    assert_golden(
        f"checks_{name}_{width}.txt", drawn(lambda pen: status(pen, moment(name), "checks"), width)
    )


def test_status_is_the_tree_without_the_checks() -> None:
    assert_golden("status_failed_80.txt", drawn(lambda pen: status_text(pen, *told("failed")), 80))


def test_status_has_a_json_object() -> None:
    made = moment("failed")
    text = json.dumps(
        status_object(made.outline, made.board, running=False), indent=1, ensure_ascii=False
    )
    assert_golden("status_failed.json", text + "\n")


def written(screen_of: Callable[[io.StringIO], Any], name: str) -> str:
    """What a stream screen writes of a story."""
    stream = io.StringIO()
    with screen_of(stream) as screen:
        for event in getattr(stories, name)().events:
            screen(event)
    return stream.getvalue()


@pytest.mark.parametrize("name", ("at_the_gate", "failed", "done"))
def test_plain_output_is_one_line_a_fact(name: str) -> None:
    text = written(lambda stream: PlainScreen(stream, stories.outline(), timezone.utc), name)
    assert_golden(f"plain_{name}.txt", text)


def test_github_actions_gets_groups_and_annotations() -> None:
    text = written(
        lambda stream: ActionsScreen(stream, stories.outline(), "t0ken", timezone.utc), "failed"
    )
    assert_golden("actions_failed.txt", text)


def test_github_actions_gets_a_step_summary() -> None:
    made = moment("failed")
    assert_golden("summary_failed.md", step_summary(made.outline, made.board))


PAGES: Dict[str, Callable[[Pen], Iterable[Text]]] = {
    "plan": lambda pen: plan_lines(
        pen, "SCRUM-95 Add tabs", "sandbox: nothing leaves this machine", PLANNED
    ),
    "explain": lambda pen: page_lines(
        pen, PAGE, moment("failed").board.entry("quality"), moment("failed").now
    ),
    "steps": lambda pen: list_lines(
        pen, [PAGE, StepPage(None, "licences", "Licences of what is installed")]
    ),
}


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("width", (50, 80, 120))
def test_a_page_looks_as_it_should(page: str, width: int) -> None:
    assert_golden(f"{page}_{width}.txt", drawn(PAGES[page], width))


def test_the_plan_has_a_json_object() -> None:
    assert_golden(
        "plan.json",
        json.dumps(plan_object("SCRUM-95", PLANNED), indent=1, ensure_ascii=False) + "\n",
    )


@pytest.mark.parametrize(
    ("name", "colour", "encoding"),
    (("plain", False, "utf-8"), ("ascii", False, "ascii"), ("colour", True, "utf-8")),
)
def test_an_error_says_what_where_and_what_to_type_next(
    name: str, colour: bool, encoding: str
) -> None:
    error = PipelineInvalid(
        'unknown step "qualty", did you mean "quality"?',
        where="pipeline.yaml:38:9  phases → ci → parallel[1]",
        excerpt=(
            '    38 |         - qualty: {with: {pythons: ["3.9", "3.11"]}}\n'
            "       |           ^^^^^^"
        ),
        hint="steps that exist: devflow explain",
    )
    assert_golden(f"error_{name}.txt", error_text(error, colour=colour, encoding=encoding) + "\n")


@pytest.mark.parametrize("name", STORIES)
@pytest.mark.parametrize("height", (1, 2, 5, 10, 23, 50))
@pytest.mark.parametrize("width", (40, 64, 80, 120))
def test_the_live_tree_never_outgrows_the_terminal(name: str, height: int, width: int) -> None:
    lines: List[str] = drawn(
        lambda pen: live(replace(pen, beat=1), moment(name), height), width
    ).splitlines()
    assert len(lines) <= height
    assert max(len(line) for line in lines) <= width


@pytest.mark.parametrize("height", (3, 8))
def test_a_short_terminal_still_shows_what_failed(height: int) -> None:
    text = drawn(lambda pen: live(replace(pen, beat=1), moment("failed"), height), 80)
    assert "FAILED" in text
