"""One container without an engine: its process, what the kernel knows of it, and its end."""

import json
import os
import signal
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

import psutil

from devflow.adapters.containers import kernel
from devflow.adapters.machine import processes
from devflow.adapters.machine.children import of_this_run
from devflow.adapters.machine.starter import in_starter
from devflow.craft.oci.formats import ImageConfig
from devflow.model.errors import StepFailed, Unavailable
from devflow.ports.containers import Process, Start, Usage

PROGRAM: Final = Path(__file__).with_name("in_namespaces.py")
NAMESPACES: Final = "user namespaces"
BUBBLEWRAP: Final = "bubblewrap"
BWRAP: Final = "bwrap"
START_WITHIN_S: Final = 10.0  # s until the image's own program begins; it takes 0.05 s
POLL_S: Final = 0.01
LAST_LINES: Final = 20
PATH: Final = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


def end(process: processes.Process | None) -> None:
    """Ends a process of ours, and takes it from the kernel's table."""
    processes.end([process])
    if process is not None:
        with suppress(ChildProcessError):
            os.waitpid(process.pid, os.WNOHANG)


def spec_of(start: Start, config: ImageConfig, folder: Path) -> dict[str, Any]:
    """What is run, and as whom. Raises ``Unavailable`` for a user by its name, ``StepFailed`` for
    an image that says nothing to run."""
    execution = config.config
    user, _, group = execution.user.partition(":")
    if not _is_number(user) or not _is_number(group):
        problem = f"the image of {start.service} names its user: {execution.user}"
        raise Unavailable(problem, hint="USER with a number, as in 65534:65534")
    command = [*(execution.entrypoint or ()), *(start.command or execution.cmd or ())]
    if not command:
        raise StepFailed(f"the image of {start.service} has no command", where=start.image)
    environment = dict(pair.partition("=")[::2] for pair in execution.env or ())
    return {
        "root": str(folder / "root"),
        "state": start.state,
        "uid": int(user or 0),
        "gid": int(group or 0),
        "workdir": execution.working_dir or "/",
        "argv": command,
        "env": {"PATH": PATH, "HOME": "/", **environment, **start.environment},
        "status": str(folder / "status"),
        "parent": os.getpid(),
        "stop_signal": _signal(execution.stop_signal or "SIGTERM", start),
    }


def _is_number(text: str) -> bool:
    return not text or (text.isascii() and text.isdigit())


def _signal(name: str, start: Start) -> int:
    """A signal's number by what engines take: SIGTERM, TERM or 15. Raises ``StepFailed``."""
    known = {one.name: one.value for one in signal.Signals}
    known |= {str(number): number for number in known.values()}
    word = name.upper()
    number = known.get(word, known.get(f"SIG{word}"))
    if number is None:
        problem = f"the image of {start.service} wants to be stopped by {name}, which is no signal"
        raise StepFailed(problem, where=start.image, hint="STOPSIGNAL SIGTERM")
    return number


def spawned(way: str, spec: dict[str, Any], folder: Path, log: Path) -> processes.Process:
    """What waits for the program of a container. It asks the kernel to be ended with the thread
    that starts it. Raises ``OSError`` or ``ValueError`` for what no program can be given."""
    if way == BUBBLEWRAP:
        argv = _bubblewrap(spec)
    else:
        file = folder / "spec"
        file.write_text(json.dumps(spec), encoding="utf-8")
        argv = [sys.executable, "-I", "-S", str(PROGRAM), str(file)]
    return in_starter(processes.spawn, argv, folder, log, of_this_run())


def _bubblewrap(spec: dict[str, Any]) -> list[str]:
    argv = [BWRAP, "--unshare-user", "--unshare-pid", "--unshare-ipc", "--unshare-uts"]
    argv += ["--uid", str(spec["uid"]), "--gid", str(spec["gid"]), "--cap-drop", "ALL"]
    argv += ["--new-session", "--die-with-parent", "--as-pid-1", "--json-status-fd", "3"]
    argv += ["--ro-bind", spec["root"], "/", "--dev", "/dev"]
    # the kernel's settings are root's own, also where root has let go of all that it may do
    argv += ["--proc", "/proc", "--remount-ro", "/proc"]
    # a container's own, not a place of this machine
    argv += ["--tmpfs", "/dev/shm", "--remount-ro", "/dev"]  # nosec B108
    argv += ["--tmpfs", spec["state"], "--chdir", spec["workdir"], "--clearenv"]
    for key, value in spec["env"].items():
        argv += ["--setenv", key, value]
    # its word on the child goes to a file descriptor, which only a shell opens for it
    line = 'exec 3>"$1"; shift; exec "$@"'
    return ["/bin/sh", "-c", line, "sh", spec["status"], *argv, "--", *spec["argv"]]


class Run:
    """One container: the process that waits for it is ours, its first process the kernel's to
    show."""

    def __init__(self, start: Start, spec: dict[str, Any], folder: Path) -> None:
        self._start = start
        self._spec = spec
        self._folder = folder
        self._log = folder / "log"
        self._waiting: processes.Process | None = None
        self._first: processes.Process | None = None
        self._started_s = 0.0

    @property
    def url(self) -> str:
        """The port that it was told to listen on."""
        return f"http://127.0.0.1:{self._start.port}"

    @property
    def peer_url(self) -> str:
        """The same: all share this machine's network."""
        return self.url

    @property
    def started_s(self) -> float:
        """When its program began."""
        return self._started_s

    def begin(self, way: str) -> None:
        """Starts it. Raises ``StepFailed`` with what the kernel said."""
        self._started_s = time.monotonic()
        try:
            self._waiting = spawned(way, self._spec, self._folder, self._log)
        except (OSError, ValueError) as error:
            raise self._failure(str(error)) from error
        deadline = self._started_s + START_WITHIN_S
        while time.monotonic() < deadline:
            # asked before its word is read: it may end between the two
            is_waiting = processes.alive(self._waiting)
            if self._has_begun():
                return
            if not is_waiting:
                break
            time.sleep(POLL_S)
        raise self._failure(self.last_words() or "it did not begin in time")

    def _failure(self, why: str) -> StepFailed:
        problem = f"{self._start.service} cannot be started: {why}"
        return StepFailed(problem, where=self._start.image)

    def _has_begun(self) -> bool:
        """Whether the image's own program was begun, though it may have ended since."""
        said = self._said()
        self._started_s = said.get("started_s", self._started_s)
        with suppress(KeyError, psutil.Error):
            first = psutil.Process(said["child-pid"])
            if first.name() == BWRAP:
                # on its way to become the program
                return False
            self._first = processes.of_pid(first.pid)
        # bubblewrap says the one, and we the other, of a program that was begun
        return self._first is not None or "exit-code" in said or "started_s" in said

    def _said(self) -> dict[str, Any]:
        """What was said of it, one JSON document a line; nothing yet of what is half written."""
        said: dict[str, Any] = {}
        with suppress(OSError, ValueError):
            for line in Path(self._spec["status"]).read_text(encoding="utf-8").splitlines():
                said |= json.loads(line)
        return said

    def running(self) -> bool:
        """Whether its first process is there."""
        return processes.alive(self._first)

    def _pids(self) -> list[psutil.Process]:
        if self._first is None:
            return []
        try:
            first = psutil.Process(self._first.pid)
            return [first, *first.children(recursive=True)]
        except psutil.Error:
            return []

    def usage(self) -> Usage:
        """The memory that its processes alone, or with a share, hold; their processor time."""
        memory_bytes = 0
        cpu_s = 0.0
        found = self._pids()
        for one in found:
            with suppress(psutil.Error):
                memory_bytes += one.memory_full_info().pss
                spent = one.cpu_times()
                # its children's that have ended too, or the sum would fall
                cpu_s += spent.user + spent.system + spent.children_user + spent.children_system
        if not found or not memory_bytes:
            return Usage(None, None)
        return Usage(memory_bytes, cpu_s)

    def processes(self) -> tuple[Process, ...]:
        """What runs in it."""
        found = [kernel.process(one.pid) for one in self._pids()]
        return tuple(one for one in found if one is not None)

    def can_write(self) -> bool | None:
        """Whether it sees a mount that can be written, beside ``state``."""
        return kernel.can_write(self._first.pid, self._start.state) if self._first else None

    def stop(self, within_s: float) -> int | None:
        """The image's own signal, and the exit code within this time."""
        if self._waiting is None:
            return None
        deadline = time.monotonic() + within_s
        self._kill(self._spec["stop_signal"])
        code = self._exit_code(deadline)
        if code is None:
            self._kill(signal.SIGKILL)
            self._exit_code(time.monotonic() + processes.GRACE_S)
        return code

    def _exit_code(self, deadline: float) -> int | None:
        """Of what waits for it, which is its own; ``None`` past the deadline."""
        assert self._waiting is not None
        with suppress(psutil.TimeoutExpired, psutil.NoSuchProcess):
            waiting = psutil.Process(self._waiting.pid)
            code: int | None = waiting.wait(max(0.0, deadline - time.monotonic()))
            return code
        return None

    def _kill(self, number: int) -> None:
        if self._first is not None and self.running():
            with suppress(ProcessLookupError):
                os.kill(self._first.pid, number)

    def last_words(self) -> str:
        """The end of what it printed."""
        with suppress(OSError):
            lines = self._log.read_text(encoding="utf-8", errors="replace").splitlines()
            return "\n".join(lines[-LAST_LINES:])
        return ""

    def remove(self) -> None:
        """Ends whatever of it is left; the namespace's end is that of everything in it."""
        self._kill(signal.SIGKILL)
        end(self._waiting)
