"""Published images run without an engine, each way that there is: what is so there alone, beside
the contract of everything that runs images."""

import os
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
from devflow.testing import MemoryRegistry
from tests.contract.images.namespace_world import (
    busybox,
    said,
    start,
    told,
)
from tests.contract.images.tiny import OWN_PLATFORM

pytestmark = pytest.mark.usefixtures("nothing_left")

NOBODY = 65534
# bubblewrap gives root's devices to root; root has namespaces, which come first
OWN_DEVICES = (NAMESPACES,) if os.geteuid() == 0 else (NAMESPACES, BUBBLEWRAP)
KILLED = Path(__file__).with_name("killed_run.py")
ROOT = Path(__file__).parents[3]


def test_nobody_else_answers_in_a_containers_place(
    containers: NamespaceContainers, image: Start
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as stranger:
        port = stranger.getsockname()[1]
        with pytest.raises(Unavailable, match=f"port {port}"):
            with containers.started(replace(told(image, "sleep 60"), port=port)):
                raise AssertionError("a stranger's port was taken for the container's")


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


@pytest.mark.parametrize("way", OWN_DEVICES, indirect=True)
def test_this_machines_devices_keep_their_modes(
    containers: NamespaceContainers, memory_registry: MemoryRegistry
) -> None:
    image = start(memory_registry, [busybox()], User="0")
    line = "for name in null zero random; do busybox chmod 666 /dev/$name && echo wrote; done"
    words = said(containers, image, f"{line}; echo x > /dev/null && echo kept")
    assert "wrote" not in words
    assert words.splitlines()[-1] == "kept"


def test_a_user_without_a_number_is_unavailable(
    containers: NamespaceContainers, memory_registry: MemoryRegistry
) -> None:
    image = start(memory_registry, [busybox()], User="app")
    with pytest.raises(Unavailable, match="names its user: app"), containers.started(image):
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


def test_where_neither_way_is_there_the_reason_is_said(
    store: Store, memory_registry: MemoryRegistry
) -> None:
    containers = NamespaceContainers(store, memory_registry, ())
    with pytest.raises(Unavailable, match="gives this user no namespaces"):
        containers.runtime(OWN_PLATFORM)


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
