"""The files of a repository, as whoever looks for something in them needs them: a file that is not
there, not whole or of another form has nothing in it, and is remembered as unread.
"""

import configparser
import json
import tomllib
from bisect import bisect_left
from functools import cached_property
from posixpath import join
from typing import Any, Callable, Final, Iterable, Iterator, Mapping

import yaml

from devflow.craft.imports.paths import FOREIGN, SAMPLES
from devflow.model.wording import one_line

# characters; a lock file may have more, and nobody looks into one
_MOST_CHARS: Final = 1_000_000
_PASSED_OVER: Final = (SAMPLES | FOREIGN) - {"test", "tests"}


class _AnyTag(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """Takes tags of its own that a file has (``!reference`` of GitLab) for nothing."""


_AnyTag.add_multi_constructor("", lambda loader, suffix, node: None)


class Files:
    """The ``paths`` of a tree; ``read`` answers the text of one."""

    def __init__(self, paths: Iterable[str], read: Callable[[str], str | None]) -> None:
        self.paths = frozenset(paths)
        self._read = read
        self._texts: dict[str, str] = {}
        self.unread: dict[str, tuple[str, str]] = {}
        """By path the form that a file has not, as ``TOML``, and in one line what is wrong."""

    @cached_property
    def own(self) -> tuple[str, ...]:
        """The paths that are nobody else's and no sample for tests, sorted."""
        return tuple(sorted(path for path in self.paths if not _is_sample(path)))

    @cached_property
    def by_name(self) -> Mapping[str, tuple[str, ...]]:
        """Its own paths by the file's name, the outer folders first."""
        found: dict[str, list[str]] = {}
        for path in sorted(self.own, key=_depth):
            found.setdefault(path.rpartition("/")[2], []).append(path)
        return {name: tuple(paths) for name, paths in found.items()}

    def named(self, *names: str) -> tuple[str, ...]:
        """Its own paths of these names, those of the first name first."""
        return tuple(path for name in names for path in self.by_name.get(name, ()))

    def beginning(self, *beginnings: str) -> Iterator[str]:
        """Its own paths whose names begin so."""
        for name, paths in self.by_name.items():
            if name.startswith(beginnings):
                yield from paths

    def first_in(self, folder: str, *names: str) -> str:
        """The first of these files that a folder has, empty where it has none."""
        paths = (join(folder, name) for name in names)
        return next((path for path in paths if path in self.paths), "")

    def around(self, folder: str, *names: str) -> str:
        """The first of these files in a folder, or in the nearest around it."""
        while True:
            found = self.first_in(folder, *names)
            if found or not folder:
                return found
            folder = folder_of(folder)

    def below(self, folder: str) -> Iterator[str]:
        """Its own paths in a folder, at any depth."""
        if not folder:
            yield from self.own
            return
        # they are sorted, and a folder's stand together
        begin = f"{folder}/"
        for place in range(bisect_left(self.own, begin), len(self.own)):
            path = self.own[place]
            if not path.startswith(begin):
                return
            yield path

    def text(self, path: str) -> str:
        """A file's text, as far as anybody reads it; empty where there is none."""
        if path not in self._texts:
            text = self._read(path) if path in self.paths else None
            self._texts[path] = (text or "")[:_MOST_CHARS]
        return self._texts[path]

    def json(self, path: str) -> Mapping[str, Any]:
        """A table of JSON."""
        try:
            return _table(json.loads(self.text(path) or "{}"))
        except (ValueError, RecursionError) as error:
            return self._cannot_read(path, "JSON", error)

    def toml(self, path: str) -> Mapping[str, Any]:
        """A table of TOML."""
        try:
            return tomllib.loads(self.text(path))
        except (ValueError, RecursionError) as error:
            return self._cannot_read(path, "TOML", error)

    def yaml(self, path: str) -> Mapping[str, Any]:
        """A table of YAML, whatever tags of its own it has."""
        try:
            loaded = yaml.load(self.text(path), Loader=_AnyTag)  # nosec B506: a safe one
            return _table(loaded)
        except yaml.MarkedYAMLError as error:
            where = f" (line {error.problem_mark.line + 1})" if error.problem_mark else ""
            return self._cannot_read(path, "YAML", f"{error.problem}{where}")
        except (yaml.YAMLError, ValueError, TypeError, LookupError, RecursionError) as error:
            return self._cannot_read(path, "YAML", error)

    def ini(self, path: str) -> Mapping[str, Mapping[str, str]]:
        """The sections of an INI file."""
        parser = configparser.RawConfigParser(strict=False)
        try:
            parser.read_string(self.text(path))
        except (configparser.Error, AttributeError) as error:
            return self._cannot_read(path, "INI", error)
        return {name: dict(parser.items(name)) for name in parser.sections()}

    def _cannot_read(self, path: str, form: str, error: object) -> Mapping[str, Any]:
        self.unread[path] = form, one_line(f"{error}")
        return {}


def folder_of(path: str) -> str:
    """The folder that holds a path, empty for the top."""
    return path.rpartition("/")[0]


def at(table: Any, *keys: str) -> Any:
    """What stands in a table of tables, ``None`` where it does not."""
    for key in keys:
        if not isinstance(table, Mapping):
            return None
        table = table.get(key)
    return table


def table_at(table: Any, *keys: str) -> Mapping[str, Any]:
    """A table in a table, empty where there is none."""
    return _table(at(table, *keys))


def text_at(table: Any, *keys: str) -> str:
    """A text in a table, empty where there is none."""
    found = at(table, *keys)
    return found if isinstance(found, str) else ""


def texts(value: Any) -> tuple[str, ...]:
    """The texts of a list, or the one that stands in its place."""
    if isinstance(value, str):
        return (value,)
    return tuple(one for one in value if isinstance(one, str)) if isinstance(value, list) else ()


def _table(value: Any) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        return {}
    return {key: inner for key, inner in value.items() if isinstance(key, str)}


def _depth(path: str) -> tuple[int, str]:
    return path.count("/"), path


def _is_sample(path: str) -> bool:
    """Whether a file is somebody else's, or kept for tests to look at."""
    return not _PASSED_OVER.isdisjoint(path.split("/"))
