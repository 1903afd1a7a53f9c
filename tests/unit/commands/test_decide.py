"""A person's word on a canary: all requests, or none; and one clear line where there is none."""

from functools import partial
from typing import Callable, Iterator

import pytest

from devflow.commands.deploys.decide import give_all, take_back
from devflow.commands.deploys.rollback import roll_back
from devflow.model.environments import Change, Environment
from devflow.model.errors import StepFailed, UsageError
from devflow.ui.pages.environment_changes import change_lines
from tests.standins.environments import TableDeploys, port
from tests.ui.environments import CANARY, STABLE, at_rest, down, rolling, with_canary

DECIDES = (partial(give_all, kept={}), partial(take_back, kept={}))
Decide = Callable[..., Iterator[Change]]


def worded(changes: Iterator[Change]) -> list[str]:
    """What a person reads."""
    return list(change_lines(changes))


def all_well() -> Environment:
    """With a canary every replica of which answers."""
    production = with_canary()
    stable, canary, older = production.held
    well = tuple(one.model_copy(update={"is_well": True}) for one in canary.replicas)
    canary = canary.model_copy(update={"replicas": well})
    return production.model_copy(update={"held": (stable, canary, older)})


def test_a_promoted_canary_gets_all_requests_and_it_is_said_what_serves() -> None:
    deploys = TableDeploys(at_rest(), all_well())
    said = worded(give_all(port(deploys), "", {"production": 3}))
    assert deploys.writes == [f"share production {{'{CANARY}': 100}}", "retire production 3"]
    assert said == [
        "production serves 8c1d22aa0e4f with all requests; 4f2c1ab09d3e served before",
        "  go on  devflow ship",
    ]
    assert deploys.table["production"].version == CANARY


@pytest.mark.parametrize("is_there", [False, True])
def test_a_canary_of_which_fewer_replicas_answer_gets_as_many_first(is_there: bool) -> None:
    production = all_well()
    stable, canary, older = production.held
    # a promotion that was killed leaves some that were meant and never came up
    unwell = canary.replicas[0].model_copy(update={"is_well": False})
    rest = canary.replicas[1:]
    small = canary.model_copy(update={"replicas": (unwell, *rest) if is_there else rest})
    deploys = TableDeploys(production.model_copy(update={"held": (stable, small, older)}))
    list(give_all(port(deploys), "production", {}))
    assert deploys.writes[0] == f"scale production {CANARY} 2"


@pytest.mark.parametrize("declared,wanted", [(1, 2), (2, 2), (3, 0), (0, 0)])
def test_a_canary_has_no_more_than_either_version_was_brought_with(
    declared: int, wanted: int
) -> None:
    production = all_well()
    stable, canary, older = production.held
    third = [one.model_copy(update={"index": 3}) for one in canary.replicas[::2]]
    more = {"replicas": (*canary.replicas, *third), "declared": declared}
    large = canary.model_copy(update=more)
    deploys = TableDeploys(production.model_copy(update={"held": (stable, large, older)}))
    list(give_all(port(deploys), "production", {}))
    scaled = [write for write in deploys.writes if write.startswith("scale")]
    assert scaled == ([f"scale production {CANARY} {wanted}"] if wanted else [])


def test_an_aborted_canary_is_taken_back_and_it_is_said_what_serves() -> None:
    deploys = TableDeploys(with_canary())
    said = worded(take_back(port(deploys), "production", {}))
    assert deploys.writes == ["rollback production", "retire production 1"]
    assert said[0] == "production serves 4f2c1ab09d3e again; 8c1d22aa0e4f was taken back"
    assert deploys.table["production"].version == STABLE


def test_what_cannot_be_promoted_stays_as_it_is() -> None:
    deploys = TableDeploys(with_canary())
    deploys.sick.add(CANARY)
    with pytest.raises(StepFailed):
        list(give_all(port(deploys), "production", {}))
    assert deploys.table["production"] == with_canary()


def test_a_promotion_that_was_killed_before_its_end_is_ended_and_it_is_said() -> None:
    deploys = TableDeploys(at_rest(), all_well())
    deploys.share("production", {CANARY: 100})
    deploys.writes.clear()
    said = worded(give_all(port(deploys), "", {"production": 3}))
    assert deploys.writes == ["retire production 3"]
    assert said == [
        "production serves 8c1d22aa0e4f with all requests already; "
        "what was left of 4f2c1ab09d3e is ended",
        "  go on  devflow ship",
    ]
    with pytest.raises(UsageError, match="there is nothing to decide"):
        list(give_all(port(deploys), "", {}))


def test_an_abort_that_was_killed_before_its_end_is_ended_and_it_is_said() -> None:
    deploys = TableDeploys(at_rest(), with_canary())
    deploys.rollback("production")
    deploys.writes.clear()
    with pytest.raises(UsageError, match="8c1d22aa0e4f was being taken back") as refused:
        list(give_all(port(deploys), "production", {}))
    assert refused.value.hint == "devflow abort production goes on"
    said = worded(take_back(port(deploys), "", {}))
    assert deploys.writes == ["rollback production", "retire production 1"]
    assert said[:2] == [
        "production was going back already; what was left of 8c1d22aa0e4f is ended",
        "production serves 4f2c1ab09d3e again; 8c1d22aa0e4f was taken back",
    ]


@pytest.mark.parametrize("decide", DECIDES)
def test_a_rolling_update_is_nothing_to_decide(decide: Decide) -> None:
    deploys = TableDeploys(rolling())
    with pytest.raises(UsageError, match="takes over, replica by replica") as refused:
        list(decide(port(deploys), "development"))
    assert refused.value.hint == "devflow ship goes on with it"
    assert not deploys.writes


def test_a_rollback_after_a_canary_was_taken_back_says_that_it_does_nothing() -> None:
    deploys = TableDeploys(at_rest(), with_canary())
    list(take_back(port(deploys), "production", {}))
    serving = deploys.table["production"].version
    said = worded(roll_back(port(deploys), "production"))
    assert deploys.table["production"].version == serving
    assert said[:2] == [
        "nothing was done: production goes back once for each version that is brought",
        "production serves 4f2c1ab09d3e again; 8c1d22aa0e4f was taken back",
    ]


@pytest.mark.parametrize("decide", DECIDES)
def test_where_a_rollback_was_killed_on_its_way_nobody_decides_on_what_it_goes_back_to(
    decide: Decide,
) -> None:
    now = at_rest()
    serving, before = now.held
    shared = (
        serving.model_copy(update={"share_pct": 0}),
        before.model_copy(update={"share_pct": 100}),
    )
    going_back = {"held": shared, "rolled_back": now.version}
    deploys = TableDeploys(now.model_copy(update=going_back))
    with pytest.raises(UsageError, match="8c1d22aa0e4f was being taken back") as refused:
        list(decide(port(deploys), "development"))
    assert refused.value.hint == "devflow rollback development goes on"
    assert not deploys.writes


@pytest.mark.parametrize("decide", DECIDES)
@pytest.mark.parametrize(
    ("name", "message"),
    (
        ("development", "development has no canary: 8c1d22aa0e4f has all requests"),
        ("staging", "staging has no canary: it is down"),
        ("", "no environment has a canary: there is nothing to decide"),
        ("nowhere", 'nothing is deployed to "nowhere"'),
        ("stagin", 'nothing is deployed to "stagin", did you mean "staging"?'),
    ),
)
def test_without_a_canary_nothing_is_done_and_one_line_says_why(
    decide: Decide, name: str, message: str
) -> None:
    deploys = TableDeploys(at_rest(), down())
    with pytest.raises(UsageError) as refused:
        list(decide(port(deploys), name))
    assert refused.value.message == message
    assert refused.value.hint
    assert not deploys.writes


@pytest.mark.parametrize("decide", DECIDES)
def test_of_two_canaries_one_is_named(decide: Decide) -> None:
    other = with_canary().model_copy(update={"name": "staging"})
    both: tuple[Environment, ...] = (with_canary(), other)
    deploys = TableDeploys(*both)
    with pytest.raises(UsageError) as refused:
        list(decide(port(deploys), ""))
    assert refused.value.hint == "each has a canary: production, staging"
    assert not deploys.writes
