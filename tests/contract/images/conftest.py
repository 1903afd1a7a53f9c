"""Engines, registries, and the images that tests begin with."""

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from devflow.adapters.containers.namespaces import BUBBLEWRAP, NAMESPACES, NamespaceContainers
from devflow.adapters.images.engine.client import Engines
from devflow.adapters.images.store import Store
from devflow.model.errors import Unavailable
from devflow.ports.containers import Start
from devflow.testing import MemoryRegistry
from tests.contract.images.containers_world import EngineWorld, MemoryWorld, NamespaceWorld, World
from tests.contract.images.daemons import (
    RunningEngine,
    RunningRegistry,
    docker_engine,
    missing,
    podman_engine,
    registry,
    spawned,
)
from tests.contract.images.namespace_world import busybox, start
from tests.contract.images.tiny import OWN_PLATFORM

__all__ = ("docker_engine", "podman_engine", "registry")
ENGINES = ("docker", "podman")
RUNNERS = (*ENGINES, NAMESPACES, BUBBLEWRAP)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "store")


@pytest.fixture(params=ENGINES)
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
    return _namespaces(store, memory_registry, way)


@pytest.fixture
def image(memory_registry: MemoryRegistry) -> Start:
    """A shell that takes the command of each test."""
    return start(memory_registry, [busybox()])


def children() -> list[psutil.Process]:
    """Of this process, zombies too, without the daemons that other tests use as well."""
    daemons = spawned()
    own = [one for one in psutil.Process().children() if one.pid not in daemons]
    for one in tuple(own):
        with suppress(psutil.NoSuchProcess):
            own += one.children(recursive=True)
    return own


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


@pytest.fixture(params=[*RUNNERS, "in memory"])
def world(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> World:
    """Everything that runs images in turn, the stand-in too."""
    return _world(request, monkeypatch)


@pytest.fixture(params=RUNNERS)
def real_world(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> World:
    """Everything that really runs programs in turn."""
    return _world(request, monkeypatch)


def _world(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> World:
    name = str(request.param)
    if name in ENGINES:
        running: RunningEngine = request.getfixturevalue(f"{name}_engine")
        own: RunningRegistry = request.getfixturevalue("registry")
        monkeypatch.setenv("DOCKER_HOST", running.host)
        return EngineWorld(Engines(), own.address)
    if name not in RUNNERS:
        return MemoryWorld()
    request.getfixturevalue("nothing_left")
    kept: MemoryRegistry = request.getfixturevalue("memory_registry")
    return NamespaceWorld(_namespaces(request.getfixturevalue("store"), kept, name), kept)


def _namespaces(store: Store, registry: MemoryRegistry, way: str) -> NamespaceContainers:
    made = NamespaceContainers(store, registry, (way,))
    try:
        made.runtime(OWN_PLATFORM)
    except Unavailable as error:
        missing(error.message)
    return made
