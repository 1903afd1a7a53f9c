"""What goes wrong with containers, of each engine in turn: each time it is said clearly, and the
version before serves."""

import gc
import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from devflow.adapters.deploys.docker_told import RETRIED
from devflow.adapters.images.engine.client import Engines
from devflow.model.errors import StepFailed, Unavailable
from tests.contract.deploys.world import ENV, bring, until
from tests.contract.images.daemons import RunningEngine, RunningRegistry
from tests.contract.images.deployed_world import SERVE, Engine, brought_down

FLAPPING = f"[ -e /state/began ] && exit 1; touch /state/began; {SERVE}"


@pytest.fixture
def socket_of(engine: RunningEngine, tmp_path: Path) -> Path:
    """A way to the engine that can be taken away."""
    way = tmp_path / "docker.sock"
    way.symlink_to(engine.host.removeprefix("unix://"))
    return way


@pytest.fixture
def here(
    tmp_path: Path,
    socket_of: Path,
    registry: RunningRegistry,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Engine]:
    monkeypatch.setenv("DOCKER_HOST", f"unix://{socket_of}")
    engine = Engine(tmp_path, Engines(), registry.address)
    bring(engine.deploys, engine.release("v1"), replicas=2)
    yield engine
    brought_down(engine)


def test_an_engine_that_goes_away_in_the_middle_ends_it_and_the_next_goes_on(
    here: Engine, socket_of: Path
) -> None:
    release = here.release("v2")
    here.deploys.prepare(ENV, release)
    target = socket_of.readlink()
    socket_of.unlink()
    with pytest.raises(Unavailable, match="no container engine answers"):
        here.deploys.scale(ENV, "v2", 2)
    assert here.served() == "v1"
    socket_of.symlink_to(target)
    bring(here.deploys, release, replicas=2)
    assert here.served() == "v2"


# the SDK loses the socket that it could not connect
@pytest.mark.filterwarnings("ignore:Exception ignored in. <socket")
def test_one_that_goes_away_while_a_replica_comes_up_leaves_nothing_of_it_in_the_end(
    here: Engine, socket_of: Path
) -> None:
    target = socket_of.readlink()
    here.deploys.prepare(ENV, here.release("v2", line="sleep 60"))
    watcher = here.when_started("v2", socket_of.unlink)
    with pytest.raises(Unavailable, match="no container engine answers"):
        here.deploys.scale(ENV, "v2", 1)
    watcher.join()
    gc.collect()
    assert here.served() == "v1"
    socket_of.symlink_to(target)
    here.deploys.retire(ENV, keep=1)
    assert [one.version for one in here.environment.held] == ["v1"]
    assert len(here.left()) == 3, "two replicas and their network"


def test_one_that_runs_and_never_answers_is_given_up_in_time(here: Engine) -> None:
    here.deploys.prepare(ENV, here.release("v2", line="echo waiting; sleep 60", within_s=2.0))
    with pytest.raises(StepFailed, match="(?s)was not ready within 2.0 s.*waiting"):
        here.deploys.scale(ENV, "v2", 1)
    assert here.served() == "v1" and here.replicas("v2") == ()


def test_one_that_flaps_is_told_and_the_version_before_can_be_had_back(here: Engine) -> None:
    bring(here.deploys, here.release("v2", line=FLAPPING % "v2"), replicas=1)
    here.deploys.retire(ENV, keep=1)
    with here.engines.connected() as client:
        pid = client.inspect_container(here.replicas("v2")[0].id)["State"]["Pid"]
        os.kill(pid, 9)
    until(lambda: here.replicas("v2")[0].restarts >= 5, within_s=30)
    until(lambda: not here.replicas("v2")[0].id, within_s=30)
    (flapping,) = here.replicas("v2")
    # Docker's engine tries for ever, after ever longer waits
    is_bounded = here.kind == "podman"
    assert not flapping.is_well and flapping.given_up == is_bounded
    again = "" if is_bounded else f", {RETRIED}"
    assert flapping.problem == f"does not run: ended with 1{again}"
    if not is_bounded:
        (here.home.data("api") / "began").unlink()
        until(lambda: here.replicas("v2")[0].status == 200, within_s=60)
        (answers,) = here.replicas("v2")
        assert not answers.is_well and answers.problem == "keeps ending by itself"
    here.deploys.rollback(ENV)
    assert here.served() == "v1" and here.environment.rolled_back == "v2"


def test_a_public_port_that_somebody_has_is_named_with_whose_it_is(here: Engine) -> None:
    here.deploys.down(ENV)
    with socket.create_server(("127.0.0.1", here.port)):
        with pytest.raises(StepFailed, match=f"port {here.port} is taken by") as raised:
            here.deploys.prepare(ENV, here.release("v2"))
    assert "port_offset" in raised.value.hint
    assert here.left() == []


def test_an_image_that_was_published_anew_is_not_run_in_its_place(here: Engine) -> None:
    release = here.release("v2")
    other = f"sha256:{'0' * 64}"
    with pytest.raises(StepFailed, match="was published anew since"):
        here.deploys.prepare(ENV, here.with_digest(release, other))
    assert here.served() == "v1"
