"""Checkouts that several commands of this process share: one of them installs what the next one
needs.

They live as long as the process, and are empty of what an earlier process left: the engine makes
every entry that shares one again where one of them has to be.
"""

import tempfile
import threading
from contextlib import contextmanager
from pathlib import Path
from typing import Callable, Final, Iterator

from devflow.adapters.machine.scratch_folder import ScratchFolder
from devflow.model.tree import Base, Tree

CheckOut = Callable[[Tree | Base, Path], tuple[Path, str]]
"""Makes a checkout below a folder and answers where it is and its tree's id."""

_PREFIX: Final = "shared-"


class SharedCheckouts:
    """One checkout for each name and tree."""

    def __init__(self, check_out: CheckOut, scratch: ScratchFolder) -> None:
        self._check_out = check_out
        self._scratch = scratch
        self._lock = threading.Lock()
        self._locks: dict[tuple[str, str], threading.Lock] = {}
        self._made: dict[tuple[str, str], tuple[Path, str]] = {}

    @contextmanager
    def of(self, name: str, tree: Tree | Base) -> Iterator[tuple[Path, str]]:
        """The checkout for this long alone. Raises as a checkout does."""
        key = (name, tree.id)
        with self._lock:
            lock = self._locks.setdefault(key, threading.Lock())
        with lock:
            if key not in self._made:
                work = tempfile.mkdtemp(prefix=_PREFIX, dir=self._scratch.path)
                self._made[key] = self._check_out(tree, Path(work).resolve())
            yield self._made[key]
