"""What is promised of a canary, by seeds that are always the same: `make faults` has fresh ones."""

import pytest

from tests.canaries.crashing import STABLE, crash_loop
from tests.canaries.world import Trial, failing, leaking, slow_tail, slower


@pytest.mark.parametrize(("rate_per_s", "seeds"), [(20.0, 20), (100.0, 40), (400.0, 40)])
def test_none_of_a_hundred_healthy_versions_is_taken_back(rate_per_s: float, seeds: int) -> None:
    trial = Trial(rate_per_s=rate_per_s, most=300)
    assert [seed for seed in range(seeds) if trial.outcome(seed).found] == []


def test_where_both_fail_alike_the_new_one_is_not_taken_back() -> None:
    trial = Trial(errors=0.2, most=300)
    assert not any(trial.outcome(seed).found for seed in range(20))


def test_half_of_its_answers_being_errors_costs_six_users_at_most() -> None:
    found = [Trial(failing(0.5), rate_per_s=20).outcome(seed) for seed in range(100)]
    assert {one.found for one in found} == {"fails"}
    assert max(one.failed for one in found) <= 6


@pytest.mark.parametrize(
    ("trial", "found", "most"),
    [
        (Trial(failing(0.1)), "fails", 200),
        (Trial(slower(2.0)), "slower", 1000),
        (Trial(slow_tail(1.5), most=10000), "slower", 4000),
        (Trial(leaking(300)), "slower", 1000),
    ],
    ids=["a tenth fails", "twice as slow", "p99 + 50 %", "leaking"],
)
def test_a_worse_version_is_found_in_so_many_requests(trial: Trial, found: str, most: int) -> None:
    for seed in range(5):
        outcome = trial.outcome(seed)
        assert outcome.found == found and outcome.requests <= most, (seed, outcome)


def test_a_version_that_answers_well_and_ends_every_few_seconds_is_always_taken_back() -> None:
    ended = [crash_loop(seed) for seed in range(20)]
    assert {one.found for one in ended} == {("crashes",)}
    assert all(one.shares == {STABLE: 100} for one in ended)
