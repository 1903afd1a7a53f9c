"""Published images run by an engine: how they are shut in, what is measured of them, how they end,
and that nothing of them is left."""

import time
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from devflow.adapters.containers import kernel
from devflow.adapters.containers.docker import LABEL, DockerContainers
from devflow.adapters.images.engine.client import Engines
from devflow.model.errors import StepFailed, Unavailable
from devflow.ports.containers import Container, Start
from tests.contract.images.daemons import RunningRegistry
from tests.contract.images.tiny import OTHER, OTHER_PLATFORM, OWN, OWN_PLATFORM, push

ANSWER_S = 10.0  # s; a shell and busybox' httpd take 0.2 s
SERVE = "echo here; echo kept > /state/file; trap 'exit 0' TERM; httpd -f -p 8000 -h {} & wait"
SERVING = {
    "Entrypoint": ["/bin/sh", "-c"],
    "Cmd": [SERVE.format("/state")],
    "User": "1000",
}


@pytest.fixture
def containers(engines: Engines) -> DockerContainers:
    return DockerContainers(engines)


@pytest.fixture
def published(registry: RunningRegistry) -> Start:
    """An image of both platforms, as its registry knows it."""
    _, digests = push(registry.address, "served", "1", (OWN, OTHER), SERVING)
    return Start(
        service="api",
        repository=f"{registry.address}/served",
        image=digests[OWN_PLATFORM],
        platform=OWN_PLATFORM,
        port=8000,
    )


def answer(container: Container, path: str = "/file") -> httpx.Response:
    deadline = time.monotonic() + ANSWER_S
    while True:
        try:
            return httpx.get(f"{container.url}{path}")
        except httpx.TransportError:
            if time.monotonic() > deadline:
                raise AssertionError(container.last_words()) from None
            time.sleep(0.05)


def ended(container: Container) -> None:
    """Waits until it has ended by itself."""
    deadline = time.monotonic() + ANSWER_S
    while container.running():
        assert time.monotonic() < deadline, container.last_words()
        time.sleep(0.05)


def left(engines: Engines) -> list[object]:
    """Containers of ours, and images, that an engine has."""
    with engines.connected() as client:
        found = client.containers(all=True, filters={"label": LABEL})
        images = [image for image in client.images() if "served" in str(image.get("RepoDigests"))]
        return [*found, *images]


def test_a_container_is_shut_in_and_answers(
    containers: DockerContainers, published: Start, engines: Engines
) -> None:
    asked_s = time.monotonic()
    with containers.started(published) as container:
        assert asked_s < container.started_s <= time.monotonic()
        assert answer(container).text == "kept\n"
        assert container.running()
        processes = container.processes()
        assert len(processes) == 2
        for process in processes:
            assert process.uid == 1000
            assert process.capabilities == ()
            assert process.no_new_privileges
        assert container.can_write() is False
        usage = container.usage()
        assert usage.memory_bytes is not None
        assert 50_000 < usage.memory_bytes < 16_000_000
        assert usage.cpu_s is not None
        assert 0 < usage.cpu_s < 5
        assert container.stop(5.0) == 0
        assert not container.running()
        assert container.last_words() == "here"
    assert left(engines) == []


def test_nothing_is_left_after_an_exception(
    containers: DockerContainers, published: Start, engines: Engines
) -> None:
    with pytest.raises(OSError, match="mine"), containers.started(published):
        raise OSError("mine")
    assert left(engines) == []


def test_what_ignores_its_signal_is_killed_and_has_no_exit_code(
    containers: DockerContainers, published: Start
) -> None:
    line = "trap '' TERM; while true; do sleep 1; done"
    with containers.started(replace(published, command=(line,))) as container:
        begun_s = time.monotonic()
        assert container.stop(0.5) is None
        assert time.monotonic() - begun_s < 5
        assert not container.running()


def test_the_command_stands_in_place_of_the_images_and_its_entry_point_is_kept(
    containers: DockerContainers, registry: RunningRegistry, published: Start
) -> None:
    _, digests = push(
        registry.address, "served", "2", (OWN, OTHER), {"Entrypoint": ["/bin/sh"], "Cmd": ["x"]}
    )
    start = replace(
        published,
        image=digests[OWN_PLATFORM],
        command=("-c", "echo $WORD; exit 7"),
        environment={"WORD": "told"},
    )
    with containers.started(start) as container:
        ended(container)
        assert container.stop(5.0) == 7
        assert container.last_words() == "told"
        assert container.processes() == ()


def test_containers_reach_each_other(containers: DockerContainers, published: Start) -> None:
    with containers.started(published) as served:
        answer(served)
        asks = f"wget -q -O - {served.peer_url}/file"
        start = replace(published, command=(asks,))
        with containers.started(start) as asking:
            ended(asking)
            assert asking.last_words() == "kept"


def test_the_root_file_system_cannot_be_written_and_state_can(
    containers: DockerContainers, published: Start
) -> None:
    line = "touch /file && echo wrote; touch /tmp/file && echo wrote; touch /state/x && echo kept"
    with containers.started(replace(published, command=(line,))) as container:
        ended(container)
        assert "wrote" not in container.last_words()
        assert "kept" in container.last_words()


def test_memory_beyond_the_limit_ends_the_container(
    containers: DockerContainers, published: Start
) -> None:
    fill = "exec dd if=/dev/zero of=/state/file bs=1M count=64"
    start = replace(published, command=(fill,), memory_mb=16.0)
    with containers.started(start) as container:
        ended(container)
        assert container.stop(1.0) == 137


def test_a_digest_that_is_gone_is_not_started_from_what_was_there_before(
    containers: DockerContainers, published: Start, engines: Engines
) -> None:
    gone = replace(published, image=f"sha256:{'0' * 64}")
    with pytest.raises(StepFailed, match="cannot pull"), containers.started(gone):
        pass
    assert left(engines) == []


def test_another_platforms_manifest_is_refused(
    containers: DockerContainers, published: Start, registry: RunningRegistry, engines: Engines
) -> None:
    _, digests = push(registry.address, "served", "1", (OWN, OTHER), SERVING)
    wrong = replace(published, image=digests[OTHER_PLATFORM])
    with pytest.raises((StepFailed, Unavailable), match=OTHER), containers.started(wrong):
        pass
    assert left(engines) == []


def test_a_registry_that_the_engine_cannot_reach_is_said(
    containers: DockerContainers, published: Start
) -> None:
    silent = replace(published, repository="127.0.0.1:1/served")
    with pytest.raises(Unavailable, match="cannot pull"), containers.started(silent):
        pass


def test_an_image_without_its_program_cannot_be_started(
    containers: DockerContainers, published: Start, registry: RunningRegistry, engines: Engines
) -> None:
    _, digests = push(registry.address, "served", "3", (OWN, OTHER), {"Entrypoint": ["/none"]})
    empty = replace(published, image=digests[OWN_PLATFORM])
    with pytest.raises(StepFailed, match="none"), containers.started(empty):
        pass
    assert left(engines) == []


def test_what_a_killed_run_left_is_removed_by_the_next(
    containers: DockerContainers, published: Start, engines: Engines
) -> None:
    with engines.connected() as client, containers.started(published):
        (mine,) = client.containers(filters={"label": LABEL})
        owner = mine["Labels"][LABEL]
        machine = owner.partition(" ")[0]
        dead = client.create_container(mine["ImageID"], labels={LABEL: f"{machine} 999999999 1.00"})
        others = client.create_container(mine["ImageID"], labels={LABEL: "elsewhere 1 1.00"})
        with containers.started(published):
            names = {found["Id"] for found in client.containers(all=True)}
            assert dead["Id"] not in names
            assert {mine["Id"], others["Id"]} <= names
        client.remove_container(others["Id"])
    assert left(engines) == []


def test_the_other_platform_is_unavailable_without_qemu(containers: DockerContainers) -> None:
    if kernel.runs_here(OTHER):
        assert "qemu" in containers.runtime(OTHER_PLATFORM)
        return
    with pytest.raises(Unavailable, match="no qemu is registered"):
        containers.runtime(OTHER_PLATFORM)


def test_an_engine_that_is_not_there_is_unavailable(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, published: Start
) -> None:
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/none.sock")
    containers = DockerContainers(Engines())
    with pytest.raises(Unavailable, match="no container engine answers"):
        containers.runtime(OWN_PLATFORM)
    with pytest.raises(Unavailable), containers.started(published):
        pass
