"""What keeps a replica alive: bounded restarts that are told, and an end that leaves nothing."""

import json
import os
import signal
import sys
from pathlib import Path
from typing import Any, Iterator

import psutil
import pytest

from devflow.adapters.deploys import supervise
from devflow.adapters.machine import processes
from devflow.adapters.machine.processes import MARKER, Process
from tests.contract.deploys.world import until

FOREVER = "import time; print('up', flush=True); time.sleep(60)"


class Kept:
    """A program under supervision, in a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.log = folder / "log"
        self.process: Process | None = None

    def start(self, program: str, memory_bytes: int = 0) -> None:
        own = (sys.executable, "-I", "-S", supervise.__file__, str(self.folder), "told.json")
        argv = (*own, str(memory_bytes), sys.executable, "-c", program)
        marker = {MARKER: f"test:{self.folder}"}
        self.process = processes.spawn(argv, self.folder, self.log, marker)
        until(lambda: (self.folder / "told.json").exists())

    @property
    def told(self) -> dict[str, Any]:
        told: dict[str, Any] = json.loads((self.folder / "told.json").read_text())
        return told

    def living(self) -> list[int]:
        found = processes.with_variable(MARKER)
        marker = f"test:{self.folder}"
        return [
            one.pid
            for one, text in found
            if text == marker and one.status() != psutil.STATUS_ZOMBIE
        ]


@pytest.fixture
def kept(tmp_path: Path) -> Iterator[Kept]:
    kept = Kept(tmp_path)
    yield kept
    processes.end([kept.process])
    assert kept.living() == []


def test_a_program_that_was_killed_runs_again_and_its_restarts_are_told(kept: Kept) -> None:
    kept.start(FOREVER)
    for restarts in (1, 2):
        first = kept.told["pid"]
        os.kill(first, signal.SIGKILL)
        until(lambda: kept.told["pid"] not in (0, first))
        assert kept.told["restarts"] == restarts and not kept.told["given_up"]
    assert "ended by signal 9; started again in 0.1 s" in kept.log.read_text()


def test_a_program_that_always_ends_is_given_up_after_five_restarts(kept: Kept) -> None:
    kept.start("import pathlib; pathlib.Path('begun').open('a').write('x'); raise SystemExit(3)")
    until(lambda: bool(kept.told["given_up"]), within_s=30)
    assert (kept.folder / "begun").read_text() == "x" * 6
    told = {"pid": 0, "restarts": 5, "given_up": True, "problem": "ended with 3"}
    assert kept.told == told
    until(lambda: kept.living() == [])


def test_what_a_killed_program_left_is_killed_before_it_is_started_again(kept: Kept) -> None:
    forks = "import os, time; os.fork(); print(os.getpid(), flush=True); time.sleep(60)"
    kept.start(forks)
    until(lambda: len(kept.living()) == 3)
    before = set(kept.living())
    os.kill(kept.told["pid"], signal.SIGKILL)
    until(lambda: kept.told["restarts"] == 1 and kept.told["pid"] != 0)
    until(lambda: len(kept.living()) == 3)
    assert len(before & set(kept.living())) == 1


def test_the_end_is_handed_on_once_and_waited_for(kept: Kept) -> None:
    gently = (
        "import pathlib, signal, time\n"
        "said = pathlib.Path('said')\n"
        "signal.signal(signal.SIGTERM, lambda *_: said.open('a').write('t'))\n"
        "print('up', flush=True)\n"
        "while not said.exists(): time.sleep(0.01)\n"
    )
    kept.start(gently)
    until(lambda: "up" in kept.log.read_text())
    processes.end([kept.process])
    assert (kept.folder / "said").read_text() == "t"
    assert kept.living() == []


def test_a_program_that_does_not_listen_to_its_end_is_killed(kept: Kept) -> None:
    kept.start(f"import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); {FOREVER}")
    until(lambda: "up" in kept.log.read_text())
    assert kept.process is not None
    processes.end([kept.process], grace_s=0.2)
    until(lambda: kept.living() == [])


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere the program runs on")
def test_a_program_ends_with_what_keeps_it(kept: Kept) -> None:
    kept.start(FOREVER)
    assert kept.process is not None
    os.kill(kept.process.pid, signal.SIGKILL)
    until(lambda: kept.living() == [])


@pytest.mark.skipif(sys.platform != "linux", reason="no other system holds to it")
def test_a_program_gets_no_more_memory_than_it_may_have(kept: Kept) -> None:
    grows = "held = []\nwhile True: held.append(bytearray(1024 * 1024))"
    kept.start(grows, memory_bytes=64 * 1024 * 1024)
    until(lambda: kept.told["restarts"] > 0)
    assert "MemoryError" in kept.log.read_text()


def test_a_program_that_is_not_there_is_said(kept: Kept) -> None:
    own = (sys.executable, "-I", "-S", supervise.__file__, str(kept.folder), "told.json", "0")
    kept.process = processes.spawn((*own, "no-such-program"), kept.folder, kept.log, {})
    until(lambda: kept.log.exists() and "no-such-program cannot be run" in kept.log.read_text())
