"""uvicorn's HTTP protocol with two short cuts: head and body leave in one system call, and a plain
POST whose answer the application gives at once is answered without an ASGI scope, a task and two
messages, which cost three times the answer.

Whatever is not plainly such a request goes uvicorn's own way, with nothing of it lost. uvicorn
bounds neither a head's size nor the time in which a request arrives: both are bounded here, and
what is refused stands in the access log like any other request.
"""

import asyncio
import time
from typing import Any, Dict, List, Optional, cast

import httptools
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from services.web import Observed, body_problem

HEAD_LIMIT_BYTES = 16 * 1024  # of request line and headers; a browser sends 1 KiB
BAD_REQUEST = 400
LATE = 408
HEAD_TOO_LARGE = 431
UNUSUAL = frozenset({b"expect", b"upgrade"})  # headers that change how a request is read


class Joined:
    """A transport that holds back what is written until the event loop has nothing else to do, and
    sends it together."""

    __slots__ = ("_transport", "_unsent", "_soon")

    def __init__(self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
        self._transport = transport
        self._soon = loop.call_soon
        self._unsent: List[bytes] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)

    def write(self, data: bytes) -> None:
        """Send this, together with what else is written before the loop goes on."""
        if not self._unsent:
            self._soon(self.flush)
        self._unsent.append(data)

    def close(self) -> None:
        """Send what is held back, and close."""
        self.flush()
        self._transport.close()

    def send(self, data: bytes) -> None:
        """Send this at once, after what is held back."""
        self._unsent.append(data)
        self.flush()

    def flush(self) -> None:
        """Send what is held back."""
        unsent = self._unsent
        self._unsent = []
        # a transport that is closing would warn of each piece
        if unsent and not self._transport.is_closing():
            self._transport.write(b"".join(unsent))


class Protocol(HttpToolsProtocol):
    """One connection. The application is an `Observed`, whose `at_once` may answer."""

    _joined: Joined
    _observed: Observed
    _by_name: Dict[bytes, bytes]
    _pieces: Optional[List[bytes]] = None
    _began_s = 0.0
    # of the request that is arriving: whether its head is, how much has come of it, and whether
    # it may be too large once it is whole
    _arrives = False
    _head_arrives = False
    _head_bytes = 0
    _is_large = False
    # why no more is read from this connection
    _refused = 0
    _deadline: Optional[asyncio.TimerHandle] = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin a connection."""
        self._joined = Joined(transport, self.loop)
        self._observed = cast(Observed, self.app)
        super().connection_made(self._joined)  # type: ignore[arg-type]
        self._deadline = self.loop.call_later(self._observed.arrival_s, self._be_late)

    def connection_lost(self, exc: Optional[Exception]) -> None:
        """End a connection."""
        self._end_deadline()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Take the next bytes of a request, or of several."""
        self._unset_keepalive_if_required()
        if self._refused:
            return
        if self._head_arrives or not self._arrives:
            self._head_bytes += len(data)
        self._is_large = self._head_bytes > HEAD_LIMIT_BYTES or len(data) > HEAD_LIMIT_BYTES
        try:
            self.parser.feed_data(data)
        except httptools.HttpParserUpgrade:
            # answered like any other request: nothing is upgraded here
            pass
        except httptools.HttpParserError:
            self._refuse(self._refused or BAD_REQUEST)
            return
        if self._head_arrives and self._head_bytes > HEAD_LIMIT_BYTES:
            self._refuse(HEAD_TOO_LARGE)
        elif not self._arrives:
            self._end_deadline()
        elif self._deadline is None:
            self._deadline = self.loop.call_later(self._observed.arrival_s, self._be_late)

    def on_message_begin(self) -> None:
        """Begin a request."""
        self._arrives = True
        self._head_arrives = True
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        """Wait for the body of a request that may be answered at once; hand on any other.

        Raises ValueError for a head that is too large, which ends the parser.
        """
        self._head_arrives = False
        if self._is_large and self._head_size_bytes() > HEAD_LIMIT_BYTES:
            self._refused = HEAD_TOO_LARGE
            raise ValueError("the head is too large")
        if self.url in self._observed.quick:
            self._by_name = dict(self.headers)
            if self._is_plain():
                self._pieces = []
                self._began_s = time.perf_counter()
                return
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        """Take a piece of the body."""
        if self._pieces is None:
            super().on_body(body)
        else:
            self._pieces.append(body)

    def on_message_complete(self) -> None:
        """Answer, or let the application answer what could not be answered at once."""
        self._arrives = False
        # what has come of the next one with it is not counted
        self._head_bytes = 0
        if self._pieces is None:
            super().on_message_complete()
            return
        body = b"".join(self._pieces)
        self._pieces = None
        answer = self._observed.at_once(self.url, self._by_name, body, self._began_s)
        if answer is None:
            super().on_headers_complete()
            super().on_body(body)
            super().on_message_complete()
            return
        lines = [b"%b: %b\r\n" % header for header in self.server_state.default_headers]
        self._joined.send(b"".join((b"HTTP/1.1 200 OK\r\n", *lines, answer)))
        self.on_response_complete()

    def _head_size_bytes(self) -> int:
        fields = sum(len(name) + len(value) + 4 for name, value in self.headers)
        return len(self.url) + fields

    def _be_late(self) -> None:
        """End a connection whose request did not come, or not whole, in time."""
        self._deadline = None
        if self._arrives:
            self._refuse(LATE)
        else:
            self._refused = LATE
            self._joined.close()

    def _end_deadline(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _refuse(self, status: int) -> None:
        """Answer what is no request that could be handled, and close the connection."""
        self._refused = status
        self._end_deadline()
        answer = self._observed.refusal(status)
        # in the middle of another answer it would be a part of that
        if self.cycle is None or self.cycle.response_complete:
            lines = [b"%b: %b\r\n" % header for header in self.server_state.default_headers]
            self._joined.send(b"".join((answer.status_line, *lines, answer.rest)))
        self._joined.close()

    def _is_plain(self) -> bool:
        """Whether this is an ordinary POST of bounded length, on a connection that is free and can
        be written to."""
        headers = self._by_name
        return (
            self.parser.get_method() == b"POST"
            and self.parser.get_http_version() == "1.1"
            and self.parser.should_keep_alive()
            and len(headers) == len(self.headers)
            and UNUSUAL.isdisjoint(headers)
            and not body_problem(headers)
            and (self.cycle is None or self.cycle.response_complete)
            and not self.flow.write_paused
        )
