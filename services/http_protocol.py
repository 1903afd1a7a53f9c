"""uvicorn's HTTP protocol with two short cuts: head and body leave in one system call, and a plain
POST whose answer the application gives at once is answered without an ASGI scope, a task and two
messages, which cost three times the answer.

Whatever is not plainly such a request goes uvicorn's own way, with nothing of it lost.
"""

import asyncio
import time
from typing import Any, Dict, List, Optional, cast

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from services.web import Observed, body_problem

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

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin a connection."""
        self._joined = Joined(transport, self.loop)
        self._observed = cast(Observed, self.app)
        super().connection_made(self._joined)  # type: ignore[arg-type]

    def on_headers_complete(self) -> None:
        """Wait for the body of a request that may be answered at once; hand on any other."""
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
