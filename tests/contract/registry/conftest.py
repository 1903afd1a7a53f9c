"""The registries of this suite: the sandbox's, a real docker-registry, and the stand-in."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.contract.images.daemons import docker_engine, registry
from tests.contract.registry.gate import Gate, gate_before
from tests.contract.registry.places import Place, docker_registry, place_at, place_in_memory
from tests.sandbox_process import running_sandbox

__all__ = ("docker_engine", "registry")
REAL = ["sandbox", "docker-registry"]


@pytest.fixture(scope="session")
def sandbox_host(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with running_sandbox(tmp_path_factory.mktemp("sandbox")) as described:
        yield described["registry"]["url"].removeprefix("http://")


@pytest.fixture(scope="session")
def docker_host(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with docker_registry(tmp_path_factory.mktemp("docker-registry")) as host:
        yield host


@pytest.fixture(params=[*REAL, "stand-in"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    """Every registry."""
    if request.param == "stand-in":
        return place_in_memory()
    return _real(request, tmp_path)


@pytest.fixture(params=REAL)
def real(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    """The registries that answer over HTTP."""
    return _real(request, tmp_path)


def _real(request: pytest.FixtureRequest, folder: Path) -> Place:
    name = "sandbox_host" if request.param == "sandbox" else "docker_host"
    return place_at(request.getfixturevalue(name), folder)


@pytest.fixture(scope="session")
def one_gate(sandbox_host: str) -> Iterator[Gate]:
    with gate_before(sandbox_host) as gate:
        yield gate


@pytest.fixture
def gate(one_gate: Gate) -> Gate:
    """The sandbox's registry, in which requests go wrong."""
    one_gate.begin()
    return one_gate


@pytest.fixture
def guarded(gate: Gate, tmp_path: Path) -> Place:
    """Our client before the gate."""
    return place_at(gate.host, tmp_path)
