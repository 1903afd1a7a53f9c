"""``devflow status``: the versioned JSON object, the whole tree as text, and the short form for a
prompt.

The object's words are the public ones: crashed and rejected are ``failed``, unobserved
``unavailable``; ``why`` has the cause.
"""

from dataclasses import replace
from datetime import datetime
from itertools import dropwhile
from typing import Any, Iterator

from rich.text import Text

from devflow.model.checks import Status, why
from devflow.model.command_line import naming
from devflow.model.environments import taken_back_check
from devflow.model.errors import RolledBack
from devflow.model.events import SCHEMA
from devflow.model.summary import State
from devflow.ui import picture
from devflow.ui.advice import advice, what_next, whose_turn
from devflow.ui.board import Board, EntryState
from devflow.ui.damage import damage_object
from devflow.ui.evidence import as_object, lines_of
from devflow.ui.outline import EntryLine, EnvironmentLine, Outline
from devflow.ui.pen import Pen
from devflow.ui.phrases import awaited, elapsed, ending, newest_fact, why_ended, with_dots
from devflow.ui.plain import fact_line
from devflow.ui.signs import SIGNS
from devflow.ui.tally import Tally
from devflow.ui.words import clean, encodable

# the object is an interface: a new field of a check is none of it until it is named here


def status_object(
    outline: Outline,
    board: Board,
    *,
    running: bool,
    environments: tuple[EnvironmentLine, ...] | None = None,
) -> dict[str, Any]:
    """The object of ``status --output json``; ``running``: a runner holds the ticket's lock;
    ``environments`` are those that were asked, ``None`` where none were."""
    board = as_it_runs(outline, board, environments or ())
    entries = []
    for phase in outline.phases:
        for line in phase.entries:
            entries.append(_entry_object(phase.name, line, board.entry(line.name)))
    known = {
        "schema": SCHEMA,
        "run": outline.ticket,
        "ticket": outline.ticket,
        "state": run_state(outline, board, running=running),
        "waiting_for": waiting_for(outline, board) or None,
        "entries": entries,
        "damage": damage_object(board.damage),
        "links": {**board.addresses.made, **dict(_answering(environments or ()))},
    }
    if environments is not None:
        known["environments"] = [dict(one.known) for one in environments]
    return known


def as_it_runs(outline: Outline, board: Board, environments: tuple[EnvironmentLine, ...]) -> Board:
    """The board on which no entry stands that brought a version which was taken back since, nor any
    behind it, which may say that it is live: the journal does not know of it before the next
    ``ship`` looks."""
    taken_back = set()
    refused = {one.name: one.refused for one in environments}
    entries = dict(board.entries)
    for name, (environment, version) in board.addresses.brought.items():
        when = refused.get(environment, {}).get(version)
        state = board.entry(name)
        if when is None or state.status is not Status.PASSED:
            continue
        taken_back.add(name)
        words = f"was rolled back since, {when}".rstrip(", ")
        checks = (taken_back_check(environment, version, words), *state.checks)
        entries[name] = replace(state, status=Status.FAILED, checks=checks, why=why(checks))
        if board.exit_code == 0:
            # how it stands, and no longer how the newest command ended
            board = replace(board, exit_code=RolledBack.exit_code)
    board = replace(board, entries=entries)
    names = [line.name for line in outline.entries]
    behind = dropwhile(lambda name: name not in taken_back, names)
    ticked = (name for name in behind if board.entry(name).status is Status.PASSED)
    return board.without(board.outdated.union(ticked))


def _answering(environments: tuple[EnvironmentLine, ...]) -> Iterator[tuple[str, str]]:
    for environment in environments:
        for service, url in environment.urls.items():
            yield f"{environment.name} {service}", url


def status_text(
    pen: Pen,
    outline: Outline,
    board: Board,
    now: datetime,
    environments: tuple[EnvironmentLine, ...] = (),
) -> list[Text]:
    """The whole tree without its checks, then what needs somebody, then how the run stands and what
    runs where."""
    board = as_it_runs(outline, board, environments)
    moment = picture.Moment(outline, board, now, is_later=True, environments=environments)
    return picture.status(pen, moment)


def status_plain(
    outline: Outline,
    board: Board,
    now: datetime,
    environments: tuple[EnvironmentLine, ...] = (),
) -> list[str]:
    """One line a fact, as in a run's plain lines, nothing wrapped and nothing drawn: for ears and
    for ``grep``."""
    board = as_it_runs(outline, board, environments)
    lines = []
    for line in outline.entries:
        state = board.entry(line.name)
        fact = naming(line.named, newest_fact(state))
        lines.append(fact_line(now, line, SIGNS[state.status].word, fact))
        for evidence in lines_of(state.preview):
            lines.append(fact_line(now, line, evidence.sign.word, evidence.text))
        for item in advice(line, state):
            text = f"{item.text}   {item.note}"
            lines.append(fact_line(now, line, item.label, text))
    of_run = EntryLine(None, "", "")
    for label, text in _of_run(outline, board, now, environments):
        lines.append(fact_line(now, of_run, label, text))
    return lines


def _of_run(
    outline: Outline, board: Board, now: datetime, environments: tuple[EnvironmentLine, ...]
) -> Iterator[tuple[str, str]]:
    yield "", with_dots(ending(outline, board), elapsed(board, now), outline.connect_note)
    if board.why:
        every = [line.name for line in outline.entries]
        yield "why", why_ended(outline, board, every)
    onward = what_next(outline, board)
    if onward:
        yield "next", onward
    for name, url in board.addresses.made.items():
        yield "see", f"{name}: {url}"
    for environment in environments:
        urls = " ".join(environment.urls.values())
        yield "runs", f"{environment.name}: {environment.text} {urls}"


def run_state(outline: Outline, board: Board, *, running: bool) -> State:
    """How the run stands, as ``Tally`` counts it."""
    return Tally(outline, board).state(running=running)


def waiting_for(outline: Outline, board: Board) -> str:
    """Whom or what the run waits for: the first entry's own words, or whose turn it is; empty where
    nothing waits."""
    turn = whose_turn(outline, board)
    if turn is not None:
        state = board.entry(turn.name)
        if state.status is Status.PENDING:
            return f"you: {turn.name}"
        return awaited(state) or turn.name
    # a deferred gate holds up nothing that anybody else waits for
    for line in outline.entries:
        state = board.entry(line.name)
        if state.status is Status.DEFERRED:
            return state.why or line.name
    return ""


def short_status(outline: Outline, board: Board, *, running: bool, encoding: str = "utf-8") -> str:
    """One line for a prompt: ``SCRUM-95 13/29 ⏸ review``; the phase is the one that somebody must
    see to, else the first that is not through."""
    summary = Tally(outline, board).summary()
    return encodable(clean(summary.line(outline.ticket, running=running)), encoding)


def _entry_object(phase: str, line: EntryLine, state: EntryState) -> dict[str, Any]:
    checks = []
    for check in state.preview or state.checks:
        checks.append(as_object(check))
    return {
        "name": line.name,
        "number": line.number,
        "title": line.title,
        "phase": phase,
        "status": state.status.public.value,
        "round": state.round,
        "duration_s": state.duration_s,
        "why": state.why,
        "output": list(state.output),
        "checks": checks,
        "looked_at": state.looked_at.isoformat() if state.looked_at else None,
    }
