"""The whole run drawn as lines: live (fitted to the terminal's height), as a status, and as
evidence for the scroll-back.

Pure: the same outline, board and moment give the same lines.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from itertools import groupby
from typing import Final, Iterator, Literal, Mapping

from rich.cells import cell_len
from rich.text import Text

from devflow.model.checks import Status
from devflow.model.command_line import command_line, naming
from devflow.model.wording import duration
from devflow.ui.advice import advice, what_next
from devflow.ui.board import Board, EntryState
from devflow.ui.outline import EntryLine, EnvironmentLine, Outline, PhaseLine, numbers_of
from devflow.ui.pen import Pen
from devflow.ui.phases import PhaseState
from devflow.ui.phrases import SETTLED, elapsed, ending, name_wording, time_left, with_dots
from devflow.ui.rows import (
    DETAIL,
    NEEDED,
    QUIET,
    USEFUL,
    Row,
    blank,
    block_rows,
    check_rows,
    entry_row,
    preview_rows,
    running_rows,
)
from devflow.ui.signs import SIGNS
from devflow.ui.words import clean

Openness = Literal["live", "entries", "checks"]
SAFE: Final = f"Ctrl-C is safe: {command_line('ship')} goes on"
SEE: Final = f"see  {command_line('status')} · {command_line('logs', 'ENTRY')}"
# the longest phase name of the seven, "Development", and two spaces
PHASE_CELLS: Final = 13
# the longest name of a link in the sample project, "development frontend", and four spaces
LINK_NAME_CELLS: Final = 24


@dataclass(frozen=True)
class Moment:
    """What is drawn: the plan, what is known, and when; ``is_later``: by another command than the
    one that came to know it; ``environments`` are those that were asked for it."""

    outline: Outline
    board: Board
    now: datetime
    is_later: bool = False
    environments: tuple[EnvironmentLine, ...] = ()


def live(pen: Pen, moment: Moment, height: int) -> list[Text]:
    """The picture while it runs, never more than ``height`` lines."""
    pen = replace(pen, in_place=True)
    rows = list(_header(pen, moment))
    rows += _phases(pen, moment, "live")
    rows += _footer(pen, moment)
    return _fitted(rows, height)


def watched(pen: Pen, moment: Moment, height: int) -> list[Text]:
    """The picture for somebody who looks on, never more than ``height`` lines."""
    pen = replace(pen, in_place=True)
    rows = list(_header(pen, moment))
    rows += _phases(pen, moment, "live")
    stands = pen.text(ending(moment.outline, moment.board), style="dim")
    rows.append(blank())
    rows.append(Row(pen.line(Text(" ").append_text(stands)), QUIET))
    return _fitted(rows, height)


def _fitted(rows: list[Row], height: int) -> list[Text]:
    by_weight = sorted(range(len(rows)), key=lambda place: rows[place].weight)
    places = sorted(by_weight[: max(height, 1)])
    return [rows[place].text for place in places]


def status(pen: Pen, moment: Moment, openness: Openness = "entries") -> list[Text]:
    """The whole tree, with every check where ``openness`` says so, then what needs somebody, then
    how the run stands."""
    rows = list(_header(pen, moment))
    rows += _phases(pen, moment, openness)
    rows += _blocks(pen, moment)
    rows += _end(pen, moment)
    return [row.text for row in rows]


def _header(pen: Pen, moment: Moment) -> Iterator[Row]:
    outline = moment.outline
    title = pen.text("devflow", style="bold").append("  ")
    title.append_text(pen.text(f"{outline.ticket} {outline.summary}".rstrip()))
    note = pen.text(outline.connect_note, style="magenta")
    if pen.fits(title.cell_len + 2 + note.cell_len):
        yield Row(pen.line(title, note), USEFUL)
    else:
        yield Row(pen.line(title), USEFUL)
        # what the run is connected to is never cut away for a long title
        if outline.connect_note:
            yield Row(pen.line(note), USEFUL)
    yield Row(pen.line(pen.text(_how_far(pen, moment), style="dim")), DETAIL)
    yield blank()


def _how_far(pen: Pen, moment: Moment) -> str:
    """``branch SCRUM-95-tabs · round 2 · 4 min 46 s``; the branch goes where it does not fit."""
    outline = moment.outline
    rounds = [moment.board.entry(line.name).round for line in outline.entries]
    turn = max(rounds, default=1)
    round_ = f"round {turn}" if turn > 1 else ""
    how_far = with_dots(round_, elapsed(moment.board, moment.now))
    if not outline.branch:
        return how_far
    with_branch = f"branch {outline.branch} · {how_far}"
    return with_branch if pen.fits(cell_len(with_branch)) else how_far


def _footer(pen: Pen, moment: Moment) -> Iterator[Row]:
    yield blank()
    left = pen.text(time_left(moment.outline, moment.board, moment.now), style="dim")
    safe = pen.text(naming(moment.outline.named, SAFE), style="dim")
    margin = Text(" ")
    if pen.fits(left.cell_len + safe.cell_len + 3):
        yield Row(pen.line(margin.append_text(left), safe), QUIET)
    else:
        yield Row(pen.line(margin.append_text(safe)), QUIET)


def _phases(pen: Pen, moment: Moment, openness: Openness) -> Iterator[Row]:
    for phase in moment.outline.phases:
        state = PhaseState.of(phase, moment.board)
        is_open = _is_open(state, openness)
        weight = NEEDED if is_open else QUIET
        yield Row(_phase_line(pen, phase, state, is_open), weight)
        if is_open:
            yield from _entries(pen, moment, phase, openness)


def _is_open(state: PhaseState, openness: Openness) -> bool:
    if state.has_preview:
        return True
    if openness == "live" and state.status in SETTLED:
        return False
    return state.status is not Status.PENDING or state.settled > 0


def _entries(pen: Pen, moment: Moment, phase: PhaseLine, openness: Openness) -> Iterator[Row]:
    for line, state in _said_once(phase, moment.board):
        yield entry_row(pen, line, state, moment.now)
        yield from preview_rows(pen, state)
        yield from running_rows(pen, state)
        if openness == "checks":
            yield from check_rows(pen, state)
        if openness == "live":
            yield from block_rows(pen, line, state)


def _said_once(phase: PhaseLine, board: Board) -> Iterator[tuple[EntryLine, EntryState]]:
    """The entries of a phase as they are drawn: of those in a row that are pending for one reason
    the first says it, with the numbers of all."""

    def reason(line: EntryLine) -> str:
        state = board.entry(line.name)
        return state.why if state.status is Status.PENDING else ""

    for why, run in groupby(phase.entries, reason):
        lines = list(run)
        words = f"{numbers_of(lines)} {why}" if len(lines) > 1 else why
        for line in lines:
            state = board.entry(line.name)
            if why:
                state = replace(state, why=words)
                words = ""
            yield line, state


def _phase_line(pen: Pen, phase: PhaseLine, state: PhaseState, is_open: bool) -> Text:
    left = Text(" ").append_text(pen.sign(SIGNS[state.status]))
    name = _phase_name(phase.name)
    if not pen.narrow:
        name = name.ljust(PHASE_CELLS)
    left.append_text(pen.text(f" {name} ", style="bold"))
    left.append(f"{state.settled}/{len(state.entries)}")
    if is_open:
        return pen.line(left)
    fact = state.fact()
    if fact:
        left.append("   ").append_text(pen.text(fact, style="dim"))
    spent_s = state.span_s()
    if not spent_s:
        return pen.line(left)
    return pen.line(left, pen.text(duration(spent_s), style="dim"))


def _phase_name(name: str) -> str:
    """A phase's name as a heading: ``Development``, ``CI``."""
    name = clean(name_wording(name))
    return name.capitalize() if len(name) > 2 else name.upper()


def _blocks(pen: Pen, moment: Moment) -> Iterator[Row]:
    for line in moment.outline.entries:
        state = moment.board.entry(line.name)
        if advice(line, state) or state.doubtful:
            yield blank()
            yield entry_row(pen, line, state, moment.now, is_heading=True)
            yield from block_rows(pen, line, state)


def _end(pen: Pen, moment: Moment) -> Iterator[Row]:
    yield blank()
    for line in _ending(pen, moment):
        yield Row(line)
    if moment.board.why and not _is_told(moment):
        why = naming(moment.outline.named, moment.board.why)
        for line in pen.wrapped(pen.text(why), 2):
            yield Row(line)
    looked_at = moment.board.looked_at
    if moment.is_later and looked_at is not None:
        ago = duration((moment.now - looked_at).total_seconds())
        yield Row(pen.line(pen.text(f"  last looked at {ago} ago", style="dim")))
    # by another command it is asked what answers now
    answered = {} if moment.is_later else moment.board.addresses.answered
    for line in _links(pen, {**moment.board.addresses.made, **answered}):
        yield Row(line)
    for environment in moment.environments:
        for line in _environment(pen, environment):
            yield Row(line)
    yield from _next(pen, moment)
    see = pen.text(_see(moment), style="dim")
    yield Row(pen.line(Text("  ").append_text(see)))


def _is_told(moment: Moment) -> bool:
    """Whether why the command ended is what an entry above says of itself."""
    for line in moment.outline.entries:
        state = moment.board.entry(line.name)
        reason = state.waiting.for_ if state.waiting else state.why
        if reason and advice(line, state) and reason in moment.board.why:
            return True
    return False


def _next(pen: Pen, moment: Moment) -> Iterator[Row]:
    onward = what_next(moment.outline, moment.board)
    if onward:
        margin = Text("  ").append_text(pen.text("next  ", style="dim"))
        for line in pen.wrapped(pen.text(onward, style="bold"), margin.cell_len, margin):
            yield Row(line)


def _see(moment: Moment) -> str:
    """What to type next; of a ticket that was never begun there is nothing to be looked at."""
    if moment.board.began is None:
        return f"begin  {command_line('start', moment.outline.ticket)}"
    return naming(moment.outline.named, SEE)


def _ending(pen: Pen, moment: Moment) -> Iterator[Text]:
    stands = pen.text(ending(moment.outline, moment.board), style="bold")
    time = pen.text(elapsed(moment.board, moment.now), style="dim")
    if pen.fits(stands.cell_len + time.cell_len + 2):
        yield pen.line(stands, time)
        return
    yield from pen.wrapped(stands, 0)
    yield from pen.wrapped(time, 2)


def _links(pen: Pen, links: Mapping[str, str]) -> Iterator[Text]:
    # several entries may name one address: it stands once, under the first of them
    first_names: dict[str, str] = {}
    for name, url in links.items():
        first_names.setdefault(url, name)
    for url, name in first_names.items():
        margin = _named(pen, name_wording(name))
        yield from pen.wrapped(pen.text(url, link=url), margin.cell_len, margin)


def _environment(pen: Pen, environment: EnvironmentLine) -> Iterator[Text]:
    """What it comes to, and behind that, or below where it does not fit, what answers."""
    margin = _named(pen, environment.name)
    text = pen.text(environment.text)
    for url in environment.urls.values():
        text.append("  ").append_text(pen.text(url, link=url))
    yield from pen.wrapped(text, margin.cell_len, margin)


def _named(pen: Pen, name: str) -> Text:
    padded_name = name.ljust(LINK_NAME_CELLS)
    return Text("  ").append_text(pen.text(padded_name, style="dim"))
