"""Objects that git needs only while this process lives: working trees' ids, exports and what hooks
made of them.

They lie in a temporary folder that borrows the repository's own objects, so looking leaves nothing
in ``.git``.
"""

import shutil
import tempfile
from functools import cached_property
from pathlib import Path
from typing import Mapping

from devflow.adapters.git.process import GitProcess
from devflow.adapters.machine.scratch_folder import ScratchFolder

_LOCATE = ("rev-parse", "--path-format=absolute", "--git-path", "index", "--git-path", "objects")


class Scratch:
    """A temporary object store, removed when the process ends."""

    def __init__(self, git: GitProcess) -> None:
        self._git = git
        self._folder = ScratchFolder()

    @cached_property
    def objects(self) -> Path:
        """The object store, through which the repository's own objects are found too."""
        store = self._folder.path / "objects"
        (store / "info").mkdir(parents=True, exist_ok=True)
        (store / "info" / "alternates").write_text(f"{self._located[1]}\n", encoding="utf-8")
        return store

    @property
    def large_files(self) -> Path:
        """Where git-lfs keeps what it reads of the working tree."""
        # not `lfs`: git-lfs would link to what lies beside an object store that a checkout borrows
        return self._folder.path / "large"

    @property
    def reading(self) -> Mapping[str, str]:
        """The environment in which git also finds what was made here."""
        return {"GIT_ALTERNATE_OBJECT_DIRECTORIES": str(self.objects)}

    @property
    def writing(self) -> Mapping[str, str]:
        """The environment in which git makes objects here instead of in the repository."""
        return {"GIT_OBJECT_DIRECTORY": str(self.objects)}

    def index(self, *, copied: bool = False) -> Path:
        """A path for an index of one's own, empty or a copy of the repository's."""
        index = self.folder("index") / "index"
        own = Path(self._located[0])
        if copied and own.exists():
            # with its time: git takes a file changed in the same instant as the index for possibly
            # changed
            shutil.copy2(own, index)
        return index

    def folder(self, purpose: str) -> Path:
        """A new empty folder."""
        return Path(tempfile.mkdtemp(prefix=f"{purpose}-", dir=self._folder.path))

    @cached_property
    def _located(self) -> tuple[str, str]:
        index, objects = self._git.must(*_LOCATE).splitlines()
        return index, objects
