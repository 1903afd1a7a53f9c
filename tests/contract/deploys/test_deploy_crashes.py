"""The port ``Deploys`` where devflow itself is killed, or finds no room: one version serves, and
the next command ends what was begun."""

import pickle
import signal
import subprocess
import sys
import time

import pytest

from devflow.ports.deploys import Release
from tests.contract.deploys.world import ENV, World, bring

DEPLOYER = """
import os, pathlib, pickle, resource, signal, sys
from devflow.adapters.deploys.local import LocalDeploys
from devflow.adapters.proxy.local import LocalProxy

root, state, release, moment, limit_bytes = sys.argv[1:]
release = pickle.loads(pathlib.Path(release).read_bytes())
if int(limit_bytes):
    # for whoever writes, a limit on files is what a full disk is
    resource.setrlimit(resource.RLIMIT_FSIZE, (int(limit_bytes), int(limit_bytes)))


class Dying(LocalProxy):
    passed = 0

    def apply(self, table):
        self.pass_by()
        super().apply(table)
        self.pass_by()

    def pass_by(self):
        Dying.passed += 1
        if Dying.passed == int(moment):
            os.kill(os.getpid(), signal.SIGKILL)


deploys = LocalDeploys(pathlib.Path(root), pathlib.Path(state), make_proxy=Dying)
print("begin", flush=True)
deploys.prepare("development", release)
deploys.scale("development", release.version, 1)
deploys.share("development", {release.version: 100})
deploys.retire("development", keep=1)
print("passed", Dying.passed, flush=True)
"""
# before and after each of the tables that the proxy is given in one update
MOMENTS = 10


def deployer(
    world: World, release: Release, moment: int = 0, limit_bytes: int = 0
) -> "subprocess.Popen[str]":
    """Another devflow, which deploys; it is killed at a moment, or finds no room."""
    told = world.root.with_name("release")
    told.write_bytes(pickle.dumps(release))
    where = (str(world.root), str(world.state), str(told), str(moment), str(limit_bytes))
    command = (sys.executable, "-c", DEPLOYER, *where)
    pipe = subprocess.PIPE
    return subprocess.Popen(command, stdout=pipe, stderr=pipe, text=True)


def finishes(world: World, release: Release) -> None:
    """One version serves now, and the next command ends what was begun."""
    assert world.served()["version"] in ("v1", "v2")
    bring(world.deploys, release)
    world.deploys.retire(ENV, keep=1)
    assert world.served()["version"] == "v2" and world.started() == ("v2",)
    # two services of one version, each with what keeps it alive
    assert len(world.of_replicas()) == 4


def test_the_moments_of_an_update_are_as_many_as_are_tried(world: World) -> None:
    world.deploy("v1")
    with deployer(world, world.release("v2")) as running:
        said, _ = running.communicate()
    assert said.split() == ["begin", "passed", str(MOMENTS)]


@pytest.mark.parametrize("moment", range(1, MOMENTS + 1))
def test_one_version_serves_after_a_kill_at_each_moment_and_the_next_command_finishes(
    world: World, moment: int
) -> None:
    world.deploy("v1")
    release = world.release("v2")
    with deployer(world, release, moment) as running:
        running.communicate()
    assert running.returncode == -signal.SIGKILL
    finishes(world, release)


@pytest.mark.parametrize("after_s", [0.05, 0.2, 0.4])
def test_one_version_serves_after_a_kill_at_any_time_and_the_next_command_finishes(
    world: World, after_s: float
) -> None:
    world.deploy("v1")
    release = world.release("v2")
    with deployer(world, release) as running:
        assert running.stdout is not None and running.stdout.readline()
        time.sleep(after_s)
        running.kill()
    finishes(world, release)


@pytest.mark.parametrize("limit_bytes", [1, 1024, 4096])
def test_where_there_is_no_room_it_is_said_and_what_served_serves_on(
    world: World, limit_bytes: int
) -> None:
    world.deploy("v1")
    release = world.release("v2")
    with deployer(world, release, limit_bytes=limit_bytes) as running:
        _, problem = running.communicate()
    assert running.returncode == 1 and "StorageFailed" in problem.splitlines()[-1], problem
    assert world.served()["version"] == "v1"
    finishes(world, release)
