"""Nothing is lost while versions, replicas and shares change under clients that keep asking."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from http.client import HTTPException
from urllib.error import HTTPError

import pytest

from devflow.craft.deploy.strategies.rolling import roll
from tests.contract.deploys.acts import Acts
from tests.contract.deploys.load import CLIENTS, Load
from tests.contract.deploys.world import ENV, PROXIES, World, bring, until

pytestmark = pytest.mark.parametrize("world", PROXIES, indirect=True)

# a tenth of what is asked in `make faults`
REQUESTS = 5000


@pytest.fixture(autouse=True)
def two_replicas(world: World) -> None:
    world.settings = world.settings.model_copy(update={"replicas": 2})


def test_no_request_is_lost_through_rolling_updates_switches_and_rollbacks(world: World) -> None:
    acts = Acts(world)
    acts.switch()
    with Load(world.ports) as load:
        while load.asked < REQUESTS:
            acts.roll()
            acts.switch()
            acts.go_back()
    assert load.failures == [] and load.asked >= REQUESTS
    environment = world.deploys.environment(ENV)
    assert environment is not None
    traffic = {(one.service, one.version): one for one in world.deploys.traffic(ENV)}
    served = traffic["api", environment.version]
    assert served.requests > 0 and not served.failed
    assert sum(served.counted) == served.requests
    assert len(served.counted) == len(served.slower_than_ms) + 1


def test_no_more_is_lost_with_a_killed_replica_than_what_it_had_begun(world: World) -> None:
    bring(world.deploys, world.release("v1"), replicas=2)
    with Load(world.ports) as load:
        lost = Acts(world).kill(load)
        load.until(load.asked + 200)
    assert lost <= CLIENTS and len(load.failures) == lost


def test_a_killed_worker_of_the_proxy_is_there_again_and_what_comes_after_it_is_answered(
    world: World,
) -> None:
    bring(world.deploys, world.release("v1"), replicas=2)
    keeper = world.proxy.process()
    assert keeper is not None
    with Load(world.ports) as load:
        load.until(200)
        world.kill(set(world.of_proxy()) - {keeper.pid})
        load.until(load.asked + 200)
        lost = len(load.failures)
        load.until(load.asked + 200)
    # what was on its connections
    assert lost <= CLIENTS and len(load.failures) == lost


def test_a_killed_keeper_of_the_proxy_costs_no_request_and_is_followed(world: World) -> None:
    bring(world.deploys, world.release("v1"), replicas=2)
    replicas = world.of_replicas()
    with Load(world.ports) as load:
        for _ in range(3):
            keeper = world.proxy.process()
            assert keeper is not None
            load.until(load.asked + 200)
            world.kill([keeper.pid])
            until(lambda: world.proxy.process() is not None)
        world.deploy("v2")
        load.until(load.asked + 200)
    assert load.failures == []
    environment = world.deploys.environment(ENV)
    assert environment is not None and environment.version == "v2"
    assert environment.keepers_lost == 3 and not environment.is_unkept
    assert replicas <= world.of_replicas()
    world.deploys.down(ENV)
    assert world.living() == set()


@pytest.mark.parametrize("drain_s", [20.0, 0.0])
def test_what_was_begun_is_answered_within_the_time_that_draining_has(
    world: World, drain_s: float
) -> None:
    world.settings = world.settings.model_copy(update={"drain_s": drain_s, "replicas": 1})
    world.deploy("v1")
    with ThreadPoolExecutor(1) as pool:
        slow = pool.submit(world.served, path="/slow")
        until(lambda: sum(one.in_flight for one in world.deploys.traffic(ENV)) == 1)
        world.deploy("v2")
        world.deploys.retire(ENV, keep=1)
        if drain_s:
            assert slow.result()["version"] == "v1"
        else:
            with pytest.raises((OSError, HTTPException)) as lost:
                slow.result()
            if isinstance(lost.value, HTTPError):
                lost.value.close()
    assert world.served()["version"] == "v2" and world.started() == ("v2",)


def test_a_version_that_never_becomes_healthy_costs_no_request(world: World) -> None:
    bring(world.deploys, world.release("v1"), replicas=2)
    broken = replace(world.release("v2", answer="broken"), ready_within_s=5.0)
    with Load(world.ports) as load:
        load.until(100)
        with pytest.raises(Exception, match="ended before it was ready"):
            roll(world.deploys, ENV, broken, 1, lambda *_: None)
        load.until(load.asked + 100)
    assert load.failures == []
    environment = world.deploys.environment(ENV)
    assert environment is not None and environment.version == "v1"
    assert [(one.version, len(one.replicas)) for one in environment.held] == [("v1", 4), ("v2", 0)]
