"""The files of a commit that a build may copy: named at once, read where something is copied."""

import stat
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import IO, Callable, Final, Iterable, Mapping, Protocol

from devflow.craft.dockerfile.filesystem import Filesystem
from devflow.craft.dockerfile.patterns import Ignored
from devflow.craft.oci.layers import Entry, Kind
from devflow.craft.oci.writing import Source
from devflow.model.errors import StepFailed

IGNORE_FILE: Final = ".dockerignore"
ATTRIBUTES_FILE: Final = ".gitattributes"
LINK_MODE: Final = "120000"  # git's own


class Commits(Protocol):
    """What is asked about commits."""

    def listed(self, rev: str) -> Mapping[str, tuple[str, str]]:
        """Mode and object id of every file of a revision, by path."""
        ...

    def read(self, rev: str, path: str) -> str | None:
        """A text file of a revision, ``None`` where it has none."""
        ...

    def folder(self, commit: str) -> Path:
        """Where a checkout of it lies."""
        ...


@dataclass(frozen=True)
class InContext:
    """A file of the context: what git knows of it identifies its content."""

    path: str
    mode: str
    oid: str


class Context:
    """The context folder of one commit, without what .dockerignore leaves out.

    The checkout is made when the first content is read, so that a build in which nothing changed
    makes none. It holds submodules and large files as git would check them out.
    """

    def __init__(self, commits: Commits, commit: str, folder: str, dockerfile: str) -> None:
        self._commits = commits
        self._commit = commit
        self._folder = folder.strip("/").removeprefix("./").removeprefix(".")
        self._dockerfile = dockerfile

    @cached_property
    def _listed(self) -> Mapping[str, tuple[str, str]]:
        return self._commits.listed(self._commit)

    @cached_property
    def files(self) -> dict[str, InContext]:
        """What may be copied, by its path in the context."""
        prefix = f"{self._folder}/" if self._folder else ""
        found = {}
        for path, (mode, oid) in self._listed.items():
            if path.startswith(prefix):
                inner = path.removeprefix(prefix)
                found[inner] = InContext(inner, mode, oid)
        own = f"{self._dockerfile}{IGNORE_FILE}"
        rules = own if own in self._listed else f"{prefix}{IGNORE_FILE}"
        if rules in self._listed:
            is_ignored = Ignored(self._text(rules), rules)
            found = {path: one for path, one in found.items() if not is_ignored(path)}
        if not found and self._folder:
            hint = "commit it, or say project.services.NAME.image.context"
            raise StepFailed("the commit has no such folder", where=self._folder, hint=hint)
        return found

    def declaration(self) -> str:
        """The Dockerfile's text. Raises ``StepFailed`` where the commit has none."""
        if self._dockerfile not in self._listed:
            hint = "commit it, or say project.services.NAME.image.dockerfile"
            raise StepFailed("there is no such Dockerfile", where=self._dockerfile, hint=hint)
        return self._text(self._dockerfile)

    def _text(self, path: str) -> str:
        """A text of the commit: no checkout is made for it."""
        text = self._commits.read(self._commit, path)
        if text is None:
            raise StepFailed("it cannot be read", where=path)
        return text

    @cached_property
    def attributes(self) -> tuple[InContext, ...]:
        """The files of the whole commit that say how others are checked out."""
        return tuple(
            InContext(path, mode, oid)
            for path, (mode, oid) in sorted(self._listed.items())
            if path.rpartition("/")[2] == ATTRIBUTES_FILE
        )

    @cached_property
    def names(self) -> Filesystem:
        """The files without their contents, links with what they lead to: enough to tell what is
        copied."""
        found = Filesystem()
        for path, one in self.files.items():
            link = ""
            if one.mode == LINK_MODE:
                link = self._text(f"{self._folder}/{path}" if self._folder else path)
            found.put(Source(Entry(path, Kind.SYMLINK if link else Kind.FILE, link=link)))
        return found

    def matching(self, sources: Iterable[str]) -> list[str]:
        """The files that a copy takes, those that a link leads to among them."""
        found: set[str] = set()
        for source in sources:
            for match in self.names.matching(source):
                real = self.names.resolved(match, follow_last=True)
                found.update((match, real, *self.names.below(real)))
        return sorted(path for path in found if path in self.files)

    def taken(self, sources: Iterable[str]) -> Filesystem:
        """What a copy takes, with its contents; and every link, since a source may be named by a
        path through one."""
        links = [one for one in self.names.sources() if one.entry.kind is Kind.SYMLINK]
        found = Filesystem({one.entry.path: one for one in links})
        for path in self.matching(sources):
            found.put(self.source(path))
        return found

    def place(self, path: str) -> Path:
        """Where a file of the context lies."""
        return self._commits.folder(self._commit) / self._folder / path

    def source(self, path: str) -> Source:
        """A file as it is copied: owned by root, executable or not, of no time."""
        place = self.place(path)
        kind = place.lstat().st_mode
        if stat.S_ISLNK(kind):
            return Source(Entry(path, Kind.SYMLINK, 0o777, link=str(place.readlink())))
        mode = 0o755 if kind & stat.S_IXUSR else 0o644
        size_bytes = place.stat().st_size
        return Source(Entry(path, Kind.FILE, mode, size_bytes=size_bytes), _opener(place))


def _opener(place: Path) -> Callable[[], IO[bytes]]:
    return lambda: place.open("rb")
