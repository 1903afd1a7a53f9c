"""What a change reaches: the modules and tests of a tree that import it, over as many steps as it
takes.

Read from the text of import statements and never by importing, so that a tree which nobody
installed can be asked too. A statement counts where it begins a line, also in a function or a
docstring; one that is no valid Python is left out.
"""

import ast
import re
from collections import deque
from dataclasses import dataclass
from fnmatch import fnmatch
from functools import lru_cache
from pathlib import PurePosixPath
from typing import Collection, Final, Iterator, Mapping

from devflow.craft.evidence import numbered
from devflow.model.checks import Check, measure, note, shown
from devflow.model.figures import absent, count
from devflow.model.planning import Impact
from devflow.model.project import Suite
from devflow.model.wording import figure
from devflow.ports.repository import RepositoryReads

# code that imports other code in ways that are not read here, by the endings that GitHub's Linguist
# gives the languages most used there
_OTHER_CODE: Final = frozenset(
    ".js .mjs .cjs .jsx .ts .mts .cts .tsx .vue .svelte .go .rs .java .kt .scala .rb .php .cs .c "
    ".cc .cpp .h .hpp .swift .dart .ex .exs .erl .hs .lua .pl .r .jl .sh".split()
)
IMPACT_EVIDENCE: Final = {
    "reach": "how many modules a change reaches over imports",
    "reach_tests": "how many test files it reaches",
    "chain": "one of the ways there, about its number",
}
"""Which evidence there is of what a change reaches, by id."""
SHOWN: Final = 2  # chains of each kind; the counts say how many there are
CONFTEST: Final = "conftest.py"
_TESTS: Final = ("test_*.py", "*_test.py")  # what pytest collects where nothing else is configured
_STATEMENT: Final = re.compile(
    r"^[ \t]*((?:from[ \t]+[.\w]+[ \t]+import[ \t]*\([^)]*\))"
    r"|(?:from|import)[ \t](?:[^\n\\]|\\\n)*)",
    re.MULTILINE,
)

Chain = tuple[str, ...]
"""A changed path, then each importer of the one before."""


@dataclass(frozen=True)
class Reached:
    """The paths that a change reaches, the nearest first, each with a shortest chain; changed tests
    are among the tests. ``unread`` are the endings of changed code whose imports are not read."""

    modules: Mapping[str, Chain]
    tests: Mapping[str, Chain]
    unread: tuple[str, ...] = ()


def read(repository: RepositoryReads, tree: str, changed: Collection[str]) -> Reached:
    """What the changed paths reach in a tree."""
    return reached(repository.texts(tree, ".py"), changed)


def reached(sources: Mapping[str, str], changed: Collection[str]) -> Reached:
    """What changed paths reach among ``sources`` (path to text); a path that does not exist yet is
    taken as a module to be.

    A folder stands for what is in it. A file that is no Python (template, style sheet, data)
    reaches the modules of the nearest folder above it that has any, unless that is the top folder.
    A ``conftest.py`` reaches the tests beside and below it. A name counts from the top folder, from
    folders called ``src``, and from folders without ``__init__.py`` above the importing file, which
    pytest and scripts put on Python's path.
    """
    begun = {path for one in changed for path in (_inside(sources, one) or (one,))}
    known = {path: "" for path in begun if path.endswith(".py")} | dict(sources)
    importers = _importers(known, [path for path in begun if not path.endswith(".py")])
    chains: dict[str, Chain] = {path: (path,) for path in sorted(begun)}
    waiting = deque(chains)
    while waiting:
        path = waiting.popleft()
        for importer in sorted(importers.get(path, ())):
            if importer not in chains:
                chains[importer] = (*chains[path], importer)
                waiting.append(importer)
    python = {path: chain for path, chain in chains.items() if path.endswith(".py")}
    tests = {path: chain for path, chain in python.items() if is_test(path)}
    modules = {
        path: chain for path, chain in python.items() if path not in tests and path not in begun
    }
    return Reached(modules, tests, _unread(begun, sources))


def _unread(changed: Collection[str], sources: Collection[str]) -> tuple[str, ...]:
    """In a tree without Python nothing is read at all."""
    endings = {PurePosixPath(path).suffix or path for path in changed}
    return tuple(sorted(endings & _OTHER_CODE if sources else endings))


def is_test(path: str) -> bool:
    """Whether pytest would collect the file by its name."""
    return any(fnmatch(PurePosixPath(path).name, pattern) for pattern in _TESTS)


def summed_up(found: Reached, suites: Mapping[str, Suite]) -> Impact:
    """The counts, and the first few chains in words; ``suites`` are the project's, by name."""
    tests_by_suite = {}
    for name, suite in suites.items():
        count = sum(is_in(path, suite.path) for path in found.tests)
        if count:
            tests_by_suite[name] = count
    chains = list(found.modules.values())[:SHOWN]
    # a changed test is its own chain, and says nothing
    chains += [chain for chain in found.tests.values() if len(chain) > 1][:SHOWN]
    return Impact(
        modules=len(found.modules),
        tests=len(found.tests),
        tests_by_suite=tests_by_suite,
        chains=tuple(_in_short(chain) for chain in chains),
        unread=found.unread,
    )


def impact_checks(impact: Impact, source: str) -> tuple[Check, ...]:
    """How much is reached, then some of the ways there; nothing keeps an entry from passing."""
    checks = _counts(impact, source)
    for chain in numbered("chain", "reached", impact.chains, source):
        checks.append(shown(chain))
    return tuple(checks)


def _counts(impact: Impact, source: str) -> list[Check]:
    unread = f"imports of {', '.join(impact.unread)} are not read"
    if impact.unread and not (impact.modules or impact.tests):
        return [note(measure("reach", "reaches", absent(unread), source))]
    tests = count(impact.tests, "test file")
    words = figure(tests)
    by_suite = [f"{name} {number}" for name, number in impact.tests_by_suite.items()]
    if by_suite:
        words += f": {', '.join(by_suite)}"
    if impact.unread:
        words += f"; {unread}"
    modules = count(impact.modules, "module", note=words)
    return [
        shown(measure("reach", "reaches", modules, source), not impact.unread),
        note(measure("reach_tests", "reaches tests", tests, source)),
    ]


def _in_short(chain: Chain) -> str:
    """``services.frontend.app <- tests/frontend/test_page.py``; of a long chain the ends, and how
    many stand between."""
    names = []
    for path in chain:
        is_module = path.endswith(".py") and not is_test(path)
        names.append(module_name(path) if is_module else path)
    if len(names) > 4:
        names = [*names[:2], f"{len(names) - 3} more", names[-1]]
    return " <- ".join(names)


def is_in(path: str, folder: str) -> bool:
    """Whether a path is a folder or lies in it."""
    return path == folder or path.startswith(f"{folder.rstrip('/')}/")


def _inside(sources: Collection[str], folder: str) -> tuple[str, ...]:
    if folder in sources:
        return ()
    below = f"{folder.rstrip('/')}/"
    return tuple(path for path in sources if path.startswith(below))


def _importers(sources: Mapping[str, str], others: Collection[str]) -> dict[str, set[str]]:
    """Who is reached from each path at once; ``others`` are changed files that are no Python."""
    importers: dict[str, set[str]] = {}
    by_name = {}
    for path in sources:
        for name in _names(path):
            by_name[name] = path
    packages = _packages(sources)
    for path, text in sources.items():
        starts = _starts(path, packages)
        for name, level in _imported(text):
            names = _absolute(path, name, level) if level else [start + name for start in starts]
            for full in names:
                _add(importers, by_name, full, path)
    for path in sources:
        if PurePosixPath(path).name == CONFTEST:
            importers.setdefault(path, set()).update(_tests_below(sources, _folder(path)))
    by_folder: dict[str, set[str]] = {}
    for path in sources:
        by_folder.setdefault(_folder(path), set()).add(path)
    for path in others:
        importers[path] = _nearest_modules(path, by_folder)
    return importers


def _packages(sources: Collection[str]) -> set[str]:
    """The folders that have an ``__init__.py``."""
    return {_folder(path) for path in sources if path.endswith("/__init__.py")}


def _folder(path: str) -> str:
    return str(PurePosixPath(path).parent)


def _starts(path: str, packages: set[str]) -> list[str]:
    """What a bare name may begin with: pytest and scripts put the nearest folder that is no package
    on Python's path."""
    starts = []
    for folder in PurePosixPath(path).parents:
        name = str(folder)
        if name not in packages:
            starts.append("" if name == "." else f"{name.replace('/', '.')}.")
    return starts


def _tests_below(sources: Collection[str], folder: str) -> set[str]:
    tests = {path for path in sources if is_test(path)}
    return tests if folder == "." else {path for path in tests if is_in(path, folder)}


def _nearest_modules(path: str, by_folder: Mapping[str, set[str]]) -> set[str]:
    """The modules of the nearest folder above a file that has any, unless that is the top one."""
    for folder in PurePosixPath(path).parents:
        if str(folder) != "." and str(folder) in by_folder:
            return by_folder[str(folder)]
    return set()


def _add(found: dict[str, set[str]], by_name: Mapping[str, str], name: str, importer: str) -> None:
    """The module and the packages above it, which are run before it."""
    while name:
        path = by_name.get(name)
        if path is not None and path != importer:
            found.setdefault(path, set()).add(importer)
        name = name.rpartition(".")[0]


def module_name(path: str) -> str:
    """The name by which a file is imported from the folder that its path begins in."""
    parts = PurePosixPath(path).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def _names(path: str) -> Iterator[str]:
    """The names by which a file may be imported: from the top folder and from each folder called
    ``src``."""
    name = module_name(path)
    yield name
    parts = name.split(".")
    for place, part in enumerate(parts[:-1]):
        if part == "src":
            yield ".".join(parts[place + 1 :])


def _absolute(path: str, name: str, level: int) -> tuple[str, ...]:
    folder = PurePosixPath(path).parent.parts
    if level > len(folder):
        return ()
    return (".".join((*folder[: len(folder) - level + 1], name)),)


@lru_cache(
    maxsize=4096
)  # texts; the same ones are asked for again by the next step, and each second by `status --watch`
def _imported(text: str) -> tuple[tuple[str, int], ...]:
    """Each name that a file imports, with its number of leading dots."""
    return tuple(
        dict.fromkeys(one for found in _STATEMENT.finditer(text) for one in _parsed(found[1]))
    )


def _parsed(statement: str) -> Iterator[tuple[str, int]]:
    try:
        tree = ast.parse(statement)
    except (SyntaxError, ValueError):
        return
    for node in tree.body:
        match node:
            case ast.Import(names=names):
                yield from ((alias.name, 0) for alias in names)
            case ast.ImportFrom(module=module, names=names, level=level):
                yield from (
                    (f"{module}.{alias.name}" if module else alias.name, level) for alias in names
                )
