"""One evidence line of an entry, and the status that follows from all of them.

``ok=None`` means "not measured"; it is never the same as ``False`` and never counts as passed where
the check is needed.
"""

import re
from enum import StrEnum
from typing import Any, Final, Iterable, cast, get_args

from pydantic import model_validator

from devflow.model import wording
from devflow.model.figures import (
    UNSAID,
    Bound,
    Count,
    Figure,
    How,
    Missing,
    Quantity,
    Sparse,
    Text,
    absent,
)


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
    figure: Figure = UNSAID
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
    def measured(self) -> str:
        """The figure in words, told from the bound beside it where they differ."""
        return wording.figure(self.figure, self.bound)

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
        return UNSAID
    if not _WHY_NOT.match(measured):
        return Text(kind="text", text=measured)
    found = _HOW.fullmatch(measured)
    if found is None:
        return Missing(kind="missing", how="", why=measured)
    return Missing(kind="missing", how=cast(How, found[1]), why=found[2] or "")


def measure(id_: str, label: str, figure: Figure, source: str, *, about: str = "") -> Measure:
    """A measure, in one line."""
    return Measure(id=id_, label=label, about=about, figure=figure, source=source)


def held(of: Measure, bound: Bound, *, needed: bool = True) -> Check:
    """A number against its bound: nobody says the verdict, it follows. Raises ``TypeError`` for a
    figure that is no number."""
    match of.figure:
        case Missing():
            verdict = None
        case Count():
            verdict = bound.met(of.figure.n)
        case Quantity():
            verdict = bound.met(of.figure.value)
        case _:
            raise TypeError(f"{of.id}: a {of.figure.kind} has no bound")
    return _check(of, verdict, bound, needed)


def fact(of: Measure, ok: bool | None, bound: Bound | None = None) -> Check:
    """A verdict that the step says itself, on what the entry needs; ``None``: it cannot be told."""
    return _check(of, ok, bound, True)


def shown(of: Measure, ok: bool = True, bound: Bound | None = None) -> Check:
    """What holds nothing back: green where there is a figure and all is well, else without a
    verdict."""
    is_there = not isinstance(of.figure, Missing)
    return _check(of, True if ok and is_there else None, bound, False)


def note(of: Measure, bound: Bound | None = None) -> Check:
    """What has no verdict, and holds nothing back."""
    return _check(of, None, bound, False)


def missing(of: Measure, why: str = "", bound: Bound | None = None) -> Check:
    """What the entry needs and is not there, with the reason in place of a figure, unless the
    figure says it."""
    figure = absent(why) if why else of.figure
    return _check(of.model_copy(update={"figure": figure}), None, bound, True)


def _check(of: Measure, ok: bool | None, bound: Bound | None, needed: bool) -> Check:
    values = {name: getattr(of, name) for name in Measure.model_fields}
    return Check(**values, ok=ok, bound=bound, needed=needed)


def at_least(value: float, unit: str = "", noun: str = "") -> Bound:
    """A number that may not be below this."""
    return Bound(sense="at least", value=value, unit=unit, noun=noun)


def at_most(value: float, unit: str = "", noun: str = "") -> Bound:
    """A number that may not be above this."""
    return Bound(sense="at most", value=value, unit=unit, noun=noun)


def below(value: float, unit: str = "", noun: str = "") -> Bound:
    """A number that has to be below this."""
    return Bound(sense="below", value=value, unit=unit, noun=noun)


def wanted(words: str) -> Bound | None:
    """A bound of words; none for none."""
    return Bound(sense="text", text=words) if words else None


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
    for verdict in (False, None):
        for check in lines:
            if check.ok is verdict and (verdict is False or check.needed):
                limit = f" (limit {check.limit})" if check.limit else ""
                return f"{check.label}: {check.measured or 'not measured'}{limit}"
    return "" if any(check.ok for check in lines) else "nothing was measured"
