"""What is said of an entry, as plain text: its newest fact, its checks, and what to type next.

All screens take their words from here, so that tree, plain lines and annotations agree. The texts
are not cleaned yet.
"""

import re
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Final, Iterable, Iterator, Sequence

from devflow.model.checks import Check, Status
from devflow.model.command_line import command_line
from devflow.model.wording import duration, plural
from devflow.ui.board import Board, EntryState, count
from devflow.ui.outline import EntryLine, Outline
from devflow.ui.signs import NOT_MEASURED, SIGNS, check_sign

BAR_CELLS: Final = 10
ENDINGS: Final = {
    0: "is done",
    6: "was rejected",
    8: "waits",
    9: "was rolled back",
    130: "was interrupted",
    143: "was interrupted",
}
FAILING: Final = (Status.FAILED, Status.CRASHED, Status.REJECTED)
MISSING: Final = (Status.UNAVAILABLE, Status.UNOBSERVED)
SETTLED: Final = (Status.PASSED, Status.SKIPPED)
OPEN: Final = (Status.PENDING, Status.RUNNING)
NOTEWORTHY: Final = (*FAILING, *MISSING, Status.WAITING, Status.DEFERRED)
# a series of up to 16 lines is read as it is: seven phases with their waits; of a longer one three
# say what it is like
SERIES_LONG: Final = 16
SERIES_SHOWN: Final = 3
SAME_REASON: Final = 3  # lines; two are read as fast as one that stands for both
NAMES_CHARS: Final = (
    60  # of labels in such a line, which then fits beside its reason at 100 columns
)
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
    return f"{check.label}: {check.measured or _verdict(check)}{limit}"


def _verdict(check: Check) -> str:
    if check.ok is None:
        return "not measured"
    return "yes" if check.ok else "no"


def shown_checks(state: EntryState) -> tuple[Check, ...]:
    """The checks that may be printed: a line without a source is not."""
    return tuple(check for check in state.checks if check.source)


@dataclass(frozen=True)
class Fold:
    """Checks in a row that are shown together: those to show as they are, or all of one reason.

    ``hidden`` is how many more are like the shown ones.
    """

    shown: tuple[Check, ...]
    hidden: int = 0
    summary: Check | None = None


def folded(state: EntryState) -> Iterator[Fold]:
    """The checks that may be printed, in order, long series shortened.

    Two kinds of series are: lines in a row that are all ok, have no limit, and differ in their
    numbers alone, such as the passed cases of a test suite; and lines that were not measured for
    one and the same reason. Whatever somebody has to decide is no part of a series.
    """
    for likeness, run in groupby(shown_checks(state), _likeness):
        checks = tuple(run)
        if likeness is None:
            yield Fold(checks)
        elif checks[0].ok is None:
            yield _of_one_reason(checks)
        elif len(checks) > SERIES_LONG:
            yield Fold(checks[:SERIES_SHOWN], len(checks) - SERIES_SHOWN)
        else:
            yield Fold(checks)


def _likeness(check: Check) -> tuple[object, ...] | None:
    """What the lines of a series have in common; ``None`` for a line that is part of none."""
    if check.ok is True and not check.limit:
        return (True, _NUMBER.sub("0", check.measured))
    is_reason = check_sign(check) is NOT_MEASURED and check.measured
    return (None, check.measured, check.limit, check.needed) if is_reason else None


def _of_one_reason(checks: tuple[Check, ...]) -> Fold:
    """From three on one line stands for all; where their labels are few and short it names them."""
    if len(checks) < SAME_REASON:
        return Fold(checks)
    names = ", ".join(check.label for check in checks)
    if len(names) > NAMES_CHARS:
        names = plural(len(checks), "line")
    summary = checks[0].model_copy(update={"label": names})
    return Fold((), summary=summary)


def more(count: int) -> str:
    """The line that stands for the rest of a series."""
    return f"and {count} more like this: {command_line('status', output='json')}"


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
            return " · ".join(_passed_phrases(state))
        case _:
            return " · ".join(phrase(check) for check in evidence_against(state)) or state.why


def _passed_phrases(state: EntryState) -> Iterator[str]:
    for fold in folded(state):
        if fold.summary is not None:
            yield phrase(fold.summary)
        elif not fold.hidden:
            yield from (phrase(check) for check in fold.shown)


def _round(state: EntryState) -> str:
    if state.round < 2:
        return ""
    if state.sent_back is None:
        return f"round {state.round}"
    todo = state.sent_back.todo
    sender = state.sent_by.replace("_", " ")
    if not todo:
        return f"round {state.round}: sent back by {sender}: {state.sent_back.why}"
    return f'round {state.round}: {plural(len(todo), "to-do")} from {sender}: "{todo[0]}"'


def _progress(state: EntryState) -> str:
    # a bar only where the size is known; one that guesses would be a claim
    if state.done is None or not state.total:
        return state.fact
    cells = min(max(BAR_CELLS * state.done // state.total, 0), BAR_CELLS)
    bar = "▓" * cells + "░" * (BAR_CELLS - cells)
    return f"{bar} {state.done} of {state.total} {state.fact}".rstrip()


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
        verb = command.removeprefix("devflow ").split(" ")[0]
        yield Advice(_LABELS.get(verb, "type"), command, _remark(command))
    if not any(command.startswith(command_line("ship")) for command in waiting.type_next):
        yield Advice("go on", command_line("ship"), _remark(command_line("ship")))


def _remark(command: str) -> str:
    if command != command_line("ship"):
        return ""
    return f"or stay: {command_line('ship', wait=True)}"


def _failure(line: EntryLine, state: EntryState) -> Iterator[Advice]:
    if state.hint:
        yield Advice("mend", state.hint)
    alone = _first_test(evidence_against(state))
    yield Advice("rerun", command_line("ship"), f"only this: pytest {alone}" if alone else "")
    yield Advice("whole log", command_line("logs", line.name))


def _first_test(checks: Iterable[Check]) -> str:
    """The id of the first test that a check names as its source, empty where none does."""
    for check in checks:
        match = _PYTEST_ID.search(check.source)
        if match:
            return match[0]
    return ""


def _missing(line: EntryLine, state: EntryState) -> Iterator[Advice]:
    if state.hint:
        yield Advice("install", state.hint)
    if line.required:
        yield Advice(
            "or allow it",
            f"{line.name}: {{required: false}}",
            f"({line.where})" if line.where else "",
        )
        yield Advice("go on", command_line("ship"))


def ending(outline: Outline, board: Board) -> str:
    """How the run stands, in one sentence: ``SCRUM-95 is done: 29 entries, 25 passed, 4
    unavailable``."""
    counts = [plural(len(outline.entries), "entry", "entries")]
    counts.append(f"{count(board, outline, Status.PASSED)} passed")
    for status in Status:
        if status is not Status.PASSED:
            counts.append(_counted(outline, board, status))
    numbers = ", ".join(part for part in counts if part)
    return f"{outline.ticket} {_standing(outline, board)}: {numbers}"


def _standing(outline: Outline, board: Board) -> str:
    code = board.exit_code
    if code is None:
        return "goes on" if board.began else "has not begun"
    if code == 0 and count(board, outline, Status.PENDING, Status.RUNNING):
        return "stands here"
    return ENDINGS.get(code, "stopped")


def _counted(outline: Outline, board: Board, status: Status) -> str:
    """``4 unavailable (20–23: no container engine)``: the cause where all share one."""
    lines = [line for line in outline.entries if board.entry(line.name).status is status]
    if not lines:
        return ""
    causes = {board.entry(line.name).why for line in lines}
    number = f"{len(lines)} {SIGNS[status].word.lower()}"
    if status not in (*FAILING, *MISSING) or len(causes) > 1:
        return number
    return f"{number} ({_numbered(lines)}: {causes.pop()})"


def _numbered(lines: Sequence[EntryLine]) -> str:
    """``20–23``, or each by its number or name."""
    numbers = [line.number or 0 for line in lines]
    first = numbers[0]
    if len(lines) > 1 and numbers == list(range(first, first + len(lines))):
        return f"{first}–{numbers[-1]}"
    return ", ".join(str(line.number or line.name) for line in lines)


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
    open_lines = [line for line in outline.entries if board.entry(line.name).status in OPEN]
    if not open_lines or not all(line.past_s for line in open_lines):
        return ""
    low_s: dict[str, float] = {}
    high_s: dict[str, float] = {}
    for line in open_lines:
        state = board.entry(line.name)
        spent = 0.0
        if state.status is Status.RUNNING:
            spent = spent_s(state, now) or 0.0
        # what runs side by side takes as long as the longest of it
        group = line.group or line.name
        low_s[group] = max(low_s.get(group, 0.0), min(line.past_s) - spent)
        high_s[group] = max(high_s.get(group, 0.0), max(line.past_s) - spent)
    span = _minutes(sum(low_s.values()), sum(high_s.values()))
    runs = min(len(line.past_s) for line in open_lines)
    return f"about {span} left ({plural(runs, 'earlier run')})"


def _minutes(low_s: float, high_s: float) -> str:
    low = round(low_s / 60)
    high = round(high_s / 60)
    if high < 1:
        return "less than 1 min"
    return f"{high} min" if low == high else f"{low} to {high} min"
