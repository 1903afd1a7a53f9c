"""Published images run by an engine: what engines alone do, beside the contract of everything
that runs images."""

from dataclasses import replace
from pathlib import Path

import pytest

from devflow.adapters.containers.docker import DockerContainers
from devflow.adapters.containers.leftovers import LABEL
from devflow.adapters.images.engine.client import Engines
from devflow.model.errors import StepFailed, Unavailable
from tests.contract.images.containers_world import SERVES, EngineWorld, says
from tests.contract.images.daemons import RunningRegistry
from tests.contract.images.namespace_world import ended
from tests.contract.images.tiny import OWN_PLATFORM


@pytest.fixture
def engine_world(engines: Engines, registry: RunningRegistry) -> EngineWorld:
    return EngineWorld(engines, registry.address)


def test_memory_beyond_the_limit_ends_the_container(engine_world: EngineWorld) -> None:
    fill = "exec dd if=/dev/zero of=/state/file bs=1M count=64"
    start = replace(engine_world.image(), command=(fill,), memory_mb=16.0)
    with engine_world.containers.started(start) as container:
        ended(container)
        assert container.stop(1.0) == 137


def test_an_entry_point_of_an_interpreter_takes_the_commands_words(
    engine_world: EngineWorld,
) -> None:
    image = engine_world.image(Entrypoint=["/bin/sh"], Cmd=["x"])
    start = replace(image, command=("-c", "echo $WORD; exit 7"), environment={"WORD": "told"})
    with engine_world.containers.started(start) as container:
        ended(container)
        assert container.stop(5.0) == 7
        says(container, "told")


def test_the_end_of_what_was_printed_has_a_last_line_without_a_newline(
    engine_world: EngineWorld,
) -> None:
    line = "i=0; while [ $i -lt 30 ]; do i=$((i+1)); echo $i; done; echo -n last"
    start = replace(engine_world.image(), command=(line,))
    with engine_world.containers.started(start) as container:
        ended(container)
        says(container, "\n".join([*map(str, range(12, 31)), "last"]))


def test_a_digest_that_is_gone_is_one_that_cannot_be_pulled(engine_world: EngineWorld) -> None:
    with pytest.raises(StepFailed, match="cannot pull"):
        with engine_world.containers.started(engine_world.gone()):
            pass


def test_a_registry_that_the_engine_cannot_reach_is_said(engine_world: EngineWorld) -> None:
    silent = replace(engine_world.image(), repository="127.0.0.1:1/served")
    with pytest.raises(Unavailable, match="cannot pull"):
        with engine_world.containers.started(silent):
            pass


def test_a_registry_of_this_machine_needs_neither_a_certificate_nor_a_word_in_a_file(
    engine_world: EngineWorld,
) -> None:
    image = engine_world.image()
    # by a name that no engine here was told of
    unknown = replace(image, repository=image.repository.replace("127.0.0.1", "localhost"))
    start = replace(unknown, command=("echo pulled",))
    with engine_world.containers.started(start) as container:
        ended(container)
        says(container, "pulled")
    with pytest.raises(StepFailed, match="cannot pull"):
        with engine_world.containers.started(
            replace(engine_world.gone(), repository=unknown.repository)
        ):
            pass


def test_what_a_killed_run_left_is_removed_by_the_next(engine_world: EngineWorld) -> None:
    containers = engine_world.containers
    start = engine_world.told(SERVES)
    with engine_world.engines.connected() as client, containers.started(start):
        (mine,) = engine_world.own(client)
        owner = mine["Labels"][LABEL]
        machine = owner.partition(" ")[0]
        dead = client.create_container(mine["ImageID"], labels={LABEL: f"{machine} 999999999 1.00"})
        others = client.create_container(mine["ImageID"], labels={LABEL: "elsewhere 1 1.00"})
        with containers.started(start):
            names = {found["Id"] for found in client.containers(all=True)}
            assert dead["Id"] not in names
            assert {mine["Id"], others["Id"]} <= names
        client.remove_container(others["Id"])
    assert engine_world.left() == []


def test_an_engine_that_is_not_there_is_unavailable(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, engine_world: EngineWorld
) -> None:
    image = engine_world.image()
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/none.sock")
    containers = DockerContainers(Engines())
    with pytest.raises(Unavailable, match="no container engine answers"):
        containers.runtime(OWN_PLATFORM)
    with pytest.raises(Unavailable), containers.started(image):
        pass
