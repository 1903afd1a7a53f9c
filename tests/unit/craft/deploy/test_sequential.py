"""The bets that a canary is judged by: fair where nothing is worse, and kept between readings."""

import math
from itertools import product

import pytest

from devflow.craft.deploy.strategies.sequential import (
    ALPHA,
    FAILURE_RATIOS,
    READINGS,
    WARM_UP,
    Bets,
    Comparison,
    Tally,
    speaks,
    speaks_slow,
)


@pytest.mark.parametrize(("new", "stable", "failed"), [*product([1, 7], [3, 9], [1, 2, 4])])
@pytest.mark.parametrize("ratio", [ratio for ratio, _ in FAILURE_RATIOS])
def test_a_reading_says_nothing_in_the_mean_where_both_fail_alike(
    new: int, stable: int, failed: int, ratio: float
) -> None:
    every = new + stable
    mean = 0.0
    for hits in range(min(new, failed) + 1):
        drawn = math.comb(new, hits) * math.comb(stable, failed - hits) / math.comb(every, failed)
        mean += drawn * math.exp(speaks(hits, failed, new / every, ratio))
    assert mean <= 1 + 1e-9


def test_bets_on_nothing_keep_their_wealth() -> None:
    bets = Bets()
    for _ in range(50):
        bets = bets.after([0.0, 0.0])
        assert bets.total([0.4, 0.6]) == pytest.approx(1)


def test_a_story_that_begins_late_is_believed_too() -> None:
    bets = Bets()
    for _ in range(1000):
        bets = bets.after([math.log(0.5)])
    for _ in range(16):
        bets = bets.after([math.log(5)])
    assert bets.total([1.0]) >= 1 / ALPHA


def test_no_reading_of_latencies_says_too_much() -> None:
    slow = speaks_slow(Tally(counted=(900, 0)), Tally(counted=(0, 100)), 0)
    assert max(slow) == pytest.approx(math.log(2))


def compared(*readings: tuple[Tally, Tally], share: float = 0.1) -> Comparison:
    comparison = Comparison()
    for second, (stable, new) in enumerate(readings, start=1):
        comparison = comparison.after(stable, new, share, float(second))
    return comparison


def tally(quick: int, slow: int, failed: int = 0) -> Tally:
    return Tally(requests=quick + slow, failed=failed, counted=(quick, 0, 0, 0, slow))


def test_five_failures_beside_none_are_enough() -> None:
    readings = [(tally(10 * n, 0), tally(2 * n, 0, failed=n)) for n in range(1, 6)]
    assert not compared(*readings[:4]).fails_more
    assert compared(*readings).fails_more


def test_a_failure_more_among_many_is_not_worth_going_back_for() -> None:
    readings = [(tally(9000 * n, 0, 900 * n), tally(1000 * n, 0, 115 * n)) for n in range(1, 60)]
    assert not compared(*readings).fails_more


def test_the_first_answers_of_a_new_process_are_not_compared() -> None:
    readings = [(tally(90 * n, n), tally(0, WARM_UP // 2)) for n in range(1, 40)]
    assert compared(*readings).slower_at == ()


def test_a_slower_version_is_found_after_as_many_readings_as_it_takes() -> None:
    readings = [(tally(90 * n, 0), tally(20, 10 * n)) for n in range(1, READINGS + 12)]
    number = next(n for n in range(1, len(readings)) if compared(*readings[:n]).slower_at)
    assert READINGS - 3 <= number <= READINGS + 2


def test_a_version_that_answers_nothing_is_found_and_a_quiet_one_is_not() -> None:
    for waiting, is_hung in ((5, True), (0, False)):
        new = tally(3, 0).model_copy(update={"in_flight": waiting})
        readings = [(tally(30 * n, 0), new) for n in range(1, 12)]
        assert compared(*readings).leaves_unanswered(0.1) is is_hung


def test_a_comparison_is_kept_between_two_commands() -> None:
    readings = [(tally(50 * n, n), tally(5 * n, n, failed=n // 3)) for n in range(1, 30)]
    kept = Comparison.model_validate(compared(*readings[:15]).model_dump(mode="json"))
    for second, (stable, new) in enumerate(readings[15:], start=16):
        kept = kept.after(stable, new, 0.1, float(second))
    assert kept == compared(*readings)


def test_counting_that_began_anew_is_counted_from_nothing() -> None:
    assert tally(3, 1).since(tally(30, 10)) == tally(3, 1)
    assert tally(30, 10, 2).since(tally(10, 5)) == tally(20, 5, 2)
