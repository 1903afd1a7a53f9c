"""Where a message ends: by its length, by its last chunk, or with its connection.

A body is handed on as it came, and only what was found to be rightly framed: what follows a chunk
that is not is never seen by the other side.
"""

import re
from typing import Final, Protocol

from devflow.adapters.proxy.own.heads import LIMIT_BYTES, Refused, refuse_trailers

# a size of at most 2**60, and extensions, which nobody reads
_SIZE: Final = re.compile(rb"([0-9A-Fa-f]{1,15})(?:[\t ]*;[\t\x20-\x7e]*)?\r\n")
SIZE_LIMIT_BYTES: Final = 256  # of the line of a chunk's size


class Body(Protocol):
    """What is still to come of one message."""

    @property
    def done(self) -> bool:
        """Whether nothing more is to come."""

    def feed(self, data: bytes) -> tuple[bytes, bytes]:
        """What of this is to be handed on, and what follows the message. Raises ``Refused``."""


class Sized:
    """A body of so many bytes."""

    __slots__ = ("left", "done")

    def __init__(self, length: int) -> None:
        self.left = length
        self.done = length == 0

    def feed(self, data: bytes) -> tuple[bytes, bytes]:
        """See ``Body``."""
        size = len(data)
        if size < self.left:
            self.left -= size
            return data, b""
        rest = data[self.left :]
        data = data[: self.left]
        self.left = 0
        self.done = True
        return data, rest


class UntilClosed:
    """What ends with its connection: an answer without a length, and what was upgraded."""

    done = False

    def feed(self, data: bytes) -> tuple[bytes, bytes]:
        """See ``Body``."""
        return data, b""


class Chunked:
    """A body in chunks, and its trailers."""

    __slots__ = ("done", "_held", "_left", "_after_data", "_in_trailers")

    def __init__(self) -> None:
        self.done = False
        self._held = b""
        self._left = 0
        self._after_data = False
        self._in_trailers = False

    def feed(self, data: bytes) -> tuple[bytes, bytes]:
        """See ``Body``."""
        data = self._held + data
        at = 0
        while not self.done and at < len(data):
            before = at
            at = self._step(data, at)
            if at == before:
                break
        if self.done:
            self._held = b""
            return data[:at], data[at:]
        # a line that is not whole is not handed on
        self._held = data[at:]
        return data[:at], b""

    def _step(self, data: bytes, at: int) -> int:
        """Goes over the next piece, and answers where it ends; ``at`` where it is not whole."""
        if self._left:
            size = min(self._left, len(data) - at)
            self._left -= size
            self._after_data = not self._left
            return at + size
        if self._after_data:
            return self._line_end(data, at)
        if self._in_trailers:
            return self._trailers(data, at)
        return self._size(data, at)

    def _line_end(self, data: bytes, at: int) -> int:
        end = data[at : at + 2]
        if not b"\r\n".startswith(end):
            raise Refused(400, "a chunk is longer than its size")
        if len(end) < 2:
            return at
        self._after_data = False
        return at + 2

    def _size(self, data: bytes, at: int) -> int:
        end = data.find(b"\n", at, at + SIZE_LIMIT_BYTES) + 1
        if not end:
            if len(data) - at >= SIZE_LIMIT_BYTES:
                raise Refused(400, "a chunk's size is too long")
            return at
        matched = _SIZE.fullmatch(data, at, end)
        if matched is None:
            raise Refused(400, "a chunk has no size")
        self._left = int(matched[1], 16)
        self._in_trailers = not self._left
        return end

    def _trailers(self, data: bytes, at: int) -> int:
        if data.startswith(b"\r\n", at):
            self.done = True
            return at + 2
        end = data.find(b"\r\n\r\n", at) + 4
        if end < 4:
            if len(data) - at > LIMIT_BYTES:
                raise Refused(431, "the trailers are too large")
            return at
        refuse_trailers(data[at:end])
        self.done = True
        return end
