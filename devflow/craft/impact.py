"""Which Python modules of a repository import the files that are going to change.

Direct imports only, read from the syntax tree and never by importing: a module that does not parse is left out.
"""

import ast
from pathlib import PurePosixPath
from typing import Collection, Iterator, Mapping


def importers(sources: Mapping[str, str], changed: Collection[str]) -> tuple[str, ...]:
    """The paths among ``sources`` (path to text) that import a changed file, sorted and without the changed files themselves.

    A name counts from the repository's root, from ``src/`` and from the importing file's own folder.
    """
    wanted = {_module(path) for path in changed if path.endswith(".py")}
    words = {name.rpartition(".")[2] for name in wanted}
    return tuple(
        sorted(
            path
            for path, text in sources.items()
            if path not in changed and any(word in text for word in words) and wanted & set(_imported(path, text))
        )
    )


def _module(path: str) -> str:
    parts = PurePosixPath(path).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def _imported(path: str, text: str) -> Iterator[str]:
    """Every module name that a file may mean by its imports, the packages above each included."""
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError):
        return
    folder = PurePosixPath(path).parent.parts
    for node in ast.walk(tree):
        match node:
            case ast.Import(names=names):
                yield from _absolute(folder, (alias.name for alias in names))
            case ast.ImportFrom(module=module, names=names, level=0) if module:
                yield from _absolute(folder, (f"{module}.{alias.name}" for alias in names))
            case ast.ImportFrom(module=module, names=names, level=level) if level <= len(folder):
                base = [*folder[: len(folder) - level + 1], *([module] if module else [])]
                yield from _upwards(".".join([*base, alias.name]) for alias in names)


def _absolute(folder: tuple[str, ...], names: Iterator[str]) -> Iterator[str]:
    for name in names:
        yield from _upwards(".".join(start + (name,)) for start in ((), ("src",), folder))


def _upwards(names: Iterator[str]) -> Iterator[str]:
    for name in names:
        while name:
            yield name
            name = name.rpartition(".")[0]
