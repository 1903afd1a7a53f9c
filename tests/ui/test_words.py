"""Outside text is harmless wherever it is shown, and quantities read as people write them."""

import io
import json
from contextlib import redirect_stdout
from datetime import timezone
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from devflow.model.checks import Check, Status, fact, measure
from devflow.model.errors import StepFailed
from devflow.model.events import Broke, Recorded, Tick
from devflow.model.figures import count, finding
from devflow.model.wording import duration, size
from devflow.ui.actions import ActionsScreen, annotation, escaped_property
from devflow.ui.board import board_of
from devflow.ui.errors import error_text
from devflow.ui.ndjson import NdjsonScreen
from devflow.ui.picture import Moment, live, status
from devflow.ui.plain import PlainScreen
from devflow.ui.watch import WatchObjects
from devflow.ui.words import clean, encodable
from devflow.wiring.output import write_json
from tests.standins.words import worded
from tests.ui.drawing import drawn
from tests.ui.story import BEGAN, RUN, outline
from tests.unit.sources import sources

# a parameter's default, shown by explain as text that is cleaned or as part of a page's object
NOT_PRINTED = ("devflow/commands/explaining/pages.py",)
ATTACKS = (
    "\x1b[2J\x1b[1;1H",
    "\x1b]0;owned\x07",
    "\x1b]8;;http://evil\x1b\\click",
    "\x9b31m",
    "\u202egnp.exe",
    "\u2066\u200b",
    "\r\n::error::forged",
    "\n  ::set-output name=a::b",
    "##[error]forged",
    "##vso[task.setvariable]x",
    "####teamcity[x]",
    "[bold red]markup[/bold red] [link=http://evil]x[/link] :smile:",
    "\x00\x07\x08\x7f",
    "\ud800",
    "\x1b\x1b[0m[31m",
    "表\u3000計",
)
hostile = st.lists(st.one_of(st.sampled_from(ATTACKS), st.text(max_size=8)), max_size=6).map(
    "".join
)
quick = settings(max_examples=60, deadline=None, database=None)


def hostile_events(text: str) -> Any:
    """Events that carry the text everywhere that outside text can stand."""
    base = {"at": BEGAN, "run": RUN}
    check = worded(label=text, ok=False, measured=text, limit=text, source=text or "x")
    common = {
        "step": "quality",
        "fingerprint": "f",
        "round": 1,
        "by": "make",
        "product": {"url": "http://x/" + text},
    }
    return [
        Tick(entry="ticket", text=text, **base),
        Recorded(entry="quality", checks=(check,), status=Status.FAILED, **common, **base),
        Broke(
            entry="smoke",
            fingerprint="f",
            status=Status.CRASHED,
            exit_code=1,
            message=text,
            hint=text,
            where=text,
            **base,
        ),
    ]


def is_harmless(line: str) -> bool:
    """Nothing in it moves a cursor, hides a direction, or is a command to a CI system."""
    return (
        line.isprintable()
        and not line.lstrip().startswith("::")
        and "##[" not in line
        and "##vso[" not in line
    )


@quick
@given(hostile)
def test_cleaned_text_is_one_harmless_line(text: str) -> None:
    assert is_harmless(clean(text))


@quick
@given(hostile)
def test_cleaned_text_stays_as_it_is_when_cleaned_again(text: str) -> None:
    assert clean(clean(text)) == clean(text)


@quick
@given(hostile)
def test_no_drawn_line_carries_a_raw_sequence_or_markup(text: str) -> None:
    board = board_of(hostile_events(text))
    for shown in (
        drawn(lambda pen: status(pen, Moment(outline(), board, BEGAN), "checks"), 80),
        drawn(lambda pen: live(pen, Moment(outline(), board, BEGAN), 24), 40, encoding="ascii"),
    ):
        assert all(line.isprintable() for line in shown.split("\n"))


def test_markup_is_shown_and_not_obeyed() -> None:
    shown = drawn(lambda pen: [pen.text("[bold]x[/bold] :smile:")], 80, colour=True)
    assert shown == "[bold]x[/bold] :smile:\n"


@quick
@given(hostile)
def test_no_plain_line_is_a_command(text: str) -> None:
    stream = io.StringIO()
    screen = PlainScreen(stream, outline(), timezone.utc)
    for event in hostile_events(text):
        screen(event)
    assert all(is_harmless(line) for line in stream.getvalue().split("\n"))


@quick
@given(hostile)
def test_github_actions_obeys_only_our_own_commands(text: str) -> None:
    stream = io.StringIO()
    screen = ActionsScreen(stream, outline(), "t0ken", timezone.utc)
    for event in hostile_events(text):
        screen(event)
    ours = ("::group::", "::endgroup::", "::error ", "::stop-commands::t0ken", "::t0ken::")
    for line in stream.getvalue().split("\n"):
        assert is_harmless(line) or (line.startswith(ours) and line.isprintable())


def shown_objects(text: str) -> tuple[str, list[object]]:
    """Everything that is printed as JSON of these events, and what it says."""
    events = hostile_events(text)
    stream = io.StringIO()
    with NdjsonScreen(stream) as screen, WatchObjects(stream) as watch:
        for event in events:
            screen(event)
        watch(outline(), board_of(events), running=False)
    with redirect_stdout(stream):
        write_json({"text": text, text: [text]})
    said = [json.loads(line) for line in stream.getvalue().splitlines()]
    return stream.getvalue(), said


@quick
@given(hostile)
def test_no_line_of_json_is_a_command_and_it_says_what_was_said(text: str) -> None:
    lines, (tick, _, broke, *rest) = shown_objects(text)
    assert "#" not in lines and all(is_harmless(line) for line in lines.split("\n"))
    # surrogates are JSON's to write, and no text's
    assert (tick["text"], broke["hint"], rest[-1]) == (text, text, {"text": text, text: [text]})


def test_every_json_text_that_is_printed_is_made_harmless() -> None:
    rooms = ("devflow/ui/", "devflow/wiring/", "devflow/commands/", "devflow/cli/")
    for source in sources():
        if source.path.startswith(rooms) and "json.dumps(" in source.text:
            is_shown = "harmless_json" in source.text
            assert is_shown or source.path in NOT_PRINTED, source.path


def findings_in_actions(*more: Check) -> list[str]:
    place = finding("E201 space", "a/b.py", 3, 7)
    found = fact(measure("finding", "a/b.py:3:7", place, "flake8 3.9, 3.11"), False)
    number = count(1, "finding", where="in 2 files")
    linter = fact(measure("linter", "3.11 flake8", number, "flake8 7.3.0 on 1234567"), False)
    stream = io.StringIO()
    screen = ActionsScreen(stream, outline(), "t0ken", timezone.utc)
    recorded = next(event for event in hostile_events("x") if isinstance(event, Recorded))
    screen(recorded.model_copy(update={"checks": (linter, found, *more)}))
    return [line for line in stream.getvalue().split("\n") if line.startswith("::error ")]


def test_a_finding_is_annotated_at_its_file_and_line_by_github_actions() -> None:
    assert "file=a/b.py,line=3," in "\n".join(findings_in_actions())


def test_a_finding_that_a_check_run_shows_is_not_annotated_twice() -> None:
    shown = findings_in_actions(
        fact(measure("annotations", "annotations", count(1), "http://h/1"), True)
    )
    assert len(shown) == 1 and "file=" not in shown[0] and "1 finding in 2 files" in shown[0]


@quick
@given(hostile)
def test_an_error_never_styles_itself(text: str) -> None:
    shown = error_text(StepFailed(text, where=text, hint=text), colour=False, encoding="utf-8")
    assert all(line.isprintable() for line in shown.split("\n"))


@quick
@given(st.text())
def test_what_an_encoding_lacks_is_still_said(text: str) -> None:
    assert encodable(text, "ascii").isascii()
    encodable(text, "latin-1").encode("latin-1")


def test_signs_have_readable_twins() -> None:
    assert encodable("black ✔ flake8 ✘ · 3 → 4 …", "ascii") == "black ok flake8 x - 3 -> 4 ..."
    assert encodable("é ✔", "latin-1") == "é ok"
    assert encodable("✔", "no-such-encoding") == "ok"


def test_an_annotation_escapes_what_would_end_it() -> None:
    assert escaped_property("a:b,c%") == "a%3Ab%2Cc%25"
    command = annotation("error", "q", "100 %\nnext", "services/backend/app.py:41 predict")
    assert command == "::error file=services/backend/app.py,line=41,title=q::100 %25 next"


@pytest.mark.parametrize(
    "source",
    ("http://127.0.0.1:37967", "https://jira.acme.example:8443/browse/X-1", "/usr/lib/x.py:3", ""),
)
def test_an_address_is_no_place_in_a_file(source: str) -> None:
    assert annotation("error", "q", "red", source) == "::error title=q::red"


@pytest.mark.parametrize(
    ("seconds", "wording"),
    (
        (0.04, "0.0 s"),
        (4.1, "4.1 s"),
        (59.94, "59.9 s"),
        (59.96, "1 min 00 s"),
        (112, "1 min 52 s"),
        (3599.7, "1 h 00 min"),
        (11100, "3 h 05 min"),
        (187200, "2 d 04 h"),
        (-3, "0.0 s"),
    ),
)
def test_durations_read_as_people_write_them(seconds: float, wording: str) -> None:
    assert duration(seconds) == wording


@pytest.mark.parametrize(
    ("size_bytes", "wording"),
    (
        (512, "512 B"),
        (58_700_000, "58.7 MB"),
        (999_960, "1.0 MB"),
        (1_500, "1.5 kB"),
        (2_000_000_000_000, "2.0 TB"),
    ),
)
def test_sizes_are_decimal(size_bytes: int, wording: str) -> None:
    assert size(size_bytes) == wording


@pytest.mark.parametrize("lead", range(30, 45))
def test_a_line_break_makes_no_command_out_of_harmless_text(lead: int) -> None:
    shown = drawn(lambda pen: pen.wrapped(pen.text("x" * lead + " ::error::forged"), 2), 40)
    assert all(is_harmless(line) for line in shown.split("\n"))
