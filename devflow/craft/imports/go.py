"""Who imports whom among Go files: by packages, since Go compiles the files of a folder together.

A package's name is its module's, from the go.mod above it, and its folder. A test file belongs to
the package of its folder, or stands beside it, and nobody imports it.
"""

import re
from functools import lru_cache
from pathlib import PurePosixPath
from typing import Final, Mapping

from devflow.craft.imports.paths import by_folder, folder_of, is_test

MODULE: Final = "go.mod"
_NAME: Final = re.compile(r'^module[ \t]+["`]?([^\s"`]+)', re.MULTILINE)
# imports stand before everything else of a file: https://go.dev/ref/spec#Source_file_organization
_SPACE: Final = r"(?:[\s;]|//[^\n]*(?:\n|$)|/\*.*?\*/)*"
_PACKAGE: Final = re.compile(rf"\ufeff?{_SPACE}package\b{_SPACE}\w+", re.DOTALL)
_SPEC: Final = rf'(?:[\w.]+{_SPACE})?(?:"([^"\n]*)"|`([^`]*)`)'
_IMPORT: Final = re.compile(rf"{_SPACE}import\b{_SPACE}(?:(\()|{_SPEC})", re.DOTALL)
_IN_BRACKETS: Final = re.compile(rf"{_SPACE}(?:(\))|{_SPEC})", re.DOTALL)
_KEPT: Final = 20_000  # texts; the same ones are asked for by the next step


def importers(sources: Mapping[str, str], modules: Mapping[str, str]) -> dict[str, set[str]]:
    """The files that are compiled with each file or import its package; ``modules`` are the texts
    of every go.mod, without which no import can be told."""
    found: dict[str, set[str]] = {}
    folders = by_folder(sources)
    for path in sources:
        beside = folders[folder_of(path)] - {path}
        found[path] = {one for one in beside if is_test(one)} if is_test(path) else set(beside)
    prefixes = _prefixes(modules)
    for importer, text in sources.items():
        for name in imported(text):
            for path in folders.get(_folder(prefixes, name), ()):
                if path != importer and not is_test(path):
                    found[path].add(importer)
    return found


def _prefixes(modules: Mapping[str, str]) -> dict[str, str]:
    """The folder of each module of the tree, by its name; the longest name first."""
    found = {}
    for path, text in modules.items():
        named = _NAME.search(text)
        if named and PurePosixPath(path).name == MODULE:
            found[named[1]] = folder_of(path)
    return dict(sorted(found.items(), key=lambda one: -len(one[0])))


def _folder(prefixes: Mapping[str, str], name: str) -> str:
    for prefix, folder in prefixes.items():
        if name == prefix or name.startswith(f"{prefix}/"):
            return str(PurePosixPath(folder) / name[len(prefix) + 1 :])
    return ""


@lru_cache(maxsize=_KEPT)
def imported(text: str) -> tuple[str, ...]:
    """Each package that a file imports, once."""
    names: dict[str, None] = {}
    begun = _PACKAGE.match(text)
    place = begun.end() if begun else len(text)
    while found := _IMPORT.match(text, place):
        place = found.end()
        if not found[1]:
            names[found[2] or found[3]] = None
            continue
        while spec := _IN_BRACKETS.match(text, place):
            place = spec.end()
            if spec[1]:
                break
            names[spec[2] or spec[3]] = None
    return tuple(names)
