"""Each test runs on our forwarder and on haproxy; without haproxy its part is skipped."""

import shutil
from pathlib import Path

import pytest

from tests.contract.proxy.world import World, Worlds


@pytest.fixture(params=("own", "haproxy"))
def world(request: pytest.FixtureRequest, tmp_path: Path) -> Worlds:
    if request.param == "haproxy" and not shutil.which("haproxy"):
        pytest.skip("haproxy is not installed")
    made = World(tmp_path, request.param)
    yield made
    made.end()
