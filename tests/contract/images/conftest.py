"""Engines, registries, and the images that tests begin with."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from devflow.adapters.images.engine.client import Engines
from devflow.adapters.images.store import Store
from tests.contract.images.daemons import RunningEngine, docker_engine, podman_engine, registry

__all__ = ("docker_engine", "podman_engine", "registry")


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "store")


@pytest.fixture(params=["docker", "podman"])
def engine(request: pytest.FixtureRequest) -> RunningEngine:
    """Each engine in turn."""
    running: RunningEngine = request.getfixturevalue(f"{request.param}_engine")
    return running


@pytest.fixture
def engines(engine: RunningEngine, monkeypatch: pytest.MonkeyPatch) -> Iterator[Engines]:
    """The clients of an engine, as its user would point to it."""
    monkeypatch.setenv("DOCKER_HOST", engine.host)
    yield Engines()


@pytest.fixture
def docker(docker_engine: RunningEngine, monkeypatch: pytest.MonkeyPatch) -> Engines:
    """The clients of Docker Engine alone."""
    monkeypatch.setenv("DOCKER_HOST", docker_engine.host)
    return Engines()
