"""``devflow status``: the versioned JSON object, the whole tree as text, and the short form for a
prompt.

The object's words are the public ones: crashed and rejected are ``failed``, unobserved
``unavailable``; ``why`` has the cause.
"""

from datetime import datetime
from typing import Any, Literal, Mapping

from rich.text import Text

from devflow.model.checks import Status
from devflow.model.events import SCHEMA
from devflow.ui import picture
from devflow.ui.board import Board, EntryState, count
from devflow.ui.outline import EntryLine, Outline, PhaseLine
from devflow.ui.pen import Pen
from devflow.ui.phrases import FAILING, MISSING, SETTLED
from devflow.ui.signs import SIGNS
from devflow.ui.words import clean, encodable

RunState = Literal["new", "running", "waiting", "blocked", "failed", "done"]
_SHORT = {
    "new": SIGNS[Status.PENDING],
    "running": SIGNS[Status.RUNNING],
    "waiting": SIGNS[Status.WAITING],
    "blocked": SIGNS[Status.UNAVAILABLE],
    "failed": SIGNS[Status.FAILED],
    "done": SIGNS[Status.PASSED],
}


def status_object(
    outline: Outline, board: Board, *, running: bool, links: Mapping[str, str] | None = None
) -> dict[str, Any]:
    """The object of ``status --output json``; ``running``: a runner holds the ticket's lock;
    ``links`` join the board's."""
    return {
        "schema": SCHEMA,
        "run": outline.ticket,
        "ticket": outline.ticket,
        "state": run_state(outline, board, running=running),
        "waiting_for": waiting_for(outline, board) or None,
        "entries": [
            _entry(phase, line, board.entry(line.name))
            for phase in outline.phases
            for line in phase.entries
        ],
        "links": {**board.links, **(links or {})},
    }


def status_text(pen: Pen, outline: Outline, board: Board, now: datetime) -> list[Text]:
    """The whole tree without its checks, then what needs somebody, then how the run stands."""
    return picture.status(pen, picture.Moment(outline, board, now))


def run_state(outline: Outline, board: Board, *, running: bool) -> RunState:
    """How the run stands: what runs first, then what needs mending, then what waits; ``done`` only
    when nothing does."""
    held = [(line, board.entry(line.name).status) for line in outline.entries]
    if running:
        return "running"
    if all(status is Status.PENDING for _, status in held):
        return "new"
    if any(status in FAILING for _, status in held):
        return "failed"
    if any(line.required and status in MISSING for line, status in held):
        return "blocked"
    return "done" if all(status in (*SETTLED, *MISSING) for _, status in held) else "waiting"


def waiting_for(outline: Outline, board: Board) -> str:
    """Whom or what the run waits for: the first entry's own words, or whose turn it is; empty where
    nothing waits."""
    for line in outline.entries:
        state = board.entry(line.name)
        if state.status is Status.WAITING:
            return state.waiting.for_ if state.waiting else line.name
        if state.status is Status.PENDING and line.hands_over and board.began is not None:
            return f"you: {line.name}"
    deferred = [
        line for line in outline.entries if board.entry(line.name).status is Status.DEFERRED
    ]
    return (board.entry(deferred[0].name).why or deferred[0].name) if deferred else ""


def short_status(outline: Outline, board: Board, *, running: bool, encoding: str = "utf-8") -> str:
    """One line for a prompt: ``SCRUM-95 13/29 ⏸ review``; the phase is the first that is not
    through."""
    state = run_state(outline, board, running=running)
    settled = count(board, outline, *SETTLED)
    where = "done" if state == "done" else _open_phase(outline, board)
    return encodable(
        f"{clean(outline.ticket)} {settled}/{len(outline.entries)} "
        f"{_SHORT[state].mark} {clean(where)}",
        encoding,
    )


def _open_phase(outline: Outline, board: Board) -> str:
    """The phase that somebody must see to, else the first that is not through."""
    held = [
        (phase, line, board.entry(line.name).status)
        for phase in outline.phases
        for line in phase.entries
    ]
    calls = (*FAILING, Status.WAITING, Status.RUNNING, Status.DEFERRED)
    calling = [phase.name for phase, _, status in held if status in calls]
    open_ = [
        phase.name
        for phase, line, status in held
        if status not in SETTLED and (line.required or status not in MISSING)
    ]
    return (calling or open_ or [""])[0]


def _entry(phase: PhaseLine, line: EntryLine, state: EntryState) -> dict[str, Any]:
    return {
        "name": line.name,
        "number": line.number,
        "title": line.title,
        "phase": phase.name,
        "status": state.status.public.value,
        "round": state.round,
        "duration_s": state.duration_s,
        "why": state.why,
        "checks": [
            check.model_dump(include={"label", "ok", "measured", "limit", "source"})
            for check in (state.preview or state.checks)
        ],
    }
