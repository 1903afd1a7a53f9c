"""The files of a stage while it is built: entries by path, each with a way to its content; nothing
of it is on a disk.

Paths have no slash before or after them; the root is the empty one. Links in the middle of a path
are followed, as the kernel would in the image.
"""

import posixpath
from dataclasses import dataclass, field, replace
from typing import Final, Iterable, Iterator

from devflow.craft.dockerfile.patterns import has_wildcard, pattern
from devflow.craft.oci.layers import Entry, Kind
from devflow.craft.oci.writing import Source
from devflow.model.errors import StepFailed
from devflow.model.images import Wheel

MAX_LINKS: Final = 40  # that are followed in one path; Linux' own bound
FOLDER_MODE: Final = 0o755  # of folders that nobody named, as BuildKit makes them


@dataclass
class Filesystem:
    """Files by path, and what was changed since ``changes`` was last emptied: ``None`` is a
    removal. ``wheels`` were installed in it, or where something of it was copied from."""

    files: dict[str, Source] = field(default_factory=dict)
    changes: dict[str, Source | None] = field(default_factory=dict)
    wheels: set[Wheel] = field(default_factory=set)

    def copied(self) -> "Filesystem":
        """The same files for another stage, with no changes."""
        return Filesystem(dict(self.files), wheels=set(self.wheels))

    def put(self, source: Source, owner: tuple[int, int] = (0, 0)) -> None:
        """Lays one entry at its path; folders above it are made. A folder is laid over a folder,
        anything else takes the place of what was there."""
        path = self.resolved(source.entry.path, follow_last=source.entry.kind is Kind.DIRECTORY)
        entry = replace(source.entry, path=path)
        self._make_parents(path, owner)
        before = self.files.get(path)
        if before is not None and before.entry.kind is not entry.kind:
            self.remove(path)
        self.files[path] = Source(entry, source.content)
        self.changes[path] = self.files[path]

    def lay(self, source: Source) -> None:
        """Lays one entry of a layer over what is there: its path is one without links, folders
        above it are there, and it is no change."""
        path = source.entry.path
        before = self.files.get(path)
        if before is not None and before.entry.kind is not source.entry.kind:
            self.remove(path)
        self.files[path] = source

    def make_folder(self, path: str, owner: tuple[int, int] = (0, 0)) -> str:
        """A folder, where it is not there yet; answers its real path."""
        real = self.resolved(path, follow_last=True)
        if real and real not in self.files:
            entry = Entry(real, Kind.DIRECTORY, FOLDER_MODE, owner[0], owner[1])
            self.put(Source(entry), owner)
        return real

    def _make_parents(self, path: str, owner: tuple[int, int]) -> None:
        parent = posixpath.dirname(path)
        if parent and parent not in self.files:
            self.make_folder(parent, owner)
        if not self.is_folder(parent):
            problem = f"/{parent} is no folder, and something was to be put below it"
            raise StepFailed(problem)

    def remove(self, path: str) -> None:
        """Takes away a path and everything below it."""
        for gone in [path, *self.below(path)]:
            if self.files.pop(gone, None) is not None:
                self.changes[gone] = None

    def below(self, folder: str) -> list[str]:
        """The paths below a folder, sorted."""
        prefix = f"{folder}/" if folder else ""
        return sorted(path for path in self.files if path.startswith(prefix) and path != folder)

    def is_folder(self, path: str) -> bool:
        """Whether a folder is there; the root always is."""
        found = self.files.get(path)
        return not path or (found is not None and found.entry.kind is Kind.DIRECTORY)

    def resolved(self, path: str, *, follow_last: bool) -> str:
        """The path without links in it. Raises ``StepFailed`` for links that lead in a circle."""
        todo = [part for part in path.split("/") if part not in ("", ".")]
        done: list[str] = []
        followed = 0
        while todo:
            part = todo.pop(0)
            if part == "..":
                done = done[:-1]
                continue
            here = "/".join([*done, part])
            found = self.files.get(here)
            is_link = found is not None and found.entry.kind is Kind.SYMLINK
            if found is None or not is_link or (not todo and not follow_last):
                done.append(part)
                continue
            followed += 1
            if followed > MAX_LINKS:
                raise StepFailed(f"links lead in a circle at /{here}")
            link = found.entry.link
            done = [] if link.startswith("/") else done
            todo = [one for one in link.split("/") if one not in ("", ".")] + todo
        return "/".join(done)

    def matching(self, path: str) -> list[str]:
        """The real paths that a source of COPY names: one, or those that fit its wildcards."""
        wanted = path.strip("/")
        if not has_wildcard(wanted):
            real = self.resolved(wanted, follow_last=True)
            return [real] if not real or real in self.files else []
        folder, name = self._fixed_part(wanted)
        rule = pattern(name)
        prefix = f"{folder}/" if folder else ""
        found = []
        for one in self.below(folder):
            if rule.fullmatch(one.removeprefix(prefix)):
                found.append(one)
        return found

    def _fixed_part(self, wanted: str) -> tuple[str, str]:
        """The folder in front of the first wildcard, its links followed, and the rest."""
        parts = wanted.split("/")
        count = next(number for number, part in enumerate(parts) if has_wildcard(part))
        folder = self.resolved("/".join(parts[:count]), follow_last=True)
        return folder, "/".join(parts[count:])

    def sources(self) -> Iterable[Source]:
        """Every entry."""
        return self.files.values()


@dataclass(frozen=True)
class Copy:
    """One COPY: what is copied where, and who owns it (``None``: as it was)."""

    sources: tuple[str, ...]
    target: str
    owner: tuple[int, int] | None = None
    mode: int | None = None


def copy(origin: Filesystem, to: Filesystem, copying: Copy, where: str) -> None:
    """Copies as BuildKit does. Raises ``StepFailed`` where a source that is no pattern is not
    there."""
    found: list[tuple[str, str]] = []
    to.wheels |= origin.wheels
    for source in copying.sources:
        matches = origin.matching(source)
        if not matches and not has_wildcard(source):
            problem = f"{source} is not there to be copied"
            hint = "is it committed, and not in .dockerignore?"
            raise StepFailed(problem, where=where, hint=hint)
        named = posixpath.basename(source.rstrip("/"))
        for match in matches:
            # a link is copied as what it leads to, by the name that it was asked by
            name = posixpath.basename(match) if has_wildcard(source) else named
            real = origin.resolved(match, follow_last=True)
            if real and real not in origin.files:
                problem = f"{match} is a link to /{real}, which is not there to be copied"
                raise StepFailed(problem, where=where, hint="is what it leads to committed?")
            found.append((real, name))
    is_into = copying.target.endswith("/") or len(copying.sources) > 1 or len(found) > 1
    for real, name in found:
        for one in _copied(origin, to, (real, name), copying, is_into):
            to.put(one, copying.owner or (0, 0))


def _copied(
    origin: Filesystem, to: Filesystem, what: tuple[str, str], copying: Copy, is_into: bool
) -> Iterator[Source]:
    real, name = what
    target = copying.target.strip("/")
    if origin.is_folder(real):
        top = origin.files.get(real)
        to.make_folder(target, copying.owner or (0, 0))
        if top is not None and target:
            yield _moved(top, target, copying)
        for path in origin.below(real):
            inner = path.removeprefix(f"{real}/") if real else path
            yield _moved(origin.files[path], posixpath.join(target, inner), copying)
        return
    is_folder = is_into or to.is_folder(to.resolved(target, follow_last=True))
    yield _moved(origin.files[real], posixpath.join(target, name) if is_folder else target, copying)


def _moved(source: Source, path: str, copying: Copy) -> Source:
    entry = source.entry
    owner = copying.owner or (entry.uid, entry.gid)
    mode = entry.mode
    if copying.mode is not None and entry.kind is not Kind.SYMLINK:
        mode = copying.mode
    return Source(replace(entry, path=path, uid=owner[0], gid=owner[1], mode=mode), source.content)
