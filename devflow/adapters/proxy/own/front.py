"""One connection of a client: reads a request, finds it a backend, hands its body on, and begins
with the next one when it is answered.

Only what could not be connected to is tried again, elsewhere: then nothing of the request was
written.
"""

import asyncio
import math
import socket
import time
from typing import Final, Protocol, cast

from devflow.adapters.proxy.figures.tallies import CONNECT_FAILED, REFUSED, UNSERVED
from devflow.adapters.proxy.own.behind import Behind, pause, resume
from devflow.adapters.proxy.own.bodies import Body, Chunked, Sized, UntilClosed
from devflow.adapters.proxy.own.heads import LIMIT_BYTES, Head, Refused, request
from devflow.adapters.proxy.own.routes import Spread, Target

ARRIVAL_S: Final = 10.0  # for a head, from its first byte; as the bundled services
IDLE_S: Final = 300.0  # between two requests; longer than browsers keep a connection
# s between two pieces of a body: longer than a network's own repetitions go on
STALLED_S: Final = 60.0
LINGER_S: Final = 2.0  # for the client to read why it was refused, before its bytes are reset
# s that a refused connection is tried again: longer than a service takes to begin to listen
CONNECT_WITHIN_S: Final = 3.0
RETRY_EVERY_S: Final = 0.02
UNSENT_BYTES: Final = 64 * 1024  # of a body that are held while a backend is connected to

_REASONS: Final = {
    400: b"Bad Request",
    408: b"Request Timeout",
    431: b"Request Header Fields Too Large",
    501: b"Not Implemented",
    502: b"Bad Gateway",
    503: b"Service Unavailable",
}
_NOTHING: Final = Sized(0)


class Worker(Protocol):
    """What all connections share."""

    fronts: set["Front"]
    stopping: bool


class Front(asyncio.Protocol):
    """See above. ``head`` is None between requests."""

    __slots__ = (
        "transport",
        "head",
        "began_s",
        "deadline_s",
        "_spread",
        "_worker",
        "_forwarded",
        "_held",
        "_body",
        "_unsent",
        "_behind",
        "_connecting",
        "_is_closing",
        "_is_half_closed",
        "_is_full",
        "_patience_s",
    )
    transport: asyncio.Transport

    def __init__(self, spread: Spread, worker: Worker) -> None:
        self._spread = spread
        self._worker = worker
        self.head: Head | None = None
        self.began_s = time.perf_counter()
        self.deadline_s = self.began_s + ARRIVAL_S
        self._held = b""
        self._body: Body = _NOTHING
        self._unsent: list[bytes] = []
        self._behind: Behind | None = None
        self._connecting: asyncio.Task[None] | None = None
        self._is_closing = False
        self._is_half_closed = False
        self._is_full = False
        self._patience_s = STALLED_S

    # what the connection says

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """See ``asyncio.Protocol``."""
        # uvloop's is none by its class
        self.transport = cast(asyncio.Transport, transport)
        address = str(transport.get_extra_info("peername")[0]).encode()
        self._forwarded = b"X-Forwarded-For: " + address + b"\r\n\r\n"
        self._worker.fronts.add(self)

    def data_received(self, data: bytes) -> None:
        """See ``asyncio.Protocol``."""
        if self._is_closing:
            return
        if self.head is None and not self._is_full:
            self._begin(data)
        elif self.head is None or self._body.done:
            # the next request, before this one is answered, or its answer taken
            self._held += data
            if len(self._held) > LIMIT_BYTES:
                pause(self.transport)
        else:
            self._go_on(data)

    def eof_received(self) -> bool:
        """See ``asyncio.Protocol``. A client may close its half once it has asked."""
        self._is_half_closed = True
        if self.head is None or self._is_closing:
            return False
        if isinstance(self._body, UntilClosed) and self._behind is not None:
            if self._patience_s < math.inf:
                # the other end has closed its half already
                return False
            self._behind.transport.write_eof()
            return True
        return self._body.done

    def connection_lost(self, exc: Exception | None) -> None:
        """See ``asyncio.Protocol``."""
        self._worker.fronts.discard(self)
        self._is_closing = True
        if self._connecting is not None:
            self._connecting.cancel()
        if self._behind is not None:
            self._behind.abandon()
            self._behind = None

    def pause_writing(self) -> None:
        """See ``asyncio.Protocol``."""
        self._is_full = True
        if self._behind is not None:
            pause(self._behind.transport)

    def resume_writing(self) -> None:
        """See ``asyncio.Protocol``."""
        self._is_full = False
        if self._behind is not None:
            resume(self._behind.transport)
        elif self.head is None:
            self._next()

    def look(self, now_s: float) -> None:
        """Ends a connection on which nothing came in time."""
        if now_s < self.deadline_s:
            return
        if self._is_closing:
            self.transport.abort()
        elif self.head is None and not self._held:
            self.transport.close()
        elif self.head is None:
            self._refuse(408)
        elif not self._body.done and self.transport.is_reading():
            self.transport.abort()

    def finish(self) -> None:
        """Closes once the running request is answered."""
        if self.head is None:
            self.transport.close()

    # the request

    def _begin(self, data: bytes) -> None:
        if self._held:
            data = self._held + data
            self._held = b""
        else:
            self.deadline_s = time.perf_counter() + ARRIVAL_S
        if data.startswith(b"\r\n"):
            # what old clients send behind a body (RFC 9112, section 2.2)
            data = data[2:]
        end = data.find(b"\r\n\r\n") + 4
        if end < 4:
            self._wait_for_head(data)
            return
        try:
            if end > LIMIT_BYTES:
                raise Refused(431, "the head is too large")
            head = request(data[:end])
            self._body = _body_of(head)
            piece, self._held = self._body.feed(data[end:])
        except Refused as refused:
            self._refuse(refused.status)
            return
        self.head = head
        self.began_s = time.perf_counter()
        self.deadline_s = self.began_s + STALLED_S
        self._dispatch(head.text + self._forwarded + piece)

    def _wait_for_head(self, data: bytes) -> None:
        if len(data) > LIMIT_BYTES:
            self._refuse(431)
        elif data.count(b"\n") != data.count(b"\r\n"):
            # it would never end
            self._refuse(400)
        else:
            self._held = data

    def _go_on(self, data: bytes) -> None:
        self.deadline_s = time.perf_counter() + self._patience_s
        try:
            piece, self._held = self._body.feed(data)
        except Refused as refused:
            is_begun = self._behind is not None and self._behind.is_begun()
            self._abandon()
            if is_begun:
                self.cut(refused.status, True)
            else:
                self._refuse(refused.status)
            return
        if not piece:
            return
        if self._behind is not None:
            self._behind.transport.write(piece)
            return
        self._unsent.append(piece)
        if sum(map(len, self._unsent)) > UNSENT_BYTES:
            pause(self.transport)

    def _dispatch(self, data: bytes) -> None:
        target = self._spread.pick(())
        behind = target.take_idle(self.began_s) if target is not None else None
        if behind is not None:
            self._behind = behind
            behind.ask(self, data)
            return
        self._unsent = [data]
        self._connecting = asyncio.ensure_future(self._connect(target))

    async def _connect(self, target: Target | None) -> None:
        """Asks one after the other until one takes a connection, all again for a while."""
        tried: set[Target] = set()
        while True:
            if target is not None:
                behind = await self._open(target)
                if behind is not None:
                    break
                tried.add(target)
            target = self._spread.pick(tried)
            if target is not None:
                continue
            if time.perf_counter() > self.began_s + CONNECT_WITHIN_S:
                self._connecting = None
                self._spread.tallies.words[self._spread.tally + UNSERVED] += 1
                self._say(503)
                return
            await asyncio.sleep(RETRY_EVERY_S)
            tried.clear()
        self._connecting = None
        data = b"".join(self._unsent)
        self._unsent = []
        self._behind = behind
        behind.ask(self, data)
        if not self._body.done:
            resume(self.transport)

    async def _open(self, target: Target) -> Behind | None:
        words = self._spread.tallies.words
        family = socket.AF_INET6 if ":" in target.host else socket.AF_INET
        loop = asyncio.get_running_loop()
        opened: socket.socket | None = None
        try:
            opened = socket.socket(family)
            opened.setblocking(False)
            address = (target.host, target.port)
            await asyncio.wait_for(loop.sock_connect(opened, address), CONNECT_WITHIN_S)
            behind = Behind(target, words, opened)
            await loop.create_connection(lambda: behind, sock=opened)
            if behind.transport.is_closing():
                raise ConnectionAbortedError("it was closed before anything was written")
            return behind
        except OSError:
            words[target.tally + CONNECT_FAILED] += 1
        except asyncio.CancelledError:
            if opened is not None:
                opened.close()
            raise
        if opened is not None:
            opened.close()
        return None

    # what the backend's side asks

    def request_is_whole(self) -> bool:
        """See ``Client``."""
        return self._body.done

    def will_keep(self) -> bool:
        """See ``Client``."""
        keeps = self.head is not None and self.head.keeps and self._body.done
        return keeps and not self._is_half_closed and not self._worker.stopping

    def upgrade(self) -> None:
        """See ``Client``."""
        self._body = UntilClosed()
        self._patience_s = math.inf
        self.deadline_s = math.inf
        held = self._held
        self._held = b""
        if held and self._behind is not None:
            self._behind.transport.write(held)
        resume(self.transport)

    def half_closed(self) -> bool:
        """See ``Client``."""
        if self._is_half_closed:
            return False
        self._patience_s = STALLED_S
        self.deadline_s = time.perf_counter() + STALLED_S
        if not self.transport.is_closing():
            self.transport.write_eof()
        return True

    def answered(self, keeps: bool) -> None:
        """See ``Client``."""
        is_whole = self._body.done
        self._behind = None
        self.head = None
        if not keeps:
            self._close(is_whole)
            return
        self.deadline_s = time.perf_counter() + IDLE_S
        self._next()

    def _next(self) -> None:
        resume(self.transport)
        if self._held and not self._is_full and not self._is_closing:
            held = self._held
            self._held = b""
            self._begin(held)

    def cut(self, status: int, is_begun: bool) -> None:
        """See ``Client``."""
        self._behind = None
        if is_begun:
            # the client sees that it is not whole
            self._is_closing = True
            self.transport.abort()
        else:
            self._say(status)

    def _abandon(self) -> None:
        if self._connecting is not None:
            self._connecting.cancel()
            self._connecting = None
        if self._behind is not None:
            self._behind.abandon()
            self._behind = None

    def _refuse(self, status: int) -> None:
        self._spread.tallies.words[self._spread.tally + REFUSED] += 1
        self._say(status)

    def _say(self, status: int) -> None:
        """Answers by ourselves, and closes."""
        reason = _REASONS[status]
        text = b"" if self.head is not None and self.head.is_head else reason + b"\n"
        head = b"HTTP/1.1 %d %b\r\nContent-Type: text/plain\r\nContent-Length: %d\r\n"
        lines = head % (status, reason, len(reason) + 1)
        self.transport.write(lines + b"Connection: close\r\n\r\n" + text)
        self.head = None
        self._close(False)

    def _close(self, is_whole: bool) -> None:
        """Closes; where the client is still sending, a reset would take the answer from it, and it
        is listened to for a moment."""
        self._is_closing = True
        if is_whole or self._is_half_closed or self.transport.is_closing():
            # what is not sent yet still is, at the client's pace
            self.deadline_s = math.inf
            self.transport.close()
            return
        self.deadline_s = time.perf_counter() + LINGER_S
        self.transport.write_eof()
        resume(self.transport)


def _body_of(head: Head) -> Body:
    if head.chunked:
        return Chunked()
    return Sized(head.length) if head.length > 0 else _NOTHING
