"""The plain lines as GitHub Actions shows them: a group per entry, an annotation per problem, a
step summary.

Outside text stands between ``stop-commands`` and its token, so that nothing a test prints is obeyed
by the runner.
"""

import re
from datetime import tzinfo
from typing import Final, TextIO

from devflow.model.checks import Check, Status
from devflow.model.ci import ANNOTATIONS
from devflow.model.events import Broke, Event, Recorded
from devflow.model.figures import Finding
from devflow.model.wording import duration, one_line
from devflow.ui.board import Board, EntryState
from devflow.ui.evidence import evidence_against, full
from devflow.ui.outline import EntryLine, Outline
from devflow.ui.phrases import (
    FAILING,
    MISSING,
    SETTLED,
    ending,
    newest_fact,
    with_dots,
)
from devflow.ui.plain import PlainScreen, is_only_seen
from devflow.ui.signs import SIGNS
from devflow.ui.words import clean

# of an address neither the host nor anything after it is a file
_PLACE = re.compile(r"(?<![\w./:-])(?:\./)?(?P<file>\w[\w./-]*\.[A-Za-z]\w*):(?P<line>\d+)")
# a table's cell of about two lines in a browser
CELL_CHARACTERS: Final = 160
_MARKDOWN: Final = str.maketrans({char: f"\\{char}" for char in "\\`*_{}[]<>|#!~&@"})


def escaped_data(text: str) -> str:
    """Text as a workflow command's message: the runner's own escapes for percent, CR and LF."""
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def escaped_property(text: str) -> str:
    """Text as a property of a workflow command, where colon and comma end it too."""
    return escaped_data(text).replace(":", "%3A").replace(",", "%2C")


def annotation(level: str, title: str, message: str, source: str = "") -> str:
    """One ``::error`` or ``::warning`` command; file and line are taken from the source where it
    names them."""
    properties = f"title={escaped_property(clean(title))}"
    place = _PLACE.search(clean(source))
    if place is not None:
        file = escaped_property(place["file"])
        properties = f"file={file},line={place['line']},{properties}"
    return f"::{level} {properties}::{escaped_data(clean(message))}"


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
        lines = super().lines(event)
        if not lines:
            return []
        guarded = [f"::stop-commands::{self._token}", *lines, f"::{self._token}::"]
        if not isinstance(event, (Recorded, Broke)) or is_only_seen(event):
            return guarded
        state = self.board.entry(event.entry)
        title = f"{clean(event.entry)} {SIGNS[state.status].word}"
        group = [f"::group::{escaped_data(title)}", *guarded, "::endgroup::"]
        return group + _annotations(event.entry, state)


def _annotations(entry: str, state: EntryState) -> list[str]:
    if state.status not in (*FAILING, *MISSING):
        return []
    annotations = []
    for check in _unannotated(state):
        level = "warning" if check.ok is None else "error"
        annotations.append(annotation(level, entry, full(check), _place(check)))
    if annotations:
        return annotations
    level = "error" if state.status in FAILING else "warning"
    return [annotation(level, entry, with_dots(state.why, state.hint), state.at)]


def _unannotated(state: EntryState) -> tuple[Check, ...]:
    """The evidence against an entry, without what the code host shows at its lines already."""
    against = evidence_against(state)
    if not any(check.id == ANNOTATIONS and check.ok for check in state.checks):
        return against
    return tuple(check for check in against if not _is_placed(check))


def _is_placed(check: Check) -> bool:
    return isinstance(check.figure, Finding) and bool(check.figure.path)


def _place(check: Check) -> str:
    """Where a finding is, else where the check was read."""
    if isinstance(check.figure, Finding) and check.figure.path:
        return f"{check.figure.path}:{check.figure.line}"
    return check.source


def step_summary(outline: Outline, board: Board) -> str:
    """The run as Markdown, for the file that ``GITHUB_STEP_SUMMARY`` names."""
    heading = _markdown(ending(outline, board))
    lines = [f"### {heading}", "", "| | entry | status | found | time |", "|---|---|---|---|---|"]
    for line in outline.entries:
        lines.append(_summary_row(line, board.entry(line.name)))
    return "\n".join(lines) + "\n"


def _summary_row(line: EntryLine, state: EntryState) -> str:
    sign = SIGNS[state.status]
    word = sign.word
    if state.status not in (*SETTLED, Status.PENDING):
        word = f"**{sign.word}**"
    number = "" if line.number is None else str(line.number)
    name = _markdown(line.name)
    fact = _markdown(one_line(clean(newest_fact(state)), CELL_CHARACTERS))
    time = duration(state.duration_s) if state.duration_s else ""
    return f"| {number} | {name} | {sign.mark} {word} | {fact} | {time} |"


def _markdown(text: str) -> str:
    return clean(text).translate(_MARKDOWN)
