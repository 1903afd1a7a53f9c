"""An answer's head and body leave in one piece, and nothing that was written is lost or sent to nobody."""

import asyncio

import pytest

pytest.importorskip("httptools", reason="httptools is not installed, and uvicorn then sends as it does by itself")

from services.one_write import Joined  # noqa: E402


class Wire(asyncio.Transport):
    """A transport that remembers each piece which it was given to send."""

    def __init__(self):
        super().__init__()
        self.sent, self.closed = [], False

    def write(self, data):
        assert not self.closed, "written after the end"
        self.sent.append(data)

    def is_closing(self):
        return self.closed

    def close(self):
        self.closed = True

    abort = close


def done_with(use):
    """Return the wire after `use` has had the transport and the loop has gone on."""
    wire = Wire()

    async def work():
        await use(Joined(wire, asyncio.get_running_loop()))
        await asyncio.sleep(0)

    asyncio.run(work())
    return wire


def test_what_is_written_together_is_sent_together():
    async def use(transport):
        for piece in (b"head ", b"body"):
            transport.write(piece)
        await asyncio.sleep(0)
        transport.write(b"next")

    assert done_with(use).sent == [b"head body", b"next"]


def test_closing_sends_what_was_held_back():
    async def use(transport):
        transport.write(b"last words")
        transport.close()

    wire = done_with(use)
    assert (wire.sent, wire.closed) == ([b"last words"], True)


def test_nothing_is_sent_to_who_has_left():
    async def use(transport):
        transport.write(b"too late")
        transport.abort()

    assert done_with(use).sent == []
