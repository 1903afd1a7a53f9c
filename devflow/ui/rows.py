"""One entry drawn: its line, its checks, and the block that says what to do about it.

Each row carries a weight: where lines are short, the heaviest go first, so that what needs a person
is what remains.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final, Iterator

from rich.cells import cell_len
from rich.text import Text

from devflow.model.checks import Status
from devflow.model.command_line import naming
from devflow.model.wording import duration
from devflow.ui.advice import LABEL_CELLS, Advice, advice
from devflow.ui.board import EntryState
from devflow.ui.evidence import Line, evidence_against, folded, lines_of, more
from devflow.ui.outline import EntryLine
from devflow.ui.pen import Pen
from devflow.ui.phrases import (
    NOTEWORTHY,
    awaited,
    name_wording,
    newest_fact,
    spent_s,
)
from devflow.ui.signs import SIGNS, Sign
from devflow.ui.traffic import plots, table_lines
from devflow.ui.words import NAME_CELLS, clean, is_web_link

# what stands beside a fact in an entry's line at most: status, number, name, time
BESIDE_CELLS: Final = 50

NEEDED, USEFUL, DETAIL, QUIET, ORNAMENT = range(5)


@dataclass(frozen=True)
class Row:
    """One line of a picture and its weight: ``NEEDED`` stays longest, ``ORNAMENT`` goes first."""

    text: Text
    weight: int = NEEDED


def blank() -> Row:
    """An empty line, the first to go."""
    return Row(Text(""), ORNAMENT)


def entry_row(
    pen: Pen, line: EntryLine, state: EntryState, now: datetime, *, is_heading: bool = False
) -> Row:
    """The entry's one line: status, number, name, newest fact, time. As the heading of its block
    without a fact that the block says in whole lines."""
    left = Text(" " if is_heading else "   ", end="")
    is_running = state.status is Status.RUNNING
    left.append_text(pen.sign(_entry_sign(state), turns=is_running))
    left.append_text(pen.text(_numbered_name(pen, line)))
    fact = naming(line.named, newest_fact(state, is_drawn=True))
    if fact and not (is_heading and _is_told_below(pen, state)):
        style = "dim" if state.status in (Status.PENDING, Status.SKIPPED) else ""
        left.append(" ")
        left.append_text(pen.text(fact, style=style))
    right = None
    seconds = spent_s(state, now)
    if seconds is not None:
        right = pen.text(duration(seconds), style="dim")
    return Row(pen.line(left, right), _weight(state))


def _is_told_below(pen: Pen, state: EntryState) -> bool:
    """Whether the block says the newest fact: by its evidence, or because it is cut above."""
    return bool(evidence_against(state)) or _is_cut(pen, newest_fact(state, is_drawn=True))


def _is_cut(pen: Pen, fact: str) -> bool:
    return not pen.fits(cell_len(fact) + BESIDE_CELLS)


def _numbered_name(pen: Pen, line: EntryLine) -> str:
    number = " +" if line.number is None else f"{line.number:2}"
    name = clean(name_wording(line.name))
    if not pen.narrow:
        name = name.ljust(NAME_CELLS)
    return f" {number} {name}"


def _entry_sign(state: EntryState) -> Sign:
    sign = SIGNS[state.status]
    if state.round > 1 and state.status in (Status.PENDING, Status.RUNNING):
        return Sign("↺", sign.word, sign.style)
    return sign


def _weight(state: EntryState) -> int:
    if state.status in NOTEWORTHY or state.status is Status.RUNNING:
        return NEEDED
    return DETAIL if state.status is Status.PENDING else QUIET


def block_rows(pen: Pen, line: EntryLine, state: EntryState, indent: int = 5) -> Iterator[Row]:
    """What stands under an entry that failed, waits or lacks something: the evidence, then what to
    look at and to type."""
    for evidence in lines_of(evidence_against(state)):
        text = _with_source(pen, evidence.alone, evidence.source)
        yield from _indented(pen, text, indent, USEFUL)
    for told in state.output:
        yield from _indented(pen, pen.text(told), indent, USEFUL)
    for drawn in _canary(pen, state, indent):
        yield Row(drawn, DETAIL)
    if state.at:
        yield from _indented(pen, pen.text(state.at, style="dim"), indent, DETAIL)
    if state.why and not state.checks and _is_cut(pen, state.why):
        yield from _indented(pen, pen.text(state.why), indent, DETAIL)
    for write in state.doubtful:
        text = pen.text(f"outcome unknown, not repeated: {write}", style="magenta")
        yield from _indented(pen, text, indent, USEFUL)
    for item in (*_cut_above(pen, line, state), *advice(line, state)):
        yield from _advice_rows(pen, item, indent)


def _cut_above(pen: Pen, line: EntryLine, state: EntryState) -> Iterator[Advice]:
    """What an entry is waited for, and what was asked of it, where its own line has no room."""
    is_cut = _is_cut(pen, newest_fact(state, is_drawn=True))
    to_dos = _to_dos(line, state)
    if is_cut or len(to_dos) > 1:
        for todo in to_dos:
            yield Advice("to-do", todo)
    if is_cut and state.status is Status.WAITING and state.waiting is not None:
        # of a change that is asked for, that is what the to-dos say
        words = awaited(state)
        if not (to_dos and words.endswith("; ".join(to_dos))):
            yield Advice("for", words)


def _to_dos(line: EntryLine, state: EntryState) -> tuple[str, ...]:
    """What an entry that is under way was sent back for."""
    sent_back = state.sent_back
    is_asked = state.status in (Status.PENDING, Status.RUNNING, Status.WAITING)
    is_its_own = sent_back is not None and sent_back.to == line.name
    return sent_back.todo if sent_back and is_asked and is_its_own else ()


def _advice_rows(pen: Pen, item: Advice, indent: int) -> Iterator[Row]:
    # a link has the terminal's own style
    style = "" if is_web_link(item.text) else "bold"
    text = pen.text(item.text, style=style, link=item.text)
    if item.note:
        text.append("   ")
        text.append_text(pen.text(item.note, style="dim"))
    label = pen.text(item.label.ljust(LABEL_CELLS - 1), style="dim")
    margin = Text(" " * indent, end="").append_text(label)
    for line in pen.wrapped(text, indent + LABEL_CELLS, margin):
        yield Row(line, USEFUL)


def running_rows(pen: Pen, state: EntryState, indent: int = 8) -> Iterator[Row]:
    """What a running entry watches."""
    if state.status is Status.RUNNING and state.canary is not None:
        for line in table_lines(pen, state.canary, indent):
            yield Row(line, USEFUL)


def _canary(pen: Pen, state: EntryState, indent: int) -> Iterator[Text]:
    """The figures that a person decides by, or that a version was taken back for."""
    canary = state.canary
    if canary is None:
        return
    if state.status is Status.WAITING:
        yield from table_lines(pen, canary, indent)
    elif canary.verdict == "failed":
        yield from plots(pen, canary, indent)


def check_rows(pen: Pen, state: EntryState, indent: int = 6) -> Iterator[Row]:
    """The checks with their measured values, limits and sources; of a long series the first, and
    how many more."""
    for lines, hidden in folded(state.checks):
        for line in lines:
            yield from _line_rows(pen, line, indent)
        if hidden:
            rest = pen.text(more(hidden), style="dim")
            yield from _indented(pen, rest, indent + 2, DETAIL)


def preview_rows(pen: Pen, state: EntryState) -> Iterator[Row]:
    """What a look found just now, under an entry that is a person's turn."""
    preview = replace(state, checks=state.preview)
    for row in check_rows(pen, preview):
        yield replace(row, weight=USEFUL)


def _line_rows(pen: Pen, line: Line, indent: int) -> Iterator[Row]:
    margin = Text(" " * indent, end="")
    margin.append_text(pen.sign(line.sign))
    margin.append(" ")
    text = _with_source(pen, line.text, line.source)
    for part in pen.wrapped(text, margin.cell_len, margin):
        yield Row(part, DETAIL)


def _with_source(pen: Pen, text: str, source: str) -> Text:
    dim_source = pen.text(f"‹{source}›", style="dim")
    return pen.text(text).append("  ").append_text(dim_source)


def _indented(pen: Pen, text: Text, indent: int, weight: int) -> Iterator[Row]:
    for line in pen.wrapped(text, indent):
        yield Row(line, weight)
