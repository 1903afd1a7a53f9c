"""Published images run without an engine: the image's own files under namespaces that any user may
make, or under bubblewrap where only that may.

The network is this machine's: a container listens on a free port of it.
"""

import json
import os
import platform as machine
import shutil
import signal
import sys
import tempfile
import time
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Final, Iterator

import psutil

from devflow.adapters.containers import kernel
from devflow.adapters.containers.unpacking import unpack
from devflow.adapters.images.store import Store
from devflow.adapters.machine import processes
from devflow.adapters.machine.scratch_folder import ScratchFolder
from devflow.craft.oci.formats import ImageConfig, Manifest, read_config, read_document
from devflow.model.errors import StepFailed, Unavailable
from devflow.ports.containers import Container, Process, Start, Usage
from devflow.ports.registry import RegistryReads

NAMESPACES: Final = "user namespaces"
BUBBLEWRAP: Final = "bubblewrap"
WAYS: Final = (NAMESPACES, BUBBLEWRAP)  # the first that works is taken
PROGRAM: Final = Path(__file__).with_name("in_namespaces.py")
BWRAP: Final = "bwrap"
START_WITHIN_S: Final = 10.0  # s until the image's own program begins; it takes 0.05 s
POLL_S: Final = 0.01
LAST_LINES: Final = 20
PATH: Final = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
NOBODY: Final = 65534
_ARCHITECTURES: Final = {"x86_64": "amd64", "aarch64": "arm64"}


class NamespaceContainers:
    """Runs what ``registry`` gives; ``store`` keeps the layers."""

    def __init__(self, store: Store, registry: RegistryReads, ways: tuple[str, ...] = WAYS) -> None:
        self._store = store
        self._registry = registry
        self._ways = ways
        self._scratch = ScratchFolder()

    def runtime(self, platform: str) -> str:
        """Namespaces or bubblewrap. Raises ``Unavailable`` where neither is possible, or where the
        kernel does not run programs of that platform."""
        self._check_platform(platform)
        way = self._way()
        return f"{way}, without an engine, on this machine's network"

    def listening_port(self, port: int) -> int:
        """A free port: the network is this machine's."""
        return processes.free_ports(1)[0]

    @contextmanager
    def started(self, start: Start) -> Iterator[Container]:
        """A container for the time of a block. Raises as the port says."""
        self._check_platform(start.platform)
        way = self._way()
        manifest, config = self._pulled(start)
        folder = Path(tempfile.mkdtemp(dir=self._scratch.path, prefix="container-"))
        try:
            root = folder / "root"
            root.mkdir()
            spec = _spec(start, config, folder)
            unpack(self._store, manifest, root, start.state, spec["workdir"])
            run = _Run(start, spec, folder)
            try:
                run.begin(way)
                yield run
            finally:
                run.remove()
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def _check_platform(self, platform: str) -> None:
        if sys.platform != "linux":
            hint = "start Docker or Podman"
            raise Unavailable("images run without an engine on Linux alone", hint=hint)
        own = _ARCHITECTURES.get(machine.machine(), machine.machine())
        architecture = platform.split("/")[1]
        if architecture != own and not kernel.runs_here(architecture):
            problem = f"this machine runs linux/{own}, and no qemu is registered for {platform}"
            raise Unavailable(problem, hint="apt-get install qemu-user-static binfmt-support")

    def _way(self) -> str:
        """What works here, tried now on nothing."""
        refused = "they are not wanted"
        if NAMESPACES in self._ways:
            refused = _refused(self._scratch.path)
            if not refused:
                return NAMESPACES
        if BUBBLEWRAP in self._ways and shutil.which(BWRAP):
            return BUBBLEWRAP
        problem = f"the kernel gives this user no namespaces: {refused}"
        hint = "apt-get install bubblewrap, or start Docker or Podman"
        raise Unavailable(problem, hint=hint)

    def _pulled(self, start: Start) -> tuple[Manifest, ImageConfig]:
        """The image, from the registry: what is in the store of this machine proves nothing."""
        repository = start.repository
        held = self._registry.find(repository, start.image)
        if held is None:
            problem = f"the registry has no {start.image}"
            raise StepFailed(problem, where=repository, hint="publish it again")
        document = read_document(held.body, start.image)
        if not isinstance(document, Manifest):
            raise StepFailed("this is an index, not one platform's image", where=start.image)
        for one in (document.config, *document.layers):
            self._registry.blob(repository, one.digest).close()
        config = read_config(self._store.read(document.config.digest), start.image)
        if config.platform.text != start.platform:
            problem = f"the image of {start.service} for {start.platform} is one for "
            raise StepFailed(f"{problem}{config.platform.text}", where=start.image)
        return document, config


def _refused(folder: Path) -> str:
    """Why the kernel gives no namespaces; empty where it does."""
    with tempfile.TemporaryDirectory(dir=folder) as place:
        root = Path(place) / "root"
        for name in ("proc", "dev", "state"):
            (root / name).mkdir(parents=True)
        spec = {
            "root": str(root),
            "state": "/state",
            "uid": NOBODY,
            "gid": NOBODY,
            "workdir": "/",
            # there is nothing to be run: to come so far is enough
            "argv": ["/none"],
            "env": {},
            "status": str(Path(place) / "status"),
        }
        file = Path(place) / "spec"
        file.write_text(json.dumps(spec), encoding="utf-8")
        log = Path(place) / "log"
        argv = (sys.executable, "-I", "-S", str(PROGRAM), str(file))
        started = processes.spawn(argv, Path(place), log, {})
        deadline = time.monotonic() + START_WITHIN_S
        while processes.alive(started) and time.monotonic() < deadline:
            time.sleep(POLL_S)
        _end(started)
        said = log.read_text(encoding="utf-8", errors="replace").strip()
        return "" if said.startswith("FileNotFoundError") else said or "no answer"


def _end(process: processes.Process | None) -> None:
    """Ends a process of ours, and takes it from the kernel's table."""
    processes.end([process])
    if process is not None:
        with suppress(ChildProcessError):
            os.waitpid(process.pid, os.WNOHANG)


def _spec(start: Start, config: ImageConfig, folder: Path) -> dict[str, Any]:
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


class _Run:
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
            self._waiting = self._spawned(way)
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

    def _spawned(self, way: str) -> processes.Process:
        if way == BUBBLEWRAP:
            return processes.spawn(self._bubblewrap(), self._folder, self._log, {})
        file = self._folder / "spec"
        file.write_text(json.dumps(self._spec), encoding="utf-8")
        argv = (sys.executable, "-I", "-S", str(PROGRAM), str(file))
        return processes.spawn(argv, self._folder, self._log, {})

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
            self._first = processes.Process(pid=first.pid, started_s=first.create_time())
        # bubblewrap says the one, and we the other, of a program that was begun
        return self._first is not None or "exit-code" in said or "started_s" in said

    def _said(self) -> dict[str, Any]:
        """What was said of it, one JSON document a line; nothing yet of what is half written."""
        said: dict[str, Any] = {}
        with suppress(OSError, ValueError):
            for line in Path(self._spec["status"]).read_text(encoding="utf-8").splitlines():
                said |= json.loads(line)
        return said

    def _bubblewrap(self) -> list[str]:
        spec = self._spec
        argv = [BWRAP, "--unshare-user", "--unshare-pid", "--unshare-ipc", "--unshare-uts"]
        argv += ["--uid", str(spec["uid"]), "--gid", str(spec["gid"]), "--cap-drop", "ALL"]
        argv += ["--new-session", "--die-with-parent", "--as-pid-1", "--json-status-fd", "3"]
        argv += ["--ro-bind", spec["root"], "/", "--proc", "/proc", "--dev", "/dev"]
        argv += ["--tmpfs", spec["state"], "--chdir", spec["workdir"], "--clearenv"]
        for key, value in spec["env"].items():
            argv += ["--setenv", key, value]
        # its word on the child goes to a file descriptor, which only a shell opens for it
        line = 'exec 3>"$1"; shift; exec "$@"'
        return ["/bin/sh", "-c", line, "sh", spec["status"], *argv, "--", *spec["argv"]]

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
        _end(self._waiting)
