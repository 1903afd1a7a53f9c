"""The port ``Deploys`` where services, processes, ports or commands fail."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
import urllib.error
from pathlib import Path

import pytest

from devflow.adapters.deploys.local import LocalDeploys
from devflow.adapters.machine import processes
from devflow.model.errors import StepFailed
from devflow.ports.deploys import Release
from tests.contract.deploys.world import ENV, World, until

LISTENER = """
import socket, sys, time

taken = socket.create_server(("127.0.0.1", int(sys.argv[1])))
time.sleep(60)
"""


def test_a_service_that_dies_at_its_start_is_named_with_its_last_log_lines_and_what_served_stays(
    world: World,
) -> None:
    world.deploy("v1")
    before = world.living()
    last_words = "(?s)ended before it was ready.*the model file is missing"
    with pytest.raises(StepFailed, match=last_words) as raised:
        world.deploys.start(ENV, world.release("v2", answer="broken"))
    assert raised.value.hint
    assert world.served()["version"] == "v1" and world.living() == before
    assert world.deploys.versions(ENV) == ("v1",)


def test_a_service_that_answers_as_another_version_is_refused(world: World) -> None:
    with pytest.raises(StepFailed, match="answers as stale, which is not v1"):
        world.deploys.start(ENV, world.release("v1", answer="stale"))
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
    port = world.ports[1]
    command = (sys.executable, "-c", LISTENER, str(port))
    with subprocess.Popen(command, stderr=subprocess.DEVNULL) as owner:
        try:
            until(lambda: bool(processes.taken_by(port)))
            world.deploys.start(ENV, world.release("v1"))
            problem = rf"port {port} is taken by pid {owner.pid} \(python"
            with pytest.raises(StepFailed, match=problem) as raised:
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


def test_a_killed_forwarder_is_seen_and_the_next_switch_starts_another(world: World) -> None:
    world.deploy("v1")
    os.kill(world.pid_of_forwarder(), signal.SIGKILL)
    until(lambda: not processes.taken_by(world.ports[0]))
    silent = world.deploys.environment(ENV)
    assert silent is not None
    answers = [(one.status, bool(one.problem)) for one in silent.services]
    assert answers == [(0, True), (0, True)]
    with pytest.raises(urllib.error.URLError):
        world.served()
    world.deploys.switch(ENV, "v1")
    assert world.served()["version"] == "v1"


def test_processes_that_a_killed_command_had_not_recorded_are_found_again(world: World) -> None:
    release = world.deploy("v1")
    before = world.living()
    _forget_pids(world.state / ENV / "state.json")
    world.deploys.start(ENV, release)
    world.deploys.switch(ENV, "v1")
    assert world.living() == before
    assert len(world.deploys.versions(ENV)) == 1


def test_a_repository_that_was_moved_finds_what_serves_by_its_identity(world: World) -> None:
    world.deploy("v1")
    serving = world.living()
    moved = world.state.with_name("moved")
    world.state.rename(moved)
    assert world.served()["version"] == "v1"
    _forget_pids(moved / ENV / "state.json")
    deploys = LocalDeploys(world.root, moved)
    # a copy is another repository: nothing of the first one is its own
    copied = world.state.with_name("copied")
    shutil.copytree(moved, copied)
    LocalDeploys(world.root, copied).down(ENV)
    assert world.living() == serving
    deploys.down(ENV)
    assert world.living() == set()


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere the forwarder ends alone")
def test_what_serves_from_a_removed_repository_ends(world: World) -> None:
    # also what was started and never switched to
    world.deploys.start(ENV, world.release("v1"))
    forwarder = world.pid_of_forwarder()
    assert len(world.living()) == 3
    shutil.rmtree(world.state)
    # it looks once a minute by itself
    os.kill(forwarder, signal.SIGHUP)
    until(lambda: world.living() == set())


def _forget_pids(file: Path) -> None:
    """As after a command that was killed before it wrote down what it had started."""
    state = json.loads(file.read_text())
    for placed in state["held"][0]["placed"].values():
        placed["process"] = None
    file.write_text(json.dumps({**state, "forwarder": None}))


DEPLOYER = """
import sys, pathlib
from devflow.adapters.deploys.local import LocalDeploys
from devflow.model.declared.project import Service
from devflow.ports.deploys import Release

root, state, commit, version, *ports = sys.argv[1:]
run = ("python", "service.py", "{port}", "{state}", "{pages_url}")
services = {
    name: Service(path=".", port=int(port), run=run) for name, port in zip(("api", "pages"), ports)
}
deploys = LocalDeploys(pathlib.Path(root), pathlib.Path(state))
print("begin", flush=True)
deploys.start("development", Release(commit, version, services))
deploys.switch("development", version)
deploys.retire("development", keep=1)
"""


@pytest.mark.parametrize("after_s", [0.02, 0.08, 0.15, 0.22, 0.3, 0.45])
def test_one_version_serves_after_a_kill_at_any_moment_and_the_next_command_finishes(
    world: World, after_s: float
) -> None:
    world.deploy("v1")
    release = world.release("v2")
    where = (str(world.root), str(world.state), release.commit, "v2", *map(str, world.ports))
    command = (sys.executable, "-c", DEPLOYER, *where)
    with subprocess.Popen(command, stdout=subprocess.PIPE) as deployer:
        assert deployer.stdout is not None and deployer.stdout.readline()
        time.sleep(after_s)
        deployer.kill()
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


def test_a_commit_that_is_not_here_is_said_so(world: World) -> None:
    release = world.release("v1")
    with pytest.raises(StepFailed, match="git knows no tree"):
        world.deploys.start(ENV, Release("0" * 40, "v1", release.services))
    assert world.living() == set()
