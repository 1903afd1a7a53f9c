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
from typing import Collection, Optional

SERVICES = Path(__file__).resolve().parent


def tree_id(directory: Path = SERVICES, names: Optional[Collection[str]] = None) -> str:
    """Return the git tree id (SHA-1, 40 hex digits) of a directory; bytecode and dot-directories do
    not count.

    With `names`, it is the id of a tree that has only these entries of the directory: what `git
    ls-tree <commit> <names> | git mktree` prints. Raises OSError when a file cannot be read.
    """
    return _tree(directory, names).hex()


def _tree(directory: Path, names: Optional[Collection[str]] = None) -> bytes:
    entries = []
    for path in directory.iterdir():
        if names is not None and path.name not in names:
            continue
        mode = path.lstat().st_mode
        if stat.S_ISDIR(mode):
            # git knows no empty directories, and sorts a directory as if its name ended in a slash
            below = (
                EMPTY_TREE
                if path.name.startswith(".") or path.name == "__pycache__"
                else _tree(path)
            )
            if below != EMPTY_TREE:
                entries.append((os.fsencode(path.name) + b"/", b"40000", below))
        elif stat.S_ISLNK(mode):
            entries.append(
                (
                    os.fsencode(path.name),
                    b"120000",
                    _object_id(b"blob", os.fsencode(os.readlink(path))),
                )
            )
        elif path.suffix != ".pyc":
            kind = b"100755" if mode & stat.S_IXUSR else b"100644"
            entries.append((os.fsencode(path.name), kind, _object_id(b"blob", path.read_bytes())))
    lines = [
        kind + b" " + name.rstrip(b"/") + b"\0" + digest for name, kind, digest in sorted(entries)
    ]
    return _object_id(b"tree", b"".join(lines))


def _object_id(kind: bytes, content: bytes) -> bytes:
    header = kind + b" " + str(len(content)).encode() + b"\0"
    # git's object ids are SHA-1 by definition; nothing here rests on collision resistance
    return hashlib.sha1(header + content, usedforsecurity=False).digest()


EMPTY_TREE = _object_id(b"tree", b"")  # git's own id of a tree without entries
