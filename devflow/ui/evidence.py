"""The checks of an entry as plain text: which may be printed, in what words, and which of them
share a line.

All screens take their words from here, so that tree, plain lines and annotations agree. The texts
are not cleaned yet.
"""

import re
from dataclasses import dataclass
from itertools import groupby
from typing import Any, Final, Iterable, Iterator

from devflow.model.checks import Check
from devflow.model.command_line import command_line
from devflow.model.figures import Count, Figure, How, Missing, Quantity
from devflow.model.wording import and_more, figure, first_of, plural
from devflow.ui.board import EntryState
from devflow.ui.signs import NOT_MEASURED, NOTE, OK, Sign, check_sign

# a series of up to 16 lines is read as it is: seven phases with their waits; of a longer one three
# say what it is like
SERIES_LONG: Final = 16
SERIES_SHOWN: Final = 3
# of three with one reason nobody reads the second and the third; of two only where both are named
ONE_REASON: Final = 3
# about half a line of 80 columns; longer labels leave no room for the reason, and are counted
LABELS_CHARACTERS: Final = 40
_NUMBER = re.compile(r"\d+(\.\d+)?")
# the "test" of test_tabs_open[a b], the "AC" of AC-1; a label of several words names no kind
_KIND = re.compile(r"([A-Za-z]+)(?=[-_\[\d])[^\s\[]*(\[.*\])?")
# what goes on where its subject ends: "32 tests skipped: no browser"
_GOES_ON: Final[frozenset[How]] = frozenset(
    {"skipped", "deferred", "unavailable", "unobserved", "not measured"}
)
# said of something that may still be measured
_ELSEWHERE: Final[frozenset[How]] = frozenset({"skipped", "deferred", "unavailable", "unobserved"})
# why nothing was measured, and whether the entry needs it; a measured check has none
Reason = tuple[Figure, bool] | None


@dataclass(frozen=True)
class Line:
    """One line of evidence: a check, or several that were not measured for one reason.

    ``text`` stands beside the sign, ``alone`` where no sign is shown, ``brief`` in the line of the
    entry. ``key`` is the same where only the value has changed; ``likeness`` is what the lines of a
    series have in common.
    """

    sign: Sign
    key: str
    text: str
    alone: str
    brief: str
    source: str
    likeness: str | None = None


def lines_of(checks: Iterable[Check]) -> list[Line]:
    """The checks that may be printed, in order; those that share a reason stand in one line, where
    the first of them stood."""
    printable = said_once(check for check in checks if check.source)
    groups: dict[Reason, list[Check]] = {}
    for check in printable:
        groups.setdefault(_reason(check), []).append(check)
    lines = []
    done: set[Reason] = set()
    for check in printable:
        reason = _reason(check)
        group = groups[reason]
        if reason is None or not _share_a_line(group):
            lines.append(_line(check))
        elif reason not in done:
            done.add(reason)
            lines.append(_line_of_group(group))
    return lines


def _share_a_line(group: list[Check]) -> bool:
    """Whether one line stands for these."""
    names = ", ".join(check.label for check in group)
    return len(group) >= ONE_REASON or (len(group) == 2 and len(names) <= LABELS_CHARACTERS)


def said_once(checks: Iterable[Check]) -> list[Check]:
    """Without the parts of a line that it has said in its own words: they are for programs."""
    kept: list[Check] = []
    for check in checks:
        if not kept or not _is_said(check, kept[-1]):
            kept.append(check)
    return kept


def _is_said(part: Check, whole: Check) -> bool:
    """Whether a note is a part of the line before it (``suite_passed`` of ``suite``, about the same
    and read from the same), whose words have its own."""
    is_note = part.ok is None and not part.needed
    is_number = isinstance(part.figure, (Count, Quantity))
    is_part = bool(whole.id) and part.id.startswith(f"{whole.id}_")
    is_of_it = is_part and (part.about, part.source) == (whole.about, whole.source)
    if not (is_note and is_number and is_of_it):
        return False
    return re.search(rf"(?<![\w.]){re.escape(part.measured)}(?!\w)", whole.measured) is not None


def _reason(check: Check) -> Reason:
    if check_sign(check) is not NOT_MEASURED:
        return None
    return check.figure, check.needed


def _line(check: Check) -> Line:
    text = full(check)
    return Line(
        sign=check_sign(check),
        key=check.label,
        text=text,
        alone=text,
        brief=phrase(check),
        source=check.source,
        likeness=_likeness(check),
    )


def _likeness(check: Check) -> str | None:
    """``None`` for what stands for itself."""
    sign = check_sign(check)
    # of a note only a quantity is one of many: the coverage of each file
    is_quantity = sign is NOTE and isinstance(check.figure, Quantity)
    if check.limit or not (sign is OK or is_quantity):
        return None
    return f"{sign.mark} {_NUMBER.sub('0', check.measured)}"


def _line_of_group(checks: list[Check]) -> Line:
    subject = _subject([check.label for check in checks])
    reason = checks[0].figure
    text = _beside_sign(subject, reason)
    brief = _without_sign(subject, reason)
    limits = {check.limit for check in checks}
    limit = limits.pop() if len(limits) == 1 else ""
    sources = list(dict.fromkeys(check.source for check in checks))
    return Line(
        sign=NOT_MEASURED,
        key=f"{NOT_MEASURED.word}: {figure(reason)}",
        text=_limited(text, limit),
        alone=_limited(brief, limit),
        brief=brief,
        source=first_of(sources, 1),
    )


def _subject(labels: list[str]) -> str:
    """``AC-1, AC-2, AC-3`` where that is short, else ``32 tests``, or ``32 lines`` where the labels
    are of no one kind."""
    names = ", ".join(dict.fromkeys(labels))
    if len(names) <= LABELS_CHARACTERS:
        return names
    matches = map(_KIND.fullmatch, labels)
    kinds = {match[1] if match else "line" for match in matches}
    kind = kinds.pop() if len(kinds) == 1 else "line"
    return plural(len(labels), kind)


def _beside_sign(subject: str, reason: Figure) -> str:
    text = figure(reason)
    if isinstance(reason, Missing) and reason.how in _GOES_ON:
        return f"{subject} {text}"
    return f"{subject}: {text}" if text else f"{subject} {NOT_MEASURED.word}"


def _without_sign(subject: str, reason: Figure) -> str:
    if isinstance(reason, Missing):
        return _beside_sign(subject, reason)
    return f"{subject} {NOT_MEASURED.word}: {figure(reason)}"


def phrase(check: Check) -> str:
    """A check in a few words: its measured value, with its label where the value does not say it,
    and a missed limit."""
    if not check.measured:
        return f"{check.label} {_verdict(check)}" if check.ok is None else check.label
    text = f"{check.label} {check.measured}"
    if check.label.casefold() in check.measured.casefold():
        text = check.measured
    if check_sign(check) is NOT_MEASURED and not _says_so(check.figure):
        return f"{text} ({NOT_MEASURED.word})"
    return text if check.ok else _limited(text, check.limit)


def _says_so(of: Figure) -> bool:
    return isinstance(of, Missing) and of.how not in _ELSEWHERE


def full(check: Check) -> str:
    """A check with everything it knows but its source: label, measured value, limit."""
    text = f"{check.label}: {check.measured or _verdict(check)}"
    return _limited(text, check.limit)


def _limited(text: str, limit: str) -> str:
    return f"{text} (limit {limit})" if limit else text


def _verdict(check: Check) -> str:
    """What is said of a check that has no value."""
    if check.ok is None:
        return NOT_MEASURED.word
    return "yes" if check.ok else "no"


def shown_checks(state: EntryState) -> tuple[Check, ...]:
    """The checks that may be printed: a line without a source is not."""
    return tuple(check for check in state.checks if check.source)


def evidence_against(state: EntryState) -> tuple[Check, ...]:
    """The checks that keep an entry from passing, each of which can be printed."""
    return tuple(check for check in shown_checks(state) if _keeps_from_passing(check))


def against_last(checks: Iterable[Check]) -> list[Check]:
    """In order, but what keeps an entry from passing at the end: a log is read from there, and
    often only its end is shown."""
    return sorted(checks, key=_keeps_from_passing)


def _keeps_from_passing(check: Check) -> bool:
    if check.ok is None:
        return check.needed
    return not check.ok


def folded(checks: Iterable[Check]) -> Iterator[tuple[list[Line], int]]:
    """The lines that may be printed, in order, as (those to show, how many more like them).

    Only a long series is shortened: lines in a row that are all ok, or notes of quantities, have
    no limit, and differ in their numbers alone: the passed cases of a test suite, the coverage of
    its files. Whatever somebody has to see is no part of a series.
    """
    for likeness, run in groupby(lines_of(checks), lambda line: line.likeness):
        lines = list(run)
        shown = len(lines)
        if likeness is not None and len(lines) > SERIES_LONG:
            shown = SERIES_SHOWN
        yield lines[:shown], len(lines) - shown


def more(count: int) -> str:
    """The line that stands for the rest of a series."""
    everything = command_line("status", output="json")
    return f"{and_more(count, 'like this')}: {everything}"


def as_object(check: Check) -> dict[str, Any]:
    """A check for programs: its words as a person reads them, and beside them the figure and the
    bound as data."""
    return {
        "id": check.id,
        "about": check.about,
        "label": check.label,
        "ok": check.ok,
        "measured": check.measured,
        "limit": check.limit,
        "source": check.source,
        "needed": check.needed,
        **_number(check.figure),
        "figure": check.figure.model_dump(mode="json"),
        "bound": check.bound.model_dump(mode="json") if check.bound else None,
    }


def _number(of: Figure) -> dict[str, Any]:
    match of:
        case Count():
            return {"value": of.n, "unit": of.noun}
        case Quantity():
            return {"value": of.value, "unit": of.unit}
        case _:
            return {"value": None, "unit": ""}
