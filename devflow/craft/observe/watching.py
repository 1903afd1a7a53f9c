"""Turns figures into evidence lines: what was measured, of how many samples, against which limit.

Too few samples are an answer: the line says how many there were, and counts neither as met nor as
missed.
"""

from typing import Callable, Final, Literal

from devflow.model.checks import Check
from devflow.model.release import Measure
from devflow.model.values import Value


POLL_S: Final = 0.5
QUIET_S: Final = 3.0  # s without a single new request after which nobody is there to be observed


class Target(Value):
    """What a figure is held to: ``below`` or ``at least`` a number in the figure's own unit."""

    sense: Literal["below", "at least"]
    value: float


def line(measure: Measure, target: Target | None, min_samples: int) -> Check:
    """The evidence line of one figure; without a target it is only shown, and one sample that is
    enough is not counted out."""
    label = f"{measure.about} {measure.label}".strip()
    limit = f"{target.sense} {_number(target.value)} {measure.unit}".strip() if target else ""
    if measure.value is None or measure.samples < min_samples:
        found = f"not enough data ({_samples(measure)})" if min_samples > 1 else "not measured"
        found += f": {measure.note}" if measure.note else ""
        return Check(
            label=label, ok=None, measured=found, limit=limit, source=measure.source, needed=False
        )
    measured = f"{_number(measure.value)} {measure.unit}".strip() + (
        f" ({_samples(measure)})" if min_samples > 1 else ""
    )
    if measure.note:
        measured = f"{measured}, {measure.note}"
    return Check(
        label=label,
        ok=_met(measure.value, target),
        measured=measured,
        limit=limit,
        source=measure.source,
    )


def observe(
    count: Callable[[], int], sleep: Callable[[float], None], enough: int, for_s: float
) -> None:
    """Waits while requests still come in: until ``count`` is enough, nobody came for ``QUIET_S``,
    or ``for_s`` are over."""
    seen, waited_s, quiet_s = count() if for_s else enough, 0.0, 0.0
    while seen < enough and waited_s < for_s and quiet_s < QUIET_S:
        sleep(POLL_S)
        before, seen = seen, count()
        waited_s += POLL_S
        quiet_s = quiet_s + POLL_S if seen == before else 0.0


def _met(value: float, target: Target | None) -> bool:
    if target is None:
        return True
    return value < target.value if target.sense == "below" else value >= target.value


def _number(value: float) -> str:
    return f"{value:.3g}" if abs(value) < 100 else f"{value:.0f}"


def _samples(measure: Measure) -> str:
    return "1 sample" if measure.samples == 1 else f"{measure.samples} samples"
