"""Whether a suite of the project can run here: its interpreter or its command, what its tests
import, and what its setup is keyed by."""

import ast
import sys
from functools import lru_cache
from typing import Collection, Final, Iterator

from devflow.craft.examine.programs import program_needed
from devflow.craft.imports.paths import is_in
from devflow.craft.suites.command_run import python_of
from devflow.craft.suites.interpreter import PYTEST, PYTEST_COV, Interpreter, interpreter_of
from devflow.craft.suites.setups import folders_of_code, unfit
from devflow.model.bounds.commands import argv_of
from devflow.model.declared.project import Suite
from devflow.model.errors import Unavailable
from devflow.model.outcomes import Needed
from devflow.model.wording import first_of, plural
from devflow.ports.around import Around

# files of tests whose imports are read: what a suite lacks, its first files lack
MOST_FILES: Final = 100
_SHOWN: Final = 3


def suite_needs(around: Around, name: str) -> Iterator[Needed]:
    """What the suite of this name needs; nothing of one that the project does not have."""
    suite = around.project.suites.get(name)
    if suite is None:
        return
    about = f"suite {name}"
    at = ("project", "suites", name)
    problem = unfit(suite, around.paths)
    if problem:
        yield Needed(about=about, here=False, found=problem, cure="machine", at=at)
    if suite.coverage_of and not folders_of_code(suite, around.paths):
        found = f"the repository has no {suite.coverage_of}"
        yield Needed(about=about, here=False, found=found, at=(*at, "coverage_of"))
    if suite.run:
        yield from _command(around, about, suite, at)
    else:
        yield from _pytest(around, about, suite, at)


def _command(
    around: Around, about: str, suite: Suite, at: tuple[str | int, ...]
) -> Iterator[Needed]:
    """The command's own program, where nothing that is set up brings it."""
    key, text = ("setup", suite.setup) if suite.setup else ("run", suite.run)
    if not suite.setup and "PATH" in suite.env:
        return
    try:
        found = python_of(around.shell, suite, around.paths)
    except Unavailable as error:
        yield _no_python(about, suite, error, at)
        return
    python = found.python if found else None
    what = f"{about}, its setup" if suite.setup else about
    yield from program_needed(around.shell, what, argv_of(text), (*at, key), python)


def _pytest(
    around: Around, about: str, suite: Suite, at: tuple[str | int, ...]
) -> Iterator[Needed]:
    wanted = (PYTEST, PYTEST_COV) if suite.coverage_of else (PYTEST,)
    modules = imported_by(around, suite.path)
    try:
        python = interpreter_of(
            around.shell, suite.python, suite.path, around.paths, (*wanted, *modules)
        )
    except Unavailable as error:
        yield _no_python(about, suite, error, at)
        return
    yield _interpreter(about, python, modules, at)


def _no_python(about: str, suite: Suite, error: Unavailable, at: tuple[str | int, ...]) -> Needed:
    place = (*at, "python") if suite.python else at
    return Needed(about=about, here=False, found=error.message, remedy=error.hint, at=place)


def _interpreter(
    about: str, python: Interpreter, modules: Collection[str], at: tuple[str | int, ...]
) -> Needed:
    lacks = python.python.lacks
    if not lacks:
        imports = f", with all {plural(len(modules), 'module')} that its tests import"
        found = python.words + (imports if modules else "")
        return Needed(about=about, here=True, found=found, at=at)
    names = first_of(lacks, _SHOWN)
    found = f"{python.words}, lacks {names}"
    remedy = python.remedy
    if not python.is_last_resort:
        # the name of a package is not always that of its module
        packages = " ".join(name.replace("_", "-") for name in lacks)
        remedy = f"{python.python.install} {packages}"
    return Needed(about=about, here=False, found=found, remedy=remedy, at=at)


def imported_by(around: Around, folder: str) -> tuple[str, ...]:
    """The top modules that the tests of a folder cannot do without, and that nothing in the tree
    is called like."""
    files = [path for path in around.paths if path.endswith(".py") and is_in(path, folder)]
    names: set[str] = set()
    for path in files[:MOST_FILES]:
        names |= _at_top(around.repository.read("", path) or "")
    return tuple(sorted(names - _names_in(around.paths) - sys.stdlib_module_names))


@lru_cache(maxsize=4)
def _names_in(paths: tuple[str, ...]) -> frozenset[str]:
    """What every file and folder is called: of 20,000 files, asked for each suite of each entry."""
    return frozenset(part.removesuffix(".py") for path in paths for part in path.split("/"))


def _at_top(text: str) -> set[str]:
    """What a module imports when it is loaded, whatever happens: not what it tries."""
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError):
        return set()
    names: set[str] = set()
    for node in tree.body:
        if isinstance(node, ast.Import):
            names |= {one.name.partition(".")[0] for one in node.names}
        elif isinstance(node, ast.ImportFrom) and not node.level and node.module:
            names.add(node.module.partition(".")[0])
    return names
