"""Whether the tests of a Python project imported it from the checkout that they ran in.

What is installed for development leads to the working tree, and what is installed otherwise to a
copy: both would be tested in the checkout's place, and pass. So the project's import roots come
first in what Python loads, and afterwards it is looked where its modules were loaded from: by
their names, and whatever they are called by whether they lie in the working tree.
"""

import json
import sys
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Collection, Final, Iterator

from devflow.craft.tree.impact import is_in, module_name
from devflow.model.wording import first_of, one_line

# what names a folder as a project of its own: PEP 517, and setuptools before it
PROJECT_FILES: Final = ("pyproject.toml", "setup.py", "setup.cfg")
_SOURCES: Final = "src"
_TOP: Final = "."
# nobody imports the standard library's own tests, and many projects call their folder so
_HARMLESS: Final = frozenset({"test"})
_SHOWN: Final = 2  # modules; one is enough to see what happened


@dataclass(frozen=True)
class Loaded:
    """One module of the project as a process of the suite loaded it: from the checkout, or from
    elsewhere."""

    name: str
    file: str
    inside: bool


def import_roots(paths: Collection[str], suite_path: str) -> tuple[str, ...]:
    """The folders from which the project is imported, the suite's own project first: ``src`` of
    each project, else the project's folder itself. A project among the suite's files is a fixture.
    """
    python = [path for path in paths if path.endswith(".py")]
    projects = {str(PurePosixPath(path).parent) for path in paths if _is_project_file(path)}
    roots = []
    for project in sorted(projects | {_TOP}):
        if project != _TOP and is_in(project, suite_path):
            continue
        sources = _SOURCES if project == _TOP else f"{project}/{_SOURCES}"
        # one that is a package itself is imported by its own name
        has_sources = f"{sources}/__init__.py" not in paths and any(_below(python, sources))
        root = sources if has_sources else project
        if _top_names(python, root):
            roots.append((_nearness(project, suite_path), root))
    return tuple(root for _, root in sorted(roots))


def in_front(paths: Collection[str], roots: Collection[str]) -> tuple[str, ...]:
    """The roots that may stand in front of everything else that Python loads: none in which a
    module is called like one of the standard library, which would break Python itself."""
    python = [path for path in paths if path.endswith(".py")]
    dangerous = sys.stdlib_module_names - _HARMLESS
    return tuple(root for root in roots if not _top_names(python, root) & dangerous)


def modules_in(paths: Collection[str], roots: Collection[str]) -> tuple[str, ...]:
    """The names by which the project's own modules are imported from its roots."""
    names: dict[str, None] = {}
    for root in roots:
        for path in _below(paths, root):
            name = module_name(path)
            is_own = name.partition(".")[0] not in sys.stdlib_module_names
            if path.endswith(".py") and is_own:
                names[name] = None
    return tuple(names)


def read_loaded(text: str) -> tuple[Loaded, ...]:
    """What the plugin wrote, one line for each module and process."""
    loaded: dict[Loaded, None] = {}
    for line in text.splitlines():
        name, file, inside = json.loads(line)
        loaded[Loaded(str(name), str(file), bool(inside))] = None
    return tuple(loaded)


def loaded_elsewhere(loaded: Collection[Loaded]) -> str:
    """Which modules came from another place than the checkout, in words; empty where none did."""
    others = [one for one in loaded if not one.inside]
    if not others:
        return ""
    texts = [f"{one.name} from {one.file}" for one in others]
    loaded_from = f"the tests loaded {first_of(texts, _SHOWN)}, not from the tree under test"
    return one_line(f"{loaded_from}; pytest's pythonpath = names the folder to load it from", 400)


def has_loaded(loaded: Collection[Loaded], code: str) -> bool:
    """Whether anything of a package or folder was loaded from the checkout."""
    for one in loaded:
        is_of_package = one.name == code or one.name.startswith(f"{code}.")
        if one.inside and (is_of_package or is_in(one.file, code)):
            return True
    return False


def _is_project_file(path: str) -> bool:
    return PurePosixPath(path).name in PROJECT_FILES


def _nearness(project: str, suite_path: str) -> int:
    """How a project is sorted: the suite's own is the deepest folder that holds it."""
    if project == _TOP:
        return 0
    return -len(project) if is_in(suite_path, project) else 1


def _top_names(python: Collection[str], root: str) -> frozenset[str]:
    return frozenset(path.partition("/")[0].removesuffix(".py") for path in _below(python, root))


def _below(paths: Collection[str], root: str) -> Iterator[str]:
    """The paths in a folder, as seen from it."""
    for path in paths:
        if root == _TOP:
            yield path
        elif path.startswith(f"{root}/"):
            yield path.removeprefix(f"{root}/")
