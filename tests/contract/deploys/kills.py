"""A command that changes an environment is killed at each point on its way: one version serves
through it, and what is said again ends as without the kill."""

import contextlib
import pickle
import signal
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from devflow.model.declared.environments import ProxyName
from devflow.model.environments import Environment
from devflow.ports.deploys import Release
from tests.contract.deploys.launcher import VERBS
from tests.contract.deploys.load import Load
from tests.contract.deploys.world import ENV, World, bring, opened, until

OLD = "v1"
NEW = "v2"
# what is said of a canary
DECIDES = ("promote", "abort")
CLIENTS = 2
# to both services, after a kill and after the end
ASKED = 20


@dataclass(frozen=True)
class End:
    """What an environment has come to."""

    version: str
    previous: str
    rolled_back: str
    # version, share, replicas that are well
    held: tuple[tuple[str, int, int], ...]
    processes: int


@dataclass(frozen=True)
class Whole:
    """A verb that nobody killed: every point that it passed, and what it came to."""

    points: tuple[str, ...]
    end: End


@cache
def whole(verb: str, proxy: ProxyName) -> Whole:
    """Played once for all points."""
    with tempfile.TemporaryDirectory(prefix="devflow-faults-") as folder:
        with opened(Path(folder), proxy) as world:
            release = _made_ready(world, verb)
            with launched(world, release, verb) as running:
                _, said = running.communicate()
            assert running.returncode == 0, said
            points = _passed(world).read_text().splitlines()
            return Whole(tuple(points), end_of(world))


def killed_at(verb: str, proxy: ProxyName, point: str) -> str:
    """Kills the verb at a point, and says it again. Answers what was wrong with that."""
    with tempfile.TemporaryDirectory(prefix="devflow-faults-") as folder:
        with opened(Path(folder), proxy) as world:
            release = _made_ready(world, verb)
            with Load(world.ports, CLIENTS) as load:
                with launched(world, release, verb, point) as running:
                    running.communicate()
                if running.returncode != -signal.SIGKILL:
                    return f"it ended with {running.returncode} before it came to this point"
                load.until(load.asked + ASKED)
                served = {str(world.served(port)["version"]) for port in world.ports}
                VERBS[verb](world.deploys, release)
                load.until(load.asked + ASKED)
            if load.failures:
                return f"{len(load.failures)} of {load.asked} failed: {load.failures[:3]}"
            # both have a part of the requests until a canary is decided on
            if not served <= {OLD, NEW} or (len(served) > 1 and verb not in DECIDES):
                return f"after the kill the services were of {sorted(served)}"
            return _difference(world, whole(verb, proxy).end)


def _difference(world: World, wanted: End) -> str:
    """A haproxy that another has replaced ends with its last connection, a moment later."""
    with contextlib.suppress(AssertionError):
        until(lambda: end_of(world) == wanted)
    end = end_of(world)
    return "" if end == wanted else f"it ended as {end}, not as {wanted}"


def end_of(world: World) -> End:
    """What the environment has come to, as it answers."""
    environment = world.deploys.environment(ENV)
    assert environment is not None
    return End(
        environment.version,
        environment.previous,
        environment.rolled_back,
        tuple(_held(environment)),
        len(world.of_replicas()),
    )


def _held(environment: Environment) -> "list[tuple[str, int, int]]":
    held = []
    for one in environment.held:
        well = [replica for replica in one.replicas if replica.is_well]
        held.append((one.version, one.share_pct, len(well)))
    return held


def launched(
    world: World, release: Release, verb: str = "switch", point: str = "", limit_bytes: int = 0
) -> "subprocess.Popen[str]":
    """Another devflow, which is killed at a point, or finds no room."""
    told = world.root.with_name("release")
    told.write_bytes(pickle.dumps(release))
    passed = str(_passed(world))
    argv = (str(world.root), str(world.state), str(told), verb, passed, point, str(limit_bytes))
    command = (sys.executable, "-m", "tests.contract.deploys.launcher", *argv)
    pipe = subprocess.PIPE
    root = Path(__file__).parents[3]
    return subprocess.Popen(command, cwd=root, stdout=pipe, stderr=pipe, text=True)


def _passed(world: World) -> Path:
    return world.root.with_name("passed")


def _made_ready(world: World, verb: str) -> Release:
    """An environment in which the verb has something to do; answers the release that is meant."""
    replicas = 2 if verb in DECIDES else 1
    world.settings = world.settings.model_copy(update={"replicas": replicas})
    bring(world.deploys, world.release(OLD), replicas=replicas)
    release = world.release(NEW)
    if verb == "rollback":
        bring(world.deploys, release)
        world.deploys.retire(ENV, keep=1)
    if verb in DECIDES:
        world.deploys.prepare(ENV, release)
        world.deploys.scale(ENV, NEW, 1)
        world.deploys.share(ENV, {OLD: 90, NEW: 10})
    return release
