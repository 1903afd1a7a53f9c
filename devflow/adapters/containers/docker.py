"""Published images run by an engine, Docker's or Podman's.

An image is pulled from its registry by the digest of its platform's own manifest: by the index's
digest an engine answers with the platform that it already has.
"""

import re
import time
from collections import deque
from contextlib import closing, contextmanager, suppress
from datetime import datetime
from typing import Any, Final, Iterator

import docker  # type: ignore[import-untyped]

from devflow.adapters.containers import kernel
from devflow.adapters.containers.leftovers import LABEL, owner_mark, remove_leftovers
from devflow.adapters.containers.pulling import pulled
from devflow.adapters.images.engine.client import (
    SILENT,
    Engines,
    asking,
    engine_failure,
    image_of,
)
from devflow.model.errors import StepFailed, Unavailable
from devflow.model.images import Engine
from devflow.ports.containers import Container, Process, Start, Usage

ANSWER_S: Final = 120.0  # s between two pieces of a pull's answer
PULL_S: Final = 600.0
LAST_LINES: Final = 20
MIB: Final = 1024 * 1024
PIDS: Final = 512  # processes and threads; more is a fork bomb
STATE_MB: Final = 256  # of memory that files in ``state`` may take
POLL_S: Final = 0.02
_ARCHITECTURES: Final = {"x86_64": "amd64", "aarch64": "arm64", "armv7l": "arm"}
_PODMANS_WRITABLE: Final = ("/run", "/tmp", "/var/tmp")  # nosec B108
_ENDED_AMID: Final = re.compile(r"/proc/\d+/cgroup: no such process")


class DockerContainers:
    """Containers of the engine that ``engines`` leads to."""

    def __init__(self, engines: Engines) -> None:
        self._engines = engines

    def runtime(self, platform: str) -> str:
        """The engine that would run it. Raises ``Unavailable`` where none answers, or where
        neither it nor qemu runs programs of that platform."""
        engine = self._engine()
        with self._engines.connected(ANSWER_S) as client:
            own = own_platform(client).split("/")[1]
        architecture = platform.split("/")[1]
        named = f"a container of {engine.kind} {engine.version}"
        if architecture == own:
            return named
        if kernel.runs_here(architecture):
            return f"{named}, by qemu"
        problem = f"{engine.kind} runs linux/{own} here, and no qemu is registered for {platform}"
        hint = "apt-get install qemu-user-static binfmt-support"
        raise Unavailable(problem, where=engine.address, hint=hint)

    def listening_port(self, port: int) -> int:
        """The same: a container has a network of its own."""
        return port

    @contextmanager
    def started(self, start: Start) -> Iterator[Container]:
        """A container for the time of a block. Raises as the port says."""
        self.runtime(start.platform)
        engine = self._engine()
        with closing(self._engines.client(ANSWER_S)) as client:
            run = _Run(client, engine, start)
            with asking(engine.address):
                remove_leftovers(client)
            try:
                run.begin()
                yield run
            finally:
                run.remove()

    def _engine(self) -> Engine:
        engine = self._engines.find()
        if engine is None:
            problem = f"no container engine answers at {self._engines.address().url}"
            raise Unavailable(problem, hint="apt-get install docker.io, then start dockerd")
        return engine


def inspected(client: Any, container: str) -> dict[str, Any]:
    """What the engine says of a container. Raises what the SDK does.

    Podman reads the control group of one that runs, and fails where its process ends amid that; by
    the next question it knows that there is none.
    """
    try:
        found: dict[str, Any] = client.inspect_container(container)
    except docker.errors.APIError as error:
        if not _ENDED_AMID.search(str(error.explanation)):
            raise
        found = client.inspect_container(container)
    return found


def own_platform(client: Any) -> str:
    """The platform whose programs the engine runs itself."""
    told = str(client.info().get("Architecture", ""))
    return f"linux/{_ARCHITECTURES.get(told, told)}"


class _Run:
    """One container."""

    def __init__(self, client: Any, engine: Engine, start: Start) -> None:
        self._client = client
        self._engine = engine
        self._start = start
        self._reference = f"{start.repository}@{start.image}"
        self._container = ""
        self._was_here = True
        self._pid = 0
        self._address = ""
        self._port = 0
        self._stop_signal = "SIGTERM"
        self._started_s = 0.0

    @property
    def url(self) -> str:
        """A free port of this machine's loopback."""
        return f"http://127.0.0.1:{self._port}"

    @property
    def peer_url(self) -> str:
        """Its own address in the engine's network; where it has none (rootless), there is no way
        from one to the other but the machine's."""
        if not self._address:
            return self.url
        return f"http://{self._address}:{self._start.port}"

    @property
    def started_s(self) -> float:
        """As the engine noted it."""
        return self._started_s

    def begin(self) -> None:
        """Pulls the image, and starts it."""
        with asking(self._engine.address):
            self._was_here = image_of(self._client, self._reference) is not None
            image = pulled(self._client, self._start)
        config = image.get("Config") or {}
        self._stop_signal = config.get("StopSignal") or self._stop_signal
        try:
            self._container = self._create(str(image["Id"]))
            begun_s = time.monotonic()
            self._client.start(self._container)
            self._read_state(begun_s)
        except docker.errors.APIError as error:
            problem = f"{self._start.service} cannot be started: {error.explanation or error}"
            raise StepFailed(problem, where=self._reference) from error
        except SILENT as error:
            raise engine_failure(error, self._engine.address) from error

    def running(self) -> bool:
        """Whether its first process is there."""
        return bool(self._state().get("Running"))

    def usage(self) -> Usage:
        """What it takes now, by its control group; by the engine's word where that is elsewhere.
        Nothing, once it has ended, whose answer of Podman's is empty."""
        if self._is_here():
            return kernel.usage(self._pid)
        with asking(self._engine.address):
            try:
                told = self._client.stats(self._container, stream=False, one_shot=True)
            except SILENT:
                if self.running():
                    raise
                told = {}
        return _told_usage(told)

    def processes(self) -> tuple[Process, ...]:
        """What runs in it; nothing where the engine is elsewhere."""
        if not self._is_here():
            return ()
        found = [kernel.process(pid) for pid in kernel.pids(self._pid)]
        return tuple(process for process in found if process is not None)

    def can_write(self) -> bool | None:
        """Whether it sees a mount that can be written, beside ``state``."""
        return kernel.can_write(self._pid, self._start.state) if self._is_here() else None

    def stop(self, within_s: float) -> int | None:
        """The image's own signal, and the exit code within this time."""
        with suppress(docker.errors.APIError):
            # refused where it has ended by itself
            self._client.kill(self._container, signal=self._stop_signal)
        deadline = time.monotonic() + within_s
        with asking(self._engine.address):
            while (state := self._state()).get("Running"):
                if time.monotonic() >= deadline:
                    self._client.kill(self._container, signal="SIGKILL")
                    return None
                time.sleep(POLL_S)
        return int(state.get("ExitCode", 0))

    def last_words(self) -> str:
        """The end of what it printed."""
        with asking(self._engine.address):
            printed = self._printed()
        return printed.decode("utf-8", "replace").strip()

    def _printed(self) -> bytes:
        if self._engine.kind == "podman":
            # the end that it gives lacks a last line without a newline
            rows = self._client.logs(self._container, stream=True, follow=False)
            return b"".join(deque(rows, maxlen=LAST_LINES))
        printed: bytes = self._client.logs(self._container, tail=LAST_LINES)
        return printed

    def remove(self) -> None:
        """Leaves nothing of it: its volumes neither, nor an image that was not there before."""
        if self._container:
            with suppress(*SILENT):
                # Podman would ask it to end first, and wait ten seconds
                self._client.kill(self._container, signal="SIGKILL")
            with suppress(*SILENT):
                self._client.remove_container(self._container, v=True, force=True)
        with suppress(*SILENT):
            if not self._was_here:
                self._client.remove_image(self._reference)

    def _create(self, image_id: str) -> str:
        start = self._start
        limit_bytes = int(start.memory_mb * MIB)
        host = self._client.create_host_config(
            port_bindings={start.port: ("127.0.0.1", None)},
            read_only=True,
            tmpfs=self._memory_files(),
            cap_drop=["ALL"],
            security_opt=["no-new-privileges"],
            mem_limit=limit_bytes,
            memswap_limit=limit_bytes,
            pids_limit=PIDS,
        )
        created = self._client.create_container(
            image_id,
            command=list(start.command) or None,
            environment=dict(start.environment),
            ports=[start.port],
            host_config=host,
            labels={LABEL: owner_mark()},
            # health is asked by us: the engine's own requests would be in what is measured
            healthcheck={"test": ["NONE"]},
        )
        return str(created["Id"])

    def _memory_files(self) -> dict[str, str]:
        state = self._start.state
        kept = {state: f"rw,nosuid,nodev,mode=1777,size={STATE_MB}m"}
        if self._engine.kind == "podman":
            # it would mount these to be written, where the root cannot be
            kept |= {place: "ro" for place in _PODMANS_WRITABLE if place != state}
        return kept

    def _read_state(self, begun_s: float) -> None:
        now_s = time.monotonic()
        found = inspected(self._client, self._container)
        state = found["State"]
        network = found["NetworkSettings"]
        self._pid = int(state.get("Pid") or 0)
        self._started_s = min(now_s, max(begun_s, monotonic(state.get("StartedAt", ""), now_s)))
        bound = (network.get("Ports") or {}).get(f"{self._start.port}/tcp") or []
        if bound:
            self._port = int(bound[0]["HostPort"])
        elif state.get("Running"):
            raise StepFailed(f"the engine gave port {self._start.port} no port of this machine")
        networks = network.get("Networks") or {}
        addresses = [part.get("IPAddress", "") for part in networks.values()]
        self._address = next((address for address in addresses if address), "")

    def _state(self) -> dict[str, Any]:
        with asking(self._engine.address):
            state: dict[str, Any] = inspected(self._client, self._container)["State"]
        return state

    def _is_here(self) -> bool:
        return kernel.is_container(self._pid, self._container)


def monotonic(moment: str, now_s: float) -> float:
    """A moment of the engine's clock on ours; now, where it cannot be read."""
    try:
        # nine digits of a second, of which Python takes six
        started = datetime.fromisoformat(re.sub(r"(\.\d{6})\d+", r"\1", moment))
    except ValueError:
        return now_s
    return now_s - (time.time() - started.timestamp())


def _told_usage(told: dict[str, Any]) -> Usage:
    memory = told.get("memory_stats") or {}
    details = memory.get("stats") or {}
    cache = details.get("total_inactive_file", details.get("inactive_file"))
    used = memory.get("usage")
    spent_ns = ((told.get("cpu_stats") or {}).get("cpu_usage") or {}).get("total_usage")
    return Usage(
        memory_bytes=None if used is None or cache is None else used - cache,
        # Docker says 0 of one that has ended
        cpu_s=spent_ns / 1e9 if spent_ns else None,
    )
