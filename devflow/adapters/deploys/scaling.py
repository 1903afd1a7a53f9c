"""Makes it so many replicas of a version, or none: started beside those that serve, ready before
they are given anything, drained before they are ended.

What is about to be started stands in the state first; what a killed command started is found again
and counted.
"""

import contextlib
import time
from dataclasses import dataclass
from typing import Collection, Final, Iterator

from devflow.adapters.deploys import commands, launch, reach
from devflow.adapters.deploys.health import Health
from devflow.adapters.deploys.home import Home
from devflow.adapters.deploys.spread import in_flight, table_of
from devflow.adapters.deploys.state import Deployment, EnvironmentState, Slot
from devflow.adapters.deploys.target import Target
from devflow.adapters.machine import processes
from devflow.adapters.proxy.port import Proxy
from devflow.model.declared.services import is_service
from devflow.model.errors import StepFailed

LOOK_EVERY_S: Final = 0.02  # s; a request of the bundled services takes 5 ms


@dataclass
class Scaling:
    """One version of a locked environment; ``state`` is as it was kept last."""

    home: Home
    target: Target
    proxy: Proxy
    state: EnvironmentState
    deployment: Deployment

    def to(self, replicas: int) -> EnvironmentState:
        """Makes it so many of each service, and answers the state.

        Raises ``StepFailed`` where one does not come up; what was started for it is ended then.
        """
        try:
            return self._to(replicas)
        except launch.PortLost:
            # it cannot be held until a replica has it: another one is chosen, once
            return self._to(replicas)

    def end(self, names: Collection[str]) -> EnvironmentState:
        """Ends replicas: those of services that nobody needs first, each after it has answered what
        it had begun, or after ``drain_s``."""
        if not self._slots(names):
            return self.state
        self._drain(names)
        self.target.end(self.deployment, self._slots(names))
        rest = tuple(one for one in self.deployment.slots if one.name not in names)
        self._keep(self.deployment.with_slots(rest))
        self._spread()
        return self.state

    def _to(self, replicas: int) -> EnvironmentState:
        kept, others = self._sorted(replicas)
        new = tuple(self._missing(replicas, kept, others))
        waiting = {slot.name for slot in (*kept, *new) if not slot.is_ready}
        before = self.deployment.with_slots((*(one for one in kept if one.is_ready), *others))
        self._keep(before.with_slots((*kept, *others, *new)))
        is_up = False
        try:
            # it ends what serves where the repository is removed: before anything is started
            self._spread()
            for service in self.deployment.order:
                self._start(service, self._slots(waiting, (service,)))
            self._await(self._slots(waiting))
            is_up = True
        finally:
            if not is_up:
                self._abandon(before)
        self.end({slot.name for slot in others})
        return self.state

    def _abandon(self, before: Deployment) -> None:
        """Goes back to the replicas that were there before."""
        there = {slot.name for slot in before.slots}
        new = {slot.name for slot in self.deployment.slots} - there
        # a proxy that does not take its table hands none of them anything
        with contextlib.suppress(StepFailed):
            self._drain(new)
        self.target.end(self.deployment, self._slots(new))
        self._keep(before)
        with contextlib.suppress(StepFailed):
            self._spread()

    def _drain(self, names: Collection[str]) -> None:
        for level in self.deployment.levels:
            draining = self._slots(names, level)
            for slot in draining:
                drained = slot.model_copy(update={"drains": True})
                self.deployment = self.deployment.with_slot(drained)
            if draining:
                self._keep(self.deployment)
                self._spread()
                self._await_drained(draining)

    def _slots(self, names: Collection[str], services: Collection[str] = ()) -> tuple[Slot, ...]:
        """The replicas of these names, of these services where any is named."""
        return tuple(
            slot
            for slot in self.deployment.slots
            if slot.name in names and (not services or slot.service in services)
        )

    def _sorted(self, replicas: int) -> tuple[tuple[Slot, ...], tuple[Slot, ...]]:
        """Those that are to stay, and those that are to be ended: too many, unwell, started
        otherwise than the version is declared, or draining already."""
        slots = tuple(self.target.found(self.deployment, one) for one in self.deployment.slots)
        answers = launch.asked(self.deployment, slots)
        well = [slot for slot, answer in answers if self._may_stay(slot, answer)]
        kept: list[Slot] = []
        for service in self.deployment.services:
            kept += [slot for slot in well if slot.service == service][:replicas]
        return tuple(kept), tuple(slot for slot in slots if slot not in kept)

    def _may_stay(self, slot: Slot, answer: Health) -> bool:
        if slot.drains or slot.like != commands.likeness(self.deployment, slot.service):
            return False
        if not slot.is_ready:
            # what a killed command has started is waited for
            return slot.process is not None or bool(slot.container)
        return not launch.problem_of(self.target, self.deployment, slot, answer)

    def _missing(
        self, replicas: int, kept: tuple[Slot, ...], others: tuple[Slot, ...]
    ) -> Iterator[Slot]:
        taken = {slot.name for slot in (*kept, *others)}
        new = []
        for service in self.deployment.services:
            count = replicas - sum(slot.service == service for slot in kept)
            indexes = (
                index
                for index in range(1, replicas + len(taken) + 1)
                if f"{service}.{index}" not in taken
            )
            new += [(service, next(indexes)) for _ in range(count)]
        for (service, index), port in zip(new, processes.free_ports(len(new))):
            like = commands.likeness(self.deployment, service)
            yield Slot(service=service, index=index, port=port, like=like)

    def _start(self, service: str, slots: tuple[Slot, ...]) -> None:
        """Starts the replicas of a service, once what it needs is there."""
        if not slots:
            return
        self._await_needs(service, slots[0])
        for slot in slots:
            if slot.process is None and not slot.container:
                started = self.target.start(self.deployment, slot)
                self.deployment = self.deployment.with_slot(started)
        self._keep(self.deployment)

    def _await_needs(self, service: str, slot: Slot) -> None:
        within_s = self.deployment.ready_within_s
        for need in self.deployment.services[service].needs:
            if is_service(need):
                self._await(tuple(one for one in self.deployment.of(need) if not one.is_ready))
            else:
                env = commands.variables(self.home, self.deployment, slot)
                reach.await_reached(service, need, env, within_s)

    def _await(self, slots: tuple[Slot, ...]) -> None:
        """Waits until replicas are ready; from then on they are given requests."""
        if not slots:
            return
        within_s = self.deployment.ready_within_s
        launch.await_ready(self.target, self.deployment, slots, within_s)
        for slot in slots:
            self.deployment = self.deployment.with_slot(slot.model_copy(update={"is_ready": True}))
        self._keep(self.deployment)
        self._spread()

    def _await_drained(self, slots: tuple[Slot, ...]) -> None:
        deadline = time.monotonic() + self.deployment.settings.drain_s
        while in_flight(self.proxy.figures(), self.deployment, slots):
            if time.monotonic() > deadline:
                return
            time.sleep(LOOK_EVERY_S)

    def _keep(self, deployment: Deployment) -> None:
        self.deployment = deployment
        self.state = self.state.keeping(deployment)
        self.home.save(self.state)

    def _spread(self) -> None:
        table = table_of(self.state)
        if table.ports:
            self.proxy.apply(table)
        else:
            self.proxy.stop()
