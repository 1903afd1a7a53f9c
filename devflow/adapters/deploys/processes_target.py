"""Runs replicas as processes of this machine, from the files of the commit, each with a supervisor
of its own."""

import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Iterable

from devflow.adapters.deploys import commands, supervise
from devflow.adapters.deploys.exports import Exports
from devflow.adapters.deploys.home import Home
from devflow.adapters.deploys.state import Deployment, Slot
from devflow.adapters.deploys.target import Told
from devflow.adapters.machine import private, processes
from devflow.adapters.machine.children import Processes
from devflow.adapters.masking.secrets import Mask
from devflow.model.errors import Unavailable

MIB: Final = 1024 * 1024


@dataclass(frozen=True)
class ProcessesTarget:
    """The target ``processes`` of one environment."""

    home: Home
    repository: Exports

    name = "processes"

    def prepare(self, deployment: Deployment) -> None:
        """See ``Target``. The files of a version that are here stay as they are."""
        if deployment.settings.memory_mb and sys.platform != "linux":
            problem = "the memory of a process can be held on Linux alone"
            where = f"project.environments.{self.home.name}.memory_mb"
            raise Unavailable(problem, where=where, hint="take it out, or set target: docker")
        if not self.home.code(deployment.version).is_dir():
            self.home.export(self.repository, deployment.commit, deployment.version)

    def run_before(
        self, deployment: Deployment, service: str, mask: Mask, running: Processes
    ) -> None:
        """See ``Target``."""
        commands.run_before(self.home, deployment, service, mask, running)

    def start(self, deployment: Deployment, slot: Slot) -> Slot:
        """See ``Target``."""
        home = self.home
        argv = commands.run_of(home, deployment, slot)
        told = home.told(deployment.version)
        private.make_folder(told)
        self._told_at(deployment, slot).unlink(missing_ok=True)
        memory_bytes = int((deployment.settings.memory_mb or 0) * MIB)
        own = (sys.executable, "-I", "-S", supervise.__file__, str(told), f"{slot.name}.json")
        process = processes.spawn(
            (*own, str(memory_bytes), *argv),
            home.code(deployment.version),
            home.begin_log(deployment.version, slot.name),
            commands.variables(home, deployment, slot),
            is_private=True,
        )
        return slot.model_copy(update={"process": process})

    def found(self, deployment: Deployment, slot: Slot) -> Slot:
        """See ``Target``."""
        if slot.process is not None:
            return slot
        for marker in self._markers(deployment, slot):
            if found := processes.find(marker):
                return slot.model_copy(update={"process": found})
        return slot

    def told(self, deployment: Deployment, slot: Slot) -> Told:
        """See ``Target``."""
        is_alive = processes.alive(slot.process)
        try:
            told = json.loads(self._told_at(deployment, slot).read_bytes())
            return Told(
                is_alive=is_alive and not told["given_up"],
                id=str(told["pid"] or ""),
                restarts=told["restarts"],
                given_up=told["given_up"],
                problem=told["problem"],
            )
        except (FileNotFoundError, ValueError, LookupError, TypeError):
            # started a moment ago, or by an earlier devflow, which kept nothing alive; or a file
            # that is not as it was written
            return Told(is_alive=is_alive, id=str(slot.process.pid) if slot.process else "")

    def listens(self, slot: Slot) -> bool:
        """See ``Target``."""
        return processes.listens(slot.process, slot.port)

    def end(self, deployment: Deployment, slots: Iterable[Slot]) -> None:
        """See ``Target``. What carries their marks is ended too: a leader that is gone tells
        nothing of what it has started."""
        slots = tuple(slots)
        processes.end(self.found(deployment, slot).process for slot in slots)
        markers = [marker for slot in slots for marker in self._markers(deployment, slot)]
        processes.end(processes.carrying(markers))
        for slot in slots:
            self._told_at(deployment, slot).unlink(missing_ok=True)

    def log(self, deployment: Deployment, slot: Slot) -> str:
        """See ``Target``."""
        return self.home.last_printed(deployment.version, slot)

    def printed(self, deployment: Deployment, slot: Slot) -> str:
        """See ``Target``."""
        printed = self.home.printed(deployment.version, slot.name)
        # of the first attempt: another may have begun by now
        return printed.partition(f"\n{supervise.OWN}")[0].removeprefix(supervise.OWN)

    def log_place(self, deployment: Deployment, slot: Slot) -> str:
        """See ``Target``."""
        return str(self.home.log(deployment.version, slot.name))

    def leave(self) -> None:
        """See ``Target``: all of it lies in the environment's folder."""

    def forget(self, deployment: Deployment) -> None:
        """See ``Target``."""
        self.home.forget(deployment.version)

    def _markers(self, deployment: Deployment, slot: Slot) -> tuple[str, ...]:
        """What a replica's processes carry; as an earlier devflow called it, too, which had one of
        a service and kept nothing of what it was started with."""
        names = (slot.name,) if slot.like else (slot.name, slot.service)
        return tuple(self.home.marker(deployment.version, name) for name in names)

    def _told_at(self, deployment: Deployment, slot: Slot) -> Path:
        return self.home.told(deployment.version) / f"{slot.name}.json"
