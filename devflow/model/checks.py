"""One evidence line of an entry, and the status that follows from all of them.

``ok=None`` means "not measured"; it is never the same as ``False`` and never counts as passed where
the check is needed.
"""

from enum import StrEnum
from typing import Iterable

from devflow.model.values import Value


class Status(StrEnum):
    """What is known of an entry; ``crashed``, ``rejected`` and ``unobserved`` are shown as their
    public words (see ``public``)."""

    PENDING = "pending"
    RUNNING = "running"
    WAITING = "waiting"
    DEFERRED = "deferred"
    PASSED = "passed"
    FAILED = "failed"
    SKIPPED = "skipped"
    UNAVAILABLE = "unavailable"
    UNOBSERVED = "unobserved"
    REJECTED = "rejected"
    CRASHED = "crashed"

    @property
    def public(self) -> "Status":
        """The word that machine-readable output uses; the cause stands in ``why``."""
        match self:
            case Status.CRASHED | Status.REJECTED:
                return Status.FAILED
            case Status.UNOBSERVED:
                return Status.UNAVAILABLE
            case _:
                return self


class Check(Value):
    """One measured or read-back line: what was looked at, what was found, what is allowed, and
    where it was read."""

    label: str
    ok: bool | None
    measured: str = ""
    limit: str = ""
    source: str = ""
    needed: bool = True


def judged(checks: Iterable[Check]) -> Status:
    """The status that the checks add up to; where none was measured, needed or not, nothing is
    passed."""
    lines = tuple(checks)
    if any(check.ok is False for check in lines):
        return Status.FAILED
    if not any(check.ok for check in lines) or any(
        check.ok is None and check.needed for check in lines
    ):
        return Status.UNAVAILABLE
    return Status.PASSED


def why(checks: Iterable[Check]) -> str:
    """The first line that keeps the entry from passing, as a sentence, or nothing."""
    lines = tuple(checks)
    for wanted in (False, None):
        for check in lines:
            if check.ok is wanted and (wanted is False or check.needed):
                limit = f" (limit {check.limit})" if check.limit else ""
                return f"{check.label}: {check.measured or 'not measured'}{limit}"
    return "" if any(check.ok for check in lines) else "nothing was measured"
