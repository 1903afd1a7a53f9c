"""Child processes: in a group of their own, bounded in time and output, and reaped with it.

A child gets a minimal environment, never ours: what it has to know stands in its command. It
carries the run's id, by which the next command ends what outlives a killed one.
"""

import errno
import os
import select
import signal
import subprocess
import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Mapping, Sequence

import psutil

from devflow.adapters.machine.captured import Sink
from devflow.adapters.machine.starter import in_starter, tied_to_us
from devflow.adapters.toolchain.inherited import PLACE
from devflow.adapters.toolchain.programs import search_path
from devflow.model.errors import system_words
from devflow.model.wording import duration

RUN: Final = "DEVFLOW_RUN"
"""What says in a process' environment which run it works for."""
CHUNK_BYTES: Final = 65536
# s between SIGTERM and SIGKILL when devflow is told to stop, which has to be over within 2 s
GRACE_S: Final = 0.5
STOP_POLL_S: Final = 0.02
# ms without output after the end of a command are taken for the end of its output
POLL_MS: Final = 100


@dataclass(frozen=True)
class Exit:
    """How a process ended.

    ``code`` is None where it did not end by itself, and ``problem`` says why.
    """

    code: int | None
    problem: str = ""

    @property
    def told(self) -> str:
        """How it ended, in words."""
        return self.problem or f"ended with {self.code}"


def environment(extra: Mapping[str, str], path: str = "") -> dict[str, str]:
    """The minimal environment of a child, with ``extra`` added; it finds programs on the ``path``
    in place of ours."""
    inherited = {name: os.environ[name] for name in PLACE.names if name in os.environ}
    texts = {
        "LANG": "C.UTF-8",
        "LC_ALL": "C.UTF-8",
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONUNBUFFERED": "1",
    }
    return {"PATH": path or search_path(), **texts, **inherited, **extra}


def of_this_run() -> dict[str, str]:
    """What a process of this run carries."""
    return {RUN: os.environ[RUN]} if RUN in os.environ else {}


class Processes:
    """The children of this process that run at this moment."""

    def __init__(self) -> None:
        self._running: set[subprocess.Popen[bytes]] = set()
        self._stopped = False

    def run(
        self, argv: Sequence[str], cwd: Path, env: Mapping[str, str], timeout_s: float, sink: Sink
    ) -> Exit:
        """Runs a program to its end, its output going to ``sink``.

        Never raises for what the program does.
        """
        if self._stopped:
            return Exit(None, "devflow is stopping")
        try:
            child = in_starter(_begin, argv, cwd, {**env, **of_this_run()})
        except (OSError, ValueError) as error:
            return Exit(None, f"cannot be started: {_why_not(argv[0], cwd, error)}")
        self._running.add(child)
        if self._stopped:
            # told to stop between the question above and now, when the child was not among those
            # that were ended
            _kill(child)
        try:
            return self._follow(child, timeout_s, sink)
        finally:
            self._running.discard(child)

    def stop_all(self) -> None:
        """Ends every running child and refuses new ones."""
        # called by the signal handler, so it takes no lock
        self._stopped = True
        running = tuple(self._running)
        for child in running:
            _signal_group(child, signal.SIGTERM)
        deadline = time.monotonic() + GRACE_S
        while any(child.poll() is None for child in running) and time.monotonic() < deadline:
            time.sleep(STOP_POLL_S)
        for child in running:
            _kill(child)

    def _follow(self, child: subprocess.Popen[bytes], timeout_s: float, sink: Sink) -> Exit:
        over = threading.Event()
        failures: list[Exception] = []
        told = (child, sink, over, failures)
        reader = threading.Thread(target=_read, args=told, daemon=True)
        reader.start()
        problem = ""
        try:
            child.wait(timeout_s)
        except subprocess.TimeoutExpired:
            problem = f"ended after {duration(timeout_s)} without an end of its own"
        finally:
            # what the program left running would keep the pipe open, and go on after us
            _kill(child)
            child.wait()
            over.set()
            reader.join()
        if failures:
            raise failures[0]
        if self._stopped:
            problem = "ended because devflow was stopped"
        return Exit(None if problem else child.returncode, problem)


def _why_not(program: str, cwd: Path, error: OSError | ValueError) -> str:
    """Why a program did not start, and what to type to see more of it, or to mend it."""
    code = error.errno if isinstance(error, OSError) else None
    name = program.rpartition("/")[2]
    is_missing = code == errno.ENOENT
    if is_missing and not cwd.is_dir():
        return f"the folder {cwd.name}, in which it runs, is gone"
    if is_missing and name == program:
        return f"there is no {program} on this machine: install it"
    if is_missing and not os.path.lexists(cwd / program):
        return f"there is no {program} where it runs, see: git ls-files '*{name}'"
    if is_missing:
        return f"{program} names in its first line what is not there, see: head -1 {program}"
    if code == errno.EACCES and not (cwd / program).is_dir():
        return f"{program} may not be run, mend it with: git add --chmod=+x {program}"
    if code == errno.ENOEXEC:
        return f"{program} is no program of this machine; a script begins with a line as #!/bin/sh"
    return f"{program!r}: {system_words(error)}"


def _begin(argv: Sequence[str], cwd: Path, env: Mapping[str, str]) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        list(argv),
        cwd=cwd,
        env=env,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
        preexec_fn=tied_to_us(),
    )


def _read(
    child: subprocess.Popen[bytes],
    sink: Sink,
    over: threading.Event,
    failures: list[Exception],
) -> None:
    """Reads to the end; what the sink raises is for whoever follows the child, which is ended: with
    nobody to read what it prints it would wait for ever."""
    try:
        _hand_on(child, sink, over)
    except Exception as error:
        failures.append(error)
        _kill(child)


def _hand_on(child: subprocess.Popen[bytes], sink: Sink, over: threading.Event) -> None:
    """Hands the output on to its end, or until nothing more comes after the end: an escaped process
    may hold the pipe open."""
    assert child.stdout is not None
    with child.stdout as pipe:
        ready = select.poll()
        ready.register(pipe, select.POLLIN | select.POLLHUP)
        while True:
            ending = over.is_set()
            if ready.poll(POLL_MS):
                chunk = os.read(pipe.fileno(), CHUNK_BYTES)
                if not chunk:
                    return
                sink(chunk)
            elif ending:
                return


def _kill(child: subprocess.Popen[bytes]) -> None:
    """Ends a child's group, and what left the group but is still a descendant."""
    descendants: list[psutil.Process] = []
    # once it was waited for, its pid may be somebody else's
    if child.returncode is None:
        with suppress(psutil.Error):
            descendants = psutil.Process(child.pid).children(recursive=True)
    _signal_group(child, signal.SIGKILL)
    for descendant in descendants:
        with suppress(psutil.Error):
            descendant.kill()


def _signal_group(child: subprocess.Popen[bytes], number: signal.Signals) -> None:
    # the group is gone, or is a zombie, which macOS answers with a permission error
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(child.pid, number)
