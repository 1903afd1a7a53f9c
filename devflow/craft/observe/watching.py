"""Turns measures into evidence: held to a bound, and only where they are of enough samples.

Too few samples are an answer: the line says how many there were, and counts neither as met nor as
missed.
"""

import math
from typing import Callable, Final, Literal

from devflow.model.checks import Check, Measure, fact, held, note
from devflow.model.figures import Bound, Figure, Missing, Quantity

POLL_S: Final = 0.5  # s; a request more is seen soon, and asking costs the service little
QUIET_S: Final = 3.0  # s without a single new request after which nobody is there to be observed


def sampled(
    value: float | None,
    unit: str,
    samples: int,
    *,
    of: Literal["", "mean"] = "",
    remark: str = "",
) -> Figure:
    """A value with how many samples it is of; none, or one that is no number, is not enough of
    them."""
    if value is None or not math.isfinite(value):
        return Missing(kind="missing", how="not enough data", why=remark, samples=samples)
    return Quantity(kind="quantity", value=value, unit=unit, of=of, samples=samples, note=remark)


def line(measure: Measure, bound: Bound | None, min_samples: int) -> Check:
    """The evidence of one measure; without a bound it is only shown. Of fewer samples than
    ``min_samples`` it is no figure; one that has no samples is whole by itself."""
    one = of_enough(measure, min_samples)
    if isinstance(one.figure, Missing):
        return note(one, bound)
    return held(one, bound) if bound else fact(one, True)


def of_enough(measure: Measure, min_samples: int) -> Measure:
    """The measure, without its figure where that is of too few samples, and then with how many are
    needed."""
    figure = measure.figure
    if not isinstance(figure, Quantity) or figure.samples is None or figure.samples >= min_samples:
        return measure
    needed = f"{min_samples} are needed"
    remark = f"{figure.note}; {needed}" if figure.note else needed
    missing = sampled(None, figure.unit, figure.samples, remark=remark)
    return measure.model_copy(update={"figure": missing})


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
