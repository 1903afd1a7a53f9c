"""The contract of what runs published images, over everything that does, the stand-in too: how
they are shut in, what is measured of them, how they end, and that nothing of them is left."""

import signal
import time
from dataclasses import replace

import pytest

from devflow.model.errors import StepFailed, Unavailable
from devflow.ports.containers import Usage
from devflow.testing.containers import Behaviour
from tests.contract.images.containers_world import (
    ENDS,
    IGNORES,
    SERVES,
    Program,
    World,
    answers,
    processes,
    says,
    words,
)
from tests.contract.images.namespace_world import ended
from tests.contract.images.tiny import OTHER, OTHER_PLATFORM


def test_a_container_is_shut_in_and_answers(world: World) -> None:
    start = world.told(SERVES)
    asked_s = time.monotonic()
    with world.containers.started(start) as container:
        assert asked_s <= container.started_s <= time.monotonic()
        assert container.started_s == container.started_s
        answers(world, container)
        assert container.running()
        found = processes(container, 2)
        for one in found:
            assert one.uid == 1000
            assert one.capabilities == ()
            assert one.no_new_privileges
        assert container.can_write() is False
        usage = container.usage()
        assert usage.memory_bytes is not None
        assert usage.memory_bytes > 50_000
        assert usage.cpu_s is not None
        assert 0 <= usage.cpu_s < 5
        assert container.stop(5.0) == 0
        assert not container.running()
        assert container.processes() == ()
        says(container, "here")
    assert world.left() == []


def test_nothing_is_left_after_an_exception(world: World) -> None:
    with pytest.raises(OSError, match="mine"), world.containers.started(world.told(SERVES)):
        raise OSError("mine")
    assert world.left() == []


def test_what_ignores_its_signal_is_killed_with_all_it_started_and_has_no_exit_code(
    world: World,
) -> None:
    with world.containers.started(world.told(IGNORES)) as container:
        says(container, "deaf")
        begun_s = time.monotonic()
        assert container.stop(0.5) is None
        assert time.monotonic() - begun_s < 5
        assert not container.running()
        assert container.processes() == ()


def test_the_command_stands_in_place_of_the_images_and_its_entry_point_is_kept(
    world: World,
) -> None:
    image = world.told(ENDS)
    asked = replace(image, environment={"WORD": "told"})
    with world.containers.started(asked) as container:
        ended(container)
        says(container, "told")
        assert container.stop(5.0) == 7
        assert container.processes() == ()


@pytest.mark.parametrize("entry_point", ["/none", "none", "/etc", "/etc/passwd"])
def test_an_image_without_its_program_cannot_be_started(world: World, entry_point: str) -> None:
    image = world.without_its_program(entry_point)
    with pytest.raises(StepFailed, match="cannot be started: .+"):
        with world.containers.started(image):
            pass
    assert world.left() == []


def test_a_digest_that_is_gone_is_not_started_from_what_was_there_before(world: World) -> None:
    with pytest.raises(StepFailed), world.containers.started(world.gone()):
        pass
    assert world.left() == []


def test_another_platforms_image_is_refused(world: World) -> None:
    image = world.other_platforms()
    with pytest.raises((StepFailed, Unavailable), match=OTHER), world.containers.started(image):
        pass
    assert world.left() == []


@pytest.mark.parametrize("platform", [OTHER_PLATFORM, "linux/s390x"])
def test_another_platform_is_unavailable_without_qemu(world: World, platform: str) -> None:
    try:
        said = world.containers.runtime(platform)
    except Unavailable as error:
        assert "no qemu is registered" in error.message
        image = replace(world.image(), platform=platform)
        with pytest.raises(Unavailable), world.containers.started(image):
            pass
    else:
        assert "qemu" in said


def test_what_a_container_takes_is_measured(real_world: World) -> None:
    counts = "(i=0; while [ $i -lt 60000 ]; do i=$((i+1)); done); echo done; sleep 60; echo"
    program = Program(counts, Behaviour())
    with real_world.containers.started(real_world.told(program)) as container:
        says(container, "done")
        usage = container.usage()
        assert usage.memory_bytes is not None
        assert 50_000 < usage.memory_bytes < 16_000_000
        # of a child that has ended
        assert usage.cpu_s is not None
        assert 0.01 < usage.cpu_s < 5


def test_one_that_has_ended_takes_nothing(world: World) -> None:
    with world.containers.started(world.told(ENDS)) as container:
        ended(container)
        assert container.usage() == Usage(memory_bytes=None, cpu_s=None)


def test_the_root_file_system_cannot_be_written_and_state_can(real_world: World) -> None:
    line = (
        "touch /file && echo wrote; touch /tmp/file && echo wrote; echo x > /bin/sh && echo wrote;"
        " touch /state/x && echo kept; echo x > /dev/null && echo null"
    )
    said = words(real_world, real_world.image(), line)
    assert "wrote" not in said
    assert said.splitlines()[-2:] == ["kept", "null"]


def test_containers_reach_each_other(real_world: World) -> None:
    with real_world.containers.started(real_world.told(SERVES)) as served:
        answers(real_world, served)
        asks = Program(f"wget -q -O - {served.peer_url}/health", Behaviour())
        with real_world.containers.started(real_world.told(asks)) as asking:
            ended(asking)
            says(asking, "kept")


def test_only_its_own_processes_are_there(real_world: World) -> None:
    assert words(real_world, real_world.image(), "echo /proc/[0-9]*").split() == ["/proc/1"]


def test_the_environment_is_the_images_and_not_this_machines(
    real_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DEVFLOW_SECRET", "hunter2")
    image = real_world.image(Env=["PATH=/bin", "WORD=of the image"])
    said = words(real_world, image, "cat /proc/self/environ /proc/1/environ")
    assert "WORD=of the image" in said
    assert "hunter2" not in said


def test_the_images_user_is_the_one_that_runs(real_world: World) -> None:
    image = real_world.image(User="12:34")
    assert words(real_world, image, "id -u; id -g") == "12\n34"
    by_root = replace(real_world.image(User=""), command=("sleep 9",))
    with real_world.containers.started(by_root) as container:
        assert {one.uid for one in container.processes()} == {0}


def test_the_kernel_cannot_be_set_whoever_runs_it(real_world: World) -> None:
    # to root of this machine the kernel's settings are root's own, whatever it may do else
    line = "cat /proc/sys/vm/swappiness > /proc/sys/vm/swappiness && echo wrote"
    said = words(real_world, real_world.image(User="0"), f"{line}; cat /proc/self/comm")
    assert said.splitlines()[-1] == "cat"
    assert "wrote" not in said


def test_a_program_that_a_signal_ended_has_its_number_for_an_exit_code(real_world: World) -> None:
    image = real_world.image(StopSignal="USR1")
    line = "trap 'sleep 60 & kill -9 $!; wait $!; exit $?' USR1; echo ready; while :; do :; done"
    with real_world.containers.started(replace(image, command=(line,))) as container:
        says(container, "ready")
        assert container.stop(5.0) == 128 + signal.SIGKILL
