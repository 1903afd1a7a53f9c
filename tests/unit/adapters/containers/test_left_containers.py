"""What a killed run left in an engine is told from what a living one has, whatever the clock is."""

import os
import socket
import subprocess
import sys
from typing import Any

import pytest

from devflow.adapters.containers.leftovers import LABEL, owner_mark, remove_leftovers
from devflow.adapters.machine import processes

HERE = socket.gethostname()
OWN = processes.of_pid(os.getpid())


class TableClient:
    """An engine's client that knows containers by their marks."""

    def __init__(self, *marks: str) -> None:
        self._marks = marks
        self.removed: list[str] = []

    def containers(self, **_: Any) -> list[dict[str, Any]]:
        return [{"Id": mark, "Labels": {LABEL: mark}} for mark in self._marks]

    def remove_container(self, container: str, **_: Any) -> None:
        self.removed.append(container)


def removed(*marks: str) -> list[str]:
    client = TableClient(*marks)
    remove_leftovers(client)
    return client.removed


def dead() -> processes.Process:
    """A process that has ended."""
    with subprocess.Popen((sys.executable, "-c", "input()"), stdin=subprocess.PIPE) as started:
        return processes.of_pid(started.pid)


def test_a_living_runs_containers_stay_and_those_of_a_killed_one_are_removed() -> None:
    gone = dead()
    left = f"{HERE} {gone.pid} {gone.started_s:.2f} {gone.since_boot_s} {gone.boot_id}"
    assert removed(owner_mark(), left) == [left]


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere nothing but the time is known")
def test_a_clock_that_was_set_anew_neither_removes_nor_hides_a_container() -> None:
    living = f"{HERE} {OWN.pid} {OWN.started_s - 3600:.2f} {OWN.since_boot_s} {OWN.boot_id}"
    # somebody else's, who was given its pid, and by that clock its start
    left = f"{HERE} {OWN.pid} {OWN.started_s:.2f} 0.01 {OWN.boot_id}"
    of_another_boot = f"{HERE} {OWN.pid} {OWN.started_s:.2f} {OWN.since_boot_s} another"
    assert removed(living, left, of_another_boot) == [left, of_another_boot]


def test_an_earlier_devflows_mark_is_known_by_the_time_that_it_has() -> None:
    left = f"{HERE} {OWN.pid} {OWN.started_s - 3600:.2f}"
    assert removed(f"{HERE} {OWN.pid} {OWN.started_s:.2f}", left) == [left]


def test_what_is_no_process_of_this_machine_stays() -> None:
    assert removed("elsewhere 1 1.00", "", HERE, f"{HERE} one 1.00", f"{HERE} 1") == []
