"""Runs versions of services on this machine: each with replicas of its own, behind a proxy that
spreads requests over them.

Every write holds the environment's lock, says in its file what it is about to do, and can be said
again after a kill at any point.
"""

import contextlib
from datetime import datetime
from importlib import import_module
from pathlib import Path
from typing import Callable, Final, Iterator, Mapping

from devflow.adapters.deploys import launch
from devflow.adapters.deploys.earlier import forwarder_of, taken_over
from devflow.adapters.deploys.exports import Exports
from devflow.adapters.deploys.home import Home
from devflow.adapters.deploys.looked import held_of, running_of
from devflow.adapters.deploys.preparing import Preparing
from devflow.adapters.deploys.processes_target import ProcessesTarget
from devflow.adapters.deploys.scaling import Scaling
from devflow.adapters.deploys.spread import public_ports, table_of, traffic_of
from devflow.adapters.deploys.state import Deployment, EnvironmentState
from devflow.adapters.deploys.target import Target
from devflow.adapters.machine import processes
from devflow.adapters.machine.captured import NO_SECRETS
from devflow.adapters.machine.children import Processes
from devflow.adapters.masking.secrets import Mask
from devflow.adapters.proxy.local import LocalProxy
from devflow.adapters.proxy.port import Kind
from devflow.model.command_line import command_line
from devflow.model.environments import Environment, Traffic
from devflow.model.errors import StepFailed
from devflow.model.marks import UNMARKED, Mark
from devflow.model.wording import short_version
from devflow.ports.deploys import Release

ANSWERED_WITHIN_S: Final = 5.0  # s for the public ports to answer; a proxy starts in 0.2 s

MakeProxy = Callable[[Path, str, Kind], LocalProxy]


class LocalDeploys:
    """The port ``Deploys`` for a repository at ``root``; all it keeps is under ``state_dir``."""

    def __init__(
        self,
        root: Path,
        state_dir: Path,
        mask: Mask = NO_SECRETS,
        make_proxy: MakeProxy = LocalProxy,
    ) -> None:
        self._repository = Exports(root)
        self._state_dir = state_dir
        self._mask = mask
        self._make_proxy = make_proxy
        self._processes = Processes()

    def stop_all(self) -> None:
        """Ends what runs before a version starts; services run on."""
        self._processes.stop_all()

    def environment(self, name: str) -> Environment | None:
        """See the port. ``version`` is empty where everything was ended by ``down``."""
        home = self._home(name)
        state = home.load()
        if state is None:
            return None
        proxy = self._proxy(home, state)
        current = state.deployment(state.current)
        services = current.services if current else ()
        running = forwarder_of(home, state) if state.listen else proxy.process()
        return Environment(
            name=name,
            version=current.version if current else "",
            commit=current.commit if current else "",
            services=tuple(
                running_of(self._target(home, current), running, current, one)
                for one in services
                if current
            ),
            previous=state.previous if current else "",
            rolled_back=state.rolled_back,
            refused=state.refused,
            verdicts=state.verdicts,
            since=current.since if current else None,
            held=tuple(held_of(self._target(home, one), state, one) for one in state.held),
            leaving=state.leaving,
            target=state.settings.target if state.held else "",
            proxy=proxy.kind(),
            keepers_lost=proxy.keepers_lost() if running else 0,
            is_unkept=running is None and proxy.is_there(),
            stopped_keeper=proxy.stopped_pid() if running else 0,
            unheld_s=proxy.unheld_s() if running else 0.0,
        )

    def environments(self) -> tuple[str, ...]:
        """See the port."""
        return tuple(sorted(file.parent.name for file in self._state_dir.glob("*/state.json")))

    def traffic(self, name: str) -> tuple[Traffic, ...]:
        """See the port."""
        home = self._home(name)
        state = home.load() or EnvironmentState()
        return tuple(traffic_of(state, self._proxy(home, state).figures()))

    def log(self, name: str, service: str, lines: int) -> Mapping[str, tuple[str, ...]]:
        """See the port."""
        home = self._home(name)
        state = home.load() or EnvironmentState()
        logs: dict[str, tuple[str, ...]] = {}
        for deployment in state.held:
            for slot in deployment.of(service):
                text = self._mask(self._target(home, deployment).log(deployment, slot))
                replica = f"{short_version(deployment.version)} {service} {slot.index}"
                logs[replica] = tuple(text.splitlines()[-lines:])
        return logs

    def prepare(self, name: str, release: Release, *, mark: Mark = UNMARKED) -> None:
        """See the port. What was done for this version is not done again."""
        home = self._home(name)
        with home.locked():
            state = home.load() or EnvironmentState()
            proxy = self._make_proxy(home.proxy, home.marker("", "proxy"), release.settings.proxy)
            preparing = Preparing(home, proxy, self._mask, self._processes)
            deployment = preparing.declared(state, release)
            preparing.prepare(self._target(home, deployment), state, deployment)

    def scale(self, name: str, version: str, replicas: int) -> None:
        """See the port. Replicas that run and answer are left alone, unless the version is declared
        otherwise than they were started."""
        with self._opened(name) as (home, state):
            deployment = _held(home, state, version)
            self._scaling(home, state, deployment).to(replicas)

    def share(self, name: str, shares: Mapping[str, int]) -> None:
        """See the port. A proxy that was killed is started again."""
        with self._opened(name) as (home, state):
            if sum(shares.values()) != 100 or any(share < 0 for share in shares.values()):
                raise StepFailed(f"the shares of {name} come to {sum(shares.values())}, not to 100")
            for version, share in shares.items():
                deployment = _held(home, state, version)
                problem = launch.unwell(self._target(home, deployment), deployment) if share else ""
                if problem:
                    raise _not_given(name, problem)
            self._give(home, state, state.sharing(shares, ""))

    def retire(self, name: str, keep: int) -> None:
        """See the port."""
        with self._opened(name) as (home, state):
            served = tuple(one for one in state.held if one.since or state.shares.get(one.version))
            rest = {one.version for one in served[: keep + 1]} | set(state.shares)
            for deployment in state.held:
                if not state.shares.get(deployment.version):
                    names = {slot.name for slot in deployment.slots}
                    state = self._scaling(home, state, deployment).end(names)
                if deployment.version not in rest:
                    self._target(home, deployment).forget(deployment)
                    held = tuple(one for one in state.held if one.version != deployment.version)
                    state = state.model_copy(update={"held": held})
                    home.save(state)
            if state.leaving:
                home.save(state.model_copy(update={"leaving": ()}))

    def rollback(self, name: str, by: str = "") -> None:
        """See the port. Said again it does nothing, until another version was given requests."""
        with self._opened(name) as (home, state):
            back, taken_back = _way_back(state)
            deployment = state.deployment(back)
            if deployment is None:
                hint = f"{command_line('status')} shows what runs in {name}"
                raise StepFailed(f"{name} has no version to go back to", where=name, hint=hint)
            target = self._target(home, deployment)
            if launch.unwell(target, deployment):
                scaling = self._scaling(home, state, deployment)
                state = scaling.to(deployment.settings.replicas)
            pointed = state.sharing({back: 100}, taken_back)
            pointed = pointed.taking_back(taken_back, by, datetime.now().astimezone())
            if taken_back == state.current:
                # what served runs on, to be looked at, until another version is brought
                pointed = pointed.model_copy(update={"leaving": state.leaving})
            self._give(home, state, pointed)

    def lift(self, name: str, version: str) -> None:
        """See the port."""
        with self._opened(name) as (home, state):
            home.save(state.lifting(version))

    def down(self, name: str) -> None:
        """See the port.

        What services keep in ``{state}`` stays, and so does the verdict on a version that was
        taken back.
        """
        home = self._home(name)
        if home.load() is None:
            return
        with home.locked():
            state = home.load() or EnvironmentState()
            processes.end([forwarder_of(home, state)])
            self._proxy(home, state).stop()
            for deployment in state.held:
                self._target(home, deployment).end(deployment, deployment.slots)
            for deployment in state.held:
                self._target(home, deployment).forget(deployment)
                self._target(home, deployment).leave()
            home.save(state.remembered)
            home.leave()

    def _home(self, name: str) -> Home:
        return Home(self._state_dir, name)

    def _proxy(self, home: Home, state: EnvironmentState) -> LocalProxy:
        return self._make_proxy(home.proxy, home.marker("", "proxy"), state.settings.proxy)

    def _target(self, home: Home, deployment: Deployment) -> Target:
        if deployment.settings.target == "docker":
            # half a second to import, and most environments are processes
            module = import_module("devflow.adapters.deploys.docker_target")
            target: Target = module.DockerTarget(home, module.Engines())
            return target
        return ProcessesTarget(home, self._repository)

    def _scaling(self, home: Home, state: EnvironmentState, deployment: Deployment) -> Scaling:
        target = self._target(home, deployment)
        return Scaling(home, target, self._proxy(home, state), state, deployment)

    @contextlib.contextmanager
    def _opened(self, name: str) -> Iterator[tuple[Home, EnvironmentState]]:
        """An environment that nobody else writes to, with everything as today's devflow has it."""
        home = self._home(name)
        with home.locked():
            state = home.load() or EnvironmentState()
            proxy = self._proxy(home, state)
            state = _at_free_ports(state, is_served=proxy.is_there())
            yield home, taken_over(home, proxy, state)

    def _give(self, home: Home, state: EnvironmentState, pointed: EnvironmentState) -> None:
        """Shares requests out and asks the public ports; where they do not answer, all is as
        before."""
        proxy = self._proxy(home, pointed)
        # the intent
        home.save(pointed)
        is_given = False
        try:
            proxy.apply(table_of(pointed))
            problem = _public_problem(pointed, proxy)
            if problem:
                hint = f"see {proxy.log}, then: {command_line('ship')}"
                problem = f"{home.name} was given back: {problem}"
                raise StepFailed(problem, where=home.name, hint=hint)
            is_given = True
        finally:
            if not is_given:
                home.save(state)
                with contextlib.suppress(StepFailed):
                    proxy.apply(table_of(state))
        for version, share in pointed.shares.items():
            if share == 100:
                home.save(pointed.serving(version, datetime.now().astimezone()))


def _way_back(state: EnvironmentState) -> tuple[str, str]:
    """The version that a rollback gives everything to, and the one that it takes everything
    from."""
    if state.rolled_back:
        # what was said before, to its end
        return next(iter(state.shares), state.current), state.rolled_back
    others = [version for version in state.shares if version != state.current]
    if others and state.deployment(state.current):
        return state.current, others[0]
    return state.previous, state.current


def _public_problem(state: EnvironmentState, proxy: LocalProxy) -> str:
    running = proxy.process()
    if running is None:
        return "its proxy ended"
    sharing = [one for one in state.held if state.shares.get(one.version)]
    return launch.await_public(sharing, running, public_ports(state), ANSWERED_WITHIN_S)


def _held(home: Home, state: EnvironmentState, version: str) -> Deployment:
    deployment = state.deployment(version)
    if deployment is None or not deployment.is_prepared:
        raise _not_given(home.name, f"{short_version(version)} was never prepared")
    return deployment


def _not_given(name: str, problem: str) -> StepFailed:
    text = f"{name} was left as it is: {problem}"
    return StepFailed(text, where=name, hint=command_line("ship"))


def _at_free_ports(state: EnvironmentState, is_served: bool) -> EnvironmentState:
    """With inner ports that nobody else has taken since the proxy left them."""
    for deployment in state.held:
        # of those that run they are the proxy's
        if is_served and deployment.slots:
            continue
        ports = deployment.inner_ports
        lost = [service for service, port in ports.items() if not processes.is_free(port)]
        if lost:
            renewed = {**ports, **dict(zip(lost, processes.free_ports(len(lost))))}
            known = deployment.model_copy(update={"inner_ports": renewed})
            state = state.keeping(known)
    return state
