"""Turns figures into evidence lines: what was measured, of how many samples, against which limit.

Too few samples are an answer: the line says how many there were, and counts neither as met nor as
missed.
"""

from typing import Callable, Final, Literal

from devflow.model.checks import Check, worded
from devflow.model.release import Measure
from devflow.model.values import Value
from devflow.model.wording import duration, plural

POLL_S: Final = 0.5  # s; a request more is seen soon, and asking costs the service little
QUIET_S: Final = 3.0  # s without a single new request after which nobody is there to be observed


class Target(Value):
    """What a figure is held to: ``below`` or ``at least`` a number in the figure's own unit."""

    sense: Literal["below", "at least"]
    value: float


def line(measure: Measure, target: Target | None, min_samples: int) -> Check:
    """The evidence line of one figure; without a target it is only shown, and one sample that is
    enough is not counted out."""
    label = f"{measure.about} {measure.label}".strip()
    limit = _limit(target, measure.unit)
    source = measure.source
    samples = f"({plural(measure.samples, 'sample')})" if min_samples > 1 else ""
    if measure.value is None or measure.samples < min_samples:
        reason = f"not enough data {samples}" if samples else "not measured"
        if measure.note:
            reason += f": {measure.note}"
        return worded(
            label=label, ok=None, measured=reason, limit=limit, source=source, needed=False
        )
    measured = f"{amount(measure.value, measure.unit)} {samples}".strip()
    if measure.note:
        measured += f", {measure.note}"
    met = _met(measure.value, target)
    return worded(label=label, ok=met, measured=measured, limit=limit, source=source)


def amount(value: float, unit: str) -> str:
    """A value as a person reads it: three digits and the unit, seconds as a duration."""
    if unit == "s":
        return duration(value)
    number = f"{value:.0f}" if abs(value) >= 100 else f"{value:.3g}"
    return f"{number} {unit}".strip()


def observe(
    count: Callable[[], int], sleep: Callable[[float], None], enough: int, for_s: float
) -> None:
    """Waits while requests still come in: until ``count`` is enough, nobody came for ``QUIET_S``,
    or ``for_s`` are over."""
    if not for_s:
        return
    requests = count()
    waited_s = 0.0
    quiet_s = 0.0
    while requests < enough and waited_s < for_s and quiet_s < QUIET_S:
        sleep(POLL_S)
        waited_s += POLL_S
        before = requests
        requests = count()
        quiet_s = quiet_s + POLL_S if requests == before else 0.0


def _limit(target: Target | None, unit: str) -> str:
    if target is None:
        return ""
    return f"{target.sense} {amount(target.value, unit)}"


def _met(value: float, target: Target | None) -> bool:
    if target is None:
        return True
    if target.sense == "below":
        return value < target.value
    return value >= target.value
