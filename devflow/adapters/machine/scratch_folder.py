"""A temporary folder that lives as long as this process, however it ends.

A killed process cannot clear up behind itself: its folder is known by a lock that the kernel has
let go, and is removed by the next process.
"""

import fcntl
import os
import shutil
import tempfile
import time
import weakref
from contextlib import suppress
from functools import cached_property
from pathlib import Path
from typing import Final

_PREFIX: Final = "devflow-scratch-"
YOUNG_S: Final = 60.0  # s; a folder so young may be one that its process has not locked yet


class ScratchFolder:
    """Made at the first use of ``path``, removed with this object, at the latest when the process
    ends."""

    @cached_property
    def path(self) -> Path:
        """The folder."""
        _sweep(Path(tempfile.gettempdir()))
        folder = Path(tempfile.mkdtemp(prefix=_PREFIX)).resolve()
        lock = _locked(folder)
        weakref.finalize(self, _remove, folder, lock)
        return folder


def _sweep(place: Path) -> None:
    for folder in place.glob(f"{_PREFIX}*"):
        with suppress(OSError):
            if time.time() - folder.stat().st_mtime > YOUNG_S:
                _remove(folder, _locked(folder))


def _locked(folder: Path) -> int:
    """The open lock file. Raises ``BlockingIOError`` where a living process holds it."""
    lock = os.open(folder / "lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(lock)
        raise
    return lock


def _remove(folder: Path, lock: int) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    os.close(lock)
