"""A service's version: the git tree id of the `services/` directory, computed from the files that
it runs from.

No git is asked and none is needed: the id is derived from names, executable bits and content, so
that it equals `git rev-parse <commit>:services` for a clean export of that commit. A changed file
gives another version, committed or not.
"""

import hashlib
import os
import stat
from pathlib import Path
from typing import Collection, Iterator, List, NamedTuple, Optional

SERVICES = Path(__file__).resolve().parent


class _Entry(NamedTuple):
    """A line of a git tree, in the order in which git sorts it: by name."""

    name: bytes
    kind: bytes
    digest: bytes


def tree_id(directory: Path = SERVICES, names: Optional[Collection[str]] = None) -> str:
    """Return the git tree id (SHA-1, 40 hex digits) of a directory.

    Bytecode and dot-directories do not count.

    With `names`, it is the id of a tree that has only these entries of the directory: what `git
    ls-tree <commit> <names> | git mktree` prints. Raises OSError when a file cannot be read.
    """
    return _tree(directory, names).hex()


def _tree(directory: Path, names: Optional[Collection[str]] = None) -> bytes:
    entries: List[_Entry] = []
    for path in directory.iterdir():
        if names is None or path.name in names:
            entries += _entries(path)
    lines = []
    for entry in sorted(entries):
        name = entry.name.rstrip(b"/")
        lines.append(entry.kind + b" " + name + b"\0" + entry.digest)
    return _object_id(b"tree", b"".join(lines))


def _entries(path: Path) -> Iterator[_Entry]:
    """Yield the one entry of a path, or none for what does not count."""
    name = os.fsencode(path.name)
    mode = path.lstat().st_mode
    if stat.S_ISDIR(mode):
        if path.name.startswith(".") or path.name == "__pycache__":
            return
        digest = _tree(path)
        # git knows no empty directories, and sorts a directory as if its name ended in a slash
        if digest != EMPTY_TREE:
            yield _Entry(name + b"/", b"40000", digest)
    elif stat.S_ISLNK(mode):
        target = os.fsencode(os.readlink(path))
        yield _Entry(name, b"120000", _object_id(b"blob", target))
    elif path.suffix != ".pyc":
        kind = b"100755" if mode & stat.S_IXUSR else b"100644"
        yield _Entry(name, kind, _object_id(b"blob", path.read_bytes()))


def _object_id(kind: bytes, content: bytes) -> bytes:
    header = kind + b" " + str(len(content)).encode() + b"\0"
    # git's object ids are SHA-1 by definition; nothing here rests on collision resistance
    return hashlib.sha1(header + content, usedforsecurity=False).digest()


EMPTY_TREE = _object_id(b"tree", b"")  # git's own id of a tree without entries
