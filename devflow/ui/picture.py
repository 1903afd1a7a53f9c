"""The whole run drawn as lines: live (fitted to the terminal's height), as a status, and as
evidence for the scroll-back.

Pure: the same outline, board and moment give the same lines.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final, Iterable, Iterator, Literal

from rich.cells import cell_len
from rich.text import Text

from devflow.model.checks import Status
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
    preview_rows,
    spoken,
)
from devflow.ui.signs import SIGNS, Sign
from devflow.model.wording import duration
from devflow.ui.words import clean

Openness = Literal["live", "entries", "checks"]
SAFE: Final = "Ctrl-C is safe: devflow ship goes on"
PHASE_CELLS: Final = 13


@dataclass(frozen=True)
class Moment:
    """What is drawn: the plan, what is known, and when."""

    outline: Outline
    board: Board
    now: datetime


def live(pen: Pen, moment: Moment, height: int) -> list[Text]:
    """The picture while it runs, never more than ``height`` lines."""
    return _fitted(
        [*_header(pen, moment), *_phases(pen, moment, "live"), *_footer(pen, moment)], height
    )


def watched(pen: Pen, moment: Moment, height: int) -> list[Text]:
    """The picture for somebody who looks on, never more than ``height`` lines."""
    end = pen.line(
        Text(" ").append_text(pen.text(ending(moment.outline, moment.board), style="dim"))
    )
    return _fitted(
        [
            *_header(pen, moment),
            *_phases(pen, moment, "live"),
            Row(Text(""), ORNAMENT),
            Row(end, QUIET),
        ],
        height,
    )


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
    outline, board = moment.outline, moment.board
    title = pen.text("devflow", style="bold")
    title.append("  ").append_text(pen.text(f"{outline.ticket} {outline.summary}".rstrip()))
    note = pen.text(outline.connect_note, style="magenta") if outline.connect_note else None
    beside = note is not None and title.cell_len + 2 + note.cell_len <= pen.width
    yield Row(pen.line(title, note if beside else None), USEFUL)
    # what the run is connected to is never cut away for a long title
    if note is not None and not beside:
        yield Row(pen.line(note), USEFUL)
    turn = max((board.entry(line.name).round for line in outline.entries), default=1)
    how_far = " · ".join([*([f"round {turn}"] if turn > 1 else []), elapsed(board, moment.now)])
    with_branch = f"branch {outline.branch} · {how_far}"
    fits = outline.branch and cell_len(with_branch) <= pen.width
    yield Row(pen.line(pen.text(with_branch if fits else how_far, style="dim")), DETAIL)
    yield Row(Text(""), ORNAMENT)


def _footer(pen: Pen, moment: Moment) -> Iterator[Row]:
    yield Row(Text(""), ORNAMENT)
    left, right = pen.text(
        time_left(moment.outline, moment.board, moment.now), style="dim"
    ), pen.text(SAFE, style="dim")
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
    status_ = _phase_status(states)
    half = status_ is Status.RUNNING or (
        status_ is Status.PENDING and open_ and any(s.status in SETTLED for s in states)
    )
    left = Text(" ").append_text(pen.sign(Sign("◐", "running", "cyan") if half else SIGNS[status_]))
    settled = sum(state.status in SETTLED for state in states)
    name = clean(spoken(phase.name))
    name = name.capitalize() if len(name) > 2 else name.upper()
    left.append_text(pen.text(f" {name if pen.narrow else name.ljust(PHASE_CELLS)} ", style="bold"))
    left.append(f"{settled}/{len(states)}")
    about = "" if open_ else _phase_fact(pen, phase, states)
    if about:
        left.append("   ").append_text(pen.text(about, style="dim"))
    spent = _span_s(states)
    return pen.line(left, pen.text(duration(spent), style="dim") if spent and not open_ else None)


def _phase_fact(pen: Pen, phase: PhaseLine, states: list[EntryState]) -> str:
    if all(state.status is Status.PENDING for state in states):
        return " · ".join(spoken(line.name) for line in phase.entries)
    skipped = sum(state.status is Status.SKIPPED for state in states)
    parts = (f"{skipped} skipped" if skipped else "", _weightiest_fact(states))
    return " · ".join(part for part in parts if part)


def _weightiest_fact(states: list[EntryState]) -> str:
    """What a finished phase is remembered by: the entry with the most limits kept, of several the
    one that worked longest."""
    kept = {
        place: [check for check in shown_checks(state) if check.ok and check.limit]
        for place, state in enumerate(states)
    }
    place = max(kept, key=lambda place: (len(kept[place]), states[place].duration_s or 0.0))
    return " · ".join(map(phrase, kept[place])) or newest_fact(states[place])


def _span_s(states: Iterable[EntryState]) -> float:
    """How long a phase took: entries that ran side by side are counted once, by their wall time."""
    spans = sorted(
        (state.since.timestamp() - state.duration_s, state.since.timestamp())
        for state in states
        if state.since is not None and state.duration_s
    )
    total, reached = 0.0, 0.0
    for start, end in spans:
        total += max(end - max(start, reached), 0.0)
        reached = max(reached, end)
    return total


def _phase_status(states: list[EntryState]) -> Status:
    """A phase's status: what needs somebody first, then what runs, then passed once all is settled."""
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
    said = pen.text(ending(moment.outline, board), style="bold")
    beside = said.cell_len + time.cell_len + 2 <= pen.width
    if beside:
        yield Row(pen.line(said, time))
    else:
        yield from (Row(text) for text in [*pen.wrapped(said, 0), *pen.wrapped(time, 2)])
    if board.why:
        yield from (Row(text) for text in pen.wrapped(pen.text(board.why), 2))
    # several entries may name one address: it is said once, by the first
    first_named: dict[str, str] = {}
    for name, url in board.links.items():
        first_named.setdefault(url, name)
    for url, name in first_named.items():
        label = Text("  ").append_text(pen.text(spoken(name).ljust(24), style="dim"))
        yield from (
            Row(text) for text in pen.wrapped(pen.text(url, link=url), label.cell_len, label)
        )
    yield Row(
        pen.line(
            Text("  ").append_text(
                pen.text("see  devflow status · devflow logs ENTRY", style="dim")
            )
        )
    )
