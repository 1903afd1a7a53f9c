"""The folder of one environment: its state, which is one file that is replaced as a whole, and its
code, logs and data."""

import contextlib
import fcntl
import os
import re
import shutil
from pathlib import Path
from typing import IO, Final, Iterator

from pydantic import ValidationError

from devflow.adapters.deploys.exports import Exports
from devflow.adapters.deploys.state import EnvironmentState, Slot
from devflow.adapters.machine import private
from devflow.adapters.machine.identity import identity, known_identity
from devflow.adapters.machine.room import room_in
from devflow.model.command_line import command_line
from devflow.model.errors import StepFailed, StorageFailed, UsageError

_NAME: Final = re.compile(r"[A-Za-z0-9][\w.:-]*")
_TAIL_BYTES: Final = 1024 * 1024  # of a log; a screen shows a few hundred lines


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
        """Holds the environment against other commands; the kernel frees it with the process.
        Raises ``StorageFailed``."""
        with contextlib.ExitStack() as held:
            while True:
                file = held.enter_context(self._opened_lock())
                fcntl.flock(file, fcntl.LOCK_EX)
                place = self.path / "lock"
                # whoever had it may have taken the folder away
                if place.exists() and place.stat().st_ino == os.fstat(file.fileno()).st_ino:
                    break
                held.close()
            yield

    def _opened_lock(self) -> IO[str]:
        """Raises ``StorageFailed`` where nothing can be kept there."""
        try:
            private.make_folder(self.path)
            return open(self.path / "lock", "w", encoding="utf-8", opener=private.opener)
        except OSError as error:
            problem = f"nothing can be written for {self.name}: {error.strerror}"
            hint = "see who may write there, and whether its file system is mounted to be read only"
            raise StorageFailed(problem, where=str(self.path), hint=hint) from error

    def leave(self) -> None:
        """Takes away what was made for the environment, but for what services keep; the state too
        where it says nothing any more."""
        for folder in ("code", "logs", "replicas", "proxy"):
            shutil.rmtree(self.path / folder, ignore_errors=True)
        # what an earlier devflow left
        (self.path / "forwarder.log").unlink(missing_ok=True)
        for place in (*self.path.glob("data/*"), self.path / "data"):
            # what is not empty is kept
            with contextlib.suppress(OSError):
                place.rmdir()
        if not self.is_remembered():
            for file in (self.file, self.path / "lock"):
                file.unlink(missing_ok=True)
            with contextlib.suppress(OSError):
                self.path.rmdir()

    def is_remembered(self) -> bool:
        """Whether anything has to be known after the environment was ended."""
        state = self.load()
        return state is not None and bool(state.prepared or state.rolled_back or state.refused)

    def code(self, version: str) -> Path:
        """Where a version's files lie. Raises ``StepFailed`` where it cannot be a folder's name."""
        if not _NAME.fullmatch(version):
            hint = "set project.version_path in pipeline.yaml"
            raise StepFailed(f"{version!r} is no version", where=self.name, hint=hint)
        return self.path / "code" / version

    @property
    def proxy(self) -> Path:
        """Where the environment's proxy keeps what it keeps."""
        return self.path / "proxy"

    def log(self, version: str, slot: str) -> Path:
        """The output of one replica of one version, or of what came before it."""
        return self._logs(version) / f"{slot}.log"

    def told(self, version: str) -> Path:
        """The folder in which it is told how the replicas of a version go."""
        return self.path / "replicas" / version

    def begin_log(self, version: str, slot: str) -> Path:
        """The log of a replica that is about to be started; what stands there is of starts
        before."""
        log = self.log(version, slot)
        self._read_from[log] = log.stat().st_size if log.exists() else 0
        return log

    def printed(self, version: str, slot: str) -> str:
        """What a replica has printed since its log was begun here, the end of it."""
        return _end_of(self.log(version, slot), self._read_from.get(self.log(version, slot), 0))

    def last_printed(self, version: str, slot: Slot) -> str:
        """The end of what a replica has printed. An earlier devflow had one log a service."""
        log = self.log(version, slot.name)
        return _end_of(log if log.exists() else self.log(version, slot.service), 0)

    def data(self, service: str) -> Path:
        """The folder of a service that outlives its versions."""
        return self.path / "data" / service

    def marker(self, version: str, slot: str) -> str:
        """What a process carries in its environment, to be found before its pid was recorded, and
        after the repository was moved. Raises ``StorageFailed``."""
        return f"{identity(self._root)}:{self.name}:{version}:{slot}"

    def export(self, repository: Exports, commit: str, version: str) -> Path:
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
        for folder in (self.code(version), self._logs(version), self.told(version)):
            shutil.rmtree(folder, ignore_errors=True)

    def _logs(self, version: str) -> Path:
        return self.path / "logs" / version


def _end_of(log: Path, begin: int) -> str:
    try:
        with open(log, "rb") as file:
            size = file.seek(0, os.SEEK_END)
            file.seek(max(begin, size - _TAIL_BYTES))
            return file.read().decode("utf-8", "replace")
    except FileNotFoundError:
        return ""
