"""A file that one process at a time holds, by the kernel: a killed holder frees it at once."""

from contextlib import contextmanager
from pathlib import Path
from typing import Final, Iterator

from filelock import FileLock, Timeout

from devflow.adapters.machine import private
from devflow.model.errors import Locked, StorageFailed, system_words

POLL_S: Final = 0.02  # s between two tries; a second runner has to be told within a second


@contextmanager
def hold_file(path: Path, timeout_s: float) -> Iterator[None]:
    """Holds a lock file, waiting at most ``timeout_s``. Raises ``Locked`` or ``StorageFailed``."""
    lock = FileLock(path, timeout=timeout_s, mode=private.FILE, poll_interval=POLL_S)
    try:
        private.make_folder(path.parent)
        lock.acquire()
    except Timeout as error:
        raise Locked(f"{path.name} is held by another process", where=str(path)) from error
    except OSError as error:
        raise StorageFailed(
            f"the lock {path} cannot be made: {system_words(error)}",
            where=str(path),
            hint=f"check {path.parent}",
        ) from error
    try:
        yield
    finally:
        lock.release()
