"""Published images run without an engine, each way that there is: how they are shut in, what is
measured of them, how they end, and that nothing of them is left."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import psutil
import pytest

from devflow.adapters.containers.namespaces import BUBBLEWRAP, NAMESPACES, NamespaceContainers
from devflow.adapters.images.store import Store
from devflow.adapters.machine.scratch_folder import YOUNG_S, ScratchFolder
from devflow.model.errors import StepFailed, Unavailable
from devflow.ports.containers import Start
from tests.contract.images.namespace_world import (
    ANSWER_S,
    SERVE,
    SHELL,
    answer,
    busybox,
    ended,
    file,
    said,
    start,
    told,
)
from tests.contract.images.tiny import OTHER, OTHER_PLATFORM, OWN_PLATFORM
from tests.contract.images.tiny_layers import published_image
from tests.standins.registry import MemoryRegistry

pytestmark = pytest.mark.usefixtures("nothing_left")

NOBODY = 65534
# bubblewrap gives root's devices to root; root has namespaces, which come first
OWN_DEVICES = (NAMESPACES,) if os.geteuid() == 0 else (NAMESPACES, BUBBLEWRAP)
KILLED = Path(__file__).with_name("killed_run.py")
ROOT = Path(__file__).parents[3]


def test_a_container_is_shut_in_and_answers(containers: NamespaceContainers, image: Start) -> None:
    asked_s = time.monotonic()
    port = containers.listening_port(8000)
    served = replace(told(image, SERVE.format(port)), port=port)
    with containers.started(served) as container:
        assert asked_s < container.started_s <= time.monotonic()
        assert answer(container).text == "kept\n"
        assert container.running()
        found = container.processes()
        assert len(found) == 2
        for one in found:
            assert one.uid == 1000
            assert one.capabilities == ()
            assert one.no_new_privileges
        assert container.can_write() is False
        usage = container.usage()
        assert usage.memory_bytes is not None
        assert 50_000 < usage.memory_bytes < 16_000_000
        assert usage.cpu_s is not None
        assert 0 <= usage.cpu_s < 5
        assert container.stop(5.0) == 0
        assert not container.running()
        assert container.last_words() == "here"


def test_nobody_else_answers_in_a_containers_place(
    containers: NamespaceContainers, image: Start
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as stranger:
        port = stranger.getsockname()[1]
        with pytest.raises(Unavailable, match=f"port {port}"):
            with containers.started(replace(told(image, "sleep 60"), port=port)):
                raise AssertionError("a stranger's port was taken for the container's")


def test_nothing_is_left_after_an_exception(containers: NamespaceContainers, image: Start) -> None:
    with pytest.raises(OSError, match="mine"), containers.started(told(image, "sleep 60")):
        raise OSError("mine")


def test_what_ignores_its_signal_is_killed_with_all_it_started(
    containers: NamespaceContainers, image: Start
) -> None:
    line = "trap '' TERM; (trap '' TERM; sleep 61) & while true; do sleep 1; done"
    with containers.started(told(image, line)) as container:
        begun_s = time.monotonic()
        assert container.stop(0.3) is None
        assert time.monotonic() - begun_s < 3
        assert not container.running()
        assert container.processes() == ()


def test_the_command_stands_in_place_of_the_images_and_its_entry_point_is_kept(
    containers: NamespaceContainers, image: Start
) -> None:
    asked = replace(told(image, "echo $WORD; exit 7"), environment={"WORD": "told"})
    with containers.started(asked) as container:
        ended(container)
        assert container.last_words() == "told"
        assert container.stop(5.0) == 7
        assert container.processes() == ()


def test_a_program_that_a_signal_ended_has_its_number_for_an_exit_code(
    containers: NamespaceContainers, memory_registry: MemoryRegistry
) -> None:
    image = start(memory_registry, [busybox()], StopSignal="USR1")
    line = "trap 'sleep 60 & kill -9 $!; wait $!; exit $?' USR1; echo ready; while :; do :; done"
    with containers.started(told(image, line)) as container:
        deadline = time.monotonic() + ANSWER_S
        while container.last_words() != "ready" and time.monotonic() < deadline:
            time.sleep(0.01)
        assert container.stop(5.0) == 128 + signal.SIGKILL


def test_only_state_and_devices_can_be_written(
    containers: NamespaceContainers, image: Start
) -> None:
    line = (
        "touch /file && echo wrote; touch /tmp/file && echo wrote; echo x > /bin/sh && echo wrote;"
        " echo x > /dev/made && echo wrote; echo x > /dev/shm/made || echo kept nothing"
    )
    words = said(containers, image, f"{line}; touch /state/x && echo kept; echo x > /dev/null")
    assert "wrote" not in words
    assert words.splitlines()[-1] == "kept"
    assert "nothing" not in words
    assert words.count("Read-only file system") == 4


def test_the_machines_files_are_not_there(containers: NamespaceContainers, image: Start) -> None:
    assert said(containers, image, "ls /").split() == ["bin", "dev", "etc", "proc", "state", "tmp"]


def test_the_kernel_cannot_be_set_whoever_runs_it(
    containers: NamespaceContainers, memory_registry: MemoryRegistry
) -> None:
    # to root of this machine the kernel's settings are root's own, whatever it may do else
    image = start(memory_registry, [busybox()], User="0")
    line = "cat /proc/sys/vm/swappiness > /proc/sys/vm/swappiness && echo wrote"
    words = said(containers, image, f"{line}; cat /proc/self/comm")
    assert words.splitlines()[-1] == "cat"
    assert "wrote" not in words


@pytest.mark.parametrize("way", OWN_DEVICES, indirect=True)
def test_this_machines_devices_keep_their_modes(
    containers: NamespaceContainers, memory_registry: MemoryRegistry
) -> None:
    image = start(memory_registry, [busybox()], User="0")
    line = "for name in null zero random; do busybox chmod 666 /dev/$name && echo wrote; done"
    words = said(containers, image, f"{line}; echo x > /dev/null && echo kept")
    assert "wrote" not in words
    assert words.splitlines()[-1] == "kept"


def test_only_its_own_processes_are_there(containers: NamespaceContainers, image: Start) -> None:
    numbers = said(containers, image, "echo /proc/[0-9]*").split()
    assert numbers == ["/proc/1"]


def test_the_environment_is_the_images_and_not_this_machines(
    containers: NamespaceContainers,
    memory_registry: MemoryRegistry,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("DEVFLOW_SECRET", "hunter2")
    image = start(memory_registry, [busybox()], Env=["PATH=/bin", "WORD=of the image"])
    words = said(containers, image, "cat /proc/self/environ /proc/1/environ")
    assert "WORD=of the image" in words
    assert "hunter2" not in words


def test_a_user_without_a_number_is_unavailable(
    containers: NamespaceContainers, memory_registry: MemoryRegistry
) -> None:
    image = start(memory_registry, [busybox()], User="app")
    with pytest.raises(Unavailable, match="names its user: app"), containers.started(image):
        pass


def test_the_images_user_is_the_one_that_runs(
    containers: NamespaceContainers, memory_registry: MemoryRegistry
) -> None:
    image = start(memory_registry, [busybox()], User="12:34")
    assert said(containers, image, "id -u; id -g") == "12\n34"
    with containers.started(
        told(start(memory_registry, [busybox()], User=""), "sleep 9")
    ) as container:
        assert {one.uid for one in container.processes()} == {0}


@pytest.mark.parametrize("entry_point", ["/none", "none", "/etc", "/etc/text"])
def test_an_image_without_its_program_cannot_be_started(
    containers: NamespaceContainers, memory_registry: MemoryRegistry, entry_point: str
) -> None:
    layers = [[*busybox(), file("etc/text", b"no program")]]
    image = start(memory_registry, layers, Entrypoint=[entry_point])
    with pytest.raises(StepFailed, match="cannot be started: .+"), containers.started(image):
        pass


@pytest.mark.parametrize("word", ["a\0b", "\ud800"])
def test_a_word_that_no_program_can_be_given_is_refused(
    containers: NamespaceContainers, image: Start, word: str
) -> None:
    with (
        pytest.raises(StepFailed, match="cannot be started"),
        containers.started(told(image, word)),
    ):
        pass


def test_a_signal_that_is_none_is_refused(
    containers: NamespaceContainers, memory_registry: MemoryRegistry
) -> None:
    image = start(memory_registry, [busybox()], StopSignal="SIGNONE")
    with pytest.raises(StepFailed, match="SIGNONE, which is no signal"):
        with containers.started(image):
            pass


def test_an_image_that_the_registry_does_not_have_is_not_started_from_the_store(
    containers: NamespaceContainers, image: Start, memory_registry: MemoryRegistry
) -> None:
    memory_registry.documents.clear()
    with pytest.raises(StepFailed, match="the registry has no sha256"), containers.started(image):
        pass


def test_a_layer_that_is_gone_from_the_registry_is_not_taken_from_the_store(
    containers: NamespaceContainers, image: Start, memory_registry: MemoryRegistry
) -> None:
    memory_registry.contents.clear()
    with pytest.raises(StepFailed), containers.started(image):
        pass


def test_another_platforms_image_is_refused(
    containers: NamespaceContainers, memory_registry: MemoryRegistry, image: Start
) -> None:
    digest = published_image(memory_registry, "served", [busybox()], SHELL, OTHER_PLATFORM)
    with pytest.raises(StepFailed, match=OTHER), containers.started(replace(image, image=digest)):
        pass


def test_another_platform_is_unavailable_without_qemu(
    containers: NamespaceContainers, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(Unavailable, match="no qemu is registered"):
        containers.runtime("linux/s390x")


def test_where_neither_way_is_there_the_reason_is_said(
    store: Store, memory_registry: MemoryRegistry
) -> None:
    containers = NamespaceContainers(store, memory_registry, ())
    with pytest.raises(Unavailable, match="gives this user no namespaces"):
        containers.runtime(OWN_PLATFORM)


def test_memory_and_processor_time_of_ended_children_count(
    containers: NamespaceContainers, image: Start
) -> None:
    line = "(i=0; while [ $i -lt 60000 ]; do i=$((i+1)); done); echo done; sleep 60; echo"
    with containers.started(told(image, line)) as container:
        deadline = time.monotonic() + ANSWER_S
        while container.last_words() != "done" and time.monotonic() < deadline:
            time.sleep(0.01)
        spent = container.usage().cpu_s
        assert spent is not None
        assert spent > 0.01


def run_to_kill(way: str, folder: Path, user: int | None) -> subprocess.Popen[str]:
    """A run in a process of its own, that is about to say that its container answers."""
    if user is not None:
        os.chown(folder, user, user)
    return subprocess.Popen(
        [sys.executable, str(KILLED), way, "" if user is None else str(user)],
        env={"TMPDIR": str(folder), "PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)},
        cwd=folder,
        stdout=subprocess.PIPE,
        text=True,
    )


@pytest.fixture
def theirs(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder for temporary files, where any user finds it."""
    monkeypatch.setattr("tempfile.tempdir", None)
    with TemporaryDirectory() as folder:
        monkeypatch.setattr("tempfile.tempdir", folder)
        yield Path(folder)


@pytest.mark.parametrize("user", [None, NOBODY], ids=["this user", "an ordinary user"])
def test_a_killed_run_leaves_no_process_and_the_next_removes_its_files(
    containers: NamespaceContainers, way: str, theirs: Path, user: int | None
) -> None:
    if user is not None and os.geteuid() != 0:
        pytest.skip("only root becomes another user")
    run = run_to_kill(way, theirs, user)
    assert run.stdout is not None
    assert run.stdout.readline().split() == ["answers", "1000"]
    its = psutil.Process(run.pid).children(recursive=True)
    assert len(its) >= 3
    run.kill()
    run.wait()
    run.stdout.close()
    _, alive = psutil.wait_procs(its, timeout=5)
    assert [one for one in alive if one.status() != psutil.STATUS_ZOMBIE] == []
    (left,) = theirs.glob("devflow-scratch-*")
    long_ago = time.time() - 2 * YOUNG_S
    os.utime(left, (long_ago, long_ago))
    assert ScratchFolder().path.exists()
    assert not left.exists()
