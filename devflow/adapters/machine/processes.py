"""Processes that outlive the command which started them: started detached, found again later, and
ended.

A process is named by its pid together with its start: a pid that the system has given to somebody
else is never touched. On Linux the start counts from the boot, which no clock moves; elsewhere, as
on macOS, it is a time of day alone, and a clock that is set anew hides what runs.
"""

import contextlib
import os
import signal
import socket
import sys
import time
from pathlib import Path
from typing import Collection, Final, Iterable, Iterator, Mapping, Sequence

import psutil

from devflow.model.values import Value

MARKER: Final = "DEVFLOW_PROCESS"
GRACE_S: Final = 5.0  # s between SIGTERM and SIGKILL; the bundled services stop within 1 s
END_POLL_S: Final = 0.02
# s; the system derives start times from a boot time that a clock correction moves by up to a second
_SAME_START_S: Final = 2.0
# of proc(5): the 22nd field of stat, where the name is the second
_START_AFTER_NAME: Final = 19
_BOOT_ID: Final = Path("/proc/sys/kernel/random/boot_id")
# posix_spawn knows no working directory. Paths and arguments are handed over as arguments, never as
# shell text.
_LAUNCH: Final = 'trap "" HUP; cd "$1" && shift && exec "$@"'
_PRIVATE: Final = f"umask 077; {_LAUNCH}"
_SIGNALS: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGPIPE)
_INHERITED: Final = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "TZ")


class Process(Value):
    """A process as it can be found again: ``started_s`` is its start time in seconds since the
    epoch, ``since_boot_s`` in seconds since the boot of this id. An earlier devflow kept neither of
    both, and only Linux tells them."""

    pid: int
    started_s: float
    since_boot_s: float | None = None
    boot_id: str = ""


def of_pid(pid: int) -> Process:
    """What has this pid now. Raises ``psutil.Error`` where nothing has, or nothing is told."""
    started_s = psutil.Process(pid).create_time()
    since_boot_s = _since_boot_s(pid)
    return Process(pid=pid, started_s=started_s, since_boot_s=since_boot_s, boot_id=_boot_id())


def _since_boot_s(pid: int) -> float | None:
    if sys.platform != "linux":
        return None
    try:
        told = Path(f"/proc/{pid}/stat").read_bytes()
    except OSError as error:
        raise psutil.NoSuchProcess(pid) from error
    # what stands before is its name in parentheses, which may hold spaces and parentheses itself
    after_name = told.rpartition(b")")[2].split()
    return int(after_name[_START_AFTER_NAME]) / os.sysconf("SC_CLK_TCK")


def _boot_id() -> str:
    try:
        return _BOOT_ID.read_text(encoding="utf-8").strip()
    except OSError:
        return ""


def spawn(
    argv: Sequence[str], cwd: Path, log: Path, env: Mapping[str, str], *, is_private: bool = False
) -> Process:
    """Starts a command in a session of its own, its output appended to ``log``; ``env`` is added to
    a minimal environment. What a private one writes is its owner's alone.

    A command that cannot be run ends at once with 126 or 127 and says so in the log. Raises
    ``OSError`` where nothing can be started.
    """
    append = os.O_WRONLY | os.O_CREAT | os.O_APPEND
    actions = [
        (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
        (os.POSIX_SPAWN_OPEN, 1, str(log), append, 0o600),
        (os.POSIX_SPAWN_DUP2, 1, 2),
    ]
    pid = os.posix_spawn(
        "/bin/sh",
        ["sh", "-c", _PRIVATE if is_private else _LAUNCH, "sh", str(cwd), *argv],
        environment(env),
        file_actions=actions,
        setsid=True,
        setsigmask=(),
        setsigdef=_SIGNALS,
    )
    return of_pid(pid)


def environment(extra: Mapping[str, str]) -> dict[str, str]:
    """The minimal environment of a process that outlives its command, with ``extra`` added."""
    inherited = {name: os.environ[name] for name in _INHERITED if name in os.environ}
    texts = {"PYTHONDONTWRITEBYTECODE": "1", "PYTHONUNBUFFERED": "1"}
    return {**inherited, **texts, **extra}


def alive(process: Process | None) -> bool:
    """Whether this very process still runs."""
    return process is not None and _running(process) is not None


def is_stopped(process: Process) -> bool:
    """Whether a signal has stopped it (``kill -STOP``), or a debugger: it lives, and does
    nothing."""
    running = _running(process)
    try:
        status = running.status() if running else ""
    except psutil.Error:
        return False
    return status in (psutil.STATUS_STOPPED, psutil.STATUS_TRACING_STOP)


def find(marker: str) -> Process | None:
    """The session leader that was started with ``MARKER`` set to this text, whoever started it."""
    for candidate, text in with_variable(MARKER):
        with contextlib.suppress(psutil.Error, OSError):
            if text == marker and os.getsid(candidate.pid) == candidate.pid:
                process = of_pid(candidate.pid)
                if alive(process):
                    return process
    return None


def carrying(markers: Collection[str]) -> list[Process]:
    """Everything that was started with ``MARKER`` set to one of these texts, and what that started
    in turn, whether its leader lives or not; never this process, nor what started it."""
    found = []
    with contextlib.suppress(psutil.Error):
        own = {os.getpid(), *(parent.pid for parent in psutil.Process().parents())}
        for candidate, text in with_variable(MARKER):
            with contextlib.suppress(psutil.Error):
                if text in markers and candidate.pid not in own:
                    found.append(of_pid(candidate.pid))
    return found


def with_variable(name: str) -> Iterator[tuple[psutil.Process, str]]:
    """Every process that was started with a variable of this name, and the variable's text."""
    # not process_iter, which remembers processes: a recycled pid would be found with the start time
    # of the one before
    for pid in psutil.pids():
        with contextlib.suppress(psutil.Error, OSError):
            if _may_have(pid, name):
                candidate = psutil.Process(pid)
                environment = candidate.environ()
                if name in environment:
                    yield candidate, environment[name]


def _may_have(pid: int, name: str) -> bool:
    """Asked first, since it takes 0.04 ms a process, and psutil 0.3. Raises ``OSError`` for a
    process of somebody else."""
    if sys.platform != "linux":
        return True
    with open(f"/proc/{pid}/environ", "rb") as file:
        return f"{name}=".encode() in file.read()


def nudge(process: Process) -> None:
    """Sends SIGHUP where this very process still runs."""
    if alive(process):
        os.kill(process.pid, signal.SIGHUP)


def end(processes: Iterable[Process | None], grace_s: float = GRACE_S) -> None:
    """Ends processes and everything they started: SIGTERM, and SIGKILL for what is left of their
    sessions after ``grace_s``. Of one that is gone already, what it left in its session."""
    given = [process for process in processes if process]
    running = [process for process in given if alive(process)]
    gone = [process for process in given if _left(process)]
    for number in (signal.SIGTERM, signal.SIGKILL):
        for process in running:
            _signal_group(process.pid, number)
            if not _leads(process):
                _signal_each([process.pid], number)
            if number == signal.SIGKILL:
                _signal_each(_session(process.pid), number)
        for process in gone:
            _signal_each(_left(process), number)
        deadline = time.monotonic() + grace_s
        # a zombie has ended: whoever adopted it may collect it late, in a container without an init
        # never
        while any(map(alive, running)) or any(map(_left, gone)):
            if time.monotonic() >= deadline:
                break
            time.sleep(END_POLL_S)


def free_ports(count: int) -> tuple[int, ...]:
    """Distinct loopback ports that nobody listens on at this moment."""
    with contextlib.ExitStack() as stack:
        # all are open at once, or the system would hand out the same port twice
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for listener in sockets:
            listener.bind(("127.0.0.1", 0))
        return tuple(listener.getsockname()[1] for listener in sockets)


def taken_by(port: int) -> str:
    """Who listens on a loopback port, as ``pid 123 (name)``; empty where it is free."""
    return "" if is_free(port) else _listener(port) or "a process of another user"


def is_free(port: int) -> bool:
    """Whether nobody listens on a loopback port."""
    with socket.socket() as attempt:
        attempt.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            attempt.bind(("127.0.0.1", port))
            return True
        except OSError:
            return False


def listens(process: Process | None, port: int) -> bool:
    """Whether this very process, one of its session or one that it started listens on a port."""
    leader = _running(process) if process else None
    if leader is None:
        return False
    for candidate in _family(leader):
        with contextlib.suppress(psutil.Error):
            for connection in candidate.net_connections("tcp"):
                local_port = connection.laddr.port if connection.laddr else 0
                if connection.status == psutil.CONN_LISTEN and local_port == port:
                    return True
    return False


def _family(leader: psutil.Process) -> Iterator[psutil.Process]:
    yield leader
    with contextlib.suppress(psutil.Error):
        yield from leader.children(recursive=True)
    for pid in _session(leader.pid):
        # what it started and left, as servers do that go to the background
        with contextlib.suppress(psutil.Error):
            if pid != leader.pid:
                yield psutil.Process(pid)


def _listener(port: int) -> str:
    with contextlib.suppress(psutil.Error):
        for connection in psutil.net_connections("tcp"):
            local_port = connection.laddr.port if connection.laddr else 0
            listens = connection.status == psutil.CONN_LISTEN and local_port == port
            if listens and connection.pid:
                name = psutil.Process(connection.pid).name()
                return f"pid {connection.pid} ({name})"
    return ""


def _running(process: Process) -> psutil.Process | None:
    with contextlib.suppress(psutil.Error):
        candidate = psutil.Process(process.pid)
        is_same = _is_same(process, of_pid(process.pid))
        return candidate if is_same and not _is_zombie(candidate) else None
    return None


def _is_zombie(candidate: psutil.Process) -> bool:
    return candidate.status() == psutil.STATUS_ZOMBIE


def _is_same(recorded: Process, found: Process) -> bool:
    """Whether two of one pid are one process."""
    if _know_boot(recorded, found):
        is_same_boot = recorded.boot_id == found.boot_id
        return is_same_boot and recorded.since_boot_s == found.since_boot_s
    return abs(recorded.started_s - found.started_s) < _SAME_START_S


def _know_boot(*processes: Process) -> bool:
    return all(one.boot_id and one.since_boot_s is not None for one in processes)


def _left(process: Process) -> list[int]:
    """What still runs in the session of a process that is gone. The system gives no pid away that
    is a session's id: while there is something left, nobody else can have had it."""
    if not _is_gone(process):
        return []
    left = []
    for pid in _session(process.pid):
        with contextlib.suppress(psutil.Error):
            if not _is_zombie(psutil.Process(pid)):
                left.append(pid)
    return left


def _is_gone(process: Process) -> bool:
    """Whether nothing has its pid but what is left of it; of a pid that somebody else has, not."""
    try:
        is_same = _is_same(process, of_pid(process.pid))
        return is_same and _is_zombie(psutil.Process(process.pid))
    except psutil.NoSuchProcess:
        return _is_of_now(process)
    except psutil.Error:
        return False


def _is_of_now(process: Process) -> bool:
    """Whether it began in this boot, and in this life of the container that this may be: before,
    the pids were others', and a daemon may have a session of the same number now."""
    try:
        first = of_pid(1)
    except psutil.Error:
        return False
    if process.since_boot_s is None or first.since_boot_s is None:
        return process.started_s >= first.started_s
    return process.boot_id == first.boot_id and process.since_boot_s >= first.since_boot_s


def _leads(process: Process) -> bool:
    """Whether it has a group of its own, or is gone: then it has nothing else to be signalled."""
    with contextlib.suppress(ProcessLookupError):
        return not alive(process) or os.getpgid(process.pid) == process.pid
    return True


def _session(leader: int) -> Iterator[int]:
    """Whatever is in a leader's session, also in a group of its own."""
    for pid in psutil.pids():
        with contextlib.suppress(OSError):
            if os.getsid(pid) == leader:
                yield pid


def _signal_each(pids: Iterable[int], number: signal.Signals) -> None:
    for pid in pids:
        with contextlib.suppress(OSError):
            if pid != os.getpid():
                os.kill(pid, number)


def _signal_group(pid: int, number: signal.Signals) -> None:
    # the group may be gone, or be nothing but a zombie, which macOS answers with a permission error
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, number)
