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

PROGRAM: Final = Path(__file__).with_name("in_namespaces.py")
BUBBLEWRAP: Final = "bwrap"
START_WITHIN_S: Final = 10.0  # s until the image's own program begins; it takes 0.05 s
POLL_S: Final = 0.01
LAST_LINES: Final = 20
PATH: Final = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
NOBODY: Final = 65534
_ARCHITECTURES: Final = {"x86_64": "amd64", "aarch64": "arm64"}


class NamespaceContainers:
    """Runs what ``registry`` gives; ``store`` keeps the layers."""

    def __init__(self, store: Store, registry: RegistryReads) -> None:
        self._store = store
        self._registry = registry
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
            unpack(self._store, manifest, root, start.state)
            run = _Run(start, _spec(start, config, folder), folder)
            run.begin(way)
            try:
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
        refused = _refused(self._scratch.path)
        if not refused:
            return "user namespaces"
        if shutil.which(BUBBLEWRAP):
            return "bubblewrap"
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
        processes.end([started])
        said = log.read_text(encoding="utf-8", errors="replace").strip()
        return "" if said.startswith("FileNotFoundError") else said or "no answer"


def _spec(start: Start, config: ImageConfig, folder: Path) -> dict[str, Any]:
    execution = config.config
    user, _, group = execution.user.partition(":")
    if user and not user.isdigit():
        problem = f"the image of {start.service} names its user: {user}"
        raise Unavailable(problem, hint="USER with a number, as in 65534:65534")
    command = [*(execution.entrypoint or ()), *(start.command or execution.cmd or ())]
    if not command:
        raise StepFailed(f"the image of {start.service} has no command", where=start.image)
    environment = dict(pair.partition("=")[::2] for pair in execution.env or ())
    return {
        "root": str(folder / "root"),
        "state": start.state,
        "uid": int(user or 0),
        "gid": int(group) if group.isdigit() else 0,
        "workdir": execution.working_dir or "/",
        "argv": command,
        "env": {"PATH": PATH, "HOME": "/", **environment, **start.environment},
        "status": str(folder / "status"),
        "stop_signal": execution.stop_signal or "SIGTERM",
    }


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
        status = Path(self._spec["status"])
        if way == BUBBLEWRAP:
            argv = self._bubblewrap(status)
        else:
            file = self._folder / "spec"
            file.write_text(json.dumps(self._spec), encoding="utf-8")
            argv = [sys.executable, "-I", "-S", str(PROGRAM), str(file)]
        self._started_s = time.monotonic()
        self._waiting = processes.spawn(argv, self._folder, self._log, {})
        deadline = time.monotonic() + START_WITHIN_S
        while time.monotonic() < deadline:
            self._first = self._child(status)
            if self._first is not None:
                return
            if not processes.alive(self._waiting):
                break
            time.sleep(POLL_S)
        if not status.exists():
            self.remove()
            problem = f"{self._start.service} cannot be started: {self.last_words()}"
            raise StepFailed(problem, where=self._start.image)

    def _child(self, status: Path) -> processes.Process | None:
        if not status.exists():
            return None
        text = status.read_text(encoding="utf-8")
        pid = text if text.isdigit() else str(json.loads(text or "{}").get("child-pid", ""))
        with suppress(psutil.Error):
            if pid.isdigit():
                first = psutil.Process(int(pid))
                return processes.Process(pid=first.pid, started_s=first.create_time())
        return None

    def _bubblewrap(self, status: Path) -> list[str]:
        spec = self._spec
        argv = [BUBBLEWRAP, "--unshare-user", "--unshare-pid", "--unshare-ipc", "--unshare-uts"]
        argv += ["--uid", str(spec["uid"]), "--gid", str(spec["gid"]), "--cap-drop", "ALL"]
        argv += ["--new-session", "--die-with-parent", "--as-pid-1", "--info-fd", "3"]
        argv += ["--ro-bind", spec["root"], "/", "--proc", "/proc", "--dev", "/dev"]
        argv += ["--tmpfs", spec["state"], "--chdir", spec["workdir"], "--clearenv"]
        for key, value in spec["env"].items():
            argv += ["--setenv", key, value]
        # its word on the child goes to a file descriptor, which only a shell opens for it
        line = f'exec 3>"{status}"; exec "$@"'
        return ["/bin/sh", "-c", line, "sh", *argv, "--", *spec["argv"]]

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
                cpu_s += spent.user + spent.system
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
        number = signal.Signals[self._spec["stop_signal"]]
        deadline = time.monotonic() + within_s
        if self.running() and self._first is not None:
            with suppress(ProcessLookupError):
                os.kill(self._first.pid, number)
        assert self._waiting is not None
        waiting = psutil.Process(self._waiting.pid)
        with suppress(psutil.TimeoutExpired):
            code = waiting.wait(max(0.0, deadline - time.monotonic()))
            return None if code is None else int(code)
        return None

    def last_words(self) -> str:
        """The end of what it printed."""
        with suppress(OSError):
            lines = self._log.read_text(encoding="utf-8", errors="replace").splitlines()
            return "\n".join(lines[-LAST_LINES:])
        return ""

    def remove(self) -> None:
        """Ends whatever of it is left; the namespace's end is that of everything in it."""
        if self._first is not None and self.running():
            with suppress(ProcessLookupError):
                os.kill(self._first.pid, signal.SIGKILL)
        processes.end([self._waiting])
