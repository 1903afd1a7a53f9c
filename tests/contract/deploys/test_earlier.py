"""An environment that an earlier devflow deployed, one process a service behind its forwarder, is
taken over without a stop."""

import json
import re
import sys
import threading
from pathlib import Path
from typing import Any

import pytest

from devflow.adapters.deploys.home import Home
from devflow.adapters.machine import processes
from devflow.adapters.machine.identity import identity
from devflow.adapters.machine.processes import MARKER, Process
from devflow.ports.deploys import Release
from tests.contract.deploys.world import ENV, World, bring, until
from tests.ports import free_ports

FORWARDER = Path(__file__).parent / "earlier" / "forwarder.py"


class Earlier:
    """What it kept and what it started, as its own code did (devflow 0.12)."""

    def __init__(self, world: World, release: Release) -> None:
        self.world = world
        self.release = release
        self.home = Home(world.state, ENV)
        self.started: dict[str, Process] = {}
        code = world.state / ENV / "code" / release.version
        code.mkdir(parents=True)
        (world.state / ENV / "logs" / release.version).mkdir(parents=True)
        for name in ("service.py", "version.txt"):
            (code / name).write_bytes((world.root / name).read_bytes())
        self.ports = dict(zip(release.services, free_ports(len(release.services))))
        for service in release.services:
            self.started[service] = self._start(code, service)
        self._keep({})
        self._forward()

    def _forward(self) -> None:
        argv = (sys.executable, "-I", "-S", str(FORWARDER), str(self.home.file))
        log = self.home.path / "forwarder.log"
        marker = {MARKER: f"{identity(self.world.state)}:{ENV}::forwarder"}
        forwarder = processes.spawn(argv, self.home.path, log, marker)
        self._keep(forwarder.model_dump(mode="json"))
        ports = self.world.ports
        until(lambda: all(processes.taken_by(port) for port in ports), within_s=20)

    def _start(self, code: Path, service: str) -> Process:
        log = self.home.path / "logs" / self.release.version / f"{service}.log"
        argv = (sys.executable, "service.py", str(self.ports[service]))
        marker = f"{identity(self.world.state)}:{ENV}:{self.release.version}:{service}"
        return processes.spawn(argv, code, log, {MARKER: marker})

    def _keep(self, forwarder: dict[str, Any]) -> None:
        placed = {
            service: {
                "port": self.ports[service],
                "public_port": declared.port,
                "process": self.started[service].model_dump(mode="json"),
            }
            for service, declared in self.release.services.items()
        }
        services = self.release.services.items()
        held = {
            "version": self.release.version,
            "commit": self.release.commit,
            "services": {name: one.model_dump(mode="json") for name, one in services},
            "placed": placed,
            "since": "2026-01-05T12:00:00+00:00",
        }
        listen = {str(place["public_port"]): place["port"] for place in placed.values()}
        state = {
            "owner": identity(self.world.state),
            "current": self.release.version,
            "rolled_back": "",
            "held": [held],
            "listen": listen,
            "forwarder": forwarder or None,
            "prepared": [],
        }
        self.home.file.write_text(json.dumps(state))


@pytest.fixture
def earlier(world: World) -> Earlier:
    return Earlier(world, world.release("v1"))


def test_what_an_earlier_devflow_deployed_is_seen_as_it_is(earlier: Earlier) -> None:
    environment = earlier.world.deploys.environment(ENV)
    assert environment is not None
    assert (environment.version, environment.commit) == ("v1", earlier.release.commit)
    assert all(one.is_well("v1") for one in environment.services)
    assert [one.is_well for one in environment.held[0].replicas] == [True, True]
    assert environment.held[0].share_pct == 100


@pytest.mark.parametrize("version", ["v1", "v2"])
def test_the_next_deployment_takes_it_over_and_what_serves_goes_on_serving(
    earlier: Earlier, version: str
) -> None:
    world = earlier.world
    release = earlier.release if version == "v1" else world.release(version)
    # its ports are free for a moment once
    lost: list[str] = []
    answers: list[object] = []
    ended = threading.Event()

    def ask() -> None:
        while not ended.is_set():
            try:
                answers.append(world.served()["version"])
            except OSError as error:
                lost.append(repr(error))

    asking = threading.Thread(target=ask)
    asking.start()
    try:
        world.deploys.prepare(ENV, release)
        bring(world.deploys, release)
        until(lambda: answers[-1] == version)
    finally:
        ended.set()
        asking.join()
    world.deploys.retire(ENV, keep=1)
    assert not any(map(processes.alive, earlier.started.values()))
    assert processes.find(f"{identity(world.state)}:{ENV}::forwarder") is None
    assert len(world.living()) == 7 and world.started() == (version,)
    # nobody took those that asked in that moment
    told = re.compile("Connection refused|Connection reset|closed connection without response")
    assert [problem for problem in lost if not told.search(problem)] == []


def test_it_can_be_gone_back_to(earlier: Earlier) -> None:
    world = earlier.world
    world.deploy("v2")
    world.deploys.retire(ENV, keep=1)
    world.deploys.rollback(ENV)
    assert world.served()["version"] == "v1" and "v1" in world.started()


def test_a_takeover_that_was_killed_half_way_is_ended_by_the_next_command(
    earlier: Earlier,
) -> None:
    world = earlier.world
    state = json.loads(earlier.home.file.read_text())
    # it had left its ports, and the proxy had not taken them
    migrated = world.state_of().model_copy(update={"listen": {}})
    assert state["listen"]
    earlier.home.save(migrated)
    forwarder = processes.find(f"{identity(world.state)}:{ENV}::forwarder")
    assert forwarder is not None
    processes.nudge(forwarder)
    until(lambda: not any(map(processes.taken_by, world.ports)))
    bring(world.deploys, earlier.release)
    assert world.served()["version"] == "v1" and not processes.alive(forwarder)


def test_it_can_be_ended(earlier: Earlier) -> None:
    earlier.world.deploys.down(ENV)
    assert earlier.world.living() == set()
    assert not earlier.home.path.exists()
