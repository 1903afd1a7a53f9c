"""What is remembered of an environment between commands: one file, replaced as a whole, that the
forwarder reads too.

The file says what was meant, never what is: whether a process lives and what it answers is asked
each time.
"""

import contextlib
import fcntl
import os
import re
import shutil
from datetime import datetime
from pathlib import Path
from typing import Final, Iterator

from pydantic import ValidationError

from devflow.adapters.git.exports import GitExports
from devflow.adapters.machine import private
from devflow.adapters.machine.identity import identity, known_identity
from devflow.adapters.machine.processes import Process
from devflow.adapters.machine.room import room_in
from devflow.model.command_line import command_line
from devflow.model.declared.project import Service
from devflow.model.errors import StepFailed, StorageFailed, UsageError
from devflow.model.values import Value

_NAME: Final = re.compile(r"[A-Za-z0-9][\w.:-]*")


class Place(Value):
    """Where one service of one version runs. ``process`` is None between the intent to start it and
    the start."""

    port: int
    public_port: int
    process: Process | None = None


class Deployment(Value):
    """A version that was started here; ``since`` is when it was last switched to, None where it
    never served."""

    version: str
    commit: str
    services: dict[str, Service]
    placed: dict[str, Place] = {}
    since: datetime | None = None

    @property
    def processes(self) -> tuple[Process | None, ...]:
        """The process of each service as recorded."""
        return tuple(place.process for place in self.placed.values())

    @property
    def listen(self) -> dict[int, int]:
        """Public port to the port that this version answers on."""
        return {place.public_port: place.port for place in self.placed.values()}

    def with_process(self, service: str, process: Process | None) -> "Deployment":
        """With what runs one of its services."""
        place = self.placed[service].model_copy(update={"process": process})
        return self.model_copy(update={"placed": {**self.placed, service: place}})


class Prepared(Value):
    """A service's command that was run before a version started, and ended well."""

    version: str
    service: str
    command: str


# more than are ever kept started, and rolled back to
PREPARED: Final = 100


class EnvironmentState(Value):
    """One environment. ``held`` has the serving version first, then those before it; ``listen`` is
    the forwarder's table, ``owner`` the repository's identity; ``prepared`` is not said again, also
    after ``down``, since what services keep stays too."""

    owner: str = ""
    current: str = ""
    rolled_back: str = ""
    held: tuple[Deployment, ...] = ()
    listen: dict[int, int] = {}
    forwarder: Process | None = None
    prepared: tuple[Prepared, ...] = ()

    def deployment(self, version: str) -> Deployment | None:
        """What is remembered of a version."""
        return next((one for one in self.held if one.version == version), None)

    @property
    def previous(self) -> str:
        """The version that served before the current one and was not taken back, else empty."""
        for deployment in self.held:
            if deployment.since and deployment.version not in (self.current, self.rolled_back):
                return deployment.version
        return ""

    def keeping(self, deployment: Deployment) -> "EnvironmentState":
        """With this release in the place of the one of the same version, or at the end."""
        if self.deployment(deployment.version) is None:
            return self.model_copy(update={"held": (*self.held, deployment)})
        held = tuple(deployment if old.version == deployment.version else old for old in self.held)
        return self.model_copy(update={"held": held})

    def serving(
        self, deployment: Deployment, now: datetime, rolled_back: str = ""
    ) -> "EnvironmentState":
        """With this release in front and the public ports pointing to it."""
        serves = self.current == deployment.version and deployment.since
        front = deployment if serves else deployment.model_copy(update={"since": now})
        others = tuple(old for old in self.held if old.version != deployment.version)
        update = {
            "current": deployment.version,
            "rolled_back": rolled_back,
            "held": (front, *others),
            "listen": deployment.listen,
        }
        return self.model_copy(update=update)


class Home:
    """The folder of one environment."""

    def __init__(self, root: Path, name: str) -> None:
        """Raises ``UsageError`` where the name cannot be a folder's."""
        if not _NAME.fullmatch(name):
            hint = "use letters, digits and dashes"
            raise UsageError(f"{name!r} is no name of an environment", hint=hint)
        self.name = name
        self._root = root
        self.path = root / name
        self.file = self.path / "state.json"
        self._read_from: dict[Path, int] = {}

    def load(self) -> EnvironmentState | None:
        """The state, None where nothing was ever deployed here: what a copied repository's file
        tells of is served by the first one.

        Raises ``StorageFailed`` where it cannot be read.
        """
        try:
            state = EnvironmentState.model_validate_json(self.file.read_bytes())
            is_own = not state.owner or state.owner == known_identity(self._root)
            return state if is_own else None
        except FileNotFoundError:
            return None
        except (OSError, ValidationError) as error:
            problem = f"the state of {self.name} cannot be read"
            hint = "end its services by hand, remove this file and deploy again"
            raise StorageFailed(problem, where=str(self.file), hint=hint) from error

    def save(self, state: EnvironmentState) -> None:
        """Replaces the state durably. Raises ``StorageFailed``."""
        state = state.model_copy(update={"owner": identity(self._root)})
        beside = self.file.with_suffix(".part")
        try:
            with open(beside, "w", encoding="utf-8", opener=private.opener) as file:
                file.write(state.model_dump_json(indent=1))
                file.flush()
                os.fsync(file.fileno())
            beside.replace(self.file)
            folder = os.open(self.path, os.O_RDONLY)
            try:
                os.fsync(folder)
            finally:
                os.close(folder)
        except OSError as error:
            problem = f"the state of {self.name} cannot be kept: {error}"
            hint = f"free some space, then: {command_line('ship')}"
            raise StorageFailed(problem, where=str(self.file), hint=hint) from error

    @contextlib.contextmanager
    def locked(self) -> Iterator[None]:
        """Holds the environment against other commands; the kernel frees it with the process."""
        private.make_folder(self.path)
        with open(self.path / "lock", "w", encoding="utf-8", opener=private.opener) as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield

    def code(self, version: str) -> Path:
        """Where a version's files lie. Raises ``StepFailed`` where it cannot be a folder's name."""
        if not _NAME.fullmatch(version):
            hint = "set project.version_path in pipeline.yaml"
            raise StepFailed(f"{version!r} is no version", where=self.name, hint=hint)
        return self.path / "code" / version

    @property
    def forwarder_log(self) -> Path:
        """The output of the environment's forwarder."""
        return self.path / "forwarder.log"

    def log(self, version: str, service: str) -> Path:
        """The output of one service of one version."""
        return self._logs(version) / f"{service}.log"

    def begin_log(self, version: str, service: str) -> Path:
        """The log of a service that is about to be started; what stands there is of starts
        before."""
        log = self.log(version, service)
        self._read_from[log] = log.stat().st_size if log.exists() else 0
        return log

    def printed(self, version: str, service: str) -> str:
        """What a service has printed since its log was begun here."""
        log = self.log(version, service)
        if not log.exists():
            return ""
        text = log.read_bytes()[self._read_from.get(log, 0) :]
        return text.decode("utf-8", "replace")

    def data(self, service: str) -> Path:
        """The folder of a service that outlives its versions."""
        return self.path / "data" / service

    def marker(self, version: str, service: str) -> str:
        """What a process carries in its environment, to be found before its pid was recorded, and
        after the repository was moved. Raises ``StorageFailed``."""
        return f"{identity(self._root)}:{self.name}:{version}:{service}"

    def export(self, repository: GitExports, commit: str, version: str) -> Path:
        """Writes the files of a commit, whole or not at all, and answers where.

        Raises ``StepFailed`` where git does not know it, ``StorageFailed`` where there is no room.
        """
        into = self.code(version)
        part = into.with_name(into.name + ".part")
        for old in (into, part):
            shutil.rmtree(old, ignore_errors=True)
        with room_in(self.path):
            private.make_folder(part)
            repository.export(commit, part)
            # git gives files the rights that it thinks everybody wants
            private.close(part)
            private.make_folder(self._logs(version))
            return part.rename(into)

    def forget(self, version: str) -> None:
        """Removes a version's files and logs."""
        for folder in (self.code(version), self._logs(version)):
            shutil.rmtree(folder, ignore_errors=True)

    def _logs(self, version: str) -> Path:
        return self.path / "logs" / version
