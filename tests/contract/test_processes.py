"""Processes that outlive their command: how they end when it is killed, and where nobody collects
them, as in a container without an init."""

import os
import signal
import subprocess
import sys
import threading
import time
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Iterator

import psutil
import pytest

from devflow.adapters.machine import processes
from devflow.adapters.machine.left_over import end_left_over
from devflow.adapters.machine.processes import GRACE_S, Process
from devflow.adapters.machine.starter import in_starter, tied_to_us
from tests.busy import LOADED

ROOT = Path(__file__).parents[2]

CARELESS_PARENT = """
import subprocess, time
print(subprocess.Popen(["sleep", "600"], start_new_session=True).pid, flush=True)
time.sleep(600)
"""


KILLED_PARENT = """
import sys, threading, time
from pathlib import Path
from devflow.adapters.machine.children import Processes
run = Processes().run
argv = ["sh", "-c", "echo $$; exec sleep 600"]
told = lambda chunk: (sys.stdout.write(chunk.decode()), sys.stdout.flush())
threading.Thread(target=run, args=(argv, Path("/"), {}, 600, told), daemon=True).start()
time.sleep(600)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere the next command ends it")
def test_a_child_ends_with_a_killed_devflow() -> None:
    with subprocess.Popen(
        [sys.executable, "-c", KILLED_PARENT], cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as parent:
        assert parent.stdout is not None
        child = psutil.Process(int(parent.stdout.readline()))
        parent.kill()
        parent.wait()
        gone, _ = psutil.wait_procs([child], timeout=0.5)
        assert gone or child.status() == psutil.STATUS_ZOMBIE


def test_a_child_outlives_the_thread_that_wanted_it() -> None:
    started: list[subprocess.Popen[bytes]] = []

    def start() -> None:
        argv = ["sleep", "600"]
        started.append(in_starter(subprocess.Popen, argv, preexec_fn=tied_to_us()))

    wanting = threading.Thread(target=start)
    wanting.start()
    wanting.join()
    with started[0] as child:
        try:
            # the kernel's signal comes at once where it comes
            with pytest.raises(subprocess.TimeoutExpired):
                child.wait(0.2)
        finally:
            child.kill()


def test_whatever_carries_a_runs_id_is_ended_and_nothing_else() -> None:
    mine = {"DEVFLOW_RUN": "outer:S-1 one:S-2"}
    other = {"DEVFLOW_RUN": "one:S-22"}
    stubborn = ["/bin/sh", "-c", "trap '' TERM; echo up; sleep 600 & wait; sleep 600"]
    with (
        subprocess.Popen(["/bin/sleep", "600"], env=other) as stranger,
        subprocess.Popen(stubborn, env=mine, stdout=subprocess.PIPE) as carrier,
    ):
        try:
            assert carrier.stdout is not None and carrier.stdout.readline() == b"up\n"
            begun_s = time.monotonic()
            assert end_left_over("one:S-2") >= 2
            assert time.monotonic() - begun_s < 2.0 * LOADED
            assert not psutil.pid_exists(carrier.pid)
            assert stranger.poll() is None
            assert end_left_over("one:S-2") == 0
        finally:
            stranger.kill()
            carrier.kill()


def test_a_process_that_nobody_collects_is_ended_without_waiting_out_the_grace() -> None:
    parent = subprocess.Popen(
        [sys.executable, "-c", CARELESS_PARENT], stdout=subprocess.PIPE, text=True
    )
    with parent:
        try:
            assert parent.stdout is not None
            pid = int(parent.stdout.readline())
            child = Process(pid=pid, started_s=time.time())
            begun_s = time.monotonic()
            processes.end([child])
            assert time.monotonic() - begun_s < GRACE_S / 2
            assert not processes.alive(child)
        finally:
            parent.kill()


@contextmanager
def session_of(folder: Path, script: str) -> Iterator[tuple[Process, psutil.Process]]:
    """A session whose leader runs a script, and the process whose pid the script prints."""
    log = folder / "log"
    leader = processes.spawn(["sh", "-c", script], folder, log, {})
    try:
        while not log.read_text().endswith("\n"):
            time.sleep(0.01)
        child = psutil.Process(int(log.read_text()))
        yield leader, child
    finally:
        for one in (leader.pid, int(log.read_text() or leader.pid)):
            with suppress(ProcessLookupError):
                os.kill(one, signal.SIGKILL)
        with suppress(ChildProcessError):
            os.waitpid(leader.pid, 0)


def runs(process: psutil.Process) -> bool:
    return process.is_running() and process.status() != psutil.STATUS_ZOMBIE


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere nothing but the time is known")
def test_a_clock_that_was_set_hides_no_process(tmp_path: Path) -> None:
    with session_of(tmp_path, "sleep 600 & echo $!; wait") as (process, child):
        assert Process.model_validate_json(process.model_dump_json()) == process
        moved = process.model_copy(update={"started_s": process.started_s - 3600})
        assert processes.alive(moved)
        assert process.since_boot_s is not None
        for other in ({"boot_id": "another"}, {"since_boot_s": process.since_boot_s - 1}):
            assert not processes.alive(process.model_copy(update=other))
        processes.end([moved])
        assert not processes.alive(process)
        assert not runs(child)


def test_what_an_earlier_devflow_recorded_is_told_by_its_start_time(tmp_path: Path) -> None:
    with session_of(tmp_path, "sleep 600 & echo $!; wait") as (process, _):
        recorded = Process(pid=process.pid, started_s=process.started_s)
        assert processes.alive(recorded)
        moved = recorded.model_copy(update={"started_s": recorded.started_s - 3600})
        assert not processes.alive(moved)


STUBBORN = "trap '' TERM; sleep 600 & echo $!; wait"


@pytest.mark.parametrize("is_collected", (True, False))
@pytest.mark.parametrize("script", ("sleep 600 & echo $!; wait", STUBBORN))
@pytest.mark.parametrize("facts", ({}, {"since_boot_s": None, "boot_id": ""}))
def test_what_a_killed_leader_left_in_its_session_is_ended(
    tmp_path: Path, script: str, is_collected: bool, facts: dict[str, Any]
) -> None:
    with session_of(tmp_path, script) as (leader, child):
        kill(leader, is_collected)
        assert runs(child)
        processes.end([leader.model_copy(update=facts)], grace_s=0.3)
        psutil.wait_procs([child], timeout=0.5)
        assert not runs(child)


def kill(leader: Process, is_collected: bool = True) -> None:
    os.kill(leader.pid, signal.SIGKILL)
    if is_collected:
        os.waitpid(leader.pid, 0)
    else:
        os.waitid(os.P_PID, leader.pid, os.WEXITED | os.WNOWAIT)


@pytest.mark.parametrize(
    "other",
    ({"boot_id": "another"}, {"since_boot_s": None, "started_s": 1.0}),
    ids=("of another boot", "of before this boot"),
)
@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere no boot has an id")
def test_a_session_of_the_same_number_in_another_boot_is_left_alone(
    tmp_path: Path, other: dict[str, Any]
) -> None:
    with session_of(tmp_path, "sleep 600 & echo $!; wait") as (leader, child):
        kill(leader)
        processes.end([leader.model_copy(update=other)], grace_s=0.3)
        assert runs(child)


@pytest.mark.parametrize("is_dead", (True, False))
def test_the_session_of_somebody_who_was_given_the_pid_is_left_alone(
    tmp_path: Path, is_dead: bool
) -> None:
    with session_of(tmp_path, "sleep 600 & echo $!; wait") as (stranger, child):
        since_boot_s = None if stranger.since_boot_s is None else stranger.since_boot_s - 10
        facts = {"started_s": stranger.started_s - 10, "since_boot_s": since_boot_s}
        if is_dead:
            # the zombie still says whose pid it is
            kill(stranger, is_collected=False)
        processes.end([stranger.model_copy(update=facts)], grace_s=0.3)
        assert runs(child)
        assert is_dead or processes.alive(stranger)
