"""Runs services as processes of this machine: a version is started beside the serving one, and a
forwarder pointed to it.

Every write holds the environment's lock, says in its file what it is about to start, and can be
said again after a kill at any point.
"""

from datetime import datetime
from pathlib import Path
from typing import Final, Iterable

from devflow.adapters.deploys import commands, health, launch
from devflow.adapters.deploys.state import (
    PREPARED,
    Deployment,
    EnvironmentState,
    Home,
    Place,
    Prepared,
)
from devflow.adapters.git.exports import GitExports
from devflow.adapters.machine import processes
from devflow.adapters.machine.captured import NO_SECRETS
from devflow.adapters.machine.children import Processes
from devflow.adapters.machine.processes import Process
from devflow.adapters.machine.secrets import Mask
from devflow.model.bounds.commands import text_of
from devflow.model.command_line import command_line
from devflow.model.declared.services import in_order
from devflow.model.environments import Environment, Running
from devflow.model.errors import StepFailed
from devflow.model.marks import UNMARKED, Mark
from devflow.model.wording import short_version
from devflow.ports.deploys import Release

SWITCHED_WITHIN_S: Final = 5.0  # s for the public ports to answer; a forwarder starts in 0.1 s


class LocalDeploys:
    """The port ``Deploys`` for a repository at ``root``; all it keeps is under ``state_dir``."""

    def __init__(self, root: Path, state_dir: Path, mask: Mask = NO_SECRETS) -> None:
        self._repository = GitExports(root, None)
        self._state_dir = state_dir
        self._mask = mask
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
        deployment = state.deployment(state.current)
        if deployment is None:
            return Environment(
                name=name, version="", commit="", services=(), rolled_back=state.rolled_back
            )
        return Environment(
            name=name,
            version=deployment.version,
            commit=deployment.commit,
            services=tuple(_running(home, state, deployment, one) for one in deployment.placed),
            previous=state.previous,
            rolled_back=state.rolled_back,
            since=deployment.since,
        )

    def environments(self) -> tuple[str, ...]:
        """See the port."""
        return tuple(sorted(file.parent.name for file in self._state_dir.glob("*/state.json")))

    def versions(self, name: str) -> tuple[str, ...]:
        """See the port."""
        state = self._home(name).load() or EnvironmentState()
        alive = [one for one in state.held if all(map(processes.alive, one.processes))]
        return tuple(one.version for one in alive)

    def start(self, name: str, release: Release, *, mark: Mark = UNMARKED) -> None:
        """See the port. A version that runs is left alone, unless its services are declared
        otherwise than they were."""
        home = self._home(name)
        with home.locked():
            state = home.load() or EnvironmentState()
            deployment = Deployment(
                version=release.version, commit=release.commit, services=release.services
            )
            known = state.deployment(release.version)
            if known is not None:
                known = _with_processes(home, known)
                places = _at_public_ports(known, release)
                deployment = deployment.model_copy(update={"placed": places, "since": known.since})
                if known.services == release.services and not launch.unwell(deployment):
                    home.save(state.keeping(deployment))
                    return
                processes.end(known.processes)
            deployment = deployment.model_copy(update={"placed": _places(release)})
            self._launch(home, state, deployment, release.ready_within_s)

    def switch(self, name: str, version: str) -> None:
        """See the port. A forwarder that was killed is started again."""
        home = self._home(name)
        with home.locked():
            state = home.load() or EnvironmentState()
            deployment = state.deployment(version)
            if deployment is None:
                raise _not_switched(name, f"{short_version(version)} was never started")
            problem = launch.unwell(deployment)
            if problem:
                raise _not_switched(name, problem)
            self._point(home, state, deployment)

    def retire(self, name: str, keep: int) -> None:
        """See the port. A version that was started and never served is ended too."""
        home = self._home(name)
        with home.locked():
            state = home.load() or EnvironmentState()
            served = tuple(deployment for deployment in state.held if deployment.since)
            rest = served[: keep + 1]
            _forget(home, (deployment for deployment in state.held if deployment not in rest))
            home.save(state.model_copy(update={"held": rest}))

    def rollback(self, name: str) -> None:
        """See the port. Said again it does nothing, until another version was switched to."""
        home = self._home(name)
        with home.locked():
            state = home.load() or EnvironmentState()
            if state.rolled_back:
                return
            deployment = state.deployment(state.previous)
            if deployment is None:
                hint = f"{command_line('status')} shows what runs in {name}"
                raise StepFailed(f"{name} has no version to go back to", where=name, hint=hint)
            if launch.unwell(deployment):
                processes.end(deployment.processes)
                deployment = self._launch(home, state, deployment, Release.ready_within_s)
            self._point(home, state.keeping(deployment), deployment, taken_back=state.current)

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
            processes.end([_forwarder(home, state)])
            _forget(home, state.held)
            kept = {"rolled_back": state.rolled_back, "prepared": state.prepared}
            home.save(EnvironmentState.model_validate(kept))

    def _home(self, name: str) -> Home:
        return Home(self._state_dir, name)

    def _launch(
        self, home: Home, state: EnvironmentState, deployment: Deployment, ready_within_s: float
    ) -> Deployment:
        """Starts every service of a release on its ports; where one does not come up, all end and
        the state is as before."""
        commands.refuse_unset(deployment.services.items())
        code = home.export(self._repository, deployment.commit, deployment.version)
        for service in deployment.services:
            deployment = deployment.with_process(service, None)
        # the intent: from here on a process without a recorded pid is looked for by its marker
        home.save(state.keeping(deployment))
        # before anything serves: it ends what serves where the repository is removed
        running = _forwarder(home, state) or launch.spawn_forwarder(home)
        before = state
        state = state.model_copy(update={"forwarder": running})
        ready = False
        try:
            for service in _in_order(deployment):
                launch.await_needs(home, deployment, service, ready_within_s)
                state = self._prepare(home, state, deployment, service)
                before = before.model_copy(update={"prepared": state.prepared})
                process = commands.spawn(home, code, deployment, service)
                deployment = deployment.with_process(service, process)
            home.save(state.keeping(deployment))
            launch.await_ready(home, deployment, ready_within_s, deployment.services)
            ready = True
        finally:
            if not ready:
                processes.end(deployment.processes)
                if not before.held:
                    processes.end([running])
                home.save(before)
        return deployment

    def _prepare(
        self, home: Home, state: EnvironmentState, deployment: Deployment, service: str
    ) -> EnvironmentState:
        """Runs what has to be done before a service starts, unless it was done for this version."""
        command = deployment.services[service].before
        done = Prepared(version=deployment.version, service=service, command=text_of(command))
        if not command or done in state.prepared:
            return state
        commands.prepare(home, deployment, service, self._mask, self._processes)
        prepared = (*state.prepared, done)
        state = state.model_copy(update={"prepared": prepared[-PREPARED:]})
        # at once: a command that is killed from here on has done it
        home.save(state.keeping(deployment))
        return state

    def _point(
        self, home: Home, state: EnvironmentState, deployment: Deployment, taken_back: str = ""
    ) -> None:
        """Points the public ports to a release and asks it through them; where it does not answer,
        all is pointed back."""
        running = _forwarder(home, state)
        _refuse_taken(port for port in deployment.listen if not (running and port in state.listen))
        pointed = state.serving(deployment, datetime.now().astimezone(), taken_back)
        home.save(pointed.model_copy(update={"forwarder": running}))
        if running:
            processes.nudge(running)
        else:
            running = launch.spawn_forwarder(home)
            home.save(pointed.model_copy(update={"forwarder": running}))
        problem = launch.await_public(deployment, running, SWITCHED_WITHIN_S)
        if problem:
            home.save(state.model_copy(update={"forwarder": running}))
            processes.nudge(running)
            if not state.listen:
                processes.end([running])
            hint = f"see {home.forwarder_log}, then: {command_line('ship')}"
            problem = f"{home.name} was switched back: {problem}"
            raise StepFailed(problem, where=home.name, hint=hint)


def _not_switched(name: str, problem: str) -> StepFailed:
    problem = f"{name} was not switched: {problem}"
    return StepFailed(problem, where=name, hint=command_line("ship"))


def _forget(home: Home, deployments: Iterable[Deployment]) -> None:
    for deployment in deployments:
        processes.end(_with_processes(home, deployment).processes)
        home.forget(deployment.version)


def _forwarder(home: Home, state: EnvironmentState) -> Process | None:
    if processes.alive(state.forwarder):
        return state.forwarder
    return processes.find(home.marker("", "forwarder"))


def _with_processes(home: Home, deployment: Deployment) -> Deployment:
    """With the processes whose command was killed between their start and the record of it."""
    for service, place in deployment.placed.items():
        if place.process is None:
            process = processes.find(home.marker(deployment.version, service))
            deployment = deployment.with_process(service, process)
    return deployment


def _places(release: Release) -> dict[str, Place]:
    ports = processes.free_ports(len(release.services))
    places: dict[str, Place] = {}
    for port, (name, service) in zip(ports, release.services.items()):
        places[name] = Place(port=port, public_port=service.port + release.port_offset)
    return places


def _at_public_ports(known: Deployment, release: Release) -> dict[str, Place]:
    """The places of what runs already, on the public ports of today's release."""
    moved: dict[str, Place] = {}
    for service, place in known.placed.items():
        public_port = known.services[service].port + release.port_offset
        moved[service] = place.model_copy(update={"public_port": public_port})
    return moved


def _refuse_taken(ports: Iterable[int]) -> None:
    for port in ports:
        owner = processes.taken_by(port)
        if owner:
            hint = "end it, or set another port_offset (or the service's port) in pipeline.yaml"
            problem = f"port {port} is taken by {owner}"
            raise StepFailed(problem, where=f"127.0.0.1:{port}", hint=hint)


def _in_order(deployment: Deployment) -> tuple[str, ...]:
    return in_order({name: one.needs for name, one in deployment.services.items()})


def _running(home: Home, state: EnvironmentState, deployment: Deployment, service: str) -> Running:
    place = deployment.placed[service]
    check = deployment.services[service].health
    answer = health.ask(place.public_port, check)
    process = place.process
    started_as = ""
    if check.version is None and launch.is_forwarded(_forwarder(home, state), place):
        is_own = processes.listens(process, place.port)
        started_as = deployment.version if is_own else ""
    return Running(
        service=service,
        url=f"http://127.0.0.1:{place.public_port}",
        pid=process.pid if process and processes.alive(process) else 0,
        version=answer.version,
        status=answer.status,
        latency_ms=answer.latency_ms,
        problem=answer.problem,
        wanted_status=check.wanted_status,
        tells_version=check.version is not None,
        started_as=started_as,
    )
