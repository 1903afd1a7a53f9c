"""What a repository holds: ids, and the content of its files, read without leaving anything in
``.git``.

Every revision is resolved to a full id first, so that no name from outside is ever read as an
option or a range.
"""

import os
import re
from pathlib import Path, PurePosixPath
from typing import Final, Mapping, TypeVar

from devflow.adapters.git.clones import Clone
from devflow.adapters.git.diff import batch
from devflow.adapters.git.process import GitProcess, GitResult
from devflow.adapters.git.scratch import Scratch
from devflow.adapters.git.shadow import Shadow
from devflow.adapters.machine.text_file import read_bytes, real_path
from devflow.model.bounds.sizes import TEXT_BYTES
from devflow.model.ids import Sha

V = TypeVar("V")
_FULL_ID: Final = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
_OF_AN_ID: Final = re.compile(r"(?:[0-9a-f]{40}|[0-9a-f]{64})[\^:]")
# what is remembered of objects that are named by their ids: a run asks for some 30 ids 400 times,
# and for the names in 3 trees; more names than these are a few MiB
_IDS_KEPT: Final = 1024
_TREES_KEPT: Final = 4
_NAMES_KEPT: Final = 20_000


class GitContents:
    """Reads of the repository at ``root``; its remote is a remote's name or an address, ``None``
    where it has none."""

    def __init__(self, root: Path, remote: str | None) -> None:
        self.root = real_path(root)
        self._remote = remote
        self._git = GitProcess(self.root)
        self._scratch = Scratch(self._git)
        self._clone = Clone(self.root, self._git, self._scratch)
        self._shadow = Shadow(self._clone, self._scratch)
        self._ids: dict[str, str] = {}
        self._tree_names: dict[str, set[bytes]] = {}

    def sha_of(self, rev: str) -> Sha:
        """The commit id of a local revision, empty where there is none."""
        return Sha(self._id(rev, "commit"))

    def tree_of(self, rev: str, path: str = "") -> str:
        """The tree id of a revision, or of a folder in it; empty where there is none.

        ``rev`` may be a tree id too.
        """
        folder = path_in_tree(path)
        if folder:
            rev = self._resolve(f"{self._treeish(rev)}:{folder}")
        return self._id(rev, "tree")

    def read(self, rev: str, path: str) -> str | None:
        """A text file of a revision, ``None`` where it has none.

        An empty ``rev`` reads the working tree.
        """
        content = self._blob(rev, path) if rev else self._file(path)
        return None if content is None else content.decode("utf-8", "replace")

    def paths(self, rev: str, under: str = "") -> tuple[str, ...]:
        """The paths of the files of a revision.

        An empty ``rev`` lists the working tree's (tracked and new, not ignored).
        """
        folder = path_in_tree(under)
        names = self._names_in(rev) if rev else self._names_here()
        paths = sorted(name.decode("utf-8", "replace") for name in names)
        if not folder:
            return tuple(paths)
        return tuple(path for path in paths if path == folder or path.startswith(f"{folder}/"))

    def untracked(self) -> tuple[str, ...]:
        """The files of the working tree that git neither keeps nor ignores."""
        listing = self._read("ls-files", "-z", "--others", "--exclude-standard").output
        names = set(listing.split(b"\0")) - {b""}
        return tuple(sorted(name.decode("utf-8", "replace") for name in names))

    def _names_in(self, rev: str) -> set[bytes]:
        tree = self._id(rev, "tree")
        if not tree:
            return set()
        known = self._tree_names.get(tree)
        if known is not None:
            return known
        ended = self._read("ls-tree", "-r", "-z", "--name-only", "--full-tree", tree)
        names = set(ended.output.split(b"\0")) - {b""}
        if not ended.status and len(names) <= _NAMES_KEPT:
            _remember(self._tree_names, _TREES_KEPT, tree, names)
        return names

    def _names_here(self) -> set[bytes]:
        listing = self._read("ls-files", "-z", "--cached", "--others", "--exclude-standard").output
        names = set(listing.split(b"\0")) - {b""}
        # a tracked file that was deleted is still listed, and a path need not be UTF-8
        top = os.fsencode(self.root)
        here = {name for name in names if os.path.lexists(os.path.join(top, name))}
        return here | self._names_left_out() if names - here else here

    def _names_left_out(self) -> set[bytes]:
        """The files that a sparse checkout leaves out of the working tree and a commit keeps."""
        listing = self._read("ls-files", "-t", "-z", "--cached").output
        entries = listing.split(b"\0")
        return {entry.removeprefix(b"S ") for entry in entries if entry.startswith(b"S ")}

    def texts(self, rev: str, suffixes: str | tuple[str, ...]) -> Mapping[str, str]:
        """Every text file of a revision whose path ends so, by path; links are none."""
        blobs: dict[str, bytes] = {}
        for entry in self._entries(rev):
            description, name = entry.split(b"\t", 1)
            path = name.decode("utf-8", "replace")
            if path.endswith(suffixes):
                blobs[path] = description.split(b" ")[2]
        ids = b"".join(blob + b"\n" for blob in blobs.values())
        answer = self._read("cat-file", "--batch", stdin=ids).output
        texts: dict[str, str] = {}
        for path, content in zip(blobs, batch(answer)):
            texts[path] = content.decode("utf-8", "replace")
        return texts

    def _entries(self, rev: str) -> list[bytes]:
        """What ``ls-tree`` prints of the regular files."""
        if not rev:
            return []
        listing = self._read("ls-tree", "-r", "-z", "--full-tree", self._treeish(rev)).output
        return [entry for entry in listing.split(b"\0") if entry.startswith(b"100")]

    def size_bytes(self, tree: str, path: str) -> int:
        """The size of a file of a tree, 0 where it has none."""
        question = f"{self._id_at(tree, path)}\n".encode()
        answer = self._read("cat-file", "--batch-check", stdin=question).text.split(" ")
        return int(answer[2]) if answer[1] == "blob" else 0

    def _read(self, *arguments: str, stdin: bytes = b"") -> GitResult:
        return self._git.run(*arguments, stdin=stdin, env=self._scratch.reading)

    def _id(self, rev: str, kind: str) -> str:
        return self._resolve(f"{rev}^{{{kind}}}") if rev else ""

    def _resolve(self, spec: str) -> str:
        # no program can be given an argument with a NUL in it
        if "\0" in spec:
            return ""
        known = self._ids.get(spec)
        if known:
            return known
        ended = self._read("rev-parse", "--verify", "--quiet", "--end-of-options", spec)
        found = "" if ended.status else ended.text
        # what an object holds never changes; one that is not here may come
        if found and _OF_AN_ID.match(spec):
            _remember(self._ids, _IDS_KEPT, spec, found)
        return found

    def _treeish(self, rev: str) -> str:
        """A full id as it is, anything else resolved: a tree just computed costs no process."""
        return rev if _FULL_ID.fullmatch(rev) else self._id(rev, "tree")

    def _id_at(self, rev: str, path: str) -> str:
        """The id of what a revision has at a path, empty where it has nothing."""
        tree = self._treeish(rev)
        name = path_in_tree(path)
        return self._resolve(f"{tree}:{name}") if tree and name else ""

    def _blob(self, rev: str, path: str) -> bytes | None:
        blob = self._id_at(rev, path)
        if not blob:
            return None
        content = self._read("cat-file", "blob", blob)
        return None if content.status else content.output

    def _file(self, path: str) -> bytes | None:
        target = self.root / path
        if "\0" in path or not real_path(target).is_relative_to(self.root):
            return None
        if target.is_file():
            return read_bytes(target, TEXT_BYTES)
        return None if os.path.lexists(target) else self._left_out(path)

    def _left_out(self, path: str) -> bytes | None:
        """A file that a sparse checkout leaves out of the working tree and a commit keeps."""
        place = ("--cached", "--stage", "-t", "-z", "--", path)
        entry = self._read("--literal-pathspecs", "ls-files", *place).text.partition("\0")[0]
        skipped, _, name = entry.partition("\t")
        words = skipped.split(" ")
        if words[0] != "S" or name != path:
            return None
        return self._read("cat-file", "blob", words[2]).output


def _remember(known: dict[str, V], most: int, key: str, value: V) -> None:
    if len(known) >= most:
        known.clear()
    known[key] = value


def path_in_tree(path: str) -> str:
    """The path as git names it, without ``./`` in front and a slash behind.

    Empty for the top folder.
    """
    name = str(PurePosixPath(path))
    return "" if name == "." else name
