"""What the three services have in common on the wire: version and security headers, request ids,
metrics, access log, error answers, a body limit.

Each application keeps its own metrics registry, so that several can live in one process (as in
tests) without a clash.
"""

import logging
import os
import re
import time
from http import HTTPStatus
from itertools import count
from typing import Callable, List, Mapping, NamedTuple, Optional, Tuple

from fastapi import FastAPI, Request, Response
from starlette.exceptions import HTTPException
from starlette.types import Message, Receive, Scope, Send

from services.access_log import AccessLog, Exchange
from services.metrics import MEDIA_TYPE, Key, Metrics
from services.version import tree_id

SECURITY_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'none'; style-src 'self'; img-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Cross-Origin-Opener-Policy": "same-origin",
}
VERSION_HEADER = "X-Service-Version"
REQUEST_ID_HEADER = "X-Request-ID"
# needs no escape in a header or in JSON; another one is replaced
REQUEST_ID = re.compile(rb"[A-Za-z0-9._-]{1,64}")
BODY_LIMIT_BYTES = 64 * 1024  # the largest form that we offer stays below 1 KiB
# s from a connection, or a request's first byte, to its last one: time for the largest body over
# a line of 56 kbit/s
ARRIVAL_S = 10.0
JSON = b"application/json"
METHODS = frozenset(
    {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT"}
)
# methods and paths that we do not know share one name, so that a scan cannot fill the memory
OTHER = "(other)"

UNKNOWN = "(unknown)"
# the server's own, so that what went wrong stands in one place
SERVER_LOG = logging.getLogger("uvicorn.error")


class Refusal(NamedTuple):
    """An answer that no application gives: its first line, and what follows the server's own
    headers."""

    status_line: bytes
    rest: bytes


RenderError = Callable[[Request, int, str], Response]
Quick = Callable[[bytes], bytes]
"""Gives the JSON answer to a POST's JSON body with status 200; raises for whatever the application
itself has to answer."""


class Observed:
    """The served application: refuses what is too large, stamps each answer with version and
    headers, records it.

    It stands outside of FastAPI's own middleware, where an unforeseen error's answer would miss
    headers and metrics. What a `quick` function answers does not pass through FastAPI's layers,
    which take longer than the answer itself: the server's protocol asks for it
    (`http_protocol.py`), and a server without that protocol never does.
    """

    def __init__(
        self, app: FastAPI, metrics: Metrics, render_error: RenderError, quick: Mapping[str, Quick]
    ) -> None:
        self.access_log: Optional[AccessLog] = None
        self.arrival_s = ARRIVAL_S
        self.state = app.state
        self.version = str(app.state.version)
        self._app = app
        self._metrics = metrics
        self._render_error = render_error
        self.quick = {path.encode(): function for path, function in quick.items()}
        self._headers: List[Tuple[bytes, bytes]] = []
        self._quick_head = b"content-type: %b\r\n" % JSON
        headers = {**SECURITY_HEADERS, VERSION_HEADER: self.version}
        for header, text in headers.items():
            name = header.lower().encode()
            value = text.encode()
            self._headers.append((name, value))
            self._quick_head += b"%b: %b\r\n" % (name, value)
        # a prefix of this process, so that the ids of two never meet in one log
        self._id_prefix = os.urandom(6).hex()
        self._ids = count(1)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one connection of the server."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started_s = time.perf_counter()
        headers = dict(scope["headers"])
        request_id = self._request_id(headers)
        answer = _Answer(send, [*self._headers, (b"x-request-id", request_id)])
        try:
            problem = body_problem(headers)
            if problem:
                # for the error page, which is rendered before FastAPI has seen the request
                scope["app"] = self._app
                phrase = HTTPStatus(problem).phrase
                refusal = self._render_error(Request(scope), problem, phrase)
                await refusal(scope, receive, answer)
            else:
                await self._app(scope, receive, answer)
        except Exception as error:
            # Starlette raises what it has answered with 500: the server would close the connection,
            # in the middle of the next answer on it
            if not answer.is_whole:
                raise
            SERVER_LOG.error("an error after an answer with %d", answer.status, exc_info=error)
        finally:
            method = scope["method"] if scope["method"] in METHODS else OTHER
            key = (method, _template(scope), answer.status)
            self._record(key, started_s, answer.size_bytes, request_id)

    def at_once(
        self, path: bytes, headers: Mapping[bytes, bytes], body: bytes, started_s: float
    ) -> Optional[bytes]:
        """Return the headers and body of a 200 for a POST to one of the `quick` paths.

        The answer is recorded as one that was begun at `started_s`.

        None is for what the application itself has to answer; then nothing is recorded.
        """
        if headers.get(b"content-type") != JSON:
            return None
        try:
            result = self.quick[path](body)
        except Exception:
            # the application meets the same, and answers it: a refusal, or an error of its own
            return None
        request_id = self._request_id(headers)
        size_bytes = len(result)
        self._record(("POST", path.decode(), 200), started_s, size_bytes, request_id)
        length = b"\r\ncontent-length: %d\r\n\r\n" % size_bytes
        return b"".join((self._quick_head, b"x-request-id: ", request_id, length, result))

    def refusal(self, status: int) -> "Refusal":
        """Return the whole answer to what is no request, and record it."""
        body = HTTPStatus(status).phrase.encode()
        request_id = self._request_id({})
        self._record((OTHER, UNKNOWN, status), time.perf_counter(), len(body), request_id)
        security = b"".join(b"%b: %b\r\n" % header for header in self._headers)
        rest = (
            b"content-type: text/plain; charset=utf-8\r\nconnection: close\r\n",
            security,
            b"x-request-id: %b\r\ncontent-length: %d\r\n\r\n" % (request_id, len(body)),
            body,
        )
        return Refusal(b"HTTP/1.1 %d %b\r\n" % (status, body), b"".join(rest))

    def _request_id(self, headers: Mapping[bytes, bytes]) -> bytes:
        callers_id = headers.get(b"x-request-id", b"")
        if REQUEST_ID.fullmatch(callers_id):
            return callers_id
        return f"{self._id_prefix}-{next(self._ids):x}".encode()

    def _record(self, key: Key, started_s: float, size_bytes: int, request_id: bytes) -> None:
        duration_s = time.perf_counter() - started_s
        self._metrics.record(key, duration_s)
        if self.access_log:
            self.access_log.add(Exchange(*key, duration_s, size_bytes, request_id.decode("ascii")))


class _Answer:
    """An ASGI `send` that adds our headers to the answer, and remembers its status, its size and
    whether all of it was sent."""

    __slots__ = ("status", "size_bytes", "is_whole", "_send", "_headers")

    def __init__(self, send: Send, headers: List[Tuple[bytes, bytes]]) -> None:
        # what the server answers where we did not
        self.status = 500
        self.size_bytes = 0
        self.is_whole = False
        self._send = send
        self._headers = headers

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            message["headers"] = [*message.get("headers", ()), *self._headers]
        else:
            self.size_bytes += len(message.get("body", b""))
        await self._send(message)
        self.is_whole = message["type"] == "http.response.body" and not message.get("more_body")


def equip(
    app: FastAPI,
    service: str,
    render_error: RenderError,
    quick: Optional[Mapping[str, Quick]] = None,
) -> Observed:
    """Give an application `/metrics` and its error answers, and return it as it must be served.

    `quick` names paths whose plain POSTs are answered without FastAPI; what it says must be what
    FastAPI would say. Sets `app.state.version`. Raises OSError when the service's own files cannot
    be read.
    """
    app.state.version = tree_id()
    metrics = Metrics(service, app.state.version)

    def refused(request: Request, error: Exception) -> Response:
        if isinstance(error, HTTPException):
            response = render_error(request, error.status_code, str(error.detail))
            response.headers.update(error.headers or {})
            return response
        return render_error(request, 500, HTTPStatus(500).phrase)

    # on the event loop, since that alone counts
    async def exposition() -> Response:
        return Response(metrics.exposition(), media_type=MEDIA_TYPE)

    app.add_exception_handler(HTTPException, refused)
    app.add_exception_handler(Exception, refused)
    app.add_api_route("/metrics", exposition, include_in_schema=False)
    return Observed(app, metrics, render_error, quick or {})


def _template(scope: Scope) -> str:
    """Return the route's path template."""
    path: Optional[str] = getattr(scope.get("route"), "path", None)
    if path:
        return path
    # a mounted application has no route, only the path that it is mounted on
    mount: str = scope.get("root_path", "")
    return f"{mount}/*" if mount else UNKNOWN


def body_problem(headers: Mapping[bytes, bytes]) -> int:
    """Return the status that refuses the body, or 0."""
    if b"transfer-encoding" in headers:
        return 411  # without a length the limit could not be judged beforehand
    length = headers.get(b"content-length", b"0")
    # Python refuses to read a number of thousands of digits
    is_number = length.isdigit() and len(length) < 10
    return 0 if is_number and int(length) <= BODY_LIMIT_BYTES else 413
