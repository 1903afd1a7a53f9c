"""Keeps one replica alive: its program is started again when it ends by itself, each time after a
longer wait, and a few times only.

There is one for each replica. It was given the replica's environment as it was started, so that
nothing secret has to be kept to start it again. It is run by its path, in isolation, and imports
nothing but the standard library. It holds the folder of what it tells, not the folder's name, so
that a repository may be moved.

On SIGTERM it hands that on and ends with its program; on Linux the kernel ends the program with it.
"""

import contextlib
import ctypes
import json
import os
import resource
import signal
import sys
import time
from typing import Final, Sequence

RESTARTS: Final = 5  # within WINDOW_S; then a crash is no accident
WINDOW_S: Final = 300.0
# s before the first restart, twice as long before each one more: 3.1 s for all five
WAIT_FIRST_S: Final = 0.1
PRIVATE: Final = 0o600
OWN: Final = "devflow: "  # what its own lines begin with, among those of the program
# linux/prctl.h
_PR_SET_PDEATHSIG: Final = 1
_IS_LINUX: Final = sys.platform == "linux"
_AWAITED: Final = (signal.SIGCHLD, signal.SIGALRM, signal.SIGTERM, signal.SIGINT)


class Supervisor:
    """See above; ``told_at`` is the file, in ``folder``, that says how it goes."""

    def __init__(self, folder: int, told_at: str, memory_bytes: int, argv: Sequence[str]) -> None:
        self._folder = folder
        self._told_at = told_at
        self._memory_bytes = memory_bytes
        self._argv = argv
        self._pid = 0
        self._restarts = 0
        self._recent: list[float] = []
        self._given_up = False
        self._problem = ""

    def keep(self) -> None:
        """Keeps the program until SIGTERM or SIGINT, or until it is given up."""
        # one whose default is to be ignored may not wait otherwise
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.pthread_sigmask(signal.SIG_BLOCK, _AWAITED)
        self._start()
        while not self._given_up:
            number = signal.sigwait(_AWAITED)
            if number == signal.SIGCHLD:
                self._reap()
            elif number == signal.SIGALRM:
                self._start()
            else:
                self._end()
                return

    def _start(self) -> None:
        parent = os.getpid()
        try:
            self._pid = os.fork()
        except OSError as error:
            self._ended(f"cannot be started: {error.strerror}")
            return
        if not self._pid:
            _become(self._argv, self._memory_bytes, parent)
        with contextlib.suppress(OSError):
            # whichever of both is first
            os.setpgid(self._pid, self._pid)
        self._tell()

    def _reap(self) -> None:
        with contextlib.suppress(ChildProcessError):
            while True:
                pid, status = os.waitpid(-1, os.WNOHANG)
                if not pid:
                    return
                if pid == self._pid:
                    # what it started holds its port, maybe
                    _signal_group(pid, signal.SIGKILL)
                    self._ended(_how(os.waitstatus_to_exitcode(status)))

    def _ended(self, problem: str) -> None:
        self._pid = 0
        self._problem = problem
        now_s = time.monotonic()
        self._recent = [moment for moment in self._recent if now_s - moment < WINDOW_S]
        if len(self._recent) >= RESTARTS:
            self._given_up = True
            _log(f"{problem}; given up after {RESTARTS} restarts within {WINDOW_S:.0f} s")
        else:
            wait_s = WAIT_FIRST_S * 2 ** len(self._recent)
            self._recent.append(now_s)
            self._restarts += 1
            _log(f"{problem}; started again in {wait_s:.1f} s")
            signal.setitimer(signal.ITIMER_REAL, wait_s)
        self._tell()

    def _end(self) -> None:
        if not self._pid:
            return
        _signal_group(self._pid, signal.SIGTERM)
        with contextlib.suppress(ChildProcessError):
            os.waitpid(self._pid, 0)
        _signal_group(self._pid, signal.SIGKILL)

    def _tell(self) -> None:
        told = {
            "pid": self._pid,
            "restarts": self._restarts,
            "given_up": self._given_up,
            "problem": self._problem,
        }
        part = f"{self._told_at}.part"
        flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC
        try:
            with open(os.open(part, flags, PRIVATE, dir_fd=self._folder), "w") as file:
                json.dump(told, file)
            os.replace(part, self._told_at, src_dir_fd=self._folder, dst_dir_fd=self._folder)
        except OSError as error:
            _log(f"cannot say how it goes: {error}")


def _become(argv: Sequence[str], memory_bytes: int, parent: int) -> None:
    """Becomes the program, in a group of its own; never comes back."""
    try:
        os.setpgid(0, 0)
        if _IS_LINUX:
            ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
            if memory_bytes:
                resource.setrlimit(resource.RLIMIT_DATA, (memory_bytes, memory_bytes))
        signal.pthread_sigmask(signal.SIG_SETMASK, ())
        # it may have ended before the kernel was told, and then tells nobody
        if os.getppid() == parent:
            os.execvp(argv[0], tuple(argv))
    except (OSError, ValueError) as error:
        _log(f"{argv[0]} cannot be run: {error}")
    finally:
        os._exit(127)


def _signal_group(pid: int, number: signal.Signals) -> None:
    # the group may be gone, or be nothing but a zombie, which macOS answers with a permission error
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, number)


def _how(code: int) -> str:
    return f"ended by signal {-code}" if code < 0 else f"ended with {code}"


def _log(problem: str) -> None:
    print(f"{OWN}{problem}", file=sys.stderr, flush=True)


def main(folder: str, told_at: str, memory_bytes: str, *argv: str) -> None:
    """Keeps a program. Raises ``OSError`` where the folder is not there."""
    opened = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    Supervisor(opened, told_at, int(memory_bytes), argv).keep()


if __name__ == "__main__":
    main(*sys.argv[1:])
