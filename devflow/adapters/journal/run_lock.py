"""The lock of a run, held by the kernel, so that a killed holder frees it at once.

Who holds it stands in a file beside it, which is only words: a file left behind by a killed holder
locks nobody out.
"""

import os
import socket
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Final, Iterator
from urllib.parse import quote

from devflow.adapters.machine import private
from devflow.adapters.machine.file_lock import hold_file
from devflow.model.command_line import command_line
from devflow.model.errors import Locked, StorageFailed

# s; longer than `holder` probes, far below the second within which a second runner must be told
PATIENCE_S: Final = 0.2
STRANGER: Final = "another process"  # between taking the lock and writing who took it


class KernelLock:
    """One lock file a run in ``folder``, which is made at the first hold."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @contextmanager
    def hold(self, run: str) -> Iterator[None]:
        """Holds the run's lock.

        Raises ``Locked`` naming the holder and since when, or ``StorageFailed``.
        """
        lock = self._file(run, "lock")
        try:
            with hold_file(lock, PATIENCE_S):
                self._write_holder(run)
                try:
                    yield
                finally:
                    self._file(run, "holder").unlink(missing_ok=True)
        except Locked as error:
            # the body of the `with` may have met a lock of its own, which is not this one
            if error.where != str(lock):
                raise
            holder = self._read_holder(run)
            problem = f"{run} is being worked on by {holder}"
            hint = command_line("status", run)
            raise Locked(problem, where=holder, hint=hint) from error

    def holder(self, run: str) -> str:
        """Who holds it now, empty where nobody does."""
        lock = self._file(run, "lock")
        if not lock.exists():
            return ""
        try:
            with hold_file(lock, 0.0):
                return ""
        except Locked:
            return self._read_holder(run)

    def _write_holder(self, run: str) -> None:
        since = datetime.now().astimezone().isoformat(timespec="seconds")
        holder = f"pid {os.getpid()} on {socket.gethostname()} since {since}"
        try:
            private.write_text(self._file(run, "holder"), holder)
        except OSError as error:
            problem = f"the holder of {run} cannot be written down: {error}"
            hint = f"make room, then: {command_line('ship')}"
            raise StorageFailed(problem, where=str(self._folder), hint=hint) from error

    def _read_holder(self, run: str) -> str:
        try:
            return self._file(run, "holder").read_text(encoding="utf-8") or STRANGER
        except OSError:
            return STRANGER

    def _file(self, run: str, kind: str) -> Path:
        # a run's key may be outside text: quoted, it cannot lead out of the folder
        return self._folder / f"{quote(run, safe='')}.{kind}"
