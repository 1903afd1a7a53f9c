"""Which file of a tree a name in JavaScript or TypeScript means, as Node, TypeScript and bundlers
look for it.

A name with dots at its beginning counts from the importing file; another one is that of a package
of this tree (its package.json), an entry of ``imports`` there, or a path of the nearest
tsconfig.json. What is installed is no file of the tree.
"""

import json
import posixpath
import re
from functools import cached_property, lru_cache
from pathlib import PurePosixPath
from typing import Any, Collection, Final, Iterator, Mapping, NamedTuple

from devflow.craft.imports import javascript
from devflow.craft.imports.paths import COMPONENTS, is_test

PACKAGE: Final = "package.json"
SETTINGS: Final = ("tsconfig.json", "jsconfig.json")
_TOP: Final = "."
# in the order in which TypeScript and bundlers try them
_ENDINGS: Final = (*".ts .tsx .d.ts .js .jsx .mjs .cjs .mts .cts .json".split(), *COMPONENTS)
# TypeScript imports a file by the name that it is compiled to
_COMPILED: Final = {
    ".js": (".ts", ".tsx"),
    ".jsx": (".tsx",),
    ".mjs": (".mts",),
    ".cjs": (".cts",),
}
_CONDITIONS: Final = ("source", "import", "module", "node", "browser", "require", "default")
# `@/` and `~/` are the source folder where Vue, Nuxt and Next begin a project
_HABITS: Final = ("@/", "~/")
_JSONC: Final = re.compile(r'("(?:\\.|[^"\\])*")|//[^\n]*|/\*.*?\*/', re.DOTALL)
_LAST_COMMA: Final = re.compile(r'("(?:\\.|[^"\\])*")|,(?=\s*[\]}])')
_DEEPEST: Final = 8  # settings that extend settings; TypeScript itself refuses a circle alone


class Package(NamedTuple):
    """A package.json: its folder, and what it says."""

    folder: str
    said: Mapping[str, Any]

    @property
    def name(self) -> str:
        """By which others import it, empty where it has none."""
        name = self.said.get("name")
        return name if isinstance(name, str) else ""


class Resolver:
    """The files of one tree; ``texts`` are those of its package.json and tsconfig.json, by path."""

    def __init__(self, paths: Collection[str], texts: Mapping[str, str]) -> None:
        self._paths = frozenset(paths)
        self._texts = texts

    @cached_property
    def packages(self) -> Mapping[str, Package]:
        """Every package.json by its folder."""
        found = {}
        for path, text in self._texts.items():
            if PurePosixPath(path).name == PACKAGE:
                folder = posixpath.dirname(path) or _TOP
                found[folder] = Package(folder, parsed(text))
        return found

    @cached_property
    def _named(self) -> Mapping[str, Package]:
        return {package.name: package for package in self.packages.values() if package.name}

    def files(self, importer: str, name: str) -> tuple[str, ...]:
        """The files that a name may mean; a folder of the tree with a slash at its end where a
        package of it is imported and its entry is built, not kept."""
        folder = posixpath.dirname(importer) or _TOP
        name = name.partition("?")[0]  # bundlers: how a file is loaded
        if name.startswith("."):
            return self._at(posixpath.join(folder, name))
        if name.startswith("/"):
            return ()
        found: tuple[str, ...] = ()
        for place in self._places(folder, name):
            found = found or self._at(place)
        return found or self._of_package(name)

    def _places(self, folder: str, name: str) -> Iterator[str]:
        """The paths that settings and habits make of a bare name."""
        for above in _upwards(folder):
            package = self.packages.get(above)
            if name.startswith("#") and package:
                yield from _mapped(package.said.get("imports"), name, above)
            for settings in SETTINGS:
                yield from self._by_settings(posixpath.normpath(f"{above}/{settings}"), name, 0)
            for habit in _HABITS:
                if package and name.startswith(habit):
                    yield f"{above}/src/{name.removeprefix(habit)}"

    def _by_settings(self, path: str, name: str, depth: int) -> Iterator[str]:
        text = self._texts.get(path)
        if text is None or depth > _DEEPEST:
            return
        said = parsed(text)
        folder = posixpath.dirname(path) or _TOP
        options = said.get("compilerOptions")
        if isinstance(options, dict):
            base = options.get("baseUrl")
            start = f"{folder}/{base}" if isinstance(base, str) else folder
            yield from _mapped(options.get("paths"), name, start)
            if isinstance(base, str):
                yield f"{start}/{name}"
        extended = said.get("extends")
        for one in extended if isinstance(extended, list) else [extended]:
            if isinstance(one, str) and one.startswith("."):
                target = posixpath.normpath(f"{folder}/{one}")
                ending = "" if target.endswith(".json") else ".json"
                yield from self._by_settings(target + ending, name, depth + 1)

    def _of_package(self, name: str) -> tuple[str, ...]:
        for own, package in self._named.items():
            if name != own and not name.startswith(f"{own}/"):
                continue
            inner = name[len(own) :].lstrip("/")
            found: tuple[str, ...] = ()
            for place in _entries(package, inner):
                found = found or self._at(f"{package.folder}/{place}")
            return found or (f"{package.folder}/",)
        return ()

    def _at(self, place: str) -> tuple[str, ...]:
        path = posixpath.normpath(place)
        if path in self._paths:
            return (path,)
        for candidate in _candidates(path):
            if candidate in self._paths:
                return (candidate,)
        return ()


def importers(scripts: Mapping[str, str], resolver: Resolver) -> dict[str, set[str]]:
    """Who is reached from each script, and from each package of the tree that is imported as a
    whole: its folder, with a slash at its end, which its own files lead to."""
    found: dict[str, set[str]] = {}
    for importer, text in scripts.items():
        for name in javascript.read(PurePosixPath(importer).suffix, text).imported:
            for path in resolver.files(importer, name):
                if path != importer:
                    found.setdefault(path, set()).add(importer)
    for folder in [path for path in found if path.endswith("/")]:
        for path in scripts:
            if path.startswith(folder) and not is_test(path):
                found.setdefault(path, set()).add(folder)
    return found


def _candidates(path: str) -> Iterator[str]:
    stem, ending = posixpath.splitext(path)
    for compiled in _COMPILED.get(ending, ()):
        yield stem + compiled
    for one in _ENDINGS:
        yield path + one
    for one in _ENDINGS:
        yield posixpath.normpath(f"{path}/index{one}")


def _upwards(folder: str) -> Iterator[str]:
    path = PurePosixPath(folder)
    yield str(path)
    for above in path.parents:
        yield str(above)


def _mapped(table: object, name: str, start: str) -> Iterator[str]:
    """What a table of patterns with one ``*`` makes of a name: ``paths`` of a tsconfig.json,
    ``imports`` and ``exports`` of a package.json."""
    if not isinstance(table, dict):
        return
    for pattern, targets in table.items():
        before, star, after = pattern.partition("*")
        fits = name.startswith(before) and name.endswith(after) if star else name == pattern
        if not fits:
            continue
        rest = name[len(before) : len(name) - len(after)] if star else ""
        for target in _targets(targets):
            yield f"{start}/{target.replace('*', rest)}"


def _targets(said: object) -> Iterator[str]:
    if isinstance(said, str):
        yield said
    elif isinstance(said, list):
        for one in said:
            yield from _targets(one)
    elif isinstance(said, dict):
        for condition in _CONDITIONS:
            if condition in said:
                yield from _targets(said[condition])


def _entries(package: Package, inner: str) -> Iterator[str]:
    """Where a package's entry, or the file that is named in it, may lie."""
    said = package.said
    exports = said.get("exports")
    has_paths = isinstance(exports, dict) and any(key.startswith(".") for key in exports)
    table = exports if has_paths else {".": exports}
    yield from _mapped(table, f"./{inner}" if inner else ".", _TOP)
    if inner:
        yield inner
        yield f"src/{inner}"
        return
    for field in ("source", "module", "main", "types"):
        if isinstance(said.get(field), str):
            yield said[field]
    yield "index"
    yield "src/index"


@lru_cache(maxsize=512)  # texts; one is asked for by every file below it
def parsed(text: str) -> Mapping[str, Any]:
    """The object in a JSON text, in which TypeScript allows comments and last commas; empty where
    it is none."""
    bare = _JSONC.sub(lambda found: found[1] or " ", text.removeprefix("\ufeff"))
    try:
        said = json.loads(_LAST_COMMA.sub(lambda found: found[1] or "", bare))
    except (ValueError, RecursionError):
        return {}
    return said if isinstance(said, dict) else {}
