"""Where a tree configures what keeps its hooks: at its top, and in the folders of its packages.

A file of nothing but comments configures none, and neither does a sample or somebody else's code.
"""

import json
from dataclasses import dataclass
from functools import cached_property
from typing import AbstractSet, Any, Final, Mapping

from devflow.craft.imports.paths import is_foreign, is_sample
from devflow.craft.quality.hook_managers import COMMENT, Manager
from devflow.ports.repository import RepositoryReads

_PACKAGE: Final = "package.json"


@dataclass(frozen=True)
class Configurations:
    """Those of a tree for the hook of one name (``stage``)."""

    repository: RepositoryReads
    tree: str
    paths: AbstractSet[str]
    stage: str

    def places(self, manager: Manager) -> tuple[str, ...]:
        """The files that configure the hook for this manager, the topmost first: its own of each
        folder, else a package.json."""
        files = manager.files
        if manager.folder:
            files = (*files, f"{manager.folder}/{self.stage}")
        own = [path for path in self._ordered if _is_named(path, files) and self._says(path)]
        with_own = {_folder(path, files) for path in own}
        packages = [path for path in self.packages(manager) if _head(path) not in with_own]
        return tuple(sorted((*own, *packages), key=_from_the_top))

    def packages(self, manager: Manager) -> tuple[str, ...]:
        """Each package.json that has the hook for this manager."""
        if not manager.keys:
            return ()
        return tuple(
            path for path, table in self._packages.items() if _has(table, manager, self.stage)
        )

    @cached_property
    def _ordered(self) -> tuple[str, ...]:
        own = [path for path in self.paths if not (is_sample(_head(path)) or is_foreign(path))]
        return tuple(sorted(own, key=_from_the_top))

    @cached_property
    def _packages(self) -> Mapping[str, Any]:
        """What each package.json says; of one that is no JSON nothing."""
        wanted = [path for path in self._ordered if _is_named(path, (_PACKAGE,))]
        if not wanted:
            return {}
        texts = self.repository.texts(self.tree, _PACKAGE)
        return {path: _parsed(texts[path]) for path in wanted if path in texts}

    def _says(self, path: str) -> bool:
        lines = (self.repository.read(self.tree, path) or "").splitlines()
        return any(line.strip() and not COMMENT.match(line) for line in lines)


def _is_named(path: str, files: tuple[str, ...]) -> bool:
    return path in files or path.endswith(tuple(f"/{file}" for file in files))


def _folder(path: str, files: tuple[str, ...]) -> str:
    """The folder that one of the files configures, which may lie deeper."""
    file = next(file for file in files if _is_named(path, (file,)))
    return path.removesuffix(file).rstrip("/")


def _head(path: str) -> str:
    return path.rpartition("/")[0]


def _from_the_top(path: str) -> tuple[int, str]:
    return path.count("/"), path


def _parsed(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _has(table: Any, manager: Manager, stage: str) -> bool:
    try:
        for key in manager.keys:
            table = table[key]
    except (LookupError, TypeError):
        return False
    # a text names another file, and a list is the one hook of its manager's name
    return stage in table if isinstance(table, dict) else bool(table)
