"""The developer's turn of round 1 with what a look at the working tree found, for every screen that
shows it."""

from datetime import datetime, timedelta
from typing import Any, Tuple

from devflow.model.checks import Check
from devflow.ui.board import Board, board_of
from devflow.ui.picture import Moment
from tests.ui import story as stories

INDEX = "services/frontend/templates/index.html"
PAGE = "tests/frontend/test_page.py"
CHECKS = (
    stories.check("changed", "2 files, +101 -12", "git diff, the working tree"),
    stories.check(INDEX, "+89 -12", INDEX),
    stories.check(PAGE, "+12 -0", PAGE),
    stories.check(
        "reaches",
        "5 modules, 5 test files: frontend 4, integration 1",
        "imports, the working tree",
        needed=False,
    ),
    stories.check(
        "reached", f"services.frontend.app <- {PAGE}", "imports, the working tree", needed=False
    ),
    stories.check("drift", f"{PAGE} not planned", "architecture", ok=None, needed=False),
    stories.check("AC-1", f"Three distinct tabs <- {PAGE}", "ticket AC-1", ok=None, needed=False),
    stories.check("AC-2", "No JavaScript", "ticket AC-2", ok=None, needed=False),
)
LATER = (
    stories.check("changed", "1 file, +90 -12", "git diff, the working tree"),
    stories.check(INDEX, "+90 -12", INDEX),
)
# nothing changed, two files, the same again, one of them taken back and the other grown
STAGES = (CHECKS[-1:], CHECKS, CHECKS, (*LATER, *CHECKS[-2:]))


def board(checks: Tuple[Check, ...] = CHECKS) -> Board:
    """The run at the developer's turn, with what a look found."""
    story = stories.Story()
    stories.planning(story)
    events = [event for event in story.events if getattr(event, "entry", "") != "coding"]
    return board_of(events).previewing("coding", checks)


def now() -> datetime:
    """When it is looked at."""
    return stories.BEGAN + timedelta(minutes=2)


def moment(checks: Tuple[Check, ...] = CHECKS) -> Moment:
    """The turn as it is drawn."""
    return Moment(stories.outline(), board(checks), now())


def show_stages(screen: Any) -> None:
    """Shows the stages to a screen of ``status --watch``, one after another."""
    for checks in STAGES:
        screen(stories.outline(), board(checks), running=False)
