"""The plain lines as GitHub Actions shows them: a group per entry, an annotation per problem, a
step summary.

Outside text stands between ``stop-commands`` and its token, so that nothing a test prints is obeyed
by the runner.
"""

import re
from datetime import tzinfo
from typing import Final, TextIO

from devflow.model.checks import Status
from devflow.model.ci import ANNOTATIONS
from devflow.model.events import Broke, Event, Recorded
from devflow.model.wording import duration
from devflow.ui.board import Board, EntryState
from devflow.ui.outline import EntryLine, Outline
from devflow.ui.phrases import (
    FAILING,
    MISSING,
    SETTLED,
    ending,
    evidence_against,
    full,
    newest_fact,
)
from devflow.ui.plain import PlainScreen
from devflow.ui.signs import SIGNS
from devflow.ui.words import clean

_PLACE = re.compile(r"(?P<file>[\w][\w./-]*\.\w+):(?P<line>\d+)")
# a table's cell of about two lines in a browser
CELL_CHARACTERS: Final = 160
_MARKDOWN: Final = str.maketrans({char: f"\\{char}" for char in "\\`*_{}[]<>|#!~&@"})


def escaped_data(text: str) -> str:
    """Text as a workflow command's message: the runner's escapes for percent, CR and LF."""
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def escaped_property(text: str) -> str:
    """Text as a property of a workflow command, where colon and comma end it too."""
    return escaped_data(text).replace(":", "%3A").replace(",", "%2C")


def annotation(level: str, title: str, message: str, source: str = "") -> str:
    """One ``::error`` or ``::warning`` command; file and line are taken from the source where it
    names them."""
    place = _PLACE.search(clean(source))
    at = f"file={escaped_property(place['file'])},line={place['line']}," if place else ""
    return f"::{level} {at}title={escaped_property(clean(title))}::{escaped_data(clean(message))}"


class ActionsScreen(PlainScreen):
    """Plain lines with groups and annotations. ``token`` must be one that no outside text can know,
    fresh for each command."""

    def __init__(
        self, stream: TextIO, outline: Outline, token: str, zone: tzinfo | None = None
    ) -> None:
        super().__init__(stream, outline, zone)
        self._token = token

    def lines(self, event: Event) -> list[str]:
        """The plain lines behind ``stop-commands``; what an entry came to is a group, and each
        problem an annotation."""
        said = super().lines(event)
        if not said:
            return []
        guarded = [f"::stop-commands::{self._token}", *said, f"::{self._token}::"]
        if not isinstance(event, (Recorded, Broke)):
            return guarded
        state = self.board.entry(event.entry)
        title = f"{clean(event.entry)} {SIGNS[state.status].word}"
        return [
            f"::group::{escaped_data(title)}",
            *guarded,
            "::endgroup::",
            *_annotations(event.entry, state),
        ]


def _annotations(entry: str, state: EntryState) -> list[str]:
    if state.status not in (*FAILING, *MISSING):
        return []
    level = "error" if state.status in FAILING else "warning"
    against = evidence_against(state)
    if any(check.label == ANNOTATIONS and check.ok for check in state.checks):
        # the code host shows them at their lines already, and would show each of them twice
        against = tuple(check for check in against if not _PLACE.search(check.label))
    found = [
        # a finding's label is its place, and its source who found it
        annotation(
            "warning" if check.ok is None else "error",
            entry,
            full(check),
            f"{check.source} {check.label}",
        )
        for check in against
    ]
    return found or [
        annotation(
            level, entry, " · ".join(part for part in (state.why, state.hint) if part), state.at
        )
    ]


def step_summary(outline: Outline, board: Board) -> str:
    """The run as Markdown, for the file that ``GITHUB_STEP_SUMMARY`` names."""
    lines = [
        f"### {_markdown(ending(outline, board))}",
        "",
        "| | entry | status | found | time |",
        "|---|---|---|---|---|",
    ]
    lines += [_summary_row(line, board.entry(line.name)) for line in outline.entries]
    return "\n".join(lines) + "\n"


def _summary_row(line: EntryLine, state: EntryState) -> str:
    sign = SIGNS[state.status]
    word = sign.word if state.status in (*SETTLED, Status.PENDING) else f"**{sign.word}**"
    number = "" if line.number is None else str(line.number)
    time = duration(state.duration_s) if state.duration_s else ""
    name = _markdown(line.name)
    fact = _markdown(_cut(newest_fact(state)))
    return f"| {number} | {name} | {sign.mark} {word} | {fact} | {time} |"


def _cut(text: str) -> str:
    return text if len(text) <= CELL_CHARACTERS else f"{text[: CELL_CHARACTERS - 1].rstrip()}…"


def _markdown(text: str) -> str:
    return clean(text).translate(_MARKDOWN)
