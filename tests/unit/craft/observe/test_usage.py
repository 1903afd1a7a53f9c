"""How a figure of use is held against the time before the switch."""

from devflow.craft.observe.usage import since_the_switch
from devflow.craft.observe.watching import sampled
from devflow.model.checks import Measure
from devflow.model.figures import Quantity, Was


def measure(id_: str, value: float | None, samples: int = 4, about: str = "tabs") -> Measure:
    figure = sampled(value, "% of visitors", samples)
    return Measure(id=id_, label="x", about=about, figure=figure)


def was(*measures: Measure) -> Was | None:
    (since,) = since_the_switch(measures, 4)
    assert isinstance(since.figure, Quantity)
    return since.figure.was


def test_a_figure_says_what_it_was_of_how_many_visitors_before() -> None:
    before = measure("before_use", 100)
    assert was(measure("use", 25), before) == Was(value=100, at="before the switch", samples=4)
    assert was(measure("synthetic_use", 25), before) is None


def test_too_few_visitors_before_are_nothing_to_compare_with() -> None:
    since = measure("use", 25)
    assert was(since, measure("before_use", 100, samples=3)) is None
    assert was(since, measure("before_use", None, samples=0)) is None
    assert was(since, measure("before_use", 100, about="price")) is None
