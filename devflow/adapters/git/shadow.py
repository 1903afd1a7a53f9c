"""A git folder in which the working tree is read where git-lfs is in use.

git-lfs 3.3 writes hooks, a setting and content into the repository that it runs for, also where git
only asks it what a file would be committed as.
"""

import shutil
from functools import cached_property
from pathlib import Path
from typing import Final, Mapping

from devflow.adapters.git.clones import Clone
from devflow.adapters.git.process import GitProcess
from devflow.adapters.git.scratch import Scratch
from devflow.adapters.git.settings import file_text, made, values, without_own

_COPIED: Final = ("info/attributes", "info/exclude", "info/sparse-checkout")
_LARGE: Final = ("filter.lfs.clean", "filter.lfs.process")


class Shadow:
    """The settings of a repository in a git folder in the scratch folder."""

    def __init__(self, clone: Clone, scratch: Scratch) -> None:
        self._clone = clone
        self._scratch = scratch

    @cached_property
    def is_needed(self) -> bool:
        """Whether git-lfs is among the filters."""
        in_force = values(self._clone.settings())
        return any(key in in_force for key in _LARGE)

    def reading(self) -> Mapping[str, str]:
        """The environment in which git reads the working tree with this folder as its own."""
        for name in _COPIED:
            source = self._clone.file(name)
            (self._git_dir / name).unlink(missing_ok=True)
            if source.is_file():
                shutil.copyfile(source, self._git_dir / name)
        # half of an index that git keeps in two files is found beside the repository
        for half in self._clone.file("index").parent.glob("sharedindex.*"):
            shutil.copy2(half, self._git_dir / half.name)
        chosen = list(without_own(self._clone.settings()))
        chosen.append(made("core.hookspath", "/dev/null"))
        chosen.append(made("lfs.storage", str(self._scratch.large_files)))
        chosen.append(made("lfs.repositoryformatversion", "0"))
        text = self._own_settings + file_text(chosen)
        (self._git_dir / "config").write_text(text, encoding="utf-8")
        return {"GIT_DIR": str(self._git_dir), "GIT_WORK_TREE": str(self._clone.root)}

    @cached_property
    def _git_dir(self) -> Path:
        folder = self._scratch.folder("shadow")
        form = f"--object-format={self._clone.object_format}"
        GitProcess(folder).must("init", "--bare", "--quiet", "--template=", form)
        (folder / "info").mkdir(exist_ok=True)
        return folder

    @cached_property
    def _own_settings(self) -> str:
        """How this folder is kept, as git itself wrote it."""
        return (self._git_dir / "config").read_text(encoding="utf-8").replace("\tbare = true\n", "")
