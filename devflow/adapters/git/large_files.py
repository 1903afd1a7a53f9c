"""The files whose content git-lfs keeps beside git: found by their pointers, and copied out of the
store on this machine.

git-lfs 3.3 writes into whatever repository it runs for (hooks, a setting, content), and links what
it borrows; so a checkout has a store of its own, with copies.
"""

import re
import shutil
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Final, Iterable, Mapping

from devflow.adapters.git.clones import Clone
from devflow.adapters.git.diff import batch
from devflow.adapters.git.process import GitProcess
from devflow.adapters.git.settings import Setting, made, remote_in, values
from devflow.model.errors import Unavailable

_IS_LARGE: Final = ":(top,attr:filter=lfs)"
MOST_BYTES: Final = 1024  # of a pointer, by git-lfs' own specification
_POINTER: Final = re.compile(
    rb"version https?://[^\n]*\n(?:ext-[^\n]*\n)*oid sha256:([0-9a-f]{64})\nsize ([0-9]+)\n"
)
_STORE: Final = "objects"
_FILTERS: Final = ("filter.lfs.process", "filter.lfs.smudge")


@dataclass(frozen=True)
class Pointer:
    """What stands in the tree for a large file."""

    path: str
    oid: str
    size_bytes: int


def pointers(own: GitProcess) -> tuple[Pointer, ...]:
    """The large files of a checkout's index."""
    listing = own.run("ls-files", "--stage", "-z", "--", _IS_LARGE).output
    names: dict[str, list[str]] = {}
    for entry in listing.split(b"\0"):
        if entry.startswith(b"100"):
            description, name = entry.split(b"\t", 1)
            blob = description.split(b" ")[1].decode()
            names.setdefault(blob, []).append(name.decode("utf-8", "replace"))
    found: list[Pointer] = []
    for blob, content in _contents(own, names).items():
        match = _POINTER.match(content)
        # a file that was committed as it is stays so
        if match and int(match[2]):
            for path in names[blob]:
                found.append(Pointer(path, match[1].decode(), int(match[2])))
    return tuple(found)


def found(
    clone: Clone, own: GitProcess, known: Iterable[Setting], commit: str
) -> Mapping[str, Path]:
    """Where the content of a checkout's large files lies here, by its id; ``commit`` is what they
    are of, empty where that is none.

    Raises ``Unavailable`` with the command that fetches what is not here, or where git does not
    know git-lfs.
    """
    needed = pointers(own)
    if needed and not options(known):
        problem = "files of this tree are kept by git-lfs, which git does not know here"
        raise Unavailable(problem, where=needed[0].path, hint="git lfs install && git lfs pull")
    stores = clone.large_stores(values(known).get("lfs.storage", "lfs"))
    sources: dict[str, Path] = {}
    for pointer in needed:
        part = _place(pointer.oid)
        candidates = (store / part for store in stores)
        held = (path for path in candidates if _size_bytes(path) == pointer.size_bytes)
        path = next(held, None)
        if path is None:
            what = f"lfs fetch {remote_in(known)} {commit}" if commit else "lfs pull"
            place = str(PurePosixPath(clone.path, pointer.path))
            problem = f"the content of {place} is kept by git-lfs, and is not on this machine"
            raise Unavailable(problem, where=place, hint=f"{clone.command} {what}")
        sources[pointer.oid] = path
    return sources


def options(settings: Iterable[Setting]) -> tuple[str, ...]:
    """The options with which git fills in the content, also where the user leaves it out."""
    in_force = values(settings)
    chosen: list[str] = []
    for key in _FILTERS:
        if key in in_force:
            chosen += ("-c", f"{key}={in_force[key].replace(' --skip', '')}")
    return tuple(chosen)


def copy_into(git_dir: Path, content: Mapping[str, Path]) -> None:
    """Fills the store of a checkout."""
    for oid, source in content.items():
        target = _storage(git_dir) / _STORE / _place(oid)
        target.parent.mkdir(parents=True, exist_ok=True)
        # never a link: what is written to one would be written into the user's store
        shutil.copyfile(source, target)


def settled_in(git_dir: Path) -> tuple[Setting, ...]:
    """The settings by which git-lfs takes this folder for set up, and writes into it alone."""
    storage = made("lfs.storage", str(_storage(git_dir)))
    return storage, made("lfs.repositoryformatversion", "0")


def _contents(own: GitProcess, blobs: Iterable[str]) -> Mapping[str, bytes]:
    """The small ones of these blobs."""
    every = list(blobs)
    if not every:
        return {}
    question = "".join(f"{blob}\n" for blob in every).encode()
    sizes = own.run("cat-file", "--batch-check=%(objectsize)", stdin=question).text.split("\n")
    small = [blob for blob, size in zip(every, sizes) if int(size) <= MOST_BYTES]
    question = "".join(f"{blob}\n" for blob in small).encode()
    answer = own.run("cat-file", "--batch", stdin=question).output
    return dict(zip(small, batch(answer)))


def _storage(git_dir: Path) -> Path:
    return git_dir / "lfs"


def _place(oid: str) -> Path:
    return Path(oid[:2], oid[2:4], oid)


def _size_bytes(path: Path) -> int:
    return path.stat().st_size if path.is_file() else -1
