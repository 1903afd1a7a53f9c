"""Who imports whom among Python files, by their syntax trees and never by importing.

A statement counts wherever it stands, also in a function, under ``TYPE_CHECKING`` and in ``try``;
so do the literal names that ``import_module``, ``__import__`` and ``importorskip`` are called with
and those of ``pytest_plugins``.
"""

import ast
import re
import warnings
from functools import lru_cache
from pathlib import PurePosixPath
from typing import Collection, Final, Iterable, Iterator, Mapping, NamedTuple

from devflow.craft.imports.paths import folder_of, is_in, is_test, module_name

CONFTEST: Final = "conftest.py"
_BOM: Final = "\ufeff"
_CALLS: Final = ("import_module", "__import__", "importorskip")
_WORDS: Final = (*_CALLS, "pytest_plugins")
_BLOCKS: Final = ("body", "orelse", "finalbody", "handlers", "cases")  # of statements
# of a file that is no Python to this interpreter: each line that begins as an import does
_LINE: Final = re.compile(
    r"^[ \t]*(?:from[ \t]+(?P<dots>\.*)(?P<module>[\w.]*)[ \t]+import"
    r"(?P<names>[ \t]*\([^)]*|[ \t][^\n#]*)"
    r"|import[ \t]+(?P<modules>[^\n#;]+))",
    re.MULTILINE,
)
_COMMENT: Final = re.compile(r"#[^\n]*")
_NAME: Final = re.compile(r"[\w.]+")
# texts; the same ones are asked for by the next step, and each second by `status --watch`
_KEPT: Final = 20_000

Imported = tuple[str, int]
"""A dotted name, and how many dots stand before it."""


def importers(sources: Mapping[str, str]) -> dict[str, set[str]]:
    """The files that are run after each file because they import it, at once; a conftest.py has the
    tests beside and below it.

    A name counts from the top folder, from folders called ``src``, and from folders without
    ``__init__.py`` above the importing file, which pytest and scripts put on Python's path.
    """
    found: dict[str, set[str]] = {}
    by_name = {}
    for path in sources:
        for name in _names(path):
            by_name[name] = path
    packages = {folder_of(path) for path in sources if path.endswith("/__init__.py")}
    for path, text in sources.items():
        starts = _starts(path, packages)
        for name, level in read(text).imported:
            names = _absolute(path, name, level) if level else [start + name for start in starts]
            for full in names:
                _add(found, by_name, full, path)
    for path in sources:
        if PurePosixPath(path).name == CONFTEST:
            found.setdefault(path, set()).update(_tests_below(sources, folder_of(path)))
    return found


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


def _add(found: dict[str, set[str]], by_name: Mapping[str, str], name: str, importer: str) -> None:
    """The module and the packages above it, which are run before it."""
    while name:
        path = by_name.get(name)
        if path is not None and path != importer:
            found.setdefault(path, set()).add(importer)
        name = name.rpartition(".")[0]


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


class Read(NamedTuple):
    """Each name that a file imports, once; ``whole`` is false where it is no Python to the
    interpreter that runs devflow, and only lines that look like imports were read."""

    imported: tuple[Imported, ...]
    whole: bool = True


@lru_cache(maxsize=_KEPT)
def read(text: str) -> Read:
    """What a file imports. Never raises."""
    tree = _parsed(text)
    if tree is None:
        return Read(tuple(dict.fromkeys(_by_line(text))), whole=False)
    # most files call none of these, and walking statements alone takes a tenth of the time
    nodes = ast.walk(tree) if any(word in text for word in _WORDS) else _statements(tree)
    return Read(tuple(dict.fromkeys(_in_nodes(nodes))))


def _parsed(text: str) -> ast.Module | None:
    with warnings.catch_warnings():
        # what a project's own texts are warned of is no business of a reader
        warnings.simplefilter("ignore")
        try:
            return ast.parse(text.removeprefix(_BOM))
        # the last two: an expression that is nested deeper than the interpreter goes
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return None


def _statements(tree: ast.Module) -> Iterator[ast.AST]:
    waiting: list[ast.AST] = [tree]
    while waiting:
        node = waiting.pop()
        yield node
        for block in _BLOCKS:
            waiting += getattr(node, block, ())


def _in_nodes(nodes: Iterable[ast.AST]) -> Iterator[Imported]:
    for node in nodes:
        match node:
            case ast.Import(names=names):
                yield from ((alias.name, 0) for alias in names)
            case ast.ImportFrom(module=module, names=names, level=level):
                start = f"{module}." if module else ""
                yield from ((start + alias.name, level) for alias in names)
            case ast.Call(func=function, args=[ast.Constant(value=str(name)), *_]):
                if _called(function) in _CALLS:
                    yield _with_level(name)
            case ast.Assign(targets=[ast.Name(id="pytest_plugins")], value=value):
                yield from ((name, 0) for name in _texts(value))


def _called(function: ast.expr) -> str:
    match function:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
    return ""


def _texts(value: ast.expr) -> Iterator[str]:
    for node in ast.walk(value):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


def _with_level(name: str) -> Imported:
    bare = name.lstrip(".")
    return bare, len(name) - len(bare)


def _by_line(text: str) -> Iterator[Imported]:
    for found in _LINE.finditer(text):
        if found["modules"]:
            for one in found["modules"].split(","):
                name = _NAME.match(one.strip())
                if name:
                    yield name[0], 0
            continue
        module = found["module"]
        yield module, len(found["dots"])
        start = f"{module}." if module else ""
        for one in _NAME.findall(_COMMENT.sub("", found["names"])):
            yield start + one, len(found["dots"])
