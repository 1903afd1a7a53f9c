"""COPY as BuildKit does it: a folder's content, not the folder; links in a source's path followed,
those inside a folder kept."""

import posixpath
from dataclasses import dataclass
from typing import Final, Iterable

from devflow.adapters.images.oci.tree import Tree, absolute, moved, parts_of
from devflow.craft.oci.declaration.patterns import has_wildcard, matches
from devflow.craft.oci.layers import Entry, Kind
from devflow.craft.oci.writing import Source

_TOP: Final = (0, 0)


class Missing(ValueError):
    """A source that is not there; its text is the path."""


@dataclass(frozen=True)
class Copy:
    """What is copied where: ``to`` as written, ``owner`` and ``mode`` of every file, ``None`` for
    those that they have."""

    sources: tuple[str, ...]
    to: str
    workdir: str = "/"
    owner: tuple[int, int] | None = _TOP
    mode: int | None = None

    @property
    def is_into_folder(self) -> bool:
        """Whether the target is a folder, by how it is written."""
        return self.to.endswith("/") or self.to in (".", "..") or len(self.sources) > 1


def copy(what: Copy, source: Tree, target: Tree) -> None:
    """Copies. Raises ``Missing`` for a source that is not in its tree."""
    to = absolute(what.to, what.workdir)
    to = target.resolved(to)
    found = [path for pattern in what.sources for path in _found(pattern, source)]
    into = what.is_into_folder or len(found) > 1
    for path in found:
        _copy_one(what, source, path, target, (to, into))


def matched(what: Copy, paths: Iterable[str]) -> list[str]:
    """Which of these files a COPY takes, folders of theirs included. Raises ``Missing``."""
    known = sorted(paths)
    chosen: set[str] = set()
    for pattern in what.sources:
        clean = absolute(pattern, "/")
        taken = [path for path in known if _covers(clean, path)]
        if not taken and not has_wildcard(clean):
            raise Missing(pattern)
        chosen.update(taken)
    return sorted(chosen)


def _covers(pattern: str, path: str) -> bool:
    if pattern == "":
        return True
    if not has_wildcard(pattern):
        return path == pattern or path.startswith(f"{pattern}/")
    parts = path.split("/")
    depth = pattern.count("/") + 1
    return len(parts) >= depth and matches(pattern, "/".join(parts[:depth]))


def _found(pattern: str, source: Tree) -> list[str]:
    clean = absolute(pattern, "/")
    if not has_wildcard(clean):
        path = source.resolved(clean, last=False)
        if path not in source:
            raise Missing(pattern)
        return [path]
    folder = _fixed(clean)
    real = source.resolved(folder)
    rest = clean[len(folder) :].strip("/")
    depth = rest.count("/") + 1
    prefix = f"{real}/" if real else ""
    found = []
    for path in source.below(real):
        inner = path.removeprefix(prefix)
        if inner.count("/") + 1 == depth and matches(rest, inner):
            found.append(path)
    return found


def _fixed(pattern: str) -> str:
    """The folder before the first wildcard."""
    parts = parts_of(pattern)
    first = next(place for place, part in enumerate(parts) if has_wildcard(part))
    return "/".join(parts[:first])


def _copy_one(what: Copy, source: Tree, path: str, target: Tree, place: tuple[str, bool]) -> None:
    to, into = place
    owner = what.owner or _TOP
    real = source.resolved(path)
    if real not in source:
        raise Missing(f"/{path}, a link to /{real}")
    if source.is_folder(real):
        _copy_folder(what, source, real, target, to)
        return
    if into or target.is_folder(to):
        target.make_folder(to, owner)
        to = posixpath.join(to, posixpath.basename(path))
    found = source.get(real)
    assert found is not None
    target.make_folder(posixpath.dirname(to), owner)
    target.put(_changed(what, found, to))


def _copy_folder(what: Copy, source: Tree, real: str, target: Tree, to: str) -> None:
    owner = what.owner or _TOP
    if to not in target:
        made = source.get(real)
        target.make_folder(posixpath.dirname(to), owner)
        if made is not None and not what.to.endswith("/"):
            target.put(_changed(what, made, to))
        else:
            target.make_folder(to, owner)
    prefix = f"{real}/" if real else ""
    for path in source.below(real):
        found = source.get(path)
        assert found is not None
        inner = posixpath.join(to, path.removeprefix(prefix))
        target.put(_changed(what, found, inner))


def _changed(what: Copy, source: Source, path: str) -> Source:
    entry: Entry = source.entry
    owner = (entry.uid, entry.gid) if what.owner is None else what.owner
    mode = None if entry.kind is Kind.SYMLINK else what.mode
    return moved(source, path, owner, mode)
