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

from filelock import FileLock, Timeout

from devflow.model.errors import Locked, StorageFailed

PATIENCE_S: Final = (
    # s; longer than `holder` probes, far below the second within which a second runner must be told
    0.2
)
_POLL_S: Final = 0.02


@contextmanager
def held(path: Path, timeout_s: float) -> Iterator[None]:
    """Holds a lock file, waiting at most ``timeout_s``. Raises ``Locked`` or ``StorageFailed``."""
    lock = FileLock(path, timeout=timeout_s, poll_interval=_POLL_S)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        lock.acquire()
    except Timeout as error:
        raise Locked(f"{path.name} is held by another process", where=str(path)) from error
    except OSError as error:
        raise StorageFailed(
            f"the lock {path} cannot be made: {error}", where=str(path), hint=f"check {path.parent}"
        ) from error
    try:
        yield
    finally:
        lock.release()


class KernelLock:
    """One lock file a run in ``folder``, which is made at the first hold."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @contextmanager
    def hold(self, run: str) -> Iterator[None]:
        """Holds the run's lock. Raises ``Locked`` naming the holder and since when, or
        ``StorageFailed``."""
        try:
            with held(self._file(run, "lock"), PATIENCE_S):
                self._name_holder(run)
                try:
                    yield
                finally:
                    self._file(run, "holder").unlink(missing_ok=True)
        except Locked as error:
            if error.where != str(self._file(run, "lock")):
                raise
            holder = self._named(run)
            raise Locked(
                f"{run} is being worked on by {holder}", where=holder, hint=f"devflow status {run}"
            ) from error

    def holder(self, run: str) -> str:
        """Who holds it now, empty where nobody does."""
        path = self._file(run, "lock")
        if not path.exists():
            return ""
        try:
            with held(path, 0.0):
                return ""
        except Locked:
            return self._named(run)

    def _name_holder(self, run: str) -> None:
        since = datetime.now().astimezone().isoformat(timespec="seconds")
        try:
            self._file(run, "holder").write_text(
                f"pid {os.getpid()} on {socket.gethostname()} since {since}", encoding="utf-8"
            )
        except OSError as error:
            raise StorageFailed(
                f"the holder of {run} cannot be written down: {error}", where=str(self._folder)
            ) from error

    def _named(self, run: str) -> str:
        try:
            return self._file(run, "holder").read_text(encoding="utf-8") or "another process"
        except OSError:
            return "another process"

    def _file(self, run: str, kind: str) -> Path:
        return self._folder / f"{quote(run, safe='')}.{kind}"
