"""Keeps what a command prints: in memory only the beginning and the end, in a log as much as a disk
should bear.

A program's own reader gets the words as they are; what is logged or shown line by line is masked
first, over the borders of pieces and lines. A line without an end is cut, so that no amount of
output fills the memory.
"""

import codecs
from collections import deque
from contextlib import suppress
from pathlib import Path
from typing import Callable, Final, Protocol

from devflow.adapters.machine import private
from devflow.adapters.masking.secrets import Mask, MaskedStream, Piece
from devflow.model.errors import system_words

MIB: Final = 1024 * 1024
HEAD_BYTES: Final = MIB  # bytes; an error's cause stands at the beginning
TAIL_BYTES: Final = MIB  # bytes; and its summary at the end
LOG_BYTES: Final = 64 * MIB  # bytes of a kept log; a step that prints more is broken
LINE_CHARS: Final = 64 * 1024  # characters; longer lines are cut in pieces
NO_SECRETS: Final = Mask()  # of a command that is told none


class Sink(Protocol):
    """Where bytes go."""

    def __call__(self, chunk: bytes) -> None:
        """Takes the next bytes."""
        ...


class Captured:
    """A sink for one command; ``line`` is told each line, ``log`` is made when there is one."""

    def __init__(self, mask: Mask, line: Callable[[str], None] | None, log: Path | None) -> None:
        self._line = line
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._stream = MaskedStream(mask)
        self._kept = _Ends()
        self._open = ""
        self._logged = 0
        self._lost = ""
        self._log = None
        if log is not None:
            private.make_folder(log.parent)
            self._log = open(log, "w", encoding="utf-8", opener=private.opener)

    def __call__(self, chunk: bytes) -> None:
        """Takes the next bytes."""
        self._take(self._stream.feed(self._decoder.decode(chunk)))

    def close(self) -> None:
        """Takes what was held back, tells the last line, which had no end, and closes the log."""
        self._take(self._stream.feed(self._decoder.decode(b"", final=True)))
        self._take(self._stream.close())
        if self._open and self._line is not None:
            self._line(self._open)
        self._open = ""
        if self._log is not None:
            with suppress(OSError):
                self._log.close()

    @property
    def text(self) -> str:
        """What was printed, to be read, and masked where it is kept or shown (see
        ``Mask.unsplit``). A line in the middle says how much was left out. Whole once the sink is
        closed."""
        return self._kept.text + self._lost

    def _take(self, piece: Piece) -> None:
        if not piece.read:
            return
        self._kept.add(piece.read)
        self._write(piece.masked, _size_bytes(piece.read))
        if self._line is not None:
            self._tell(piece.masked, self._line)

    def _tell(self, masked: str, line: Callable[[str], None]) -> None:
        *lines, self._open = (self._open + masked).split("\n")
        for whole in lines:
            # a last piece is told where there is no other, since it is an empty line
            for at in range(0, max(1, len(whole)), LINE_CHARS):
                line(whole[at : at + LINE_CHARS].rstrip("\r"))
        while len(self._open) > LINE_CHARS:
            line(self._open[:LINE_CHARS])
            self._open = self._open[LINE_CHARS:]

    def _write(self, text: str, size: int) -> None:
        if self._log is None or self._logged > LOG_BYTES:
            return
        self._logged += size
        if self._logged > LOG_BYTES:
            text = "\n[... the rest is left out ...]\n"
        try:
            self._log.write(text)
        except OSError as error:
            self._lost = f"\n[... the log could not be kept: {system_words(error)} ...]\n"
            self._logged = LOG_BYTES + 1


class _Ends:
    """The beginning and the end of a text that comes in pieces. It is cut between two pieces only:
    within one a secret could be cut, and its halves are none."""

    def __init__(self) -> None:
        self._head: list[str] = []
        self._head_bytes = 0
        self._tail: deque[str] = deque()
        self._tail_bytes = 0
        self._left_out_bytes = 0

    def add(self, piece: str) -> None:
        """Takes the next piece."""
        size = _size_bytes(piece)
        if not self._tail and self._head_bytes + size <= HEAD_BYTES:
            self._head.append(piece)
            self._head_bytes += size
            return
        self._tail.append(piece)
        self._tail_bytes += size
        while self._tail_bytes > TAIL_BYTES:
            dropped = _size_bytes(self._tail.popleft())
            self._tail_bytes -= dropped
            self._left_out_bytes += dropped

    @property
    def text(self) -> str:
        """Both, with a line between them where something was left out."""
        cut = f"\n[... {self._left_out_bytes} bytes left out ...]\n" if self._left_out_bytes else ""
        return "".join((*self._head, cut, *self._tail))


def _size_bytes(text: str) -> int:
    return len(text) if text.isascii() else len(text.encode("utf-8", "replace"))
