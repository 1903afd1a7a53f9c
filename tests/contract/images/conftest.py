"""Engines, registries, and the images that tests begin with."""

from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from devflow.adapters.containers.namespaces import BUBBLEWRAP, NAMESPACES, NamespaceContainers
from devflow.adapters.images.engine.client import Engines
from devflow.adapters.images.store import Store
from devflow.model.errors import Unavailable
from devflow.ports.containers import Start
from tests.contract.images.daemons import (
    RunningEngine,
    docker_engine,
    missing,
    podman_engine,
    registry,
)
from tests.contract.images.namespace_world import busybox, start
from tests.contract.images.tiny import OWN_PLATFORM
from tests.standins.registry import MemoryRegistry

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


@pytest.fixture(params=[NAMESPACES, BUBBLEWRAP])
def way(request: pytest.FixtureRequest) -> str:
    """Each way in turn."""
    return str(request.param)


@pytest.fixture
def memory_registry(store: Store) -> MemoryRegistry:
    return MemoryRegistry(store)  # type: ignore[arg-type]


@pytest.fixture
def containers(store: Store, memory_registry: MemoryRegistry, way: str) -> NamespaceContainers:
    made = NamespaceContainers(store, memory_registry, (way,))
    try:
        made.runtime(OWN_PLATFORM)
    except Unavailable as error:
        missing(error.message)
    return made


@pytest.fixture
def image(memory_registry: MemoryRegistry) -> Start:
    """A shell that takes the command of each test."""
    return start(memory_registry, [busybox()])


def children() -> list[psutil.Process]:
    """Of this process, zombies too."""
    return psutil.Process().children(recursive=True)


@pytest.fixture
def nothing_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """No process, and no file system of a container."""
    place = tmp_path / "temporary"
    place.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(place))
    before = children()
    yield
    assert [one for one in children() if one not in before] == []
    assert list(place.glob("*/container-*")) == []
