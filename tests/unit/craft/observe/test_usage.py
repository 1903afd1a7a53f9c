"""How a figure of use is held against the time before the switch."""

from devflow.craft.observe.usage import against
from devflow.model.release import Measure


def measure(value: float, unit: str, samples: int = 4) -> Measure:
    return Measure(label="x", value=value, unit=unit, samples=samples, note="seen")


def test_a_share_and_a_time_say_by_how_much_they_changed() -> None:
    (share,) = against([measure(25, "% of visitors")], [measure(100, "% of visitors")], 4)
    assert share.note == "seen; -75.0 against 100.0 of 4 before"
    (longer,) = against([measure(95, "s")], [measure(30, "s")], 4)
    assert longer.note == "seen; +1 min 05 s against 30.0 s of 4 before"
    (shorter,) = against([measure(30, "s")], [measure(95, "s")], 4)
    assert shorter.note == "seen; -1 min 05 s against 1 min 35 s of 4 before"


def test_too_few_visitors_before_are_nothing_to_compare_with() -> None:
    (alone,) = against([measure(25, "%")], [measure(100, "%", samples=3)], 4)
    assert alone.note == "seen"
