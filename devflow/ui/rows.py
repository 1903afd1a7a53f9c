"""One entry drawn: its line, its checks, and the block that says what to do about it.

Each row carries a weight: where lines are short, the heaviest go first, so that what needs a person
is what remains.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final, Iterator

from rich.cells import cell_len
from rich.text import Text

from devflow.model.checks import Check, Status
from devflow.model.wording import duration
from devflow.ui.board import EntryState
from devflow.ui.outline import EntryLine
from devflow.ui.pen import Pen
from devflow.ui.phrases import (
    NOTEWORTHY,
    Advice,
    advice,
    evidence_against,
    folded,
    full,
    more,
    newest_fact,
    spent_s,
)
from devflow.ui.signs import SIGNS, Sign, check_sign
from devflow.ui.words import clean, is_web_link

# the longest entry name of the 29, "sprint planning"
NAME_CELLS: Final = 16
LABEL_CELLS: Final = 12
# what stands beside a fact in an entry's line at most: status, number, name, time
BESIDE_CELLS: Final = 50

NEEDED, USEFUL, DETAIL, QUIET, ORNAMENT = range(5)


@dataclass(frozen=True)
class Row:
    """One line of a picture and its weight: ``NEEDED`` stays longest, ``ORNAMENT`` goes first."""

    text: Text
    weight: int = NEEDED


def name_wording(name: str) -> str:
    """An entry's name as it is read."""
    return name.replace("_", " ")


def entry_row(pen: Pen, line: EntryLine, state: EntryState, now: datetime, indent: int = 3) -> Row:
    """The entry's one line: status, number, name, newest fact, time."""
    left = Text(" " * indent, end="")
    left.append_text(pen.sign(_entry_sign(state), turns=state.status is Status.RUNNING))
    number = f"{line.number:2}" if line.number is not None else " +"
    name = clean(name_wording(line.name))
    left.append_text(pen.text(f" {number} {name if pen.narrow else name.ljust(NAME_CELLS)}"))
    fact = newest_fact(state)
    if fact:
        is_quiet = state.status in (Status.PENDING, Status.SKIPPED)
        left.append(" ")
        left.append_text(pen.text(fact, style="dim" if is_quiet else ""))
    seconds = spent_s(state, now)
    right = pen.text(duration(seconds), style="dim") if seconds is not None else None
    return Row(pen.line(left, right), _weight(state))


def _entry_sign(state: EntryState) -> Sign:
    sign = SIGNS[state.status]
    again = state.round > 1 and state.status in (Status.PENDING, Status.RUNNING)
    return Sign("↺", sign.word, sign.style) if again else sign


def _weight(state: EntryState) -> int:
    if state.status in NOTEWORTHY or state.status is Status.RUNNING:
        return NEEDED
    return DETAIL if state.status is Status.PENDING else QUIET


def block_rows(pen: Pen, line: EntryLine, state: EntryState, indent: int = 5) -> Iterator[Row]:
    """What stands under an entry that failed, waits or lacks something: the evidence, then what to
    look at and to type."""
    for check in evidence_against(state):
        yield from _indented(pen, _evidence(pen, check), indent, USEFUL)
    if state.at:
        yield from _indented(pen, pen.text(state.at, style="dim"), indent, DETAIL)
    if state.why and not state.checks and cell_len(state.why) > pen.width - BESIDE_CELLS:
        yield from _indented(pen, pen.text(state.why), indent, DETAIL)
    for write in state.doubtful:
        unknown = pen.text(f"outcome unknown, not repeated: {write}", style="magenta")
        yield from _indented(pen, unknown, indent, USEFUL)
    for item in advice(line, state):
        yield from _advice_rows(pen, item, indent)


def _advice_rows(pen: Pen, item: Advice, indent: int) -> Iterator[Row]:
    style = "" if is_web_link(item.text) else "bold"
    text = pen.text(item.text, style=style, link=item.text)
    if item.note:
        text.append("   ")
        text.append_text(pen.text(item.note, style="dim"))
    label = Text(" " * indent, end="")
    label.append_text(pen.text(item.label.ljust(LABEL_CELLS - 1), style="dim"))
    for line in pen.wrapped(text, indent + LABEL_CELLS, label):
        yield Row(line, USEFUL)


def check_rows(pen: Pen, state: EntryState, indent: int = 6) -> Iterator[Row]:
    """The checks with their measured values, limits and sources; of a long series the first, and
    how many more."""
    for fold in folded(state):
        for check in fold.shown:
            yield from _check(pen, check, indent)
        if fold.summary is not None:
            yield from _check(pen, fold.summary, indent)
        if fold.hidden:
            rest = pen.text(more(fold.hidden), style="dim")
            yield from _indented(pen, rest, indent + 2, DETAIL)


def preview_rows(pen: Pen, state: EntryState) -> Iterator[Row]:
    """What a look found just now, under an entry that is a person's turn."""
    for row in check_rows(pen, replace(state, checks=state.preview)):
        yield Row(row.text, USEFUL)


def _check(pen: Pen, check: Check, indent: int) -> Iterator[Row]:
    first = Text(" " * indent, end="").append_text(pen.sign(check_sign(check))).append(" ")
    for text in pen.wrapped(_evidence(pen, check), first.cell_len, first):
        yield Row(text, DETAIL)


def _evidence(pen: Pen, check: Check) -> Text:
    text = pen.text(full(check)).append("  ")
    return text.append_text(pen.text(f"‹{check.source}›", style="dim"))


def _indented(pen: Pen, text: Text, indent: int, weight: int) -> Iterator[Row]:
    for line in pen.wrapped(text, indent):
        yield Row(line, weight)
