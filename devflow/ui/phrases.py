"""What is said of an entry, as plain text: its newest fact, its checks, and what to type next.

All screens take their words from here, so that tree, plain lines and annotations agree. The texts
are not cleaned yet.
"""

import re
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Final, Iterator

from devflow.model.checks import Check, Status
from devflow.model.wording import plural
from devflow.ui.board import Board, EntryState, count
from devflow.ui.outline import EntryLine, Outline
from devflow.ui.signs import NOT_MEASURED, SIGNS, check_sign
from devflow.model.wording import duration

BAR_CELLS: Final = 10
FAILING: Final = (Status.FAILED, Status.CRASHED, Status.REJECTED)
MISSING: Final = (Status.UNAVAILABLE, Status.UNOBSERVED)
SETTLED: Final = (Status.PASSED, Status.SKIPPED)
NOTEWORTHY: Final = (*FAILING, *MISSING, Status.WAITING, Status.DEFERRED)
# a series of up to 16 lines is read as it is: seven phases with their waits; of a longer one three
# say what it is like
SERIES_LONG: Final = 16
SERIES_SHOWN: Final = 3
_NUMBER = re.compile(r"\d+(\.\d+)?")
_PYTEST_ID = re.compile(r"[\w./-]+\.py::[\w:.-]+(\[[^\]\s]*\])?")
_LABELS: Final = {"approve": "approve", "reject": "reject", "ship": "go on", "logs": "whole log"}


@dataclass(frozen=True)
class Advice:
    """One thing to look at or to type: a short label, the address or command, and a remark."""

    label: str
    text: str
    note: str = ""


def phrase(check: Check) -> str:
    """A check in a few words: its measured value, with its label where the value does not say it,
    and a missed limit."""
    if not check.measured:
        return f"{check.label} {'not measured' if check.ok is None else ''}".rstrip()
    said = (
        check.measured
        if check.label.casefold() in check.measured.casefold()
        else f"{check.label} {check.measured}"
    )
    if check_sign(check) is NOT_MEASURED and not check.measured.startswith("not "):
        return f"{said} (not measured)"
    return f"{said} (limit {check.limit})" if check.limit and not check.ok else said


def full(check: Check) -> str:
    """A check with everything it knows but its source: label, measured value, limit."""
    limit = f" (limit {check.limit})" if check.limit else ""
    return f"{check.label}: {check.measured or ('not measured' if check.ok is None else 'yes' if check.ok else 'no')}{limit}"


def shown_checks(state: EntryState) -> tuple[Check, ...]:
    """The checks that may be printed: a line without a source is not."""
    return tuple(check for check in state.checks if check.source)


def folded(state: EntryState) -> Iterator[tuple[tuple[Check, ...], int]]:
    """The checks that may be printed, in order, as (those to show, how many more like them).

    Only a long series is shortened: lines in a row that are all ok, have no limit, and differ in
    their numbers alone, such as the passed cases of a test suite. Whatever somebody has to see is
    no part of a series.
    """
    for likeness, run in groupby(
        shown_checks(state),
        lambda check: _NUMBER.sub("0", check.measured) if _plain(check) else None,
    ):
        lines = tuple(run)
        shown = SERIES_SHOWN if likeness is not None and len(lines) > SERIES_LONG else len(lines)
        yield lines[:shown], len(lines) - shown


def _plain(check: Check) -> bool:
    return check.ok is True and not check.limit


def more(count: int) -> str:
    """The line that stands for the rest of a series."""
    return f"and {count} more like this: devflow status --output json"


def newest_fact(state: EntryState) -> str:
    """The one line beside an entry's name."""
    match state.status:
        case Status.RUNNING:
            return " · ".join(part for part in (_round(state), _progress(state)) if part)
        case Status.WAITING:
            waiting = f"waiting for {state.waiting.for_}" if state.waiting else "waiting"
            return " · ".join(part for part in (_round(state), waiting) if part)
        case Status.PENDING:
            return _round(state)
        case Status.PASSED:
            return " · ".join(
                phrase(check) for checks, hidden in folded(state) if not hidden for check in checks
            )
        case _:
            return " · ".join(phrase(check) for check in evidence_against(state)) or state.why


def _round(state: EntryState) -> str:
    if state.round < 2:
        return ""
    if state.sent_back is None:
        return f"round {state.round}"
    sent, sender = state.sent_back, state.sent_by.replace("_", " ")
    if not sent.todo:
        return f"round {state.round}: sent back by {sender}: {sent.why}"
    return f'round {state.round}: {plural(len(sent.todo), "to-do")} from {sender}: "{sent.todo[0]}"'


def _progress(state: EntryState) -> str:
    # a bar only where the size is known; one that guesses would be a claim
    if state.done is None or not state.total:
        return state.fact
    cells = min(max(BAR_CELLS * state.done // state.total, 0), BAR_CELLS)
    return f"{'▓' * cells}{'░' * (BAR_CELLS - cells)} {state.done} of {state.total} {state.fact}".rstrip()


def spent_s(state: EntryState, now: datetime) -> float | None:
    """Seconds beside an entry: its duration, or how long it has been running or waiting; ``None``
    where it did nothing."""
    if state.status in (Status.RUNNING, Status.WAITING):
        return (now - state.since).total_seconds() if state.since else None
    return state.duration_s or None


def evidence_against(state: EntryState) -> tuple[Check, ...]:
    """The checks that keep an entry from passing, each of which can be printed."""
    return tuple(
        check
        for check in shown_checks(state)
        if check.ok is False or (check.ok is None and check.needed)
    )


def advice(line: EntryLine, state: EntryState) -> tuple[Advice, ...]:
    """What to look at and what to type next for an entry that failed, waits or lacks something."""
    if state.status in (Status.WAITING, Status.DEFERRED):
        return tuple(_gate(state))
    if state.status in FAILING:
        return tuple(_failure(line, state))
    if state.status in MISSING:
        return tuple(_missing(line, state))
    return ()


def _gate(state: EntryState) -> Iterator[Advice]:
    waiting = state.waiting
    if waiting is None:
        return
    if waiting.look_at:
        yield Advice("look", waiting.look_at)
    for command in waiting.type_next:
        yield Advice(
            _LABELS.get(command.removeprefix("devflow ").split(" ")[0], "type"),
            command,
            _remark(command),
        )
    if not any(command.startswith("devflow ship") for command in waiting.type_next):
        yield Advice("go on", "devflow ship", _remark("devflow ship"))


def _remark(command: str) -> str:
    return "or stay: devflow ship --wait" if command == "devflow ship" else ""


def _failure(line: EntryLine, state: EntryState) -> Iterator[Advice]:
    if state.hint:
        yield Advice("mend", state.hint)
    alone = [
        found[0] for check in evidence_against(state) if (found := _PYTEST_ID.search(check.source))
    ]
    yield Advice("rerun", "devflow ship", f"only this: pytest {alone[0]}" if alone else "")
    yield Advice("whole log", f"devflow logs {line.name}")


def _missing(line: EntryLine, state: EntryState) -> Iterator[Advice]:
    if state.hint:
        yield Advice("install", state.hint)
    if line.required:
        yield Advice(
            "or allow it",
            f"{line.name}: {{required: false}}",
            f"({line.where})" if line.where else "",
        )
        yield Advice("go on", "devflow ship")


def ending(outline: Outline, board: Board) -> str:
    """How the run stands, in one sentence: ``SCRUM-95 is done: 29 entries, 25 passed, 4
    unavailable``."""
    words = {
        0: "is done",
        6: "was rejected",
        8: "waits",
        9: "was rolled back",
        130: "was interrupted",
        143: "was interrupted",
    }
    code = board.exit_code
    passed = count(board, outline, Status.PASSED)
    others = [_counted(outline, board, status) for status in Status if status is not Status.PASSED]
    finished = count(board, outline, Status.PENDING, Status.RUNNING) == 0
    goes_on = "goes on" if board.began else "has not begun"
    stands = (
        goes_on
        if code is None
        else "stands here" if code == 0 and not finished else words.get(code, "stopped")
    )
    counted = [
        plural(len(outline.entries), "entry", "entries"),
        f"{passed} passed",
        *filter(None, others),
    ]
    return f"{outline.ticket} {stands}: {', '.join(counted)}"


def _counted(outline: Outline, board: Board, status: Status) -> str:
    """``4 unavailable (20–23: no container engine)``: the cause where all share one."""
    lines = [line for line in outline.entries if board.entry(line.name).status is status]
    if not lines:
        return ""
    causes = {board.entry(line.name).why for line in lines}
    said = f"{len(lines)} {SIGNS[status].word.lower()}"
    if status not in (*FAILING, *MISSING) or len(causes) > 1:
        return said
    numbers = [line.number or 0 for line in lines]
    in_a_row = len(lines) > 1 and numbers == list(range(numbers[0], numbers[0] + len(lines)))
    names = (
        f"{numbers[0]}–{numbers[-1]}"
        if in_a_row
        else ", ".join(str(line.number or line.name) for line in lines)
    )
    return f"{said} ({names}: {causes.pop()})"


def elapsed(board: Board, now: datetime) -> str:
    """``6 min 12 s, of which 1 min 40 s waiting``."""
    waited_s = board.all_waits_s(now)
    waits = f", of which {duration(waited_s)} waiting" if waited_s >= 1 else ""
    return duration(board.elapsed_s(now)) + waits


def time_left(outline: Outline, board: Board, now: datetime) -> str:
    """``about 3 to 5 min left (4 earlier runs)``: the open entries' own past durations.

    Empty where one of them has none, and while somebody is waited for: nobody knows how long people
    take.
    """
    if board.wait_began is not None:
        return ""
    low_s: dict[str, float] = {}
    high_s: dict[str, float] = {}
    runs = 0
    for line in outline.entries:
        state = board.entry(line.name)
        if state.status not in (Status.PENDING, Status.RUNNING):
            continue
        if not line.past_s:
            return ""
        spent = (spent_s(state, now) or 0.0) if state.status is Status.RUNNING else 0.0
        group = line.group or line.name
        # what runs side by side takes as long as the longest of it
        low_s[group] = max(low_s.get(group, 0.0), min(line.past_s) - spent, 0.0)
        high_s[group] = max(high_s.get(group, 0.0), max(line.past_s) - spent, 0.0)
        runs = min(runs or len(line.past_s), len(line.past_s))
    if not runs:
        return ""
    low, high = round(sum(low_s.values()) / 60), round(sum(high_s.values()) / 60)
    span = (
        "less than 1 min" if high < 1 else f"{high} min" if low == high else f"{low} to {high} min"
    )
    return f"about {span} left ({plural(runs, 'earlier run')})"
