"""Lines that were not measured for one and the same reason are one line; nothing else is."""

import io
from datetime import datetime, timezone

from devflow.model.checks import Check, Status
from devflow.model.events import Recorded
from devflow.ui.board import EntryState, board_of
from devflow.ui.outline import EntryLine, Outline, PhaseLine
from devflow.ui.phrases import folded
from devflow.ui.plain import PlainScreen
from devflow.ui.rows import check_rows
from devflow.ui.status import status_object
from tests.ui.golden import drawn

NOW = datetime(2026, 11, 28, 9, 0, tzinfo=timezone.utc)
REASON = "skipped: no browser on PATH: none of chromium, google-chrome"


def not_measured(label: str, why: str = REASON, needed: bool = False) -> Check:
    return Check(label=label, ok=None, measured=why, source="tests/x.py", needed=needed)


def labels(*checks: Check) -> list[str]:
    shown = []
    for fold in folded(EntryState(checks=checks)):
        shown += [check.label for check in fold.shown]
        if fold.summary is not None:
            shown.append(fold.summary.label)
    return shown


def test_three_lines_of_one_reason_are_one_and_two_are_two() -> None:
    many = [not_measured(f"test_that_the_page_number_{number}_is_drawn") for number in range(32)]
    assert labels(*many) == ["32 lines"]
    assert labels(*many[:2]) == [check.label for check in many[:2]]


def test_few_short_labels_are_named() -> None:
    criteria = [not_measured(name) for name in ("AC-1", "AC-2", "AC-3")]
    assert labels(*criteria) == ["AC-1, AC-2, AC-3"]


def test_another_reason_a_need_and_a_verdict_are_lines_of_their_own() -> None:
    same = [not_measured(name) for name in "abc"]
    other = not_measured("d", why="skipped: no database")
    needed = not_measured("e", needed=True)
    red = Check(label="f", ok=False, measured=REASON, source="x")
    assert labels(*same, other, needed, red) == ["a, b, c", "d", "e", "f"]


def test_tree_and_plain_lines_say_it_once_and_json_keeps_every_check() -> None:
    checks = tuple(not_measured(f"test_number_{number}_of_the_page") for number in range(32))
    recorded = Recorded(
        at=NOW,
        run="T-1",
        entry="unit",
        step="suite",
        fingerprint="f",
        round=1,
        by="make",
        product={},
        checks=checks,
        status=Status.UNAVAILABLE,
    )
    board = board_of([recorded])
    outline = Outline("T-1", phases=(PhaseLine("ci", (EntryLine(17, "unit", "Unit"),)),))
    tree = drawn(lambda pen: [row.text for row in check_rows(pen, board.entry("unit"))], 80)
    stream = io.StringIO()
    PlainScreen(stream, outline, timezone.utc)(recorded)
    for screen in (tree, stream.getvalue()):
        assert " ".join(screen.split()).count(REASON) == 1 and "32 lines" in screen
    (entry,) = status_object(outline, board, running=False)["entries"]
    assert len(entry["checks"]) == 32
