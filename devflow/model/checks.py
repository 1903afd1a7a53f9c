"""One evidence line of an entry, and the status that follows from all of them.

``ok=None`` means "not measured"; it is never the same as ``False`` and never counts as passed where
the check is needed.
"""

import re
from enum import StrEnum
from typing import Any, Final, Iterable, cast, get_args

from pydantic import model_validator

from devflow.model import wording
from devflow.model.figures import NOT_MEASURED, Bound, Figure, How, Missing, Sparse, Text


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


WORDS: Final = frozenset({"measured", "limit", "value", "unit"})


class Measure(Sparse):
    """What was looked at and found, without a verdict: what a product holds.

    ``id`` is a word of the step's own vocabulary and the same in all versions; ``about`` says which
    of several it is of: a suite, a service, a path. Both together select one; the label is for
    people. ``source`` is where it was read.
    """

    id: str = ""
    label: str
    about: str = ""
    figure: Figure = NOT_MEASURED
    source: str = ""

    @property
    def measured(self) -> str:
        """The figure in words."""
        return wording.figure(self.figure)


class Check(Measure):
    """A measure with a verdict, what it is held to, and whether the entry needs it.

    ``ok=None`` is no verdict: a note, or where the figure is missing, "not measured".
    """

    ok: bool | None
    bound: Bound | None = None
    needed: bool = True

    @property
    def limit(self) -> str:
        """The bound in words."""
        return wording.bound(self.bound) if self.bound else ""

    @model_validator(mode="before")
    @classmethod
    def _as_schema_1_wrote_it(cls, values: Any) -> Any:
        """Texts in place of figures: nothing but texts was kept then. Words that programs get
        beside a figure are left out."""
        if not isinstance(values, dict) or not WORDS & set(values):
            return values
        now = dict(values)
        if "figure" in now:
            return {name: held for name, held in now.items() if name not in WORDS}
        now["figure"] = read_text(now.pop("measured", ""))
        limit = now.pop("limit", "")
        if limit:
            now["bound"] = Bound(sense="text", text=limit)
        return now


# how a text began that said why there was no value; "no rules" was a value
_WHY_NOT: Final = re.compile(r"(not|nothing|unavailable|unobserved|skipped|deferred)\b")
_HOW: Final = re.compile(rf"({'|'.join(filter(None, get_args(How)))})(?:: (.+))?", re.DOTALL)


def read_text(measured: str) -> Figure:
    """The figure that a text of schema 1 was; how such a text began said that there was none."""
    if not measured:
        return NOT_MEASURED
    if not _WHY_NOT.match(measured):
        return Text(kind="text", text=measured)
    found = _HOW.fullmatch(measured)
    if found is None:
        return Missing(kind="missing", how="", why=measured)
    return Missing(kind="missing", how=cast(How, found[1]), why=found[2] or "")


def worded(
    label: str,
    ok: bool | None,
    measured: str = "",
    source: str = "",
    limit: str = "",
    needed: bool = True,
) -> Check:
    """A check of texts."""
    bound = Bound(sense="text", text=limit) if limit else None
    figure = read_text(measured)
    return Check(label=label, ok=ok, figure=figure, bound=bound, source=source, needed=needed)


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
