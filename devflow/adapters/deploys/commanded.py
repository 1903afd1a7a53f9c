"""Deploys by a team's own commands: what replicas and proxies there are is theirs, and devflow
remembers which version was brought and asks their commands whether it serves.

A version gets everything or nothing. Each command may be said twice: one whose outcome is not known
is said again.
"""

import contextlib
from datetime import datetime
from pathlib import Path
from typing import Mapping

from devflow.adapters.deploys import commands
from devflow.adapters.deploys.exports import Exports
from devflow.adapters.deploys.home import Home
from devflow.adapters.deploys.state import Deployment, EnvironmentState
from devflow.adapters.deploys.team_commands import TeamCommands
from devflow.adapters.machine.children import Processes
from devflow.adapters.masking.secrets import Mask
from devflow.model.command_line import command_line
from devflow.model.environments import Environment, Held, Running, Traffic
from devflow.model.errors import StepFailed
from devflow.model.marks import UNMARKED, Mark
from devflow.model.wording import short_version
from devflow.ports.deploys import Release

WHOLE: frozenset[int] = frozenset({0, 100})


class CommandDeploys:
    """The port ``Deploys`` for environments whose target is ``command``."""

    def __init__(self, root: Path, state_dir: Path, mask: Mask) -> None:
        self._repository = Exports(root)
        self._state_dir = state_dir
        self._mask = mask
        self._processes = Processes()

    def stop_all(self) -> None:
        """Ends the command that runs."""
        self._processes.stop_all()

    def environment(self, name: str) -> Environment | None:
        """See the port. ``version`` is what was brought last; each service tells what the team's
        command says."""
        home = self._home(name)
        state = home.load()
        if state is None:
            return None
        current = state.deployment(state.current)
        return Environment(
            name=name,
            version=current.version if current else "",
            commit=current.commit if current else "",
            services=self._services(home, current) if current else (),
            previous=state.previous if current else "",
            rolled_back=state.rolled_back,
            refused=state.refused,
            verdicts=state.verdicts,
            since=current.since if current else None,
            held=tuple(_held(state, one) for one in state.held),
            target="command",
        )

    def environments(self) -> tuple[str, ...]:
        """See the port."""
        return tuple(sorted(file.parent.name for file in self._state_dir.glob("*/state.json")))

    def traffic(self, name: str) -> tuple[Traffic, ...]:
        """See the port: nothing is counted here."""
        return ()

    def log(self, name: str, service: str, lines: int) -> Mapping[str, tuple[str, ...]]:
        """See the port: what the commands printed, whichever service was asked for."""
        home = self._home(name)
        state = home.load() or EnvironmentState()
        logs: dict[str, tuple[str, ...]] = {}
        for deployment in state.held:
            for command in ("deploy", "health", "version", "rollback"):
                text = home.printed(deployment.version, command)
                if text:
                    title = f"{short_version(deployment.version)} {command}"
                    logs[title] = tuple(text.splitlines()[-lines:])
        return logs

    def prepare(self, name: str, release: Release, *, mark: Mark = UNMARKED) -> None:
        """See the port. What services declare as ``before`` is the matter of the team's command."""
        home = self._home(name)
        with home.locked():
            state = home.load() or EnvironmentState()
            known = state.deployment(release.version)
            deployment = Deployment(
                version=release.version,
                commit=release.commit,
                services=release.services,
                port_offset=release.port_offset,
                digests=dict(release.digests),
                images=release.images,
                settings=release.settings,
                since=known.since if known else None,
                is_prepared=True,
            )
            commands.refuse_unset(name, deployment)
            self._commands(home, deployment).refuse()
            if not home.code(release.version).is_dir():
                home.export(self._repository, release.commit, release.version)
            home.save(state.keeping(deployment))

    def scale(self, name: str, version: str, replicas: int) -> None:
        """See the port: how many there are is the matter of the team's command."""
        home = self._home(name)
        _known(home, home.load() or EnvironmentState(), version)

    def share(self, name: str, shares: Mapping[str, int]) -> None:
        """See the port. Raises ``StepFailed`` for anything but everything or nothing."""
        home = self._home(name)
        if sum(shares.values()) != 100 or not WHOLE.issuperset(shares.values()):
            problem = (
                f"{name} is deployed by a command, which gives a version everything or nothing"
            )
            hint = "set strategy: blue-green, or another target for it"
            raise StepFailed(problem, where=name, hint=hint)
        version = next(one for one, share in shares.items() if share)
        with home.locked():
            state = home.load() or EnvironmentState()
            told = self._commands(home, _known(home, state, version))
            if state.shares == {version: 100} and not told.problem():
                home.save(_serving(state, version, ""))
                return
            self._bring(home, state, told)
            home.save(_serving(state, version, ""))

    def retire(self, name: str, keep: int) -> None:
        """See the port."""
        home = self._home(name)
        with home.locked():
            state = home.load() or EnvironmentState()
            served = tuple(one for one in state.held if one.since)[: keep + 1]
            for deployment in state.held:
                if deployment not in served:
                    home.forget(deployment.version)
            home.save(state.model_copy(update={"held": served, "leaving": ()}))

    def rollback(self, name: str, by: str = "") -> None:
        """See the port. Said again it does nothing, until another version was brought."""
        home = self._home(name)
        with home.locked():
            state = home.load() or EnvironmentState()
            now = datetime.now().astimezone()
            if state.rolled_back and state.rolled_back != state.current:
                home.save(state.taking_back(state.rolled_back, by, now))
                return
            previous = state.deployment(state.previous)
            if previous is None:
                hint = f"{command_line('status')} shows what runs in {name}"
                raise StepFailed(f"{name} has no version to go back to", where=name, hint=hint)
            told = self._commands(home, previous)
            told.roll_back()
            problem = told.problem()
            if problem:
                raise _not_brought(name, problem)
            taken_back = state.taking_back(state.current, by, now)
            home.save(_serving(taken_back, previous.version, state.current))

    def lift(self, name: str, version: str) -> None:
        """See the port."""
        home = self._home(name)
        with home.locked():
            state = home.load() or EnvironmentState()
            home.save(state.lifting(version))

    def down(self, name: str) -> None:
        """See the port. Raises ``StepFailed`` where anything was brought: no command ends it."""
        home = self._home(name)
        state = home.load()
        if state is None:
            return
        if state.current:
            problem = f"{name} was deployed by your own command, and there is none that ends it"
            hint = f"end it, then remove {home.path}"
            raise StepFailed(problem, where=name, hint=hint)
        with home.locked():
            for deployment in state.held:
                home.forget(deployment.version)
            home.save(state.remembered)
            home.leave()

    def _home(self, name: str) -> Home:
        return Home(self._state_dir, name)

    def _commands(self, home: Home, deployment: Deployment) -> TeamCommands:
        return TeamCommands(home, deployment, self._mask, self._processes)

    def _bring(self, home: Home, state: EnvironmentState, told: TeamCommands) -> None:
        """Says the command that deploys; where the version does not serve then, goes back."""
        # the intent
        home.save(state.sharing({told.deployment.version: 100}, ""))
        is_brought = False
        try:
            told.deploy()
            problem = told.problem()
            if problem:
                raise _not_brought(home.name, problem)
            is_brought = True
        finally:
            if not is_brought:
                home.save(state)
                before = state.deployment(state.current)
                if before is not None and before.version != told.deployment.version:
                    # what cannot be gone back to is told by the team's command in `status`
                    with contextlib.suppress(StepFailed):
                        self._commands(home, before).roll_back()

    def _services(self, home: Home, current: Deployment) -> tuple[Running, ...]:
        told = self._commands(home, current)
        version, problem = told.version()
        problem = problem or told.problem()
        return tuple(
            Running(
                service=service,
                url="",
                pid=0,
                version=version,
                status=0,
                problem=problem,
                wanted_status=0,
            )
            for service in current.services
        )


def _serving(state: EnvironmentState, version: str, rolled_back: str) -> EnvironmentState:
    shared = state.sharing({version: 100}, rolled_back)
    return shared.serving(version, datetime.now().astimezone())


def _held(state: EnvironmentState, deployment: Deployment) -> Held:
    return Held(
        version=deployment.version,
        commit=deployment.commit,
        share_pct=state.shares.get(deployment.version, 0),
        digests=deployment.digests,
        repositories=deployment.repositories,
        since=deployment.since,
    )


def _known(home: Home, state: EnvironmentState, version: str) -> Deployment:
    deployment = state.deployment(version)
    if deployment is None:
        raise _not_brought(home.name, f"{short_version(version)} was never prepared")
    return deployment


def _not_brought(name: str, problem: str) -> StepFailed:
    text = f"{name} was left as it is: {problem}"
    return StepFailed(text, where=name, hint=command_line("ship"))
