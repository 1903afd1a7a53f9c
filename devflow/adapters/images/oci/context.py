"""What a build is given: a commit's files under the context's folder, without what
``.dockerignore`` leaves out.

Contents are known by git's ids, so that a build that changes nothing reads none.
"""

import io
import threading
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final, Iterator, Mapping, Protocol

from devflow.adapters.git.diff import batch
from devflow.adapters.git.process import GitProcess
from devflow.adapters.images.oci.tree import Tree
from devflow.craft.oci.declaration.patterns import Ignored
from devflow.craft.oci.layers import Entry, Kind
from devflow.craft.oci.writing import Source
from devflow.model.errors import StepFailed
from devflow.model.ids import Sha

SYMLINK: Final = 0o120000
EXECUTABLE: Final = 0o100755
SUBMODULE: Final = 0o160000


class Content(Protocol):
    """A file's content: ``id`` names it, calling it reads it."""

    id: str

    def __call__(self) -> bytes:
        """The bytes; of a symbolic link, its target."""
        ...


class Files(Protocol):
    """The files of a commit."""

    def __call__(self, commit: Sha) -> Iterator[tuple[str, int, Content]]:
        """Path from the top, git's mode, content. Raises ``StepFailed`` where git does not know the
        commit."""
        ...


class GitFiles:
    """The files of a repository's commits, read from git and nowhere else."""

    def __init__(self, root: Path) -> None:
        self._git = GitProcess(root)
        self._root = root
        self._held: dict[str, bytes] = {}
        self._turn = threading.Lock()

    def __call__(self, commit: Sha) -> Iterator[tuple[str, int, Content]]:
        """Every file; a submodule's are not in the commit and are left out."""
        listing = self._git.run("ls-tree", "-r", "-z", "--full-tree", commit)
        if listing.status:
            problem = f"git knows no commit {commit} here"
            raise StepFailed(problem, where=str(self._root), hint="git fetch")
        for row in listing.output.split(b"\0"):
            if not row:
                continue
            description, name = row.split(b"\t", 1)
            mode, _, oid = description.decode().split(" ")
            path = name.decode("utf-8", "surrogateescape")
            if int(mode, 8) != SUBMODULE:
                yield path, int(mode, 8), _Blob(oid, self)

    def content(self, oid: str) -> bytes:
        """What an id names."""
        with self._turn:
            if oid not in self._held:
                answer = self._git.run("cat-file", "--batch", stdin=f"{oid}\n".encode())
                self._held[oid] = next(iter(batch(answer.output)))
            return self._held[oid]

    def hold(self, oids: list[str]) -> None:
        """Reads many at once."""
        with self._turn:
            wanted = [oid for oid in oids if oid not in self._held]
            if wanted:
                question = "".join(f"{oid}\n" for oid in wanted).encode()
                answer = self._git.run("cat-file", "--batch", stdin=question)
                self._held.update(zip(wanted, batch(answer.output)))


class _Blob:
    """A file of git's."""

    def __init__(self, oid: str, files: GitFiles) -> None:
        self.id = oid
        self._files = files

    def __call__(self) -> bytes:
        return self._files.content(self.id)

    def hold(self, others: list["_Blob"]) -> None:
        """Reads others with it, in one process."""
        self._files.hold([other.id for other in others])


@dataclass(frozen=True)
class File:
    """A file of the context, by its path in it."""

    path: str
    mode: int
    content: Content

    @property
    def name(self) -> tuple[str, int, str]:
        """What it is, without its content being read."""
        return (self.path, self.mode, self.content.id)


@dataclass(frozen=True)
class Context:
    """The context of one build."""

    files: Mapping[str, File]
    ignored: frozenset[str]
    declaration: str

    def tree(self, paths: list[str]) -> Tree:
        """Some files of it, with their folders."""
        chosen = [self.files[path] for path in paths]
        _hold_all(chosen)
        tree = Tree({})
        for file in chosen:
            tree.put(_source(file))
        return tree


def _hold_all(files: list[File]) -> None:
    blobs = [file.content for file in files if isinstance(file.content, _Blob)]
    if blobs:
        blobs[0].hold(blobs)


def _source(file: File) -> Source:
    if file.mode & 0o170000 == SYMLINK:
        target = file.content().decode("utf-8", "surrogateescape")
        return Source(Entry(file.path, Kind.SYMLINK, 0o777, link=target))
    content = file.content()
    mode = 0o755 if file.mode == EXECUTABLE else 0o644
    entry = Entry(file.path, Kind.FILE, mode, size_bytes=len(content))
    return Source(entry, partial(io.BytesIO, content))


def read_context(files: Iterator[tuple[str, int, Content]], folder: str, dockerfile: str) -> Context:
    """The context that a folder of a commit is.

    Raises ``StepFailed`` where there is no such folder, or no such Dockerfile.
    """
    prefix = "" if folder in ("", ".") else f"{folder.strip('/')}/"
    inside: dict[str, File] = {}
    beside: dict[str, File] = {}
    for path, mode, content in files:
        beside[path] = File(path, mode, content)
        if path.startswith(prefix):
            within = path.removeprefix(prefix)
            inside[within] = File(within, mode, content)
    if dockerfile not in beside:
        problem = f"the commit has no {dockerfile}"
        raise StepFailed(problem, hint="name it in pipeline.yaml: services: … image: dockerfile:")
    if not inside:
        problem = f"the commit has no files in {folder}/"
        raise StepFailed(problem, hint="name it in pipeline.yaml: services: … image: context:")
    rules = beside.get(f"{dockerfile}.dockerignore") or inside.get(".dockerignore")
    ignored: frozenset[str] = frozenset()
    if rules is not None:
        patterns = Ignored(rules.content().decode("utf-8", "replace"))
        ignored = frozenset(path for path in inside if path in patterns)
    kept = {path: file for path, file in inside.items() if path not in ignored}
    text = beside[dockerfile].content().decode("utf-8", "replace")
    return Context(kept, ignored, text)
