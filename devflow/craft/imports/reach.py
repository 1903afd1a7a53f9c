"""What a change reaches: the modules and tests of a tree that import it, over as many steps as it
takes.

Read from texts and never by importing, so that a tree which nobody installed can be asked too:
Python by its syntax trees, JavaScript and TypeScript by theirs, Go by its packages.
"""

from collections import deque
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Collection, Final, Mapping

from devflow.craft.imports import go, javascript, python, resolving
from devflow.craft.imports.paths import (
    COMPONENTS,
    GO,
    JAVASCRIPT,
    PYTHON,
    by_folder,
    inside,
    is_test,
)
from devflow.ports.repository import RepositoryReads

# code that imports other code in ways that are not read here, by the endings that GitHub's Linguist
# gives the languages most used there
_OTHER_CODE: Final = frozenset(
    ".rs .java .kt .kts .scala .groovy .clj .rb .php .cs .fs .vb .c .cc .cpp .cxx .h .hh .hpp .m "
    ".mm .swift .dart .ex .exs .erl .hrl .hs .ml .lua .pl .pm .t .r .jl .sh .bash .bats .zig .nim "
    ".astro .coffee .elm".split()
)
_SCRIPTS: Final = (*JAVASCRIPT, *COMPONENTS)
READ: Final = (PYTHON, *_SCRIPTS, GO)
"""Endings of the code whose imports are read."""
_SETTINGS: Final = (go.MODULE, resolving.PACKAGE, *resolving.SETTINGS)
# what is installed into a tree, and kept there by some, is none of its own code
_INSTALLED: Final = frozenset({"node_modules", "vendor", "bower_components"})
_WAYS: Final = {PYTHON: "Python's imports", GO: "Go's packages"}
_SCRIPT_WAY: Final = "JavaScript's imports"

Chain = tuple[str, ...]
"""A changed path, then each importer of the one before."""
Importers = Mapping[str, set[str]]


@dataclass(frozen=True)
class Reached:
    """The paths that a change reaches, the nearest first, each with a shortest chain; changed tests
    are among the tests.

    ``unread`` are the endings of changed code whose imports are not read, ``ways`` how the others
    were, ``partly`` the files that are read by lines alone, as their language does not know them.
    """

    modules: Mapping[str, Chain]
    tests: Mapping[str, Chain]
    unread: tuple[str, ...] = ()
    ways: tuple[str, ...] = ()
    partly: tuple[str, ...] = ()


def read(repository: RepositoryReads, tree: str, changed: Collection[str]) -> Reached:
    """What the changed paths reach in a tree."""
    return reached(sources(repository, tree), changed)


def sources(repository: RepositoryReads, tree: str) -> Mapping[str, str]:
    """The texts of a tree that its imports are read from, by path."""
    found = {}
    for path, text in repository.texts(tree, (*READ, *_SETTINGS)).items():
        if not _INSTALLED & set(PurePosixPath(path).parts):
            found[path] = text
    return found


def reached(texts: Mapping[str, str], changed: Collection[str]) -> Reached:
    """What changed paths reach among ``texts`` (path to text); a path that does not exist yet is
    taken as a module to be.

    A folder stands for what is in it. A file that is no code which is read here (template, style
    sheet, data) reaches the modules of the nearest folder above it that has any, unless that is
    the top folder.
    """
    begun = {path for one in changed for path in (inside(texts, one) or (one,))}
    known = {path: "" for path in begun if _is_code(path)} | dict(texts)
    chains = _chains(begun, _importers(known, begun))
    tests = {path: chain for path, chain in chains.items() if is_test(path)}
    modules = {}
    for path, chain in chains.items():
        if path not in tests and path not in begun:
            modules[path] = chain
    code = sorted(begun | chains.keys())
    ways = dict.fromkeys(_way(path) for path in code if _is_code(path))
    return Reached(modules, tests, _unread(begun, texts), tuple(ways), _partly(chains, texts))


def _chains(begun: Collection[str], importers: Importers) -> dict[str, Chain]:
    """A shortest way to each file of code; a package that is imported as a whole is a step of the
    way, and no file."""
    chains: dict[str, Chain] = {path: (path,) for path in sorted(begun)}
    waiting = deque(chains)
    while waiting:
        path = waiting.popleft()
        for importer in sorted(importers.get(path, ())):
            if importer not in chains:
                chains[importer] = (*chains[path], importer)
                waiting.append(importer)
    found = {}
    for path, chain in chains.items():
        if _is_code(path):
            found[path] = tuple(one for one in chain if not one.endswith("/"))
    return found


def _is_code(path: str) -> bool:
    return path.endswith(READ)


def _way(path: str) -> str:
    return _WAYS.get(PurePosixPath(path).suffix, _SCRIPT_WAY)


def _unread(changed: Collection[str], texts: Collection[str]) -> tuple[str, ...]:
    """In a tree without code that is read nothing is; without a go.mod no package has a name."""
    endings = {PurePosixPath(path).suffix or path for path in changed}
    if not any(_is_code(path) for path in texts):
        return tuple(sorted(endings))
    not_read = set(_OTHER_CODE)
    if not any(PurePosixPath(path).name == go.MODULE for path in texts):
        not_read.add(GO)
    return tuple(sorted(endings & not_read))


def _partly(paths: Collection[str], texts: Mapping[str, str]) -> tuple[str, ...]:
    """Of what was reached, what its language does not know."""
    found = []
    for path in sorted(paths):
        suffix = PurePosixPath(path).suffix
        text = texts.get(path, "")
        if suffix == PYTHON:
            is_whole = python.read(text).whole
        else:
            is_whole = suffix == GO or javascript.read(suffix, text).whole
        if not is_whole:
            found.append(path)
    return tuple(found)


def _importers(known: Mapping[str, str], begun: Collection[str]) -> Importers:
    """Who is reached from each path at once, in each language among its own files."""
    of_python = {path: text for path, text in known.items() if path.endswith(PYTHON)}
    of_go = {path: text for path, text in known.items() if path.endswith(GO)}
    of_scripts = {path: text for path, text in known.items() if path.endswith(_SCRIPTS)}
    settings = {path: text for path, text in known.items() if not _is_code(path)}
    found = python.importers(of_python)
    found.update(go.importers(of_go, settings) if of_go else {})
    if of_scripts:
        resolver = resolving.Resolver({*known, *begun}, settings)
        found.update(resolving.importers(of_scripts, resolver))
    folders = by_folder(path for path in known if _is_code(path))
    for path in begun:
        if not _is_code(path):
            found.setdefault(path, set()).update(_nearest_modules(path, folders))
    return found


def _nearest_modules(path: str, folders: Mapping[str, set[str]]) -> set[str]:
    """The modules of the nearest folder above a file that has any, unless that is the top one."""
    for folder in PurePosixPath(path).parents:
        if str(folder) != "." and str(folder) in folders:
            return folders[str(folder)]
    return set()
