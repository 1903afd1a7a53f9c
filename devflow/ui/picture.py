"""The whole run drawn as lines: live (fitted to the terminal's height), as a status, and as
evidence for the scroll-back.

Pure: the same outline, board and moment give the same lines.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final, Iterable, Iterator, Literal

from rich.cells import cell_len
from rich.text import Text

from devflow.model.checks import Check, Status
from devflow.model.command_line import command_line
from devflow.model.wording import duration
from devflow.ui.board import Board, EntryState
from devflow.ui.outline import Outline, PhaseLine
from devflow.ui.pen import Pen
from devflow.ui.phrases import (
    FAILING,
    MISSING,
    SETTLED,
    advice,
    elapsed,
    ending,
    newest_fact,
    phrase,
    shown_checks,
    time_left,
)
from devflow.ui.rows import (
    DETAIL,
    NEEDED,
    ORNAMENT,
    QUIET,
    USEFUL,
    Row,
    block_rows,
    check_rows,
    entry_row,
    name_wording,
    preview_rows,
)
from devflow.ui.signs import SIGNS, Sign
from devflow.ui.words import clean

Openness = Literal["live", "entries", "checks"]
SAFE: Final = f"Ctrl-C is safe: {command_line('ship')} goes on"
PHASE_CELLS: Final = 13


@dataclass(frozen=True)
class Moment:
    """What is drawn: the plan, what is known, and when."""

    outline: Outline
    board: Board
    now: datetime


def live(pen: Pen, moment: Moment, height: int) -> list[Text]:
    """The picture while it runs, never more than ``height`` lines."""
    rows = [*_header(pen, moment), *_phases(pen, moment, "live"), *_footer(pen, moment)]
    return _fitted(rows, height)


def watched(pen: Pen, moment: Moment, height: int) -> list[Text]:
    """The picture for somebody who looks on, never more than ``height`` lines."""
    standing = pen.text(ending(moment.outline, moment.board), style="dim")
    rows = [*_header(pen, moment), *_phases(pen, moment, "live")]
    rows.append(Row(Text(""), ORNAMENT))
    rows.append(Row(pen.line(Text(" ").append_text(standing)), QUIET))
    return _fitted(rows, height)


def _fitted(rows: list[Row], height: int) -> list[Text]:
    by_weight = sorted(range(len(rows)), key=lambda place: rows[place].weight)
    kept = sorted(by_weight[: max(height, 1)])
    return [rows[place].text for place in kept]


def status(pen: Pen, moment: Moment, openness: Openness = "entries") -> list[Text]:
    """The whole tree, with every check where ``openness`` says so, then what needs somebody, then
    how the run stands."""
    rows = [
        *_header(pen, moment),
        *_phases(pen, moment, openness),
        *_blocks(pen, moment),
        *_end(pen, moment),
    ]
    return [row.text for row in rows]


def _header(pen: Pen, moment: Moment) -> Iterator[Row]:
    outline = moment.outline
    title = pen.text("devflow", style="bold")
    title.append("  ").append_text(pen.text(f"{outline.ticket} {outline.summary}".rstrip()))
    note = pen.text(outline.connect_note, style="magenta") if outline.connect_note else None
    if note is None or title.cell_len + 2 + note.cell_len <= pen.width:
        yield Row(pen.line(title, note), USEFUL)
    else:
        # what the run is connected to is never cut away for a long title
        yield Row(pen.line(title), USEFUL)
        yield Row(pen.line(note), USEFUL)
    yield Row(pen.line(pen.text(_how_far(pen, moment), style="dim")), DETAIL)
    yield Row(Text(""), ORNAMENT)


def _how_far(pen: Pen, moment: Moment) -> str:
    """The branch where there is room for it, the round from the second on, and the time."""
    outline = moment.outline
    rounds = [moment.board.entry(line.name).round for line in outline.entries]
    parts = [elapsed(moment.board, moment.now)]
    if max(rounds, default=1) > 1:
        parts.insert(0, f"round {max(rounds)}")
    how_far = " · ".join(parts)
    with_branch = f"branch {outline.branch} · {how_far}"
    fits = outline.branch and cell_len(with_branch) <= pen.width
    return with_branch if fits else how_far


def _footer(pen: Pen, moment: Moment) -> Iterator[Row]:
    yield Row(Text(""), ORNAMENT)
    left = pen.text(time_left(moment.outline, moment.board, moment.now), style="dim")
    right = pen.text(SAFE, style="dim")
    if left.cell_len + right.cell_len + 3 <= pen.width:
        yield Row(pen.line(Text(" ").append_text(left), right), QUIET)
    else:
        yield Row(pen.line(Text(" ").append_text(right)), QUIET)


def _phases(pen: Pen, moment: Moment, openness: Openness) -> Iterator[Row]:
    for phase in moment.outline.phases:
        states = [moment.board.entry(line.name) for line in phase.entries]
        phase_status = _phase_status(states)
        folded = (Status.PENDING, *SETTLED) if openness == "live" else (Status.PENDING,)
        open_ = phase_status not in folded or any(state.preview for state in states)
        yield Row(_phase_line(pen, moment, phase, states, open_), NEEDED if open_ else QUIET)
        if open_:
            yield from _entries(pen, moment, phase, openness)


def _entries(pen: Pen, moment: Moment, phase: PhaseLine, openness: Openness) -> Iterator[Row]:
    for line in phase.entries:
        state = moment.board.entry(line.name)
        yield entry_row(pen, line, state, moment.now)
        yield from preview_rows(pen, state)
        if openness == "checks":
            yield from check_rows(pen, state)
        if openness == "live":
            yield from block_rows(pen, line, state)


def _phase_line(
    pen: Pen, moment: Moment, phase: PhaseLine, states: list[EntryState], open_: bool
) -> Text:
    left = Text(" ").append_text(pen.sign(_phase_sign(states, open_)))
    left.append_text(pen.text(f" {_phase_name(pen, phase)} ", style="bold"))
    settled = sum(state.status in SETTLED for state in states)
    left.append(f"{settled}/{len(states)}")
    if open_:
        return pen.line(left)
    about = _phase_fact(pen, phase, states)
    if about:
        left.append("   ").append_text(pen.text(about, style="dim"))
    spent = _span_s(states)
    return pen.line(left, pen.text(duration(spent), style="dim") if spent else None)


def _phase_sign(states: list[EntryState], open_: bool) -> Sign:
    status_ = _phase_status(states)
    has_begun = open_ and any(state.status in SETTLED for state in states)
    if status_ is Status.RUNNING or (status_ is Status.PENDING and has_begun):
        return Sign("◐", "running", "cyan")
    return SIGNS[status_]


def _phase_name(pen: Pen, phase: PhaseLine) -> str:
    """``Planning``; two letters, such as ``ci``, are an acronym."""
    name = clean(name_wording(phase.name))
    name = name.capitalize() if len(name) > 2 else name.upper()
    return name if pen.narrow else name.ljust(PHASE_CELLS)


def _phase_fact(pen: Pen, phase: PhaseLine, states: list[EntryState]) -> str:
    if all(state.status is Status.PENDING for state in states):
        return " · ".join(name_wording(line.name) for line in phase.entries)
    skipped = sum(state.status is Status.SKIPPED for state in states)
    parts = (f"{skipped} skipped" if skipped else "", _weightiest_fact(states))
    return " · ".join(part for part in parts if part)


def _weightiest_fact(states: list[EntryState]) -> str:
    """What a finished phase is remembered by: the entry with the most limits kept, of several the
    one that worked longest."""
    weightiest = max(states, key=_weight_of_limits)
    limits = [phrase(check) for check in _limits_kept(weightiest)]
    return " · ".join(limits) or newest_fact(weightiest)


def _weight_of_limits(state: EntryState) -> tuple[int, float]:
    return len(_limits_kept(state)), state.duration_s or 0.0


def _limits_kept(state: EntryState) -> list[Check]:
    return [check for check in shown_checks(state) if check.ok and check.limit]


def _span_s(states: Iterable[EntryState]) -> float:
    """How long a phase took: entries that ran side by side are counted once, by their wall time."""
    spans = []
    for state in states:
        if state.since is not None and state.duration_s:
            end = state.since.timestamp()
            spans.append((end - state.duration_s, end))
    total = 0.0
    reached = 0.0
    for start, end in sorted(spans):
        total += max(end - max(start, reached), 0.0)
        reached = max(reached, end)
    return total


def _phase_status(states: list[EntryState]) -> Status:
    """What needs somebody first, then what runs, then passed once all is settled."""
    held = [state.status for state in states]
    for group in (FAILING, (Status.RUNNING,), MISSING, (Status.WAITING,), (Status.DEFERRED,)):
        found = [status_ for status_ in held if status_ in group]
        if found:
            return found[0]
    if held and all(status_ is Status.SKIPPED for status_ in held):
        return Status.SKIPPED
    if held and all(status_ in SETTLED for status_ in held):
        return Status.PASSED
    return Status.RUNNING if any(status_ in SETTLED for status_ in held) else Status.PENDING


def _blocks(pen: Pen, moment: Moment) -> Iterator[Row]:
    for line in moment.outline.entries:
        state = moment.board.entry(line.name)
        if advice(line, state) or state.doubtful:
            yield Row(Text(""), ORNAMENT)
            yield entry_row(pen, line, state, moment.now, indent=1)
            yield from block_rows(pen, line, state)


def _end(pen: Pen, moment: Moment) -> Iterator[Row]:
    board = moment.board
    yield Row(Text(""), ORNAMENT)
    time = pen.text(elapsed(board, moment.now), style="dim")
    standing = pen.text(ending(moment.outline, board), style="bold")
    if standing.cell_len + time.cell_len + 2 <= pen.width:
        yield Row(pen.line(standing, time))
    else:
        yield from _wrapped(pen, standing, 0)
        yield from _wrapped(pen, time, 2)
    if board.why:
        yield from _wrapped(pen, pen.text(board.why), 2)
    yield from _links(pen, board)
    see = f"see  {command_line('status')} · {command_line('logs', 'ENTRY')}"
    yield Row(pen.line(Text("  ").append_text(pen.text(see, style="dim"))))


def _links(pen: Pen, board: Board) -> Iterator[Row]:
    # several entries may name one address: it is shown once, by the first
    first_named: dict[str, str] = {}
    for name, url in board.links.items():
        first_named.setdefault(url, name)
    for url, name in first_named.items():
        label = Text("  ").append_text(pen.text(name_wording(name).ljust(24), style="dim"))
        for text in pen.wrapped(pen.text(url, link=url), label.cell_len, label):
            yield Row(text)


def _wrapped(pen: Pen, text: Text, indent: int) -> Iterator[Row]:
    for line in pen.wrapped(text, indent):
        yield Row(line)
