"""Where in the tree a test failed: the place that its failure names, where it is one of the tree's
own files and it is certain which."""

from collections import defaultdict
from pathlib import PurePosixPath
from typing import Collection, Iterator

from devflow.craft.imports.paths import FOREIGN, PYTHON, folder_of
from devflow.craft.reports.junit import ReportedCase
from devflow.craft.reports.places import NamedPlace

# what others wrote; the project may have a file of the same name at its top
_FOREIGN = FOREIGN | {"site-packages", "dist-packages", "gems"}


class Places:
    """The files of a tree, and the folder that a suite runs in."""

    def __init__(self, paths: Collection[str], cwd: str) -> None:
        self._cwd = PurePosixPath(cwd)
        self._by_name: dict[str, list[str]] = defaultdict(list)
        for path in paths:
            self._by_name[PurePosixPath(path).name].append(path)

    def failed_at(self, entry: ReportedCase) -> NamedPlace | None:
        """The innermost place of the tree that the failure names; ``None`` where it names none."""
        found = list(self._in_tree(entry))
        if not found:
            return None
        # Python alone ends a traceback with the frame that failed
        return found[-1] if found[-1].path.endswith(PYTHON) else found[0]

    def _in_tree(self, entry: ReportedCase) -> Iterator[NamedPlace]:
        for place in entry.named:
            path = self._path_of(place.path, entry.classname)
            if path:
                yield NamedPlace(path, place.line)

    def _path_of(self, named: str, classname: str) -> str:
        """The tree's path of what a runner names from the suite's folder, from the top, from the
        root of the machine, or by its last name alone; empty where it could be several."""
        if not _FOREIGN.isdisjoint(named.split("/")):
            return ""
        same_name = self._by_name.get(PurePosixPath(named).name, [])
        for path in (str(self._cwd / named), named):
            if path in same_name:
                return path
        fitting = [path for path in same_name if _ends_alike(path, named)]
        if len(fitting) > 1:
            fitting = [path for path in fitting if _is_of_class(path, classname)]
        return fitting[0] if len(fitting) == 1 else ""


def _ends_alike(path: str, named: str) -> bool:
    return path.endswith(f"/{named}") or named.endswith(f"/{path}")


def _is_of_class(path: str, classname: str) -> bool:
    """Whether the folder is that of the class's package: Go's ``example.org/shop/price``, Java's
    ``shop.price.CasesTest``."""
    folder = folder_of(path)
    package = classname.rpartition(".")[0].replace(".", "/")
    return classname.endswith(f"/{folder}") or (package != "" and folder.endswith(package))
