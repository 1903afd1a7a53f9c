"""A command that changes an environment is killed at each point on its way: one version serves
through it, and what is said again ends as without the kill."""

import contextlib
import os
import pickle
import re
import signal
import tempfile
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Iterator, Mapping

from devflow.model.declared.environments import ProxyName
from devflow.model.environments import Environment
from devflow.ports.deploys import Release
from tests.contract.deploys import launcher
from tests.contract.deploys.launcher import VERBS
from tests.contract.deploys.load import Load
from tests.contract.deploys.world import ENV, World, bring, opened, until
from tests.forked import Started

# what a version is called in a point and in an end, whatever its name is
OLD = "old"
NEW = "new"
GONE = "gone"
# what is said of a canary
DECIDES = ("promote", "abort")
CLIENTS = 2
# s between a client's answer and what it asks next: with a service of Python it is the requests
# that a try costs most of, where they follow one another at once
APART_S = 0.004
# to both services, after a kill and after the end
ASKED = 20
WRITTEN_OVER = ("state.part", "proxy/table.json.part")
# characters of what a command has said
SAID = 300


@dataclass(frozen=True)
class End:
    """What an environment has come to."""

    version: str
    previous: str
    rolled_back: str
    # version, share, replicas that are well
    held: tuple[tuple[str, int, int], ...]
    processes: int
    # kinds of files in its folder, without what lies in a version's code
    files: frozenset[str]


@dataclass(frozen=True)
class Whole:
    """A verb that nobody killed: every point that it passed, and what it came to."""

    points: tuple[str, ...]
    end: End


@dataclass(frozen=True)
class Round:
    """A verb that is about to be said: what it brings, and what each version is called."""

    release: Release
    roles: Mapping[str, str]


class Stage:
    """A verb behind a proxy that is killed again and again, in one world: each round brings a
    version more, and begins where the one before has ended, as it is with people's environments.
    A world in which anything was wrong is left, and the next round begins with another."""

    def __init__(self, verb: str, proxy: ProxyName) -> None:
        self._verb = verb
        self._proxy = proxy
        self._held = contextlib.ExitStack()
        self._world: World | None = None
        self._rounds = 0

    @cached_property
    def whole(self) -> Whole:
        """Played once for all points."""
        world = self._opened()
        begun = self._begun(world)
        with launched(world, begun.release, self._verb, roles=begun.roles) as running:
            code, said = running.ended()
        assert code == 0, said
        points = _passed(world).read_text().splitlines()
        return Whole(tuple(points), end_of(world, begun.roles))

    def killed_at(self, point: str, then: str = "") -> str:
        """Kills the verb at a point, says it again, and once more where what was said again comes
        to the point ``then``, at which it is killed too. Answers what was wrong with that."""
        wanted = self.whole.end
        world = self._opened()
        problem = "it was not played to its end"
        try:
            problem = self._played(world, wanted, point, then)
        finally:
            if problem:
                self.leave()
        return problem

    def leave(self) -> None:
        """Ends the world. Nothing of it may be left running."""
        self._world = None
        self._held.close()

    def _opened(self) -> World:
        if self._world is None:
            folder = tempfile.TemporaryDirectory(prefix="devflow-faults-")
            path = Path(self._held.enter_context(folder))
            world = self._held.enter_context(opened(path, self._proxy))
            replicas = 2 if self._verb in DECIDES else 1
            world.settings = world.settings.model_copy(update={"replicas": replicas})
            bring(world.deploys, world.release(self._name()), replicas=replicas)
            # the first one finds nothing that others have left to it
            VERBS[self._verb](world.deploys, self._begun(world).release)
            self._world = world
        return self._world

    def _name(self) -> str:
        self._rounds += 1
        return f"v{self._rounds:04}"

    def _begun(self, world: World) -> Round:
        """An environment in which the verb has something to do."""
        before = _environment(world)
        roles = {one.version: GONE for one in before.held}
        release = world.release(self._name())
        roles |= {before.version: OLD, release.version: NEW}
        if self._verb == "rollback":
            bring(world.deploys, release)
            world.deploys.retire(ENV, keep=1)
        if self._verb in DECIDES:
            world.deploys.prepare(ENV, release)
            world.deploys.scale(ENV, release.version, 1)
            world.deploys.share(ENV, {before.version: 90, release.version: 10})
        return Round(release, roles)

    def _played(self, world: World, wanted: End, point: str, then: str) -> str:
        begun = self._begun(world)
        with Load(world.ports, CLIENTS, APART_S) as load:
            with launched(world, begun.release, self._verb, point, roles=begun.roles) as running:
                code, _ = running.ended()
            if code != -signal.SIGKILL:
                return f"it ended with {code} before it came to this point"
            load.until(load.asked + ASKED)
            versions = {str(world.served(port)["version"]) for port in world.ports}
            served = {begun.roles.get(version, version) for version in versions}
            problem = self._said_again(world, begun, then)
            if problem:
                return problem
            load.until(load.asked + ASKED)
        if load.failures:
            return f"{len(load.failures)} of {load.asked} failed: {load.failures[:3]}"
        # both have a part of the requests until a canary is decided on
        if not served <= {OLD, NEW} or (len(served) > 1 and self._verb not in DECIDES):
            return f"after the kill the services were of {sorted(served)}"
        return _difference(world, begun.roles, wanted)

    def _said_again(self, world: World, begun: Round, then: str) -> str:
        """Says the verb until it is done; what was wrong with that."""
        if then:
            with launched(world, begun.release, self._verb, then, roles=begun.roles) as again:
                code, said = again.ended()
            if code != -signal.SIGKILL:
                # it did not come to its point, and has done all of it
                return f"said again it ended with {code}: {said[-SAID:]}" if code else ""
        VERBS[self._verb](world.deploys, begun.release)
        return ""


def _difference(world: World, roles: Mapping[str, str], wanted: End) -> str:
    """A haproxy that another has replaced ends with its last connection, a moment later; what ends
    while it is counted is seen once."""
    seen: list[End] = []

    def is_wanted() -> bool:
        seen.append(end_of(world, roles))
        return seen[-1] == wanted

    with contextlib.suppress(AssertionError):
        until(is_wanted)
    end = seen[-1]
    left = sorted(end.files - wanted.files)
    lost = sorted(wanted.files - end.files)
    if left or lost:
        return f"left {left}, lost {lost}; it ended as {_short(end)}, not as {_short(wanted)}"
    return "" if end == wanted else f"it ended as {_short(end)}, not as {_short(wanted)}"


def _short(end: End) -> str:
    return str(replace(end, files=frozenset()))


def end_of(world: World, roles: Mapping[str, str]) -> End:
    """What the environment has come to, as it answers."""
    environment = _environment(world)
    return End(
        roles.get(environment.version, environment.version),
        roles.get(environment.previous, environment.previous),
        roles.get(environment.rolled_back, environment.rolled_back),
        tuple(_held(environment, roles)),
        len(world.of_replicas()),
        frozenset(_files(world, roles)),
    )


def _environment(world: World) -> Environment:
    environment = world.deploys.environment(ENV)
    assert environment is not None
    return environment


def _held(environment: Environment, roles: Mapping[str, str]) -> "list[tuple[str, int, int]]":
    held = []
    for one in environment.held:
        well = [replica for replica in one.replicas if replica.is_well]
        held.append((roles.get(one.version, one.version), one.share_pct, len(well)))
    return held


def _files(world: World, roles: Mapping[str, str]) -> Iterator[str]:
    """What lies in the environment's folder, but for a version's own files: `api.N.log` whatever
    number a replica has, since what a killed command has begun may be counted. What is being
    written when a command is killed is written over by the next that writes there."""
    home = world.state / ENV
    for place in home.rglob("*"):
        folder, *inner = place.relative_to(home).parts
        if folder != "code" or len(inner) < 2:
            name = "/".join((folder, *inner))
            for version, role in roles.items():
                name = name.replace(version, role)
            if name not in WRITTEN_OVER:
                yield re.sub(r"\d+", "N", name)


def launched(
    world: World,
    release: Release,
    verb: str = "switch",
    point: str = "",
    limit_bytes: int = 0,
    roles: Mapping[str, str] | None = None,
) -> Started:
    """Another devflow, which is killed at a point, or finds no room."""
    told = world.root.with_name("release")
    told.write_bytes(pickle.dumps((release, dict(roles or {}))))
    passed = str(_passed(world))
    argv = (str(world.root), str(world.state), str(told), verb, passed, point, str(limit_bytes))
    root = Path(__file__).parents[3]
    return Started(launcher.main, ("launcher", *argv), root, os.environ)


def _passed(world: World) -> Path:
    return world.root.with_name("passed")
