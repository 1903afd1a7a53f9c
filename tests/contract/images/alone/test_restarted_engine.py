"""An engine that is restarted, as by an update of its package, brings its containers back by
itself. No other test may have containers of it meanwhile."""

import gc
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from devflow.adapters.images.engine.client import Engines
from tests.contract.deploys.world import ENV, bring, until
from tests.contract.images import daemons
from tests.contract.images.daemons import RunningRegistry
from tests.contract.images.deployed_world import Engine, brought_down


class OwnEngine(Engine):
    """A repository, and the dockerd that is its own."""

    daemon: dict[str, Any]
    mirror: str

    def restart(self) -> None:
        self.daemon = daemons.restart_docker(self.daemon, self.mirror)


@pytest.fixture
def here(
    tmp_path: Path, registry: RunningRegistry, monkeypatch: pytest.MonkeyPatch
) -> Iterator[OwnEngine]:
    daemons.docker_can_start()
    # short: the path of a socket may have 107 bytes
    with tempfile.TemporaryDirectory(prefix="devflow-") as folder:
        daemon = daemons.start_docker(Path(folder), registry.address)
        monkeypatch.setenv("DOCKER_HOST", daemon["host"])
        engine = OwnEngine(tmp_path, Engines(), registry.address)
        engine.daemon = {**daemon, "folder": folder}
        engine.mirror = registry.address
        yield engine
        brought_down(engine)
        daemons.stop_docker(engine.daemon)


# the SDK loses the socket that it could not connect
@pytest.mark.filterwarnings("ignore:Exception ignored in. <socket")
def test_an_engine_that_is_restarted_brings_every_replica_back(here: OwnEngine) -> None:
    for version in ("v1", "v2"):
        bring(here.deploys, here.release(version), replicas=2)
        here.deploys.retire(ENV, keep=1)
    here.restart()
    until(lambda: [one.is_well for one in here.replicas("v2")] == [True, True], within_s=30)
    gc.collect()
    assert here.served() == "v2"
    assert len(here.left()) == 3, "the version before was ended by devflow, and stays so"
