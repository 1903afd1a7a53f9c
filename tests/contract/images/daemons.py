"""Engines and registries for tests, started by hand beside whatever the machine has, and ended with
everything that they made.

They are shared by the workers of one test run: the first that needs one starts it, the last ends
it. A second dockerd on a machine would break the first (it removes ``docker0``), so none is started
where one runs already; ``DEVFLOW_TEST_ENGINE`` names one that may be used instead. With
``DEVFLOW_REQUIRE_ENGINES=1`` what is missing fails, else it is skipped with its reason.
"""

import json
import os
import re
import resource
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, NoReturn

import psutil
import pytest
from filelock import FileLock

from tests.ports import free_port

REQUIRED: Final = "DEVFLOW_REQUIRE_ENGINES"
GIVEN: Final = "DEVFLOW_TEST_ENGINE"
GIVEN_MIRROR: Final = "DEVFLOW_TEST_MIRROR"  # the registry that it asks before the hub
START_S: Final = 30.0  # s; dockerd takes 1.4 s alone
STOP_S: Final = 20.0  # s; dockerd ends its containers first
_SPAWNED: Final[list[int]] = []
PROCESSES: Final = 4096  # of a container of Podman's
PODMANS_RULE: Final = re.compile(r"\b(CNI-|NETAVARK)")
FORWARDING: Final = Path("/proc/sys/net/ipv4/ip_forward")


@dataclass(frozen=True)
class RunningRegistry:
    """A docker-registry: ``host:port``, its folder, and its process."""

    address: str
    folder: Path
    pid: int


@dataclass(frozen=True)
class RunningEngine:
    """An engine by its address, as DOCKER_HOST takes it, its process (0 where it is not ours), and
    the registry that it asks before the hub."""

    host: str
    pid: int = 0
    mirror: str = ""


def missing(why: str) -> NoReturn:
    """Skips, or fails where engines are required."""
    if os.environ.get(REQUIRED) == "1":
        pytest.fail(f"{REQUIRED}=1, but {why}")
    pytest.skip(why)


@pytest.fixture(scope="session")
def registry(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningRegistry]:
    """A docker-registry on a free port of the loopback."""
    if shutil.which("docker-registry") is None:
        missing("docker-registry is not installed: apt-get install docker-registry")
    with _shared(tmp_path_factory, "registry", start_registry, stop_registry) as state:
        yield RunningRegistry(state["address"], Path(state["folder"]), state["pid"])


@pytest.fixture(scope="session")
def docker_engine(
    tmp_path_factory: pytest.TempPathFactory, registry: RunningRegistry
) -> Iterator[RunningEngine]:
    """A dockerd whose mirror is the registry."""
    given = os.environ.get(GIVEN)
    if given:
        yield RunningEngine(given, mirror=os.environ.get(GIVEN_MIRROR, ""))
        return

    def start(folder: Path) -> dict[str, Any]:
        docker_can_start()
        return start_docker(folder, registry.address)

    with _shared(tmp_path_factory, "docker", start, stop_docker) as state:
        yield RunningEngine(state["host"], state["pid"], registry.address)


def docker_can_start() -> None:
    """Skips, or fails, where no dockerd can be started here."""
    if shutil.which("dockerd") is None:
        missing("dockerd is not installed: apt-get install docker.io")
    if os.geteuid() != 0:
        missing("dockerd has to be started by root")
    others = [one.pid for one in psutil.process_iter(["name"]) if one.info["name"] == "dockerd"]
    if others:
        missing(f"a dockerd runs here already (process {others[0]}); {GIVEN} may name it")


@pytest.fixture(scope="session")
def podman_engine(
    tmp_path_factory: pytest.TempPathFactory, registry: RunningRegistry
) -> Iterator[RunningEngine]:
    """Podman's API service, with a storage of its own."""
    if shutil.which("podman") is None:
        missing("podman is not installed: apt-get install podman")

    def start(folder: Path) -> dict[str, Any]:
        return start_podman(folder, registry.address)

    with _shared(tmp_path_factory, "podman", start, stop_podman) as state:
        yield RunningEngine(state["host"], state["pid"])


@contextmanager
def _shared(
    factory: pytest.TempPathFactory,
    name: str,
    start: Callable[[Path], dict[str, Any]],
    stop: Callable[[dict[str, Any]], None],
) -> Iterator[dict[str, Any]]:
    """One daemon for all workers of this run."""
    base = factory.getbasetemp()
    run = base.parent if os.environ.get("PYTEST_XDIST_WORKER") else base
    kept = run / f"{name}.json"
    lock = FileLock(run / f"{name}.lock")
    with lock:
        state = json.loads(kept.read_text()) if kept.exists() else _begun(name, start)
        state["users"].append(os.getpid())
        kept.write_text(json.dumps(state))
    try:
        yield state
    finally:
        with lock:
            _left(kept, stop)


def _begun(name: str, start: Callable[[Path], dict[str, Any]]) -> dict[str, Any]:
    # short: the path of a socket may have 107 bytes
    folder = Path("/tmp") / f"devflow-{name}-{os.getpid()}"
    folder.mkdir(mode=0o700)
    try:
        return {**start(folder), "folder": str(folder), "users": []}
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise


def _left(kept: Path, stop: Callable[[dict[str, Any]], None]) -> None:
    """Notes that this worker needs it no more, and ends it where nobody does."""
    state = json.loads(kept.read_text())
    others = [pid for pid in state["users"] if pid != os.getpid() and psutil.pid_exists(pid)]
    kept.write_text(json.dumps({**state, "users": others}))
    if not others:
        stop(state)
        shutil.rmtree(state["folder"], ignore_errors=True)
        kept.unlink()


def spawned() -> set[int]:
    """The daemons that this process has started, by number."""
    return set(_SPAWNED)


def start_registry(folder: Path) -> dict[str, Any]:
    """A docker-registry that forgets everything with its folder."""
    address = f"127.0.0.1:{free_port()}"
    config = {
        "version": "0.1",
        "log": {"level": "warn"},
        "storage": {
            "filesystem": {"rootdirectory": str(folder / "data")},
            "delete": {"enabled": True},
        },
        "http": {"addr": address},
    }
    described = folder / "config.yml"
    described.write_text(json.dumps(config))
    pid = _spawn(folder, ["docker-registry", "serve", str(described)], {})
    host, _, port = address.partition(":")

    def answers() -> bool:
        with suppress(OSError), socket.create_connection((host, int(port)), 1):
            return True
        return False

    _wait(pid, answers, folder)
    return {"address": address, "pid": pid}


def stop_registry(state: dict[str, Any]) -> None:
    """Ends it."""
    _end(state["pid"])


def start_docker(folder: Path, mirror: str) -> dict[str, Any]:
    """A dockerd with everything of its own but the machine's network, which is noted as it was."""
    path = folder / "docker.sock"
    state = {
        "host": f"unix://{path}",
        "rules": _printed("iptables-save"),
        "had_bridge": Path("/sys/class/net/docker0").exists(),
        "forwarding": FORWARDING.read_text(),
    }
    command = [
        "dockerd",
        *("--data-root", str(folder / "data"), "--exec-root", str(folder / "exec")),
        *("--pidfile", str(folder / "docker.pid"), "--host", state["host"]),
        *("--registry-mirror", f"http://{mirror}", "--insecure-registry", mirror),
    ]
    pid = _spawn(folder, command, {})
    _wait(pid, lambda: _answers(path), folder)
    return {**state, "pid": pid}


def restart_docker(state: dict[str, Any], mirror: str) -> dict[str, Any]:
    """Ends it, and starts it again with what it had."""
    _end(state["pid"])
    again = start_docker(Path(state["host"].removeprefix("unix://")).parent, mirror)
    return {**state, "pid": again["pid"]}


def stop_docker(state: dict[str, Any]) -> None:
    """Ends it, and takes back what it did to the machine's network."""
    _end(state["pid"])
    _unmount(state["folder"])
    if not state["had_bridge"]:
        _printed("ip", "link", "delete", "docker0")
        _restore(state["rules"])
        FORWARDING.write_text(state["forwarding"])


def start_podman(folder: Path, insecure: str) -> dict[str, Any]:
    """Podman's API service."""
    path = folder / "podman.sock"
    registries = folder / "registries.conf"
    registries.write_text(f'[[registry]]\nlocation = "{insecure}"\ninsecure = true\n')
    command = [
        "podman",
        *("--root", str(folder / "data"), "--runroot", str(folder / "run")),
        *("--cgroup-manager", "cgroupfs", "--events-backend", "file"),
        *("--network-config-dir", str(folder / "networks"), "--tmpdir", str(folder / "tmp")),
        *("system", "service", "--time", "0", f"unix://{path}"),
    ]
    bridges = sorted(os.listdir("/sys/class/net"))
    configured = folder / "containers.conf"
    # Podman asks for more than it may where the machine's own limits are lower
    files = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    hard = {"nofile": files, "nproc": PROCESSES}
    limits = [f"{name}={limit}:{limit}" for name, limit in hard.items()]
    configured.write_text(f"[containers]\ndefault_ulimits = {json.dumps(limits)}\n")
    env = {
        "CONTAINERS_REGISTRIES_CONF": str(registries),
        "CONTAINERS_CONF": str(configured),
    }
    pid = _spawn(folder, command, env)
    _wait(pid, lambda: _answers(path), folder)
    state = {"host": f"unix://{path}", "pid": pid, "bridges": bridges}
    return {**state, "command": command[: command.index("system")]}


def stop_podman(state: dict[str, Any]) -> None:
    """Ends its containers and it."""
    _printed(*state["command"], "rm", "--all", "--force", "--time", "0")
    _end(state["pid"])
    _unmount(state["folder"])
    new = set(os.listdir("/sys/class/net")) - set(state["bridges"])
    bridges = [name for name in new if name.startswith(("podman", "cni-podman"))]
    for bridge in bridges:
        _printed("ip", "link", "delete", bridge)
    if bridges:
        # its own rules alone: those of an engine that was started later stay
        rules = _printed("iptables-save").splitlines(keepends=True)
        _restore("".join(row for row in rules if not PODMANS_RULE.search(row)))


def _spawn(folder: Path, command: list[str], env: dict[str, str]) -> int:
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            env={**os.environ, **env},
            # Podman leaves a file there when a container has no memory left
            cwd=folder,
            start_new_session=True,
        )
    # whoever needs it last ends it, by its id: Python would warn of one that it thinks is running
    process.returncode = 0
    _SPAWNED.append(process.pid)
    return process.pid


def _wait(pid: int, ready: Callable[[], bool], folder: Path) -> None:
    deadline = time.monotonic() + START_S
    while not ready():
        process = psutil.Process(pid)
        is_gone = process.status() == psutil.STATUS_ZOMBIE
        if is_gone or time.monotonic() > deadline:
            _end(pid)
            tail = (folder / "log").read_text(errors="replace")[-2000:]
            missing(f"it did not start:\n{tail}")
        time.sleep(0.05)


def _answers(path: Path) -> bool:
    with suppress(OSError), socket.socket(socket.AF_UNIX) as asked:
        asked.settimeout(1)
        asked.connect(str(path))
        asked.sendall(b"GET /_ping HTTP/1.0\r\nHost: localhost\r\n\r\n")
        return b" 200 " in asked.recv(64)
    return False


def _end(pid: int) -> None:
    """Asks a daemon to end, and ends it and its children where it does not."""
    try:
        process = psutil.Process(pid)
        children = process.children(recursive=True)
        process.send_signal(signal.SIGTERM)
    except psutil.NoSuchProcess:
        return
    with suppress(psutil.TimeoutExpired):
        process.wait(STOP_S)
    for left in (process, *children):
        with suppress(psutil.Error):
            left.kill()
            left.wait(STOP_S)


def _unmount(folder: str) -> None:
    rows = Path("/proc/self/mountinfo").read_text().splitlines()
    places = [row.split()[4] for row in rows]
    for place in sorted((one for one in places if one.startswith(f"{folder}/")), reverse=True):
        _printed("umount", "--lazy", place)


def _restore(rules: str) -> None:
    with suppress(OSError):
        subprocess.run(
            ["iptables-restore"], input=rules, text=True, capture_output=True, check=False
        )


def _printed(*command: str) -> str:
    with suppress(OSError):
        answer = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
        return answer.stdout
    return ""
