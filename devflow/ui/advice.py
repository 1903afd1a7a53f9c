"""What a person looks at and types next: for an entry that failed, waits or lacks something, and
for the run.

All screens take their commands from here. The texts are not cleaned yet.
"""

import re
import shlex
from dataclasses import asdict, dataclass, replace
from typing import Any, Final, Iterator, Literal

from devflow.model.canary import found_words
from devflow.model.checks import Status
from devflow.model.command_line import acted_by, command_line, naming
from devflow.model.errors import RolledBack
from devflow.model.events import SCHEMA
from devflow.model.outcomes import Absent, Waiting
from devflow.model.sandbox import REVIEWERS
from devflow.model.wording import IF_ELSEWHERE, JUDGED_ANEW, mended_by
from devflow.ui.board import Board, EntryState
from devflow.ui.evidence import evidence_against
from devflow.ui.outline import EntryLine, Outline
from devflow.ui.phrases import (
    FAILING,
    MISSING,
    has_landed,
    name_wording,
    stands_here,
    was_interrupted,
)

LABEL_CELLS: Final = 12
SHIP: Final = command_line("ship")
SHIP_AND_STAY: Final = command_line("ship", wait=True)
_PYTEST_ID = re.compile(r"[\w./-]+\.py::[\w:.-]+(\[[^\]\s]*\])?")
_LABELS: Final = {
    "approve": "approve",
    "reject": "reject",
    "ship": "go on",
    "logs": "whole log",
    "promote": "promote",
    "abort": "take back",
}
_TICKET: Final = 1  # the number of the step that reads the ticket
# by the evidence that is not there, the option that says it
_WRITTEN: Final = {"story": "story", "criteria": "ac"}
# the labels of what a person says before a run goes on; a no is one of them only at a canary
_DECISIONS: Final = ("approve", "promote", "take back")


@dataclass(frozen=True)
class Advice:
    """One thing to look at or to type: a short label, the address or command, and a remark."""

    label: str
    text: str
    note: str = ""


def advice(line: EntryLine, state: EntryState) -> tuple[Advice, ...]:
    """What to look at and what to type next for an entry that failed, waits or lacks something; its
    commands reach this ticket, whichever branch is checked out."""
    told = []
    for item in _advice(line, state):
        text = naming(line.named, item.text)
        told.append(replace(item, text=text, note=naming(line.named, item.note)))
    return tuple(told)


def _advice(line: EntryLine, state: EntryState) -> Iterator[Advice]:
    if state.status in (Status.WAITING, Status.DEFERRED):
        yield from _gate(line, state)
    elif state.status is Status.REJECTED:
        yield from _refusal(line, state)
    elif state.status in FAILING:
        yield from _failure(line, state)
    elif state.status in MISSING:
        yield from _missing(line, state)


def _gate(line: EntryLine, state: EntryState) -> Iterator[Advice]:
    waiting = state.waiting
    if waiting is None:
        return
    for label, text in waiting.shows:
        yield Advice(label, text)
    if waiting.until:
        at = waiting.until.astimezone()
        yield Advice("opens", f"{at:%a %Y-%m-%d %H:%M %Z}", "by this machine's clock")
    if waiting.look_at:
        yield Advice("look", waiting.look_at)
    ships = False
    for command in waiting.type_next:
        verb = command.removeprefix("devflow ").split(" ")[0]
        label = _LABELS.get(verb, "type")
        if verb in ("approve", "reject"):
            yield _word(line, waiting, label, command)
        else:
            yield Advice(label, command, _remark(command))
        ships = ships or command.startswith(SHIP)
    if not ships:
        yield Advice("go on", SHIP, _remark(SHIP))


def _word(line: EntryLine, waiting: Waiting, label: str, command: str) -> Advice:
    """The command by which a person gives their word, as somebody whose word it can be types it."""
    if not line.in_sandbox:
        note = f"by {' or '.join(waiting.by)}" if waiting.by else ""
        if waiting.not_by:
            note = f"not by {' or '.join(waiting.not_by)}"
        return Advice(label, command, note)
    able = waiting.by
    if waiting.not_by:
        able = tuple(person for person in REVIEWERS if person not in waiting.not_by)
    return Advice(label, acted_by(able[0], command) if able else command)


def given(verdict: Literal["approve", "reject"], gate: str, run: str, person: str) -> str:
    """What a person's word has done: a command is never repeated as if it were still to be
    typed."""
    word = "approved" if verdict == "approve" else "rejected"
    by = f" as {person}" if person else ""
    return f"{word} {gate} of {run}{by}"


def after_answer(line: EntryLine, waiting: Waiting | Absent | None) -> tuple[Advice, ...]:
    """What follows a person's word at a gate: who is asked still, or whose no keeps it closed, and
    what to type."""
    if waiting is None:
        return (Advice("go on", naming(line.named, SHIP)),)
    if isinstance(waiting, Absent):
        state = EntryState(status=Status.REJECTED, refused_by=waiting.by)
        return advice(line, state)
    state = EntryState(status=Status.WAITING, waiting=waiting)
    return (Advice("still for", waiting.for_), *advice(line, state))


def answer_object(
    line: EntryLine,
    run: str,
    verdict: Literal["approve", "reject"],
    waiting: Waiting | Absent | None,
) -> dict[str, Any]:
    """The object of ``--output json`` for a person's word at a gate: whom it waits for still, whose
    no keeps it closed, and what to type; nobody and nothing where it is open."""
    by: tuple[str, ...] = ()
    if isinstance(waiting, Waiting):
        by = waiting.by
    return {
        "schema": SCHEMA,
        "run": run,
        "entry": line.name,
        "verdict": verdict,
        "is_open": waiting is None,
        "waiting_for": waiting.for_ if isinstance(waiting, Waiting) else None,
        "by": list(by),
        "rejected_by": (waiting.by or None) if isinstance(waiting, Absent) else None,
        "next": [asdict(one) for one in after_answer(line, waiting)],
    }


def whose_turn(outline: Outline, board: Board) -> EntryLine | None:
    """The first entry that waits, or that is a person's to do; ``None`` where nothing waits. It is
    nobody's turn behind an entry that something is wrong with: the run never came there."""
    is_held_up = False
    for line in outline.entries:
        state = board.entry(line.name)
        if state.status is Status.WAITING:
            return line
        is_turn = line.hands_over and line.name not in board.outdated and not is_held_up
        if state.status is Status.PENDING and is_turn and board.began is not None:
            return line
        lacks = line.required and state.status in MISSING
        is_held_up = is_held_up or lacks or state.status in FAILING
    return None


def what_next(outline: Outline, board: Board) -> str:
    """What a person types next where a command has ended: the run waits for them, or their base for
    what it has merged."""
    line = whose_turn(outline, board)
    waits = line is not None and board.entry(line.name).status is Status.WAITING
    if was_interrupted(board) and not waits:
        return naming(outline.named, SHIP)
    if line is None and outline.base and has_landed(outline, board):
        return _follow(outline)
    if line is None and stands_here(outline, board):
        return naming(outline.named, SHIP)
    if line is None or board.exit_code is None:
        return ""
    state = board.entry(line.name)
    if state.status is Status.PENDING:
        return f"{naming(outline.named, SHIP)}, once {name_wording(line.name)} is done"
    told = advice(line, state)
    words = [one.text for one in told if one.label in _DECISIONS]
    on = [one.text for one in told if one.label == _LABELS["ship"]]
    return ", then ".join((*filter(None, [" or ".join(words)]), *on))


def _follow(outline: Outline) -> str:
    """How the base that is here, which does not follow by itself, gets what was merged."""
    base = shlex.quote(outline.base)
    remote = shlex.quote(outline.remote)
    if not outline.base_is_here:
        # a clone of one branch only
        return f"git fetch {remote} {base}:{base} && git switch {base}"
    return f"git switch {base} && git pull {remote} {base}"


def _remark(command: str) -> str:
    return f"or stay: {SHIP_AND_STAY}" if command == SHIP else ""


def _refusal(line: EntryLine, state: EntryState) -> Iterator[Advice]:
    """A person's no is no failure to mend: at a gate their own yes takes it back."""
    if state.at:
        yield Advice("look", state.at)
    if state.hint:
        yield Advice("anew", state.hint)
        return
    if state.refused_by:
        own = Waiting(for_="", by=(state.refused_by,))
        yield _word(line, own, "take back", command_line("approve", line.name))
    yield Advice("go on", SHIP, "once it is taken back")


def _failure(line: EntryLine, state: EntryState) -> Iterator[Advice]:
    if state.hint:
        yield Advice("mend", state.hint)
    if _is_taken_back(state):
        yield from _taken_back(line, state)
        return
    if line.in_sandbox and line.number == _TICKET:
        yield from _unwritten(state)
    # what was taken back is refused until it is mended, or wanted again
    if state.exit_code != RolledBack.exit_code:
        test_id = _first_test_id(state)
        note = f"only this: pytest {test_id}" if test_id else ""
        yield Advice("rerun", SHIP, note)
    # of a crash that is its trace
    if state.status is Status.CRASHED or line.has_log():
        yield Advice("whole log", command_line("logs", line.name))


def _is_taken_back(state: EntryState) -> bool:
    """Whether the version was: to run the entry again brings it no more."""
    is_worse = state.canary is not None and state.canary.verdict == "failed"
    return is_worse or any(one.id == "taken_back" and one.ok is False for one in state.checks)


def _taken_back(line: EntryLine, state: EntryState) -> Iterator[Advice]:
    found = state.canary.found if state.canary else ()
    if found:
        yield Advice("seen", "; ".join(f"{one.service} {found_words(one)}" for one in found))
    is_merged = any(check.id == "merged" and check.ok for check in state.checks)
    yield Advice("mend", mended_by(is_merged))
    again = command_line("ship", again=line.name)
    yield Advice("or again", again, f"{IF_ELSEWHERE}; {JUDGED_ANEW}")
    yield Advice("whole log", command_line("logs", line.name))


def _unwritten(state: EntryState) -> Iterator[Advice]:
    """How what a ticket lacks is written into it where no browser can."""
    lacks = {check.id for check in state.checks if check.ok is False}
    said = {option: "TEXT" for id_, option in _WRITTEN.items() if id_ in lacks}
    if said:
        yield Advice("write", command_line("sandbox", "ticket", **said))


def _first_test_id(state: EntryState) -> str:
    for check in evidence_against(state):
        test_id = _PYTEST_ID.search(check.source)
        if test_id is not None:
            return test_id[0]
    return ""


def _missing(line: EntryLine, state: EntryState) -> Iterator[Advice]:
    if state.hint:
        yield Advice("install", state.hint)
    if not line.required:
        return
    setting = f"{line.name}: {{required: false}}"
    where = f"({line.where})" if line.where else ""
    yield Advice("or allow it", setting, where)
    yield Advice("go on", SHIP)
