"""The port ``Deploys`` where services, processes, ports or commands fail."""

import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import urllib.error
from dataclasses import replace
from pathlib import Path

import pytest

from devflow.adapters.deploys import supervise
from devflow.adapters.deploys.local import LocalDeploys
from devflow.adapters.machine import processes
from devflow.model.errors import StepFailed
from tests.contract.deploys.world import ENV, World, bring, until

LISTENER = """
import socket, sys, time

taken = socket.create_server(("127.0.0.1", int(sys.argv[1])))
time.sleep(60)
"""


def test_a_service_that_dies_at_its_start_is_named_with_its_last_log_lines_and_what_served_stays(
    world: World,
) -> None:
    world.deploy("v1")
    before = world.serving()
    last_words = "(?s)ended before it was ready.*the model file is missing"
    with pytest.raises(StepFailed, match=last_words) as raised:
        bring(world.deploys, world.release("v2", answer="broken"))
    assert raised.value.hint
    assert world.served()["version"] == "v1" and world.serving() == before
    assert world.started() == ("v1",)


def test_a_service_that_answers_as_another_version_is_refused(world: World) -> None:
    with pytest.raises(StepFailed, match="answers as stale, which is not v1"):
        bring(world.deploys, world.release("v1", answer="stale"))
    assert world.living() == set() and world.started() == ()


def test_a_service_that_is_never_ready_is_given_up_after_the_time_it_has(world: World) -> None:
    release = world.release("v1", within_s=0.3)
    mute = {"api": release.services["api"].model_copy(update={"run": ("sleep", "60")})}
    with pytest.raises(StepFailed, match="not ready within 0.3 s"):
        bring(world.deploys, replace(release, services=mute))
    assert world.living() == set()


def test_a_taken_public_port_is_refused_with_its_owner_before_anything_is_changed(
    world: World,
) -> None:
    port = world.ports[1]
    command = (sys.executable, "-c", LISTENER, str(port))
    with subprocess.Popen(command, stderr=subprocess.DEVNULL) as owner:
        try:
            until(lambda: bool(processes.taken_by(port)))
            problem = rf"port {port} is taken by pid {owner.pid} \(python"
            with pytest.raises(StepFailed, match=problem) as raised:
                bring(world.deploys, world.release("v1"))
            assert "port_offset" in raised.value.hint
            assert processes.taken_by(world.ports[0]) == ""
        finally:
            owner.kill()


def test_a_version_that_was_never_prepared_gets_nothing(world: World) -> None:
    world.deploy("v1")
    with pytest.raises(StepFailed, match="v2 was never prepared"):
        world.deploys.share(ENV, {"v2": 100})
    with pytest.raises(StepFailed, match="v2 was never prepared"):
        world.deploys.scale(ENV, "v2", 1)
    assert world.served()["version"] == "v1"


def test_a_version_whose_replicas_are_gone_gets_nothing_until_they_are_scaled_again(
    world: World,
) -> None:
    world.deploy("v1")
    release = world.release("v2")
    world.deploys.prepare(ENV, release)
    world.deploys.scale(ENV, "v2", 1)
    world.kill(world.supervisors("v2")[:1])
    until(lambda: world.started() == ("v1",))
    with pytest.raises(StepFailed, match="does not run"):
        world.deploys.share(ENV, {"v2": 100})
    assert world.served()["version"] == "v1"
    bring(world.deploys, release)
    assert world.served()["version"] == "v2"


def test_a_replica_that_was_killed_is_back_by_itself_and_its_restart_is_told(world: World) -> None:
    world.deploy("v1")
    before = world.pids("v1")
    world.kill(before)
    until(lambda: world.started() == ("v1",))
    environment = world.deploys.environment(ENV)
    assert environment is not None
    assert [replica.restarts for replica in environment.held[0].replicas] == [1, 1]
    assert not before & world.pids("v1")
    assert world.served()["version"] == "v1"


def test_a_replica_that_keeps_ending_is_given_up_told_and_brought_back_by_the_next_scale(
    world: World,
) -> None:
    world.deploy("v1")
    for _ in range(supervise.RESTARTS + 1):
        before = world.replica("api").id
        world.kill([int(before)])
        until(lambda: world.replica("api").given_up or world.replica("api").id not in ("", before))
    down = world.replica("api")
    assert down.given_up and not down.is_well and down.restarts == supervise.RESTARTS
    assert down.problem == "does not run: ended by signal 9"
    world.deploys.scale(ENV, "v1", 1)
    back = world.replica("api")
    assert back.is_well and not back.given_up and back.restarts == 0
    assert world.served()["version"] == "v1"


def test_everything_that_ended_with_the_machine_is_told_and_brought_back(world: World) -> None:
    release = world.deploy("v1")
    world.kill(world.living())
    environment = world.deploys.environment(ENV)
    assert environment is not None
    assert [one.status for one in environment.services] == [0, 0]
    assert [one.is_well for one in environment.held[0].replicas] == [False, False]
    # somebody else was given the ports of before
    slots = world.state_of().held[0]
    with contextlib.ExitStack() as others:
        for port in (*slots.inner_ports.values(), *(slot.port for slot in slots.slots)):
            others.enter_context(socket.create_server(("127.0.0.1", port)))
        bring(world.deploys, release)
        assert world.served()["version"] == "v1" and len(world.living()) == 7


def test_a_rollback_starts_the_previous_version_again(world: World) -> None:
    world.deploy("v1")
    world.deploy("v2")
    world.deploys.retire(ENV, keep=1)
    world.deploys.rollback(ENV)
    assert world.served()["version"] == "v1"


def test_a_canary_that_is_taken_back_leaves_everything_to_the_version_that_serves(
    world: World,
) -> None:
    world.deploy("v1")
    release = world.release("v2")
    world.deploys.prepare(ENV, release)
    world.deploys.scale(ENV, "v2", 1)
    world.deploys.share(ENV, {"v1": 90, "v2": 10})
    answers = {world.served()["version"] for _ in range(20)}
    assert answers == {"v1", "v2"}
    for _ in range(2):
        world.deploys.rollback(ENV)
        environment = world.deploys.environment(ENV)
        assert environment is not None
        assert (environment.version, environment.rolled_back) == ("v1", "v2")
        assert {world.served()["version"] for _ in range(20)} == {"v1"}


def test_a_killed_proxy_is_seen_and_the_next_share_starts_another(world: World) -> None:
    world.deploy("v1")
    running = world.proxy.process()
    assert running is not None
    world.kill(world.of_proxy())
    until(lambda: not processes.taken_by(world.ports[0]))
    silent = world.deploys.environment(ENV)
    assert silent is not None
    answers = [(one.status, bool(one.problem)) for one in silent.services]
    assert answers == [(0, True), (0, True)]
    with pytest.raises(urllib.error.URLError):
        world.served()
    world.deploys.share(ENV, {"v1": 100})
    assert world.served()["version"] == "v1"


def test_processes_that_a_killed_command_had_not_recorded_are_found_again(world: World) -> None:
    release = world.deploy("v1")
    before = world.serving()
    _forget_pids(world.state / ENV / "state.json")
    bring(world.deploys, release)
    assert world.serving() == before
    assert len(world.started()) == 1


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
    shutil.copytree(moved, copied, ignore=shutil.ignore_patterns("*.sock"))
    LocalDeploys(world.root, copied).down(ENV)
    assert world.living() == serving
    deploys.down(ENV)
    assert world.living() == set()


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere the proxy ends alone")
def test_what_serves_from_a_removed_repository_ends(world: World) -> None:
    # also what was started and was never given anything
    release = world.release("v1")
    world.deploys.prepare(ENV, release)
    world.deploys.scale(ENV, "v1", 1)
    keeper = world.proxy.process()
    assert keeper is not None and len(world.living()) == 7
    shutil.rmtree(world.state)
    # it looks every few seconds by itself
    processes.nudge(keeper)
    until(lambda: world.living() == set())


def _forget_pids(file: Path) -> None:
    """As after a command that was killed before it wrote down what it had started."""
    state = json.loads(file.read_text())
    for slot in state["held"][0]["slots"]:
        slot["process"] = None
    file.write_text(json.dumps(state))


def test_a_version_that_flaps_is_given_up_and_gets_nothing(world: World) -> None:
    world.deploy("v1")
    release = world.release("flaps")
    world.deploys.prepare(ENV, release)
    world.deploys.scale(ENV, "flaps", 1)
    until(lambda: all(one.given_up for one in world.replicas("flaps")), within_s=60)
    assert [one.restarts for one in world.replicas("flaps")] == [supervise.RESTARTS] * 2
    with pytest.raises(StepFailed, match="does not run"):
        world.deploys.share(ENV, {"flaps": 100})
    assert world.served()["version"] == "v1"
    world.deploys.retire(ENV, keep=1)
    assert world.started() == ("v1",) and len(world.of_replicas()) == 4


def test_two_checkouts_deploy_beside_each_other(world: World, tmp_path: Path) -> None:
    (tmp_path / "second").mkdir()
    other = World(tmp_path / "second")
    try:
        world.deploy("v1")
        other.deploy("v2")
        assert world.served()["version"] == "v1" and other.served()["version"] == "v2"
        assert not world.living() & other.living()
        # who holds a port is named, also where it is another checkout
        other.ports = world.ports
        with pytest.raises(StepFailed, match=rf"port {world.ports[0]} is taken by pid"):
            other.deploy("v3")
    finally:
        other.deploys.down(ENV)
    assert other.living() == set() and world.served()["version"] == "v1"


def test_a_pid_that_was_given_to_somebody_else_is_never_touched(world: World) -> None:
    world.deploy("v1")
    stranger = subprocess.Popen(("sleep", "60"), start_new_session=True)
    with stranger:
        file = world.state / ENV / "state.json"
        state = json.loads(file.read_text())
        slot = next(one for one in state["held"][0]["slots"] if one["service"] == "api")
        orphan = slot["process"]["pid"]
        slot["process"] = {"pid": stranger.pid, "started_s": slot["process"]["started_s"] - 1000}
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
        world.deploys.prepare(ENV, replace(release, commit="0" * 40))
    assert world.living() == set()
