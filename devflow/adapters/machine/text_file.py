"""Small text files that other people's repositories hold, read so that nothing but a file is ever
opened: a pipe would be waited for, and a device never ends."""

import os
import stat
from pathlib import Path
from typing import Final

from devflow.model.bounds.sizes import PIPELINE_BYTES
from devflow.model.errors import PipelineInvalid, UsageError

_KINDS: Final = {
    stat.S_IFIFO: "a pipe",
    stat.S_IFSOCK: "a socket",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
    stat.S_IFDIR: "a folder",
}
# neither waits for the other end of a pipe nor takes a terminal
_FLAGS: Final = os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC


def real_path(path: Path) -> Path:
    """Where a path leads. Unlike ``Path.resolve`` it takes links that lead to themselves, which a
    repository may hold: nothing is there."""
    return Path(os.path.realpath(path))


def read_bytes(file: Path, max_bytes: int) -> bytes:
    """The bytes of a file.

    Raises ``OSError`` where it cannot be opened, and ``UsageError`` for what is no regular file or
    holds more than ``max_bytes``.
    """
    # a device is not opened to be asked what it is: some begin to do something then
    _refuse_other(file, file.stat().st_mode)
    descriptor = os.open(file, _FLAGS)
    with os.fdopen(descriptor, "rb") as stream:
        _refuse_other(file, os.fstat(descriptor).st_mode)
        content = stream.read(max_bytes + 1)
    if len(content) > max_bytes:
        raise UsageError(f"{file.name} is larger than {max_bytes} bytes", where=str(file))
    return content


def read_pipeline(file: Path, root: Path | None) -> str:
    """The text of a pipeline file; where a ``root`` is given, it has to lie in it.

    Raises ``OSError`` where it cannot be opened, else ``PipelineInvalid``.
    """
    if root is not None and not real_path(file).is_relative_to(real_path(root)):
        message = f"{file.name} is a link to {real_path(file)}, outside of the repository"
        hint = "put a file in its place, or name that one: devflow --pipeline FILE …"
        raise PipelineInvalid(message, where=str(file), hint=hint)
    try:
        content = read_bytes(file, PIPELINE_BYTES)
    except UsageError as error:
        hint = "put a text file in its place"
        raise PipelineInvalid(error.message, where=error.where, hint=hint) from None
    return _text(file.name, content)


def _text(name: str, content: bytes) -> str:
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        before = content[: error.start]
        line = before.count(b"\n") + 1
        row = before.rpartition(b"\n")[2]
        # what stands before the first wrong byte is valid, so that characters can be counted
        column = len(row.decode("utf-8")) + 1
        message = f"{name} is not UTF-8: byte 0x{content[error.start]:02x}"
        where = f"{name}:{line}:{column}"
        raise PipelineInvalid(message, where=where, hint="save it as UTF-8") from None
    # as a text file is read on every system
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _refuse_other(file: Path, mode: int) -> None:
    if not stat.S_ISREG(mode):
        kind = _KINDS.get(stat.S_IFMT(mode), "no file")
        raise UsageError(f"{file.name or file} is {kind}, not a file", where=str(file))
