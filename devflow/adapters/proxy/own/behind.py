"""One connection to a backend, over which one request goes after the other.

A request of which a byte was written is never sent again: when its backend goes away, its client is
told so.
"""

import asyncio
import socket
import time
from typing import Final, Protocol, cast

from devflow.adapters.proxy.figures.tallies import (
    ABORTED,
    ANSWERED_5XX,
    CLIENT_GONE,
    HISTOGRAM,
    IN_FLIGHT,
    REQUESTS,
    SYNTHETIC,
    WHILE_DRAINING,
    bucket,
)
from devflow.adapters.proxy.own.bodies import Body, Chunked, Sized, UntilClosed
from devflow.adapters.proxy.own.heads import CLOSE, LIMIT_BYTES, Head, Refused, response
from devflow.adapters.proxy.own.routes import Target

_WITHOUT_BODY: Final = (204, 304)
QUICK_ACK: Final[int] = getattr(socket, "TCP_QUICKACK", 0)  # Linux alone has it


class Client(Protocol):
    """Who asked: the connection that the answer goes to."""

    transport: asyncio.Transport
    head: Head | None
    began_s: float

    def request_is_whole(self) -> bool:
        """Whether all of the request has come."""

    def will_keep(self) -> bool:
        """Whether the connection may be used for another request after this answer."""

    def upgrade(self) -> None:
        """From here on what comes is handed on as it is."""

    def half_closed(self) -> bool:
        """The other end of what was upgraded says no more; answers whether this one may still."""

    def answered(self, keeps: bool) -> None:
        """The answer was handed over whole."""

    def cut(self, status: int, is_begun: bool) -> None:
        """The answer will not come, or not whole."""


class Behind(asyncio.Protocol):
    """See above. ``client`` is None while it is idle."""

    __slots__ = (
        "transport",
        "idle_since_s",
        "client",
        "_target",
        "_words",
        "_socket",
        "_held",
        "_head",
        "_body",
    )
    transport: asyncio.Transport

    def __init__(self, target: Target, words: "memoryview[int]", opened: socket.socket) -> None:
        self._target = target
        self._words = words
        self._socket = opened
        self.client: Client | None = None
        self.idle_since_s = 0.0
        self._held = b""
        self._head: Head | None = None
        self._body: Body | None = None

    def is_open(self) -> bool:
        """Whether the other side has neither closed it nor sent what nobody asked for."""
        try:
            self._socket.recv(1, socket.MSG_PEEK)
        except BlockingIOError:
            return not self.transport.is_closing()
        except OSError:
            pass
        return False

    def close(self) -> None:
        """Closes it."""
        self.transport.close()

    def ask(self, client: Client, data: bytes) -> None:
        """Begins a request with its first bytes."""
        self.client = client
        self._head = None
        self._body = None
        self._words[self._target.tally + IN_FLIGHT] += 1
        self.transport.write(data)

    def abandon(self) -> None:
        """The client has gone away."""
        # either end may be the one that ends what was upgraded
        self._count(REQUESTS if self._is_tunnel() else CLIENT_GONE)
        self.client = None
        self.transport.abort()

    def is_begun(self) -> bool:
        """Whether the client was sent a part of the answer."""
        return self._body is not None

    def _is_tunnel(self) -> bool:
        return self._head is not None and self._head.status == 101

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """See ``asyncio.Protocol``."""
        # uvloop's is none by its class
        self.transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        """See ``asyncio.Protocol``."""
        client = self.client
        if client is None:
            # nobody asked: whatever it is, the next request's answer would begin with it
            self.transport.abort()
            return
        try:
            if self._body is None:
                self._take_head(client, data)
            else:
                data, rest = self._body.feed(data)
                client.transport.write(data)
                self._end_if_done(client, rest)
        except Refused:
            self._fail(client)

    def _take_head(self, client: Client, data: bytes) -> None:
        data = self._held + data
        self._held = b""
        while True:
            end = data.find(b"\r\n\r\n") + 4
            if end < 4:
                if len(data) > LIMIT_BYTES:
                    raise Refused(502, "the answer's head is too large")
                self._held = data
                return
            head = response(data[:end])
            data = data[end:]
            if head.status >= 200 or head.status == 101:
                break
            if client.head and client.head.minor:
                client.transport.write(head.text + b"\r\n")
        self._head = head
        body = self._body = _body_of(head, client.head)
        data, rest = body.feed(data)
        if head.status == 101:
            client.transport.write(head.text + b"\r\n" + data)
            client.upgrade()
            return
        self._hand_on(client, head, data)
        self._end_if_done(client, rest)

    def _hand_on(self, client: Client, head: Head, data: bytes) -> None:
        """Hands on a head and what of the body came with it."""
        body = self._body
        assert body is not None and client.head is not None
        keeps = client.will_keep() and not isinstance(body, UntilClosed)
        client.head.keeps = keeps
        client.transport.write(head.text + (b"\r\n" if keeps else CLOSE) + data)
        if not body.done and QUICK_ACK:
            # many servers write the head by itself, and the body once that is acknowledged, for
            # which Linux takes 40 ms
            self._socket.setsockopt(socket.IPPROTO_TCP, QUICK_ACK, 1)

    def _end_if_done(self, client: Client, rest: bytes) -> None:
        body = self._body
        assert body is not None and self._head is not None
        if not body.done:
            return
        self._count(ANSWERED_5XX if self._head.status >= 500 else REQUESTS)
        is_free = self._head.keeps and not rest and client.request_is_whole()
        self.client = None
        resume(self.transport)
        if is_free and not self._target.draining and not self.transport.is_closing():
            self.idle_since_s = time.perf_counter()
            self._target.idle.append(self)
        else:
            self.transport.close()
        client.answered(client.head is not None and client.head.keeps)

    def eof_received(self) -> bool:
        """See ``asyncio.Protocol``. An upgraded connection may be half closed."""
        client = self.client
        if client is not None and self._is_tunnel():
            return client.half_closed()
        return False

    def connection_lost(self, exc: Exception | None) -> None:
        """See ``asyncio.Protocol``."""
        client = self.client
        if client is None:
            if self in self._target.idle:
                self._target.idle.remove(self)
            return
        if isinstance(self._body, UntilClosed) and exc is None:
            assert self._head is not None
            self._count(ANSWERED_5XX if self._head.status >= 500 else REQUESTS)
            self.client = None
            client.answered(False)
            return
        self._fail(client)

    def _fail(self, client: Client) -> None:
        self._count(ABORTED)
        self.client = None
        self.transport.abort()
        client.cut(502, self._body is not None)

    def _count(self, what: int) -> None:
        """Counts the end of a request. ``REQUESTS`` alone is one that was answered well."""
        words = self._words
        tally = self._target.tally
        words[tally + REQUESTS] += 1
        words[tally + IN_FLIGHT] -= 1
        client = self.client
        if client is not None and client.head is not None and client.head.is_synthetic:
            words[tally + SYNTHETIC] += 1
        is_answer = what in (REQUESTS, ANSWERED_5XX) and not self._is_tunnel()
        if is_answer and client is not None:
            words[tally + HISTOGRAM + bucket(time.perf_counter() - client.began_s)] += 1
        if what == REQUESTS:
            return
        if self._target.draining and what != CLIENT_GONE:
            what = WHILE_DRAINING
        words[tally + what] += 1

    def pause_writing(self) -> None:
        """See ``asyncio.Protocol``."""
        if self.client is not None:
            pause(self.client.transport)

    def resume_writing(self) -> None:
        """See ``asyncio.Protocol``."""
        if self.client is not None:
            resume(self.client.transport)


def pause(transport: asyncio.Transport) -> None:
    """Reads no more for now."""
    if transport.is_reading() and not transport.is_closing():
        transport.pause_reading()


def resume(transport: asyncio.Transport) -> None:
    """Reads on."""
    if not transport.is_reading() and not transport.is_closing():
        transport.resume_reading()


def _body_of(head: Head, asked: Head | None) -> Body:
    """What an answer's body is. Raises ``Refused``."""
    assert asked is not None
    if head.status == 101:
        if not asked.upgrade or not head.upgrade:
            raise Refused(502, "nobody asked for an upgrade")
        return UntilClosed()
    if asked.is_head or head.status in _WITHOUT_BODY:
        return Sized(0)
    if head.chunked:
        if not asked.minor or not head.minor:
            raise Refused(502, "HTTP/1.0 has no chunks")
        return Chunked()
    if head.length >= 0:
        return Sized(head.length)
    return UntilClosed()
