"""The files of a stage by their paths, each with a way to its content that is taken only when it is
written."""

import posixpath
from dataclasses import replace
from typing import Final, Iterable, Iterator, Mapping

from devflow.craft.oci.layers import Entry, Kind
from devflow.craft.oci.writing import Source

_MOST_LINKS: Final = 40  # followed for one path, as Linux does


class Tree:
    """A file tree that can be changed; ``changed`` is what was, ``None`` for what was removed."""

    def __init__(self, sources: Mapping[str, Source]) -> None:
        self._sources = dict(sources)
        self.changed: dict[str, Source | None] = {}

    def __contains__(self, path: str) -> bool:
        return path == "" or path in self._sources

    def get(self, path: str) -> Source | None:
        """What is at a path, links in its folders not followed."""
        return self._sources.get(path)

    def copy(self) -> "Tree":
        """The same tree, nothing changed in it yet."""
        return Tree(self._sources)

    @property
    def sources(self) -> Mapping[str, Source]:
        """All of it."""
        return self._sources

    def is_folder(self, path: str) -> bool:
        """Whether a folder is there; the root always is."""
        found = self._sources.get(path)
        return path == "" or (found is not None and found.entry.kind is Kind.DIRECTORY)

    def put(self, source: Source) -> None:
        """Puts an entry in place of what is there; the folders above it are made as root's."""
        path = source.entry.path
        before = self._sources.get(path)
        if before is not None and before.entry.kind is Kind.DIRECTORY:
            if source.entry.kind is not Kind.DIRECTORY:
                self.remove(path)
        for folder in folders_above(path):
            if folder not in self._sources:
                self._set(Source(Entry(folder, Kind.DIRECTORY, 0o755)))
        self._set(source)

    def make_folder(self, path: str, owner: tuple[int, int] = (0, 0), mode: int = 0o755) -> None:
        """Makes a folder and those above it; those that are there stay as they are."""
        for folder in (*folders_above(path), path):
            if folder and folder not in self._sources:
                entry = Entry(folder, Kind.DIRECTORY, mode, *owner)
                self._set(Source(entry))

    def remove(self, path: str) -> None:
        """Removes a path and all below it."""
        for found in [path, *self.below(path)]:
            if self._sources.pop(found, None) is not None:
                self.changed[found] = None

    def below(self, path: str) -> list[str]:
        """The paths in a folder and its folders, sorted."""
        prefix = f"{path}/" if path else ""
        return sorted(found for found in self._sources if found.startswith(prefix) and found)

    def children(self, path: str) -> Iterator[str]:
        """The paths directly in a folder."""
        for found in self.below(path):
            if posixpath.dirname(found) == path:
                yield found

    def resolved(self, path: str, last: bool = True) -> str:
        """A path with the links in it followed within the tree, the ``last`` part's too."""
        done: list[str] = []
        waiting = parts_of(path)
        links = 0
        while waiting:
            part = waiting.pop(0)
            if part == "..":
                done = done[:-1]
                continue
            here = "/".join((*done, part))
            found = self._sources.get(here)
            is_link = found is not None and found.entry.kind is Kind.SYMLINK
            if found is None or not is_link or not (waiting or last) or links >= _MOST_LINKS:
                done.append(part)
                continue
            links += 1
            if found.entry.link.startswith("/"):
                done = []
            waiting = [*parts_of(found.entry.link), *waiting]
        return "/".join(done)

    def _set(self, source: Source) -> None:
        self._sources[source.entry.path] = source
        self.changed[source.entry.path] = source


def parts_of(path: str) -> list[str]:
    """The parts of a path; ``..`` stays."""
    return [part for part in path.split("/") if part not in ("", ".")]


def folders_above(path: str) -> list[str]:
    """The folders that a path lies in, outermost first, without the root."""
    parts = path.split("/")
    return ["/".join(parts[:count]) for count in range(1, len(parts))]


def absolute(path: str, workdir: str) -> str:
    """A path of a declaration as one from the root, without a slash before it."""
    joined = posixpath.normpath(posixpath.join("/", workdir, path))
    return joined.strip("/")


def moved(source: Source, path: str, owner: tuple[int, int], mode: int | None = None) -> Source:
    """The same content elsewhere."""
    entry = source.entry
    uid, gid = owner
    changed = replace(
        entry, path=path, uid=uid, gid=gid, mode=entry.mode if mode is None else mode
    )
    return Source(changed, source.content)


def layer_of(tree: Tree, changed: Mapping[str, Source | None], had: Iterable[str]) -> list[Source]:
    """The entries of a layer that makes these changes: what was put, its folders, and a marker for
    each removed path that a lower layer ``had``."""
    lower = set(had)
    entries: dict[str, Source] = {}
    for path, source in changed.items():
        if source is not None:
            for folder in folders_above(path):
                found = tree.get(folder)
                if found is not None:
                    entries[folder] = found
            entries[path] = source
        elif path in lower and path not in tree:
            folder, _, name = path.rpartition("/")
            if not folder or folder in tree:
                marker = f"{folder}/.wh.{name}" if folder else f".wh.{name}"
                entries[marker] = Source(Entry(marker, Kind.FILE, 0o644))
    return list(entries.values())
