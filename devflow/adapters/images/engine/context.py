"""What a build is given: a commit's files under the context's folder, without what
``.dockerignore`` leaves out.

An engine that is handed a tar does not read ``.dockerignore``: whoever makes the tar does.
"""

import io
import tarfile
from dataclasses import dataclass
from datetime import datetime
from typing import Callable, Final, Iterable, Iterator, Protocol

from devflow.craft.dockerfile.patterns import Ignored
from devflow.model.errors import StepFailed
from devflow.model.ids import Sha

IGNORE_FILE: Final = ".dockerignore"
_SYMLINK: Final = 0o120000
_EXECUTABLE: Final = 0o100755


Content = Callable[[], bytes]


class Files(Protocol):
    """The files of a commit."""

    def __call__(self, commit: Sha) -> Iterable[tuple[str, int, Content]]:
        """Path from the top, git's mode, and a way to the content (a symbolic link's is its
        target): what is left out is never read."""
        ...


@dataclass(frozen=True)
class Member:
    """A file of the context, by its path in it."""

    path: str
    mode: int
    content: Content

    @property
    def is_link(self) -> bool:
        """Whether it is a symbolic link."""
        return self.mode & 0o170000 == _SYMLINK

    @property
    def permissions(self) -> int:
        """As a checkout would have them."""
        return 0o755 if self.mode == _EXECUTABLE else 0o644


@dataclass(frozen=True)
class Context:
    """The context of one build. ``dockerfile`` is its path in the context, where it always is."""

    members: tuple[Member, ...]
    dockerfile: str
    text: str

    def tar(self, at: datetime) -> Iterator[bytes]:
        """The context as a tar, in pieces; every file's time is ``at``."""
        buffer = io.BytesIO()
        with tarfile.open(fileobj=buffer, mode="w", format=tarfile.PAX_FORMAT) as tar:
            for member in self.members:
                entry = tarfile.TarInfo(member.path)
                entry.mtime = int(at.timestamp())
                entry.mode = member.permissions
                content = member.content()
                if member.is_link:
                    entry.type = tarfile.SYMTYPE
                    entry.linkname = content.decode("utf-8", "surrogateescape")
                    tar.addfile(entry)
                else:
                    entry.size = len(content)
                    tar.addfile(entry, io.BytesIO(content))
                yield _taken(buffer)
        yield _taken(buffer)


def _taken(buffer: io.BytesIO) -> bytes:
    piece = buffer.getvalue()
    buffer.seek(0)
    buffer.truncate()
    return piece


def context_of(files: Iterable[tuple[str, int, Content]], folder: str, dockerfile: str) -> Context:
    """The context that a folder of a commit is.

    Raises ``StepFailed`` where there is no such folder, or no such Dockerfile.
    """
    prefix = "" if folder in ("", ".") else f"{folder.strip('/')}/"
    inside: dict[str, Member] = {}
    # its own rules stand beside the Dockerfile, also where that is outside the context
    rules = f"{dockerfile}{IGNORE_FILE}"
    beside: dict[str, Member] = {}
    for path, mode, content in files:
        member = Member(path.removeprefix(prefix), mode, content)
        if path in (dockerfile, rules):
            beside[path] = member
        if path.startswith(prefix):
            inside[member.path] = member
    declaration = beside.get(dockerfile)
    if declaration is None:
        raise _no_such(dockerfile, "dockerfile")
    if not inside:
        raise _no_such(f"files in {folder}/", "context")
    ignore = beside.get(rules) or inside.get(IGNORE_FILE)
    kept = inside if ignore is None else _kept(inside, ignore)
    name = declaration.path
    if not dockerfile.startswith(prefix):
        # outside the context: under a name of its own beside the files
        name = f".dockerfile.{dockerfile.replace('/', '.')}"
    return _with(declaration, name, kept)


def _with(declaration: Member, name: str, kept: dict[str, Member]) -> Context:
    """The files, and the Dockerfile under this name."""
    # an ignored Dockerfile is still what the engine reads
    kept[name] = Member(name, 0o100644, declaration.content)
    members = tuple(kept[path] for path in sorted(kept))
    return Context(members, name, declaration.content().decode("utf-8", "replace"))


def _no_such(what: str, setting: str) -> StepFailed:
    hint = f"name it in pipeline.yaml: services: … image: {setting}:"
    return StepFailed(f"the commit has no {what}", hint=hint)


def _kept(inside: dict[str, Member], ignore: Member) -> dict[str, Member]:
    is_ignored = Ignored(ignore.content().decode("utf-8", "replace"), ignore.path)
    return {path: member for path, member in inside.items() if not is_ignored(path)}
