"""A repository of tiny services, whose version is what their own file says, and its deployments."""

import json
import os
import shutil
import signal
import subprocess
import time
import urllib.request
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Callable, Iterable, Iterator

import psutil
import pytest

from devflow.adapters.deploys.home import Home
from devflow.adapters.deploys.local import LocalDeploys
from devflow.adapters.deploys.state import EnvironmentState
from devflow.adapters.machine import processes
from devflow.adapters.machine.identity import known_identity
from devflow.adapters.proxy.local import LocalProxy
from devflow.model.declared.environments import EnvironmentSettings, ProxyName
from devflow.model.declared.project import Service
from devflow.model.environments import Replica
from devflow.ports.deploys import Deploys, Release
from tests.ports import free_ports

# with nothing but what Python has built in: `http.server` takes longer to load than all else that a
# replica's start costs
SERVICE = """
import _thread, os, socket, sys, time

VERSION = open("version.txt").read().strip()


def ends_soon():
    time.sleep(1.0)
    os._exit(9)


if VERSION == "broken":
    sys.exit("the model file is missing")
if VERSION.startswith("flaps"):
    _thread.start_new_thread(ends_soon, ())


def answer(connection):
    argv = ", ".join(f'"{word}"' for word in sys.argv[1:])
    body = f'{{"version": "{VERSION}", "pid": {os.getpid()}, "argv": [{argv}]}}'.encode()
    head = f"HTTP/1.1 200 OK\\r\\nContent-Length: {len(body)}\\r\\n\\r\\n".encode()
    with connection, connection.makefile("rb") as asked:
        while first := asked.readline():
            headers = {}
            while line := asked.readline().strip():
                name, _, value = line.decode("latin-1").partition(":")
                headers[name.lower()] = value.strip()
            asked.read(int(headers.get("content-length", 0)))
            if first.split()[1] == b"/slow":
                time.sleep(2)
            # head and body in one packet, or the second waits 40 ms for the first one to be
            # acknowledged
            connection.sendall(head + body)
            if headers.get("connection", "").lower() == "close":
                return


def answer_to_its_end(connection):
    try:
        answer(connection)
    except OSError:
        pass  # whoever asked has gone


with socket.create_server(("127.0.0.1", int(sys.argv[1])), backlog=128) as listening:
    while True:
        _thread.start_new_thread(answer_to_its_end, (listening.accept()[0],))
"""
ENV = "development"
HAS_HAPROXY = bool(shutil.which("haproxy") or shutil.which("haproxy", path="/usr/sbin:/sbin"))
# those that are here
KINDS: tuple[ProxyName, ...] = ("own", "haproxy") if HAS_HAPROXY else ("own",)
without_haproxy = pytest.mark.skipif(not HAS_HAPROXY, reason="haproxy is not installed")
# for ``parametrize("world", PROXIES, indirect=True)``
PROXIES = ["own", pytest.param("haproxy", marks=without_haproxy)]


class World:
    """A repository with one commit a version, and a port to deploy it from."""

    def __init__(self, path: Path, proxy_kind: ProxyName = "own") -> None:
        self.settings = EnvironmentSettings(proxy=proxy_kind)
        self.root = path / "repo"
        self.state = path / "deploys"
        self.root.mkdir()
        self.git("init", "-q", "-b", "main")
        (self.root / "service.py").write_text(SERVICE)
        (self.root / ".gitattributes").write_text("version.txt export-ignore\n")
        self.ports = free_ports(2)
        self.deploys = LocalDeploys(self.root, self.state)
        self.identity = ""

    def git(self, *argv: str) -> str:
        identity = ("-c", "user.name=Test", "-c", "user.email=test@example.com")
        command = ("git", *identity, *argv)
        ended = subprocess.run(command, cwd=self.root, check=True, capture_output=True, text=True)
        return ended.stdout.strip()

    def release(self, version: str, answer: str = "", within_s: float = 20.0) -> Release:
        """A new commit whose services answer ``answer``, else its version."""
        (self.root / "version.txt").write_text(answer or version)
        self.git("add", "-A")
        self.git("commit", "-q", "--allow-empty", "-m", version)
        run = ("python", "service.py", "{port}", "{state}", "{pages_url}")
        services: dict[str, Service] = {}
        for name, port in zip(("api", "pages"), self.ports):
            services[name] = Service(path=".", port=port, run=run)
        commit = self.git("rev-parse", "HEAD")
        settings = self.settings
        return Release(commit, version, services, ready_within_s=within_s, settings=settings)

    def deploy(self, version: str) -> Release:
        release = self.release(version)
        bring(self.deploys, release)
        return release

    def served(self, port: int | None = None, path: str = "/health") -> dict[str, object]:
        url = f"http://127.0.0.1:{port or self.ports[0]}{path}"
        with closing(urllib.request.urlopen(url, timeout=5)) as answer:
            body: dict[str, object] = json.load(answer)
        return body

    def living(self) -> set[int]:
        """Every process that was started from this world, children included."""
        # it is gone with a removed folder
        self.identity = known_identity(self.state) or self.identity
        pids = set()
        for process in psutil.process_iter():
            try:
                marker = process.environ().get(processes.MARKER, "")
                is_ours = marker.startswith(f"{self.identity}:")
                if is_ours and process.status() != psutil.STATUS_ZOMBIE:
                    pids.add(process.pid)
            except (psutil.Error, OSError):
                continue
        return pids

    def started(self) -> tuple[str, ...]:
        """The versions all of whose replicas are well."""
        environment = self.deploys.environment(ENV)
        held = environment.held if environment else ()
        well = []
        for one in held:
            if one.replicas and all(replica.is_well for replica in one.replicas):
                well.append(one.version)
        return tuple(well)

    def pids(self, version: str) -> set[int]:
        """The programs of a version's replicas."""
        environment = self.deploys.environment(ENV)
        assert environment is not None
        held = next(one for one in environment.held if one.version == version)
        return {int(replica.id) for replica in held.replicas}

    def replica(self, service: str) -> Replica:
        """The first one of a service of the version that serves."""
        environment = self.deploys.environment(ENV)
        assert environment is not None
        return next(one for one in environment.held[0].replicas if one.service == service)

    def replicas(self, version: str) -> tuple[Replica, ...]:
        """Those of a version."""
        environment = self.deploys.environment(ENV)
        assert environment is not None
        return next(one.replicas for one in environment.held if one.version == version)

    def state_of(self) -> EnvironmentState:
        """What is remembered."""
        state = Home(self.state, ENV).load()
        assert state is not None
        return state

    def supervisors(self, version: str) -> list[int]:
        """What keeps a version's replicas alive."""
        deployment = self.state_of().deployment(version)
        assert deployment is not None
        return [slot.process.pid for slot in deployment.slots if slot.process]

    def kill(self, pids: Iterable[int]) -> None:
        """As by kill -9, all at once: none of them sees another go. Answers once they are gone."""
        killed = list(pids)
        for number in (signal.SIGSTOP, signal.SIGKILL):
            for pid in killed:
                with suppress(ProcessLookupError):
                    os.kill(pid, number)
        until(lambda: not self.living() & set(killed))

    def of_proxy(self) -> list[int]:
        """The processes of the proxy."""
        marker = Home(self.state, ENV).marker("", "proxy")
        every = processes.with_variable(processes.MARKER)
        return [process.pid for process, text in every if text == marker]

    def of_replicas(self) -> set[int]:
        """The processes of the replicas: two of each, with what keeps it alive."""
        return self.living() - set(self.of_proxy())

    def serving(self) -> set[int]:
        """The processes of the replicas, and the proxy's keeper; what would follow that one is made
        anew as it learns something, and is left out."""
        keeper = self.proxy.process()
        return self.of_replicas() | ({keeper.pid} if keeper else set())

    @property
    def proxy(self) -> LocalProxy:
        home = Home(self.state, ENV)
        return LocalProxy(home.proxy, home.marker("", "proxy"))


@contextmanager
def opened(path: Path, proxy_kind: ProxyName = "own") -> Iterator[World]:
    """A world in which nothing may be left running."""
    world = World(path, proxy_kind)
    try:
        yield world
    finally:
        for name in world.deploys.environments():
            world.deploys.down(name)
    assert world.living() == set()


def bring(deploys: Deploys, release: Release, name: str = ENV, replicas: int = 1) -> None:
    """Prepares, scales and gives everything."""
    deploys.prepare(name, release)
    deploys.scale(name, release.version, replicas)
    deploys.share(name, {release.version: 100})


def until(claim: Callable[[], bool], within_s: float = 5.0) -> None:
    deadline = time.monotonic() + within_s
    while not claim():
        assert time.monotonic() < deadline, "it did not come to be"
        time.sleep(0.02)
