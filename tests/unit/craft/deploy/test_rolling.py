"""A rolling update on a place in memory: never fewer replicas than before, from any point on."""

from itertools import product

import pytest

from devflow.craft.deploy.strategies.rolling import roll
from devflow.craft.deploy.strategies.way_back import measured_way_back
from devflow.model.declared.environments import EnvironmentSettings
from devflow.model.declared.project import Service
from devflow.model.errors import StepFailed
from devflow.ports.deploys import Release
from devflow.step import silent
from devflow.testing import MemoryClock, MemoryDeploys
from devflow.testing.deploys import Killed

OLD = "a" * 40
NEW = "b" * 40
OTHER = "c" * 40
SERVICES = {"backend": Service(path="b", port=5002), "frontend": Service(path="f", port=3000)}


def release(version: str, replicas: int) -> Release:
    settings = EnvironmentSettings(replicas=replicas)
    return Release("0" * 40, version, SERVICES, settings=settings)


def bring(deploys: MemoryDeploys, version: str, replicas: int) -> None:
    roll(deploys, "development", release(version, replicas), 1, silent)


def serving(replicas: int) -> MemoryDeploys:
    deploys = MemoryDeploys()
    bring(deploys, OLD, replicas)
    deploys.writes.clear()
    deploys.ready_seen.clear()
    return deploys


def state(deploys: MemoryDeploys) -> tuple[object, ...]:
    name = "development"
    running = {version: n for version, n in deploys.replicas[name].items() if n}
    return dict(deploys.shares[name]), running, list(deploys.served[name])


def test_each_new_replica_takes_its_part_before_an_old_one_goes() -> None:
    deploys = serving(2)
    bring(deploys, NEW, 2)
    old = OLD[:7]
    new = NEW[:7]
    assert deploys.writes == [
        "prepare development",
        f"scale development {new} 1",
        f"share development {old}:50 {new}:50",
        f"scale development {old} 1",
        f"scale development {new} 2",
        f"share development {new}:100",
        "retire development",
    ]
    assert state(deploys) == ({NEW: 100}, {NEW: 2}, [NEW, OLD])


@pytest.mark.parametrize(("before", "after"), [*product(range(1, 5), range(1, 5))])
def test_there_are_never_fewer_than_before_or_than_wanted(before: int, after: int) -> None:
    deploys = serving(before)
    bring(deploys, NEW, after)
    assert min(deploys.ready_seen) >= min(before, after)
    assert state(deploys) == ({NEW: 100}, {NEW: after}, [NEW, OLD])


@pytest.mark.parametrize("replicas", [1, 2, 3])
def test_one_that_is_killed_anywhere_is_ended_by_the_next(replicas: int) -> None:
    whole = serving(replicas)
    bring(whole, NEW, replicas)
    for point in range(1, len(whole.writes) + 1):
        deploys = serving(replicas)
        deploys.kill_after = point
        with pytest.raises(Killed):
            bring(deploys, NEW, replicas)
        bring(deploys, NEW, replicas)
        assert state(deploys) == state(whole)
        assert min(deploys.ready_seen) >= replicas, deploys.writes


@pytest.mark.parametrize("replicas", [1, 2, 3])
def test_another_version_may_come_after_one_that_was_killed_half_way(replicas: int) -> None:
    for point in range(1, 3 * replicas):
        deploys = serving(replicas)
        deploys.kill_after = point
        with pytest.raises(Killed):
            bring(deploys, NEW, replicas)
        bring(deploys, OTHER, replicas)
        shares, running, served = state(deploys)
        assert (shares, running) == ({OTHER: 100}, {OTHER: replicas})
        assert served[1:] in ([OLD], [NEW])
        assert min(deploys.ready_seen) >= replicas, deploys.writes


@pytest.mark.parametrize("comes_up", [0, 1, 2])
def test_a_replica_that_does_not_come_up_leaves_what_served_as_it_was(comes_up: int) -> None:
    deploys = serving(3)
    before = state(deploys)
    deploys.lame[NEW] = comes_up
    with pytest.raises(StepFailed, match="did not come up"):
        bring(deploys, NEW, 3)
    assert state(deploys) == before
    assert min(deploys.ready_seen) >= 3


def test_one_that_fails_after_a_kill_leaves_as_many_as_there_were() -> None:
    for point in range(2, 7):
        deploys = serving(3)
        deploys.kill_after = point
        with pytest.raises(Killed):
            bring(deploys, NEW, 3)
        deploys.lame[NEW] = 2
        deploys.replicas["development"][NEW] = min(2, deploys.replicas["development"][NEW])
        with pytest.raises(StepFailed):
            bring(deploys, NEW, 3)
        assert deploys.shares["development"] == {OLD: 100}
        assert deploys.replicas["development"][OLD] == 3


def test_a_version_whose_replicas_are_all_gone_comes_up_whole_again() -> None:
    deploys = serving(2)
    deploys.replicas["development"][OLD] = 0
    bring(deploys, OLD, 2)
    assert deploys.replicas["development"] == {OLD: 2}
    deploys.replicas["development"][OLD] = 0
    bring(deploys, NEW, 2)
    assert state(deploys) == ({NEW: 100}, {NEW: 2}, [NEW, OLD])


def test_the_way_back_is_started_asked_and_ended_again() -> None:
    deploys = serving(2)
    assert measured_way_back(deploys, MemoryClock(), "development") is None
    bring(deploys, NEW, 2)
    deploys.writes.clear()
    way = measured_way_back(deploys, MemoryClock(), "development")
    assert way is not None and way.is_open and way.version == OLD
    assert [one.service for one in way.replicas] == ["backend", "frontend"]
    old = OLD[:7]
    assert deploys.writes == [f"scale development {old} 1", f"scale development {old} 0"]
    assert deploys.shares["development"] == {NEW: 100}


@pytest.mark.parametrize("trouble", ["lame", "sick"])
def test_a_version_before_that_does_not_come_back_is_no_way_back(trouble: str) -> None:
    deploys = serving(2)
    bring(deploys, NEW, 2)
    if trouble == "lame":
        deploys.lame[OLD] = 0
    else:
        deploys.sick.add(OLD)
    way = measured_way_back(deploys, MemoryClock(), "development")
    assert way is not None and not way.is_open
    assert deploys.replicas["development"][OLD] == 0
