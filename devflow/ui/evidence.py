"""The checks of an entry as plain text: which may be printed, and in what words.

All screens take their words from here, so that tree, plain lines and annotations agree. The texts
are not cleaned yet.
"""

import re
from itertools import groupby
from typing import Final, Iterator

from devflow.model.checks import Check
from devflow.model.command_line import command_line
from devflow.ui.board import EntryState
from devflow.ui.signs import NOT_MEASURED, check_sign

# a series of up to 16 lines is read as it is: seven phases with their waits; of a longer one three
# say what it is like
SERIES_LONG: Final = 16
SERIES_SHOWN: Final = 3
_NUMBER = re.compile(r"\d+(\.\d+)?")


def phrase(check: Check) -> str:
    """A check in a few words: its measured value, with its label where the value does not say it,
    and a missed limit."""
    if not check.measured:
        return f"{check.label} {_verdict(check)}" if check.ok is None else check.label
    text = f"{check.label} {check.measured}"
    if check.label.casefold() in check.measured.casefold():
        text = check.measured
    if check_sign(check) is NOT_MEASURED and not check.measured.startswith("not "):
        return f"{text} ({NOT_MEASURED.word})"
    if check.limit and not check.ok:
        return f"{text} (limit {check.limit})"
    return text


def full(check: Check) -> str:
    """A check with everything it knows but its source: label, measured value, limit."""
    text = f"{check.label}: {check.measured or _verdict(check)}"
    return f"{text} (limit {check.limit})" if check.limit else text


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


def _keeps_from_passing(check: Check) -> bool:
    if check.ok is None:
        return check.needed
    return not check.ok


def folded(state: EntryState) -> Iterator[tuple[tuple[Check, ...], int]]:
    """The checks that may be printed, in order, as (those to show, how many more like them).

    Only a long series is shortened: lines in a row that are all ok, have no limit, and differ in
    their numbers alone, such as the passed cases of a test suite. Whatever somebody has to see is
    no part of a series.
    """
    for likeness, run in groupby(shown_checks(state), _likeness):
        checks = tuple(run)
        shown = len(checks)
        if likeness is not None and len(checks) > SERIES_LONG:
            shown = SERIES_SHOWN
        yield checks[:shown], len(checks) - shown


def _likeness(check: Check) -> str | None:
    """What checks of one series have in common; ``None`` for a check that stands for itself."""
    if check.ok is not True or check.limit:
        return None
    return _NUMBER.sub("0", check.measured)


def more(count: int) -> str:
    """The line that stands for the rest of a series."""
    everything = command_line("status", output="json")
    return f"and {count} more like this: {everything}"
