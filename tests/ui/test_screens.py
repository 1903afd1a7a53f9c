"""The right screen for each place, and what a screen must not do there."""

import io
import json
import re
import subprocess
import sys
from datetime import timedelta, timezone
from threading import Thread
from typing import Any, Dict

import pytest
from rich.console import Console

from devflow.model.checks import Status
from devflow.model.events import EVENT, Tick
from devflow.ui.actions import ActionsScreen
from devflow.ui.board import board_of
from devflow.ui.ndjson import NdjsonScreen
from devflow.ui.pen import Pen, console_for
from devflow.ui.picture import Moment, live, status
from devflow.ui.plain import TICK_EVERY, PlainScreen
from devflow.ui.screens import Surroundings, screen_for
from devflow.ui.tree import TreeScreen
from tests.ui import story as stories
from tests.ui.story import BEGAN, RUN, outline


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


TERM = {"TERM": "xterm-256color", "COLUMNS": "80", "LINES": "24"}


@pytest.mark.parametrize(
    ("mode", "stream", "environ", "kind"),
    (
        ("auto", Terminal(), TERM, TreeScreen),
        ("auto", Terminal(), {**TERM, "CI": "true"}, PlainScreen),
        ("auto", Terminal(), {**TERM, "CI": "false"}, TreeScreen),
        ("tree", Terminal(), {**TERM, "CI": "true"}, TreeScreen),
        ("auto", Terminal(), {"TERM": "dumb"}, PlainScreen),
        ("tree", Terminal(), {"TERM": "dumb"}, PlainScreen),
        ("tree", io.StringIO(), TERM, PlainScreen),
        ("tree", io.StringIO(), {**TERM, "FORCE_COLOR": "1"}, PlainScreen),
        ("auto", io.StringIO(), {"GITHUB_ACTIONS": "true", "CI": "true"}, ActionsScreen),
        ("plain", Terminal(), TERM, PlainScreen),
        ("json", Terminal(), TERM, NdjsonScreen),
    ),
)
def test_each_place_gets_its_screen(
    mode: Any, stream: Any, environ: Dict[str, str], kind: type
) -> None:
    assert (
        type(screen_for(mode, outline(), Surroundings(stream, environ, lambda: BEGAN, "t"))) is kind
    )


def test_json_output_is_one_event_a_line_and_nothing_else() -> None:
    stream = io.StringIO()
    story = stories.failed()
    with NdjsonScreen(stream) as screen:
        screen.replay(story.events[:5])
        for event in story.events[5:]:
            screen(event)
    lines = stream.getvalue().splitlines()
    assert [EVENT.validate_json(line) for line in lines] == story.events[5:]
    assert all(json.loads(line)["schema"] == 2 for line in lines)


def without_sequences(text: str) -> str:
    return re.sub(r"\x1b\[[0-9;?]*[A-Za-z]|\x1b\]8;[^\x1b]*\x1b\\", "", text)


def test_the_tree_ends_with_all_its_evidence_in_the_scroll_back() -> None:
    stream = Terminal()
    story = stories.failed()
    console = console_for(stream, TERM)
    with TreeScreen(console, outline(), lambda: story.now) as screen:
        screen.replay(story.events[:20])
        for event in story.events[20:]:
            screen(event)
    shown = without_sequences(stream.getvalue())
    pen = Pen(console)
    at = Moment(outline(), board_of(story.events), story.now)
    evidence = "\n".join(line.plain.rstrip() for line in status(pen, at, "checks"))
    assert shown.endswith(evidence + "\n")


def test_the_live_picture_stands_line_by_line_on_the_terminal() -> None:
    stream = Terminal()
    story = stories.at_the_gate()
    console = console_for(stream, TERM)
    with TreeScreen(console, outline(), lambda: story.now) as screen:
        for event in story.events:
            screen(event)
        screen._live.refresh()
        shown = {
            line.rstrip()
            for line in without_sequences(stream.getvalue()).replace("\r", "").split("\n")
        }
    expected = {
        line.plain.rstrip()
        for line in live(Pen(console), Moment(outline(), board_of(story.events), story.now), 23)
    }
    assert expected <= shown


def test_the_tree_can_be_told_from_several_threads() -> None:
    stream = Terminal()
    with TreeScreen(console_for(stream, TERM), outline(), lambda: BEGAN) as screen:

        def tell(name: str) -> None:
            for done in range(200):
                screen(Tick(at=BEGAN, run=RUN, entry=name, text="x", done=done, total=200))

        threads = [
            Thread(target=tell, args=(name,))
            for name in ("quality", "backend_tests", "integration")
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        done_counts = [
            screen._board.entry(name).done for name in ("quality", "backend_tests", "integration")
        ]
    assert done_counts == [199, 199, 199]


def test_no_color_leaves_no_colour_but_every_word() -> None:
    stream = Terminal()
    story = stories.failed()
    with TreeScreen(
        console_for(stream, {**TERM, "NO_COLOR": "1"}), outline(), lambda: story.now
    ) as screen:
        for event in story.events:
            screen(event)
    assert not re.search(r"\x1b\[[0-9;]*3[0-7]m", stream.getvalue())
    assert "✘ FAILED" in stream.getvalue() and "⊘ unavailable" in stream.getvalue()


def test_plain_output_moves_no_cursor_and_draws_no_colour() -> None:
    stream = Terminal()
    with PlainScreen(stream, outline(), timezone.utc) as screen:
        for event in stories.done().events:
            screen(event)
    assert "\x1b" not in stream.getvalue() and "\r" not in stream.getvalue()


def test_plain_output_sums_up_the_past_in_one_line() -> None:
    stream = io.StringIO()
    PlainScreen(stream, outline(), timezone.utc).replay(stories.at_the_gate().events)
    assert stream.getvalue().splitlines() == [
        "09:01:39" + " " * 34 + "13 of 29 entries passed before"
    ]


@pytest.mark.parametrize("kind", (PlainScreen, TreeScreen))
def test_a_screen_counts_no_outdated_tick(kind: Any) -> None:
    story = stories.stopped_anew()
    stream = Terminal()
    screen: Any = PlainScreen(stream, outline(), timezone.utc)
    if kind is TreeScreen:
        console = Console(file=stream, force_terminal=True, width=100)
        screen = TreeScreen(console, outline(), lambda: story.now)
    screen.without(stories.OUTDATED)
    screen.replay(story.events[:-4])
    with screen:
        for event in story.events[-4:]:
            screen(event)
    assert "29 entries, 19 passed, 9 pending, 1 unavailable" in stream.getvalue()


def test_plain_output_says_a_tick_only_now_and_then() -> None:
    stream = io.StringIO()
    screen = PlainScreen(stream, outline(), timezone.utc)
    story = stories.Story()
    story.start("quality")
    for _ in range(30):
        story.add(Tick, 1.0, entry="quality", text="black")
    for event in story.events:
        screen(event)
    assert stream.getvalue().count("black") == 30 // (TICK_EVERY // timedelta(seconds=1))


def test_plain_output_survives_a_stream_that_knows_only_ascii() -> None:
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding="ascii")
    with PlainScreen(stream, outline(), timezone.utc) as screen:
        for event in stories.failed().events:
            screen(event)
    assert b"<git ls-remote>" in raw.getvalue()


def test_words_and_errors_load_neither_rich_nor_pydantic() -> None:
    code = (
        "import sys, devflow.ui.words, devflow.ui.errors; "
        "sys.exit(bool({'rich', 'pydantic'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_a_console_reads_no_markup() -> None:
    assert not Console(file=io.StringIO(), markup=False)._markup
    assert not console_for(io.StringIO(), {})._markup


def wrote(number: int, entry: str, target: str, verb: str = "attach") -> list[Any]:
    """A write as the journal has it."""
    common = {"at": BEGAN.isoformat(), "run": RUN, "entry": entry, "key": f"{entry}-{number}"}
    intent = {
        **common,
        "type": "intent",
        "fingerprint": "f",
        "attempt": 1,
        "port": "registry",
        "verb": verb,
        "target": target,
        "repeatable": True,
    }
    return [intent, {**common, "type": "wrote"}]


def test_a_pull_request_that_was_there_already_is_not_said_to_be_opened() -> None:
    screen = PlainScreen(io.StringIO(), outline(), timezone.utc)
    said: list[str] = []
    for event in wrote(1, "pull_request", "acme/carprice: topic", "open_pull"):
        said += screen.lines(EVENT.validate_python(event))
    assert [line.partition("wrote")[2].strip() for line in said] == [
        "open or edit pull request: acme/carprice: topic"
    ]


def test_the_same_write_again_is_counted_and_not_said_eleven_times() -> None:
    screen = PlainScreen(io.StringIO(), outline(), timezone.utc)
    events: list[Any] = []
    for number in range(11):
        events += wrote(number, "publish", "host/api")
        # another entry beside it does not part them
        events += wrote(number, "analysis", f"other/{number % 2}")
    events += wrote(11, "publish", "host/web")
    events += wrote(12, "publish", "host/web")
    said = []
    for event in events:
        said += [line for line in screen.lines(EVENT.validate_python(event)) if "host" in line]
    assert [line.partition("attach: ")[2] for line in said] == [
        "host/api",
        "host/api, 10 more times",
        "host/web",
    ]
    last = {"type": "tick", "at": BEGAN.isoformat(), "run": RUN, "entry": "publish", "text": "x"}
    later = {**last, "at": (BEGAN + 2 * TICK_EVERY).isoformat()}
    lines = screen.lines(EVENT.validate_python(later))
    assert "host/web, 1 more time" in lines[0] and len(lines) == 2


@pytest.mark.parametrize("kind", (PlainScreen, ActionsScreen))
def test_what_is_no_more_so_is_told_once_in_the_turn_of_its_entry(kind: Any) -> None:
    told = stories.check("state", "closed", "pull request #1", ok=False)
    story = stories.Story()
    story.record("pull_request", told, took_s=0.0, by="look", status=Status.FAILED)
    story.start("pull_request")
    story.record("pull_request", told, status=Status.FAILED)
    stream = io.StringIO()
    token = ("token",) if kind is ActionsScreen else ()
    with kind(stream, outline(), *token, timezone.utc) as screen:
        for event in story.events:
            screen(event)
    said = stream.getvalue()
    assert said.count("‹pull request #1›") == 1 and said.count("whole log") == 1
    assert said.count("::error") == (1 if kind is ActionsScreen else 0)
    assert "FAILED       state closed · as found\n" in said
