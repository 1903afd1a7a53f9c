"""Keeps what a command prints: in memory only the beginning and the end, in a log as much as a disk
should bear.

Everything is masked before it is kept, and a line without an end is cut, so that no amount of
output fills the memory.
"""

from contextlib import suppress
from pathlib import Path
from typing import Callable, Final, Protocol

from devflow.adapters.machine import private

MIB: Final = 1024 * 1024
HEAD_BYTES: Final = MIB  # bytes; an error's cause stands at the beginning
TAIL_BYTES: Final = MIB  # bytes; and its summary at the end
LOG_BYTES: Final = 64 * MIB  # bytes of a kept log; a step that prints more is broken
LINE_BYTES: Final = 64 * 1024  # bytes; longer lines are cut in pieces


class Sink(Protocol):
    """Where bytes go."""

    def __call__(self, chunk: bytes) -> None:
        """Takes the next bytes."""
        ...


class Captured:
    """A sink for one command; ``line`` is told each line, ``log`` is made when there is one."""

    def __init__(
        self, mask: Callable[[str], str], line: Callable[[str], None] | None, log: Path | None
    ) -> None:
        self._mask = mask
        self._line = line
        self._head = bytearray()
        self._tail = bytearray()
        self._left_out = 0
        self._open = bytearray()
        self._logged = 0
        self._lost = ""
        self._log = None
        if log is not None:
            private.make_folder(log.parent)
            self._log = open(log, "w", encoding="utf-8", opener=private.opener)

    def __call__(self, chunk: bytes) -> None:
        """Takes the next bytes."""
        self._keep(chunk)
        self._open += chunk
        while (end := self._open.find(b"\n") + 1) or len(self._open) > LINE_BYTES:
            cut = min(end or LINE_BYTES, LINE_BYTES)
            self._tell(bytes(self._open[:cut]))
            del self._open[:cut]

    def close(self) -> None:
        """Tells the last line, which had no end, and closes the log."""
        if self._open:
            self._tell(bytes(self._open))
            self._open.clear()
        if self._log is not None:
            with suppress(OSError):
                self._log.close()

    @property
    def text(self) -> str:
        """What was printed, masked; a line in the middle says how much was left out."""
        self._forget()
        cut = f"\n[... {self._left_out} bytes left out ...]\n".encode() if self._left_out else b""
        printed = bytes(self._head) + cut + bytes(self._tail)
        return self._mask(printed.decode("utf-8", "replace") + self._lost)

    def _keep(self, chunk: bytes) -> None:
        room = HEAD_BYTES - len(self._head)
        self._head += chunk[:room]
        self._tail += chunk[max(room, 0) :]
        if len(self._tail) > 2 * TAIL_BYTES:
            self._forget()

    def _forget(self) -> None:
        over = max(0, len(self._tail) - TAIL_BYTES)
        del self._tail[:over]
        self._left_out += over

    def _tell(self, piece: bytes) -> None:
        text = self._mask(piece.decode("utf-8", "replace"))
        self._write(text, len(piece))
        if self._line is not None:
            self._line(text.rstrip("\r\n"))

    def _write(self, text: str, size: int) -> None:
        if self._log is None or self._logged > LOG_BYTES:
            return
        self._logged += size
        if self._logged > LOG_BYTES:
            text = "\n[... the rest is left out ...]\n"
        try:
            self._log.write(text)
        except OSError as error:
            self._lost = f"\n[... the log could not be kept: {error} ...]\n"
            self._logged = LOG_BYTES + 1
