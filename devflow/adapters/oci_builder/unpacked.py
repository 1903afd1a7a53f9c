"""The base image of the machine that builds, unpacked, so that its own Python can be run: by its
own loader, with neither root nor namespaces."""

import os
import re
import shutil
import tempfile
from pathlib import Path
from typing import Final, Iterable

from devflow.adapters.images.cache import touch
from devflow.craft.oci.layers import Kind
from devflow.craft.oci.writing import Source
from devflow.model.errors import Unavailable

LOADERS: Final = ("lib64/ld-linux-x86-64.so.2", "lib/ld-linux-aarch64.so.1")
_PYTHON: Final = re.compile(r"python3\.\d+")
_PLACES: Final = ("usr/local/bin", "usr/bin")
# what compiles: the program, libraries by the names that a loader asks for, and of Python's own
# library what it begins with; all of it would be four times as many files
_NEEDED: Final = re.compile(
    r"(usr/(local/)?bin|bin)/python[\d.]*"
    r"|(usr/(local/)?)?lib(64)?/([^/]+-linux-gnu/)?[^/]*\.so[^/]*"
    r"|usr/(local/)?lib/python3(\.\d+)?/lib-dynload/[^/]+"
    r"|usr/(local/)?lib/python3(\.\d+)?/((collections|encodings|importlib|re)/)?[^/]+\.py"
    r"|lib(64)?|usr/lib(64)?"
)


class UnpackedPython:
    """The interpreter of a base image in a folder of its own, made once a base."""

    def __init__(self, folder: Path, sources: Iterable[Source]) -> None:
        self._folder = folder
        if not folder.is_dir():
            _unpack(folder, sources)
        touch(folder)

    def place(self) -> str:
        """Where it is in the image: ``/usr/local/bin/python3.11``. Raises ``Unavailable`` where the
        base holds none."""
        for folder in _PLACES:
            for path in sorted((self._folder / folder).glob("python3.*")):
                if _PYTHON.fullmatch(path.name):
                    return f"/{folder}/{path.name}"
        problem = "the stage's base image has no Python that could compile"
        raise Unavailable(problem, hint="build with an engine")

    def command(self) -> list[str]:
        """What starts it, without its own packages; nothing of this machine's Python stands in the
        environment of a child. Raises ``Unavailable`` where the base holds none."""
        python = self._folder / self.place().lstrip("/")
        loader = next(
            (self._folder / one for one in LOADERS if (self._folder / one).exists()), None
        )
        if loader is None:
            problem = f"the base image has no loader of the C library at /{' or /'.join(LOADERS)}"
            raise Unavailable(problem, hint="build with an engine")
        libraries = [
            str(path)
            for path in (self._folder / "usr/local/lib", *self._folder.glob("usr/lib/*-linux-gnu"))
        ]
        return [str(loader), "--library-path", os.pathsep.join(libraries), str(python), "-S", "-P"]


def _unpack(folder: Path, sources: Iterable[Source]) -> None:
    """All or nothing: two builds may unpack the same base at once."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    part = Path(tempfile.mkdtemp(dir=folder.parent, prefix=".part-"))
    try:
        for source in sorted(sources, key=lambda one: one.entry.path):
            if _NEEDED.fullmatch(source.entry.path):
                _write(part, source)
        os.replace(part, folder)
    except OSError:
        if not folder.is_dir():
            raise
    finally:
        shutil.rmtree(part, ignore_errors=True)


def _write(root: Path, source: Source) -> None:
    entry = source.entry
    path = root / entry.path
    if entry.kind is Kind.DIRECTORY:
        path.mkdir(parents=True, exist_ok=True)
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    if entry.kind is Kind.SYMLINK:
        # a link from the image's root would lead out of the folder
        target = entry.link
        if target.startswith("/"):
            target = os.path.relpath(target.lstrip("/"), os.path.dirname(entry.path))
        path.symlink_to(target)
        return
    with source.content() as content, path.open("wb") as file:
        shutil.copyfileobj(content, file)
    path.chmod(0o755 if entry.mode & 0o111 else 0o644)
