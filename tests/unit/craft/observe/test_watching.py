"""Waiting for visitors: as long as they come, not longer."""

from itertools import chain, repeat

from devflow.craft.observe.watching import QUIET_S, observe


def waited_s(counts: list[int], enough: int, for_s: float) -> float:
    slept_s: list[float] = []
    numbers = chain(counts, repeat(counts[-1]))
    observe(lambda: next(numbers), slept_s.append, enough, for_s)
    return sum(slept_s)


def test_it_ends_when_there_are_enough() -> None:
    assert waited_s([0, 5, 10, 20, 30], enough=20, for_s=60) == 1.5


def test_it_ends_when_nobody_comes() -> None:
    assert waited_s([0], enough=20, for_s=60) == QUIET_S


def test_it_ends_when_the_time_is_over() -> None:
    assert waited_s(list(range(1000)), enough=500, for_s=10) == 10


def test_without_a_time_nothing_is_asked() -> None:
    assert waited_s([0], enough=20, for_s=0) == 0
