"""This process' standard output, which says whose fault it is when it cannot be written: a reader
that has gone, or a full disk behind a redirection, is no mistake of devflow's.

Nothing that takes time to load is imported here.
"""

import errno
import io
import os
import sys
from typing import Any, Final

# what a shell makes of a program that ends by SIGPIPE
CLOSED: Final = 141
_FULL: Final = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_STANDARD: Final = 3  # descriptors: input, output and error


class OutputLost(Exception):
    """Standard output cannot be written. It is no ``OSError``: the libraries that parse and draw
    have ideas of their own of what a closed pipe means."""

    def __init__(self, cause: OSError) -> None:
        """``is_full``: it leads to a place without room; else nobody reads it any more."""
        super().__init__(cause.strerror)
        self.is_full = cause.errno in _FULL
        self.why = "standard output was closed"
        if self.is_full:
            self.why = f"standard output cannot be written: {cause.strerror}"


class _Descriptor(io.FileIO):
    """A descriptor whose errors are told from those of any other file."""

    def write(self, chunk: Any, /) -> int:
        try:
            return super().write(chunk)
        except OSError as error:
            raise OutputLost(error) from error


def watch_stdout() -> None:
    """Makes standard output one that raises ``OutputLost``, also where it was closed before this
    process began."""
    stream = sys.stdout
    if stream is None or sys.stderr is None:
        _fill_standard()
    if sys.stderr is None:
        sys.stderr = open(os.devnull, "w", encoding="utf-8")
    if stream is None:
        sys.stdout = _text(1, "utf-8", "replace", False)
    # a test's own stream is left alone
    elif stream is sys.__stdout__ and isinstance(stream, io.TextIOWrapper):
        errors = stream.errors or "strict"
        sys.stdout = _text(stream.fileno(), stream.encoding, errors, stream.isatty())


def forget_stdout() -> None:
    """Lets nobody write what is left of it again, not even Python at its end."""
    sys.stdout = open(os.devnull, "w", encoding="utf-8")


def _text(descriptor: int, encoding: str, errors: str, is_terminal: bool) -> io.TextIOWrapper:
    raw = _Descriptor(descriptor, "w", closefd=False)
    return io.TextIOWrapper(io.BufferedWriter(raw), encoding, errors, line_buffering=is_terminal)


def _fill_standard() -> None:
    """The next file that is opened must not become the standard output."""
    while (descriptor := os.open(os.devnull, os.O_RDONLY)) < _STANDARD:
        continue
    os.close(descriptor)
