"""What is said of an entry and of the run, as plain text: the newest fact, how all of it stands.

All screens take their words from here, so that tree, plain lines and annotations agree. The texts
are not cleaned yet.
"""

from datetime import datetime
from typing import Final, Iterable, Iterator

from devflow.model.checks import Status, judged, why
from devflow.model.command_line import naming
from devflow.model.wording import duration, plural
from devflow.ui.board import Board, EntryState
from devflow.ui.evidence import evidence_against, folded, lines_of, said_once, shown_checks
from devflow.ui.outline import Outline, numbers_of
from devflow.ui.signs import NOT_MEASURED, NOT_OK, SIGNS

# the longest entry name of the 29, "sprint planning", and a space
BAR_CELLS: Final = 10
FAILING: Final = (Status.FAILED, Status.CRASHED, Status.REJECTED)
MISSING: Final = (Status.UNAVAILABLE, Status.UNOBSERVED)
SETTLED: Final = (Status.PASSED, Status.SKIPPED)
NOTEWORTHY: Final = (*FAILING, *MISSING, Status.WAITING, Status.DEFERRED)
UNSHIPPED: Final = "the developer to ship what is changed"
# by exit code; the others are those of errors
_ENDINGS: Final = {
    0: "is done",
    6: "was rejected",
    8: "waits",
    9: "was rolled back",
}
# verbs that are named after only one of the things that they do
_VERBS: Final = {"open_pull": "open or edit pull request"}
# the evidence of how a suite ended, and any of an earlier release, which had no ids
_OF_SUITES: Final = ("suite", "")
# the step among the 29 that says which test proves what
_PROVING: Final = 8
# by SIGHUP, SIGINT, SIGQUIT, a standard output that nobody reads, and SIGTERM
_STOPPED: Final = frozenset({129, 130, 131, 141, 143})


def name_wording(name: str) -> str:
    """The name of an entry as it is read."""
    return name.replace("_", " ")


def verb_wording(verb: str) -> str:
    """A write's verb as it is read, of what was and of what would be written."""
    return _VERBS.get(verb, name_wording(verb))


def with_dots(*parts: str) -> str:
    """The parts that say anything, as one line."""
    return " · ".join(part for part in parts if part)


def newest_fact(state: EntryState, *, is_drawn: bool = False) -> str:
    """The one line beside an entry's name; where it ``is_drawn``, what is done has a bar before its
    numbers, which alone are for ears."""
    match state.status:
        case Status.RUNNING:
            return with_dots(_round(state), _progress(state, is_drawn=is_drawn))
        case Status.WAITING:
            waiting = f"waiting for {awaited(state)}" if state.waiting else "waiting"
            return with_dots(_round(state, waiting), waiting)
        case Status.PENDING:
            return with_dots(_round(state), state.why)
        case Status.PASSED:
            return with_dots(*_passed_facts(state))
        case _:
            facts = [line.brief for line in lines_of(evidence_against(state))]
            return " · ".join(facts) or state.why


def awaited(state: EntryState) -> str:
    """Whom or what an entry waits for, empty where nobody said so. "Nothing is changed" was so when
    it began to wait: where a look finds a change now, it waits for somebody to ship that."""
    if state.waiting is None:
        return ""
    # what is asked of one that was sent back is asked of the change that is there
    is_there = state.sent_back is None and judged(state.preview) is Status.PASSED
    return UNSHIPPED if is_there else state.waiting.for_


def _passed_facts(state: EntryState) -> Iterator[str]:
    for lines, hidden in folded(state.checks):
        # a series is summed up by a line of its own
        if not hidden:
            for line in lines:
                yield line.brief


def _round(state: EntryState, beside: str = "") -> str:
    """Which round it is, and what it came back for, as far as the words ``beside`` it do not
    say."""
    if state.round < 2:
        return ""
    turn = f"round {state.round}"
    if state.sent_back is None:
        return turn
    sender = name_wording(state.sent_by)
    todo = state.sent_back.todo
    if not todo:
        return f"{turn}: sent back by {sender}: {state.sent_back.why}"
    to_dos = f"{turn}: {plural(len(todo), 'to-do')} from {sender}"
    return to_dos if todo[0] in beside else f'{to_dos}: "{todo[0]}"'


def _progress(state: EntryState, *, is_drawn: bool) -> str:
    # a bar only where the size is known; one that guesses would be a claim
    if state.done is None or not state.total:
        return state.fact
    numbers = f"{state.done} of {state.total}"
    if not is_drawn:
        return ", ".join(part for part in (numbers, state.fact) if part)
    cells = BAR_CELLS * state.done // state.total
    cells = min(max(cells, 0), BAR_CELLS)
    bar = "▓" * cells + "░" * (BAR_CELLS - cells)
    return f"{bar} {numbers} {state.fact}".rstrip()


def outcome(state: EntryState) -> str:
    """What an entry came to, where its checks are listed below: of a passed one only how many,
    counted as they are listed."""
    if state.status is not Status.PASSED:
        return newest_fact(state)
    return _count_of_checks(state)


def _count_of_checks(state: EntryState) -> str:
    """Those that share a line are counted, too: it says how many they are."""
    return plural(len(said_once(shown_checks(state))), "check")


def tallied(state: EntryState) -> str:
    """What an entry came to where lines of their own follow that say why it did not pass: how many
    those are. Without such lines it says the reason itself."""
    against = evidence_against(state)
    if state.status not in (*FAILING, *MISSING) or not against:
        return outcome(state)
    bad = [check for check in against if check.ok is False]
    word = (NOT_OK if bad else NOT_MEASURED).word.lower()
    return f"{len(bad or against)} of {_count_of_checks(state)} {word}"


def why_ended(outline: Outline, board: Board, told: Iterable[str]) -> str:
    """Why a command ended. What the lines of an entry (one of ``told``) say is not said once more:
    the entry is named, and how it stands."""
    for name in told:
        state = board.entry(name)
        if state.status in NOTEWORTHY and board.why in _said_by(name, state):
            return f"{name}: {SIGNS[state.status].word}"
    return naming(outline.named, board.why)


def _said_by(name: str, state: EntryState) -> Iterator[str]:
    """What the lines of an entry say, as it would stand at the end of a command."""
    if state.waiting is not None:
        yield state.waiting.for_
    against = evidence_against(state)
    yield f"{name}: {why(against) if against else state.why}"


def spent_s(state: EntryState, now: datetime) -> float | None:
    """Seconds beside an entry: its duration, or how long it has been running or waiting; ``None``
    where it did nothing."""
    if state.status not in (Status.RUNNING, Status.WAITING):
        return state.duration_s or None
    if state.since is None:
        return None
    return (now - state.since).total_seconds()


def count(board: Board, outline: Outline, *statuses: Status) -> int:
    """How many of the plan's entries have one of these statuses."""
    return sum(board.entry(line.name).status in statuses for line in outline.entries)


def ending(outline: Outline, board: Board) -> str:
    """How the run stands, in one sentence: ``SCRUM-95 is done: 29 entries, 25 passed, 4
    unavailable``.

    What passed before and was not looked at again by a command that ended well is named.
    """
    passed = count(board, outline, Status.PASSED)
    parts = [plural(len(outline.entries), "entry", "entries"), f"{passed} passed"]
    for status in Status:
        if status is not Status.PASSED:
            parts.append(_counted(outline, board, status))
    figures = ", ".join(part for part in parts if part)
    sentence = f"{outline.ticket} {_standing(outline, board)}: {figures}"
    unseen = [line for line in outline.entries if board.seen_before(line.name)]
    for missing in _still_missing(outline, board):
        sentence = f"{sentence}; {missing}"
    if board.exit_code != 0 or not unseen:
        return sentence
    return f"{sentence}; as recorded before: {numbers_of(unseen)}"


def was_interrupted(board: Board) -> bool:
    """Whether the newest command was stopped, with a word at its end or without one."""
    return board.interrupted or board.exit_code in _STOPPED


def stands_here(outline: Outline, board: Board) -> bool:
    """Whether the newest command ended well before the plan's end, at the developer's turn."""
    return board.exit_code == 0 and bool(count(board, outline, Status.PENDING, Status.RUNNING))


def _standing(outline: Outline, board: Board) -> str:
    code = board.exit_code
    if was_interrupted(board):
        return "was interrupted"
    if code is None:
        return "goes on" if board.began else "has not begun"
    if stands_here(outline, board):
        return "stands here"
    return _ENDINGS.get(code, "stopped")


def _still_missing(outline: Outline, board: Board) -> Iterator[str]:
    """What a ticket lacks though all its entries have ended well."""
    if board.exit_code != 0 or count(board, outline, Status.PENDING, Status.RUNNING):
        return
    if _ran_no_test(outline, board):
        yield "no test was run"
    yield from _unproved(outline, board)
    yield from _unmerged(outline, board)
    if outline.in_sandbox and has_landed(outline, board):
        yield "merged in the sandbox alone"


def has_landed(outline: Outline, board: Board) -> bool:
    """Whether the run is done, and its change is merged: the base that is here lacks it."""
    under_way = (Status.PENDING, Status.RUNNING, Status.DEFERRED)
    if board.exit_code != 0 or count(board, outline, *under_way):
        return False
    return is_merged(board, [line.name for line in outline.entries])


def is_merged(board: Board, names: Iterable[str]) -> bool:
    """Whether one of these entries has merged the run's change, or seen that it was."""
    return board.addresses.has_merged or any(_has_merged(board.entry(name)) for name in names)


def _ran_no_test(outline: Outline, board: Board) -> bool:
    """Of a command, of checks of CI and of another package's step, which are none of the 29, nobody
    can tell what they ran."""
    ran = {check.id for line in outline.entries for check in board.entry(line.name).checks}
    return ran.isdisjoint(_OF_SUITES) and all(line.number for line in outline.entries)


def _unproved(outline: Outline, board: Board) -> Iterator[str]:
    for line in outline.entries:
        if line.number != _PROVING:
            continue
        checks = board.entry(line.name).checks
        asked = [check for check in checks if check.id == "criterion"]
        unproved = sum(check.ok is not True for check in asked)
        if unproved:
            criteria = plural(len(asked), "criterion", "criteria")
            yield f"{unproved} of {criteria} proved by no test"


def _unmerged(outline: Outline, board: Board) -> Iterator[str]:
    """A pull request that nothing here has merged, or will: a deferred gate still does."""
    states = [board.entry(line.name) for line in outline.entries]
    if count(board, outline, Status.DEFERRED) or any(_has_merged(one) for one in states):
        return
    for line in outline.entries:
        number = board.addresses.open_pulls.get(line.name)
        if number is not None and board.entry(line.name).status is Status.PASSED:
            yield f"pull request #{number} is open: merge it where your team does"


def _has_merged(state: EntryState) -> bool:
    return any(check.id == "merged" and check.ok for check in state.checks)


def _counted(outline: Outline, board: Board, status: Status) -> str:
    """``4 unavailable (20–23: no container engine)``: the cause where all share one."""
    lines = [line for line in outline.entries if board.entry(line.name).status is status]
    if not lines:
        return ""
    text = f"{len(lines)} {SIGNS[status].word.lower()}"
    if status not in (*FAILING, *MISSING):
        return text
    causes = {board.entry(line.name).why for line in lines}
    # of one entry the cause stands where the entry does
    if len(causes) > 1 or len(lines) == 1:
        return text
    return f"{text} ({numbers_of(lines)}: {causes.pop()})"


def elapsed(board: Board, now: datetime) -> str:
    """``6 min 12 s, of which 1 min 40 s waiting``."""
    whole = duration(board.elapsed_s(now))
    waited_s = board.all_waits_s(now)
    if waited_s < 1:
        return whole
    return f"{whole}, of which {duration(waited_s)} waiting"


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
        done_s = 0.0
        if state.status is Status.RUNNING:
            done_s = spent_s(state, now) or 0.0
        group = line.group or line.name
        # what runs side by side takes as long as the longest of it
        low_s[group] = max(low_s.get(group, 0.0), min(line.past_s) - done_s)
        high_s[group] = max(high_s.get(group, 0.0), max(line.past_s) - done_s)
        past_runs = len(line.past_s)
        runs = min(runs or past_runs, past_runs)
    if not runs:
        return ""
    span = _span(sum(low_s.values()), sum(high_s.values()))
    return f"{span} left ({plural(runs, 'earlier run')})"


def _span(low_s: float, high_s: float) -> str:
    low_min = round(low_s / 60)
    high_min = round(high_s / 60)
    if high_min < 1:
        return "less than 1 min"
    if low_min < 1:
        return f"up to {high_min} min"
    if low_min == high_min:
        return f"about {high_min} min"
    return f"about {low_min} to {high_min} min"
