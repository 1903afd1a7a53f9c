"""Makes everything ready that a version needs before its first replica starts."""

from dataclasses import dataclass

from devflow.adapters.deploys import commands, reach
from devflow.adapters.deploys.earlier import forwarder_of
from devflow.adapters.deploys.home import Home
from devflow.adapters.deploys.spread import table_of
from devflow.adapters.deploys.state import (
    PREPARED,
    Deployment,
    EnvironmentState,
    Prepared,
    Slot,
)
from devflow.adapters.deploys.target import Target
from devflow.adapters.machine import processes
from devflow.adapters.machine.children import Processes
from devflow.adapters.masking.secrets import Mask
from devflow.adapters.proxy.port import Proxy
from devflow.model.bounds.commands import text_of
from devflow.model.declared.services import is_service
from devflow.model.errors import StepFailed
from devflow.ports.deploys import Release


@dataclass
class Preparing:
    """A locked environment."""

    home: Home
    proxy: Proxy
    mask: Mask
    running: Processes

    def declared(self, state: EnvironmentState, release: Release) -> Deployment:
        """A release, with what is known of its version."""
        known = state.deployment(release.version)
        ports = known.inner_ports if known else {}
        missing = [service for service in release.services if service not in ports]
        inner = {**ports, **dict(zip(missing, processes.free_ports(len(missing))))}
        return Deployment(
            version=release.version,
            commit=release.commit,
            services=release.services,
            port_offset=release.port_offset,
            ready_within_s=release.ready_within_s,
            digests=dict(release.digests),
            images=release.images,
            settings=release.settings,
            rolls=release.rolls,
            inner_ports={service: inner[service] for service in release.services},
            slots=known.slots if known else (),
            since=known.since if known else None,
            is_prepared=known is not None and known.is_prepared,
        )

    def prepare(self, target: Target, state: EnvironmentState, deployment: Deployment) -> None:
        """Prepares a version, or leaves what serves as it is."""
        commands.refuse_unset(self.home.name, deployment)
        self._refuse_taken(state, deployment)
        known = state.deployment(deployment.version)
        # the intent: from here on it is known what to take away
        self.home.save(state.keeping(deployment))
        try:
            target.prepare(deployment)
            for service in deployment.order:
                state = self._run_before(target, state, deployment, service)
            known = deployment.model_copy(update={"is_prepared": True})
        finally:
            if known is not None:
                self.home.save(state.keeping(known))

    def _run_before(
        self, target: Target, state: EnvironmentState, deployment: Deployment, service: str
    ) -> EnvironmentState:
        """Runs what has to be done before a service starts, unless it was done for this version."""
        declared = deployment.services[service]
        done = Prepared(
            version=deployment.version, service=service, command=text_of(declared.before)
        )
        if not declared.before or done in state.prepared:
            return state
        slot = Slot(service=service, index=0, port=deployment.public_port(service))
        env = commands.variables(self.home, deployment, slot)
        for need in declared.needs:
            # services of this version are none of them up
            if not is_service(need):
                reach.await_reached(service, need, env, deployment.ready_within_s)
        target.run_before(deployment, service, self.mask, self.running)
        prepared = (*state.prepared, done)
        state = state.model_copy(update={"prepared": prepared[-PREPARED:]})
        # at once: a command that is killed from here on has done it
        self.home.save(state.keeping(deployment))
        return state

    def _refuse_taken(self, state: EnvironmentState, deployment: Deployment) -> None:
        ours = set(table_of(state).ports) if self.proxy.is_there() else set()
        ours |= set(state.listen) if forwarder_of(self.home, state) else set()
        for service in deployment.services:
            port = deployment.public_port(service)
            owner = "" if port in ours else processes.taken_by(port)
            if owner:
                hint = "end it, or set another port_offset (or the service's port) in pipeline.yaml"
                problem = f"port {port} is taken by {owner}"
                raise StepFailed(problem, where=f"127.0.0.1:{port}", hint=hint)
