"""Runs one server as a child on one core, knows all of its processes by a mark in their
environment, and ends them all."""

import contextlib
import http.client
import os
import socket
import subprocess
import time
from pathlib import Path
from typing import Iterator
from uuid import uuid4

import psutil

from benchmarks.serving.cars import ROOT
from benchmarks.serving.commands import pinned
from benchmarks.serving.contenders import Contender

HOST = "127.0.0.1"
MARK = "BENCH_SERVER"
READY_S = 60.0  # s; the slowest rival takes 5 on a busy machine
POLL_S = 0.005
GRACE_S = 5.0  # s between SIGTERM and SIGKILL
ANSWER_S = 10.0  # s to wait for one answer


class Unusable(Exception):
    """A server that does not answer, or not rightly; the text says why."""


class Server:
    """A started server."""

    def __init__(self, contender: Contender, programs: Path, core: int, state: Path) -> None:
        """Start it, pinned to a core, its output in `state`. Raises OSError without its program."""
        self.contender = contender
        self.port, spare_port = free_ports()
        self.log = state / "output.log"
        self._mark = uuid4().hex
        places = {
            "root": ROOT,
            "bin": programs,
            "port": self.port,
            "spare_port": spare_port,
            "state": state,
        }
        own = {name: text.format(**places) for name, text in contender.env.items()}
        # one thread, since each server has one core
        common = {"PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
        environment = {**os.environ, **common, **own, MARK: self._mark}
        command = pinned(core, [part.format(**places) for part in contender.run])
        self._started_s = time.perf_counter()
        with self.log.open("wb") as log:
            # a session of its own: Ctrl-C reaches the benchmark alone, which then ends its servers
            # in order
            self._process = subprocess.Popen(
                command,
                cwd=state,
                env=environment,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    @property
    def url(self) -> str:
        """The address of the route that answers prices."""
        return f"http://{HOST}:{self.port}{self.contender.route}"

    def wait(self, question: str) -> float:
        """Ask until the first 200 and return the seconds since the start. Raises Unusable."""
        while time.perf_counter() - self._started_s < READY_S:
            with (
                contextlib.suppress(OSError, http.client.HTTPException),
                self.connected() as connection,
            ):
                if ask(connection, self.contender.route, question)[0] == 200:
                    return time.perf_counter() - self._started_s
            if self._process.poll() is not None:
                raise Unusable(
                    f"it ended with exit code {self._process.returncode} before it answered"
                )
            time.sleep(POLL_S)
        raise Unusable(f"it gave no price within {READY_S:.0f} s")

    @contextlib.contextmanager
    def connected(self) -> Iterator[http.client.HTTPConnection]:
        """Open a connection to it for some questions."""
        opened = http.client.HTTPConnection(HOST, self.port, timeout=ANSWER_S)
        with contextlib.closing(opened) as connection:
            yield connection

    def cpu_s(self) -> float:
        """Return the processor time of its processes so far, user and system, in seconds."""
        times = [process.cpu_times() for process in self._family()]
        return sum(one.user + one.system + one.children_user + one.children_system for one in times)

    def pss_mb(self) -> float:
        """Return its processes' memory in 10^6 bytes; what they share is divided among them."""
        total_kib = 0
        for process in self._family():
            rollup = Path(f"/proc/{process.pid}/smaps_rollup").read_text()
            total_kib += proportional_kib(rollup)
        return total_kib * 1024 / 1e6

    def end(self) -> int | None:
        """End all its processes; return the exit code, None where SIGTERM was not enough."""
        self._process.terminate()
        code: int | None = None
        with contextlib.suppress(subprocess.TimeoutExpired):
            code = self._process.wait(GRACE_S)
        orphans = self._family()
        for process in orphans:
            with contextlib.suppress(psutil.NoSuchProcess):
                process.kill()
        self._process.wait(GRACE_S)
        psutil.wait_procs(orphans, GRACE_S)
        return code

    def _family(self) -> list[psutil.Process]:
        # some start their workers in sessions of their own, and leave orphans: what all inherit is
        # the environment
        family = []
        for process in psutil.process_iter():
            # one may end meanwhile, and those of other people cannot be read
            with contextlib.suppress(psutil.Error):
                if process.environ().get(MARK) == self._mark:
                    family.append(process)
        return family


def own_s() -> float:
    """Return the processor time, in s, of the benchmark and of the programs that it has run."""
    return sum(os.times()[:4])


def busy_s(cores: set[int]) -> float:
    """Return the time that cores have worked for programs, or were taken from this machine, since
    its start, in seconds.

    Interrupts are left out: most are packets of the very load.
    """
    times = [psutil.cpu_times(percpu=True)[core] for core in cores]
    return float(sum(one.user + one.nice + one.system + one.steal for one in times))


def ask(connection: http.client.HTTPConnection, route: str, question: str) -> tuple[int, bytes]:
    """Ask one question and return status and body. Raises OSError or HTTPException."""
    connection.request("POST", route, question.encode(), {"Content-Type": "application/json"})
    answer = connection.getresponse()
    return answer.status, answer.read()


def proportional_kib(rollup: str) -> int:
    """Return the Pss line of a `/proc/PID/smaps_rollup` in KiB. Raises ValueError without one."""
    for line in rollup.splitlines():
        name, *rest = line.split()
        if name == "Pss:":
            return int(rest[0])
    raise ValueError("no Pss in smaps_rollup")


def free_ports() -> tuple[int, int]:
    """Return two ports that were free just now."""
    with socket.socket() as one, socket.socket() as other:
        one.bind((HOST, 0))
        other.bind((HOST, 0))
        return one.getsockname()[1], other.getsockname()[1]
