"""The port ``Deploys`` on real processes: a tiny service whose version is what its own file says."""

import itertools
import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from contextlib import closing
from pathlib import Path
from typing import Callable, Iterator

import psutil
import pytest

from devflow.adapters.deploys.local import LocalDeploys
from devflow.adapters.machine import processes
from devflow.model.errors import StepFailed, UsageError
from devflow.model.project import Service
from devflow.ports.deploys import Release

SERVICE = """
import http.server, json, os, pathlib, sys

VERSION = pathlib.Path("version.txt").read_text().strip()
if VERSION == "broken":
    sys.exit("the model file is missing")


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        body = json.dumps({"version": VERSION, "pid": os.getpid(), "argv": sys.argv[1:]}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


http.server.ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
"""
ENV = "development"


def public_ports(count: int) -> list[int]:
    """Ports below those that the system gives out by itself, so that nobody else is given one
    between now and the switch."""
    return list(
        itertools.islice(
            (
                port
                for port in random.sample(range(20000, 32000), 200)
                if not processes.taken_by(port)
            ),
            count,
        )
    )


class World:
    """A repository with one commit a version, and a port to deploy it from."""

    def __init__(self, path: Path) -> None:
        self.root, self.state = path / "repo", path / "deploys"
        self.root.mkdir()
        self.git("init", "-q", "-b", "main")
        (self.root / "service.py").write_text(SERVICE)
        (self.root / ".gitattributes").write_text("version.txt export-ignore\n")
        self.ports = public_ports(2)
        self.deploys = LocalDeploys(self.root, self.state)

    def git(self, *argv: str) -> str:
        identity = ("-c", "user.name=Test", "-c", "user.email=test@example.com")
        return subprocess.run(
            ("git", *identity, *argv), cwd=self.root, check=True, capture_output=True, text=True
        ).stdout.strip()

    def release(self, version: str, said: str = "", within_s: float = 20.0) -> Release:
        """A new commit whose services answer ``said``."""
        (self.root / "version.txt").write_text(said or version)
        self.git("add", "-A")
        self.git("commit", "-q", "--allow-empty", "-m", version)
        run = ("python", "service.py", "{port}", "{state}", "{pages_url}")
        services = {
            name: Service(path=".", port=port, run=run)
            for name, port in zip(("api", "pages"), self.ports)
        }
        return Release(self.git("rev-parse", "HEAD"), version, services, ready_within_s=within_s)

    def deploy(self, version: str) -> Release:
        release = self.release(version)
        self.deploys.start(ENV, release)
        self.deploys.switch(ENV, version)
        return release

    def served(self, port: int | None = None) -> dict[str, object]:
        with closing(
            urllib.request.urlopen(f"http://127.0.0.1:{port or self.ports[0]}/health", timeout=5)
        ) as answer:
            body: dict[str, object] = json.load(answer)
        return body

    def living(self) -> set[int]:
        """Every process that was started from this world, children included."""
        found = set()
        for process in psutil.process_iter():
            try:
                marked = str(self.state) in process.environ().get(processes.MARKER, "")
                if marked and process.status() != psutil.STATUS_ZOMBIE:
                    found.add(process.pid)
            except (psutil.Error, OSError):
                continue
        return found

    def pid_of_forwarder(self) -> int:
        return int(json.loads((self.state / ENV / "state.json").read_text())["forwarder"]["pid"])


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = World(tmp_path)
    yield made
    for name in made.deploys.environments():
        made.deploys.down(name)
    assert made.living() == set()


def until(claim: Callable[[], bool], within_s: float = 5.0) -> None:
    deadline = time.monotonic() + within_s
    while not claim():
        assert time.monotonic() < deadline, "it did not come to be"
        time.sleep(0.02)


def test_nothing_is_known_of_an_environment_that_was_never_deployed_to(world: World) -> None:
    assert world.deploys.environment(ENV) is None
    assert world.deploys.environments() == ()
    world.deploys.down(ENV)
    assert not world.state.exists()


def test_a_version_that_was_started_and_switched_to_answers_as_itself_on_the_public_ports(
    world: World,
) -> None:
    release = world.deploy("v1")
    environment = world.deploys.environment(ENV)
    assert environment is not None
    assert (environment.version, environment.commit, environment.previous) == (
        "v1",
        release.commit,
        "",
    )
    assert [(one.service, one.status, one.version) for one in environment.services] == [
        ("api", 200, "v1"),
        ("pages", 200, "v1"),
    ]
    assert [one.url for one in environment.services] == [
        f"http://127.0.0.1:{port}" for port in world.ports
    ]
    assert environment.services[0].pid == world.served()["pid"]


def test_port_state_and_the_urls_of_the_same_version_are_filled_into_the_command(
    world: World,
) -> None:
    world.deploy("v1")
    _, state, pages = world.served()["argv"]
    assert Path(state) == world.state / ENV / "data" / "api" and Path(state).is_dir()
    assert world.served(int(pages.rpartition(":")[2]))["pid"] == world.served(world.ports[1])["pid"]


def test_starting_and_switching_twice_is_done_once(world: World) -> None:
    release = world.deploy("v1")
    before, since = world.living(), world.deploys.environment(ENV)
    world.deploys.start(ENV, release)
    world.deploys.switch(ENV, "v1")
    after = world.deploys.environment(ENV)
    assert world.living() == before and len(before) == 3
    assert since is not None and after is not None and after.since == since.since


def test_a_client_that_keeps_asking_loses_nothing_across_switches_and_a_rollback(
    world: World,
) -> None:
    world.deploy("v1")
    seen: list[object] = []
    failures: list[str] = []
    ended = threading.Event()

    def ask() -> None:
        while not ended.is_set():
            try:
                seen.append(world.served()["version"])
            except (OSError, ValueError) as error:
                failures.append(repr(error))

    asking = threading.Thread(target=ask)
    asking.start()
    try:
        for version in ("v2", "v3"):
            world.deploy(version)
            world.deploys.retire(ENV, keep=1)
        until(lambda: seen[-1] == "v3")
        world.deploys.rollback(ENV)
        until(lambda: seen[-1] == "v2")
    finally:
        ended.set()
        asking.join()
    assert failures == []
    assert list(dict.fromkeys(seen)) == ["v1", "v2", "v3"] and len(seen) > 100


def test_a_service_that_dies_at_its_start_is_named_with_its_last_log_lines_and_what_served_stays(
    world: World,
) -> None:
    world.deploy("v1")
    before = world.living()
    with pytest.raises(
        StepFailed, match="(?s)ended before it was ready.*the model file is missing"
    ) as raised:
        world.deploys.start(ENV, world.release("v2", said="broken"))
    assert raised.value.hint
    assert world.served()["version"] == "v1" and world.living() == before
    assert world.deploys.versions(ENV) == ("v1",)


def test_a_service_that_answers_as_another_version_is_refused(world: World) -> None:
    with pytest.raises(StepFailed, match="answers as stale, which is not v1"):
        world.deploys.start(ENV, world.release("v1", said="stale"))
    assert world.living() == set() and world.deploys.versions(ENV) == ()


def test_a_service_that_is_never_ready_is_given_up_after_the_time_it_has(world: World) -> None:
    release = world.release("v1", within_s=0.3)
    mute = {"api": release.services["api"].model_copy(update={"run": ("sleep", "60")})}
    with pytest.raises(StepFailed, match="not ready within 0.3 s"):
        world.deploys.start(ENV, Release(release.commit, "v1", mute, ready_within_s=0.3))
    assert world.living() == set()


def test_a_taken_public_port_is_refused_with_its_owner_before_anything_is_changed(
    world: World,
) -> None:
    listening = "import socket, sys, time; taken = socket.create_server(('127.0.0.1', int(sys.argv[1]))); time.sleep(60)"
    with subprocess.Popen(
        (sys.executable, "-c", listening, str(world.ports[1])), stderr=subprocess.DEVNULL
    ) as owner:
        try:
            until(lambda: bool(processes.taken_by(world.ports[1])))
            world.deploys.start(ENV, world.release("v1"))
            with pytest.raises(
                StepFailed, match=rf"port {world.ports[1]} is taken by pid {owner.pid} \(python"
            ) as raised:
                world.deploys.switch(ENV, "v1")
            assert "port_offset" in raised.value.hint
            assert processes.taken_by(world.ports[0]) == ""
        finally:
            owner.kill()


def test_a_version_that_was_never_started_cannot_be_switched_to(world: World) -> None:
    world.deploy("v1")
    with pytest.raises(StepFailed, match="v2 was never started"):
        world.deploys.switch(ENV, "v2")
    assert world.served()["version"] == "v1"


def test_a_version_whose_process_was_killed_is_not_switched_to_and_is_started_again(
    world: World,
) -> None:
    world.deploy("v1")
    release = world.release("v2")
    world.deploys.start(ENV, release)
    killed = world.living() - {world.pid_of_forwarder()}
    os.kill(max(killed), signal.SIGKILL)
    until(lambda: world.deploys.versions(ENV) == ("v1",))
    with pytest.raises(StepFailed, match="does not run"):
        world.deploys.switch(ENV, "v2")
    world.deploys.start(ENV, release)
    world.deploys.switch(ENV, "v2")
    assert world.served()["version"] == "v2" and len(world.living()) == 5


def test_a_rollback_goes_back_once_and_remembers_the_version_until_another_is_brought(
    world: World,
) -> None:
    world.deploy("v1")
    world.deploy("v2")
    for _ in range(2):
        world.deploys.rollback(ENV)
        environment = world.deploys.environment(ENV)
        assert environment is not None
        assert (environment.version, environment.rolled_back, environment.previous) == (
            "v1",
            "v2",
            "",
        )
    assert world.served()["version"] == "v1"
    world.deploy("v3")
    brought = world.deploys.environment(ENV)
    assert brought is not None and (brought.rolled_back, brought.previous) == ("", "v1")


def test_a_rollback_starts_the_previous_version_again_where_its_processes_are_gone(
    world: World,
) -> None:
    world.deploy("v1")
    first = world.living() - {world.pid_of_forwarder()}
    world.deploy("v2")
    for pid in first:
        os.kill(pid, signal.SIGKILL)
    world.deploys.rollback(ENV)
    assert world.served()["version"] == "v1"


def test_there_is_no_rollback_from_the_first_version(world: World) -> None:
    world.deploy("v1")
    with pytest.raises(StepFailed, match="no version to go back to"):
        world.deploys.rollback(ENV)
    assert world.served()["version"] == "v1"


def test_retiring_keeps_the_serving_version_and_those_before_it_that_are_asked_for(
    world: World,
) -> None:
    for version in ("v1", "v2", "v3"):
        world.deploy(version)
    world.deploys.start(ENV, world.release("never-served"))
    for _ in range(2):
        world.deploys.retire(ENV, keep=1)
        assert world.deploys.versions(ENV) == ("v3", "v2")
        assert len(world.living()) == 5
    assert sorted(folder.name for folder in (world.state / ENV / "code").iterdir()) == ["v2", "v3"]


def test_a_killed_forwarder_is_seen_and_the_next_switch_starts_another(world: World) -> None:
    world.deploy("v1")
    os.kill(world.pid_of_forwarder(), signal.SIGKILL)
    until(lambda: not processes.taken_by(world.ports[0]))
    silent = world.deploys.environment(ENV)
    assert silent is not None and [(one.status, bool(one.problem)) for one in silent.services] == [
        (0, True),
        (0, True),
    ]
    with pytest.raises(urllib.error.URLError):
        world.served()
    world.deploys.switch(ENV, "v1")
    assert world.served()["version"] == "v1"


def test_processes_that_a_killed_command_had_not_recorded_are_found_again(world: World) -> None:
    release = world.deploy("v1")
    before = world.living()
    file = world.state / ENV / "state.json"
    state = json.loads(file.read_text())
    for placed in state["held"][0]["placed"].values():
        placed["process"] = None
    file.write_text(json.dumps({**state, "forwarder": None}))
    world.deploys.start(ENV, release)
    world.deploys.switch(ENV, "v1")
    assert world.living() == before
    assert len(world.deploys.versions(ENV)) == 1


DEPLOYER = """
import sys, pathlib
from devflow.adapters.deploys.local import LocalDeploys
from devflow.model.project import Service
from devflow.ports.deploys import Release

root, state, commit, version, *ports = sys.argv[1:]
run = ("python", "service.py", "{port}", "{state}", "{pages_url}")
services = {name: Service(path=".", port=int(port), run=run) for name, port in zip(("api", "pages"), ports)}
deploys = LocalDeploys(pathlib.Path(root), pathlib.Path(state))
print("begin", flush=True)
deploys.start("development", Release(commit, version, services))
deploys.switch("development", version)
deploys.retire("development", keep=1)
"""


@pytest.mark.parametrize("after_s", [0.02, 0.08, 0.15, 0.22, 0.3, 0.45])
def test_a_command_killed_at_any_moment_leaves_one_version_serving_and_the_next_one_ends_in_the_same_state(
    world: World, after_s: float
) -> None:
    world.deploy("v1")
    release = world.release("v2")
    where = (str(world.root), str(world.state), release.commit, "v2", *map(str, world.ports))
    with subprocess.Popen(
        (sys.executable, "-c", DEPLOYER, *where), stdout=subprocess.PIPE
    ) as command:
        assert command.stdout is not None and command.stdout.readline()
        time.sleep(after_s)
        command.kill()
    assert world.served()["version"] in ("v1", "v2")
    world.deploys.start(ENV, release)
    world.deploys.switch(ENV, "v2")
    world.deploys.retire(ENV, keep=1)
    assert world.served()["version"] == "v2" and world.deploys.versions(ENV) == ("v2", "v1")
    # two services of two versions, and one forwarder
    assert len(world.living()) == 5


def test_a_pid_that_was_given_to_somebody_else_is_never_touched(world: World) -> None:
    world.deploy("v1")
    stranger = subprocess.Popen(("sleep", "60"), start_new_session=True)
    with stranger:
        file = world.state / ENV / "state.json"
        state = json.loads(file.read_text())
        state["held"][0]["placed"]["api"]["process"]["pid"] = stranger.pid
        state["held"][0]["placed"]["api"]["process"]["started_s"] -= 1000
        orphan = int(str(world.served()["pid"]))
        file.write_text(json.dumps(state))
        world.deploys.down(ENV)
        try:
            assert stranger.poll() is None
        finally:
            stranger.kill()
            os.kill(orphan, signal.SIGKILL)


def test_down_leaves_no_process_and_keeps_what_the_services_wrote(world: World) -> None:
    world.deploy("v1")
    world.deploy("v2")
    (world.state / ENV / "data" / "api" / "rows").write_text("1")
    for _ in range(2):
        world.deploys.down(ENV)
        assert world.living() == set()
        environment = world.deploys.environment(ENV)
        assert environment is not None and (environment.version, environment.services) == ("", ())
    assert world.deploys.environments() == (ENV,) and world.deploys.versions(ENV) == ()
    assert (world.state / ENV / "data" / "api" / "rows").read_text() == "1"
    world.deploy("v2")
    assert world.served()["version"] == "v2"


def test_two_environments_stand_beside_each_other_on_shifted_ports(world: World) -> None:
    release = world.deploy("v1")
    offset = public_ports(1)[0] - world.ports[0]
    services = {"api": release.services["api"]}
    world.deploys.start("production", Release(release.commit, "v1", services, port_offset=offset))
    world.deploys.switch("production", "v1")
    assert world.served(world.ports[0] + offset)["pid"] != world.served()["pid"]
    world.deploys.down("production")
    assert world.served()["version"] == "v1"


def test_an_environment_is_never_a_path(world: World) -> None:
    with pytest.raises(UsageError):
        world.deploys.environment("../elsewhere")


def test_a_commit_that_is_not_here_is_said_so(world: World) -> None:
    release = world.release("v1")
    with pytest.raises(StepFailed, match="git knows no tree"):
        world.deploys.start(ENV, Release("0" * 40, "v1", release.services))
    assert world.living() == set()
