"""What the three services have in common on the wire: version and security headers, request ids,
metrics, access log, error answers, a body limit.

Each application keeps its own metrics registry, so that several can live in one process (as in
tests) without a clash.
"""

import os
import re
import time
from http import HTTPStatus
from itertools import count
from typing import Callable, List, Mapping, Optional, Tuple

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
REQUEST_ID = re.compile(
    rb"[A-Za-z0-9._-]{1,64}"
)  # needs no escape in a header or in JSON; another one is replaced
BODY_LIMIT_BYTES = 64 * 1024  # the largest form that we offer stays below 1 KiB
JSON = b"application/json"
METHODS = frozenset(
    {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT"}
)
# methods and paths that we do not know share one name, so that a scan cannot fill the memory
OTHER = "(other)"

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
        self.state, self.version = app.state, str(app.state.version)
        self._app = app
        self._metrics = metrics
        self._render_error = render_error
        self.quick = {path.encode(): function for path, function in quick.items()}
        headers = {**SECURITY_HEADERS, VERSION_HEADER: self.version}
        self._headers = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
        self._quick_head = b"".join(
            b"%b: %b\r\n" % header for header in [(b"content-type", JSON), *self._headers]
        )
        self._id_prefix, self._ids = os.urandom(6).hex(), count(1)

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
                scope["app"] = (
                    self._app
                )  # for the error page, which is rendered before FastAPI has seen the request
                await self._render_error(Request(scope), problem, HTTPStatus(problem).phrase)(
                    scope, receive, answer
                )
            else:
                await self._app(scope, receive, answer)
        finally:
            method = scope["method"] if scope["method"] in METHODS else OTHER
            self._record(
                (method, _template(scope), answer.status), started_s, answer.size_bytes, request_id
            )

    def at_once(
        self, path: bytes, headers: Mapping[bytes, bytes], body: bytes, started_s: float
    ) -> Optional[bytes]:
        """Return the headers and body of a 200 for a POST to one of the `quick` paths, recorded
        since `started_s`.

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
        self._record(("POST", path.decode(), 200), started_s, len(result), request_id)
        head = (
            self._quick_head,
            b"x-request-id: ",
            request_id,
            b"\r\ncontent-length: %d\r\n\r\n" % len(result),
        )
        return b"".join((*head, result))

    def _request_id(self, headers: Mapping[bytes, bytes]) -> bytes:
        given = headers.get(b"x-request-id", b"")
        return (
            given
            if REQUEST_ID.fullmatch(given)
            else f"{self._id_prefix}-{next(self._ids):x}".encode()
        )

    def _record(self, key: Key, started_s: float, size_bytes: int, request_id: bytes) -> None:
        duration_s = time.perf_counter() - started_s
        self._metrics.record(key, duration_s)
        if self.access_log:
            self.access_log.add(Exchange(*key, duration_s, size_bytes, request_id.decode("ascii")))


class _Answer:
    """An ASGI `send` that adds our headers to the answer, and remembers its status and size."""

    __slots__ = ("status", "size_bytes", "_send", "_headers")

    def __init__(self, send: Send, headers: List[Tuple[bytes, bytes]]) -> None:
        self.status, self.size_bytes = 500, 0  # what the server answers where we did not
        self._send, self._headers = send, headers

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            message["headers"] = [*message.get("headers", ()), *self._headers]
        else:
            self.size_bytes += len(message.get("body", b""))
        await self._send(message)


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
    return path or (scope["root_path"] + "/*" if scope.get("root_path") else "(unknown)")


def body_problem(headers: Mapping[bytes, bytes]) -> int:
    """Return the status that refuses the body, or 0."""
    if b"transfer-encoding" in headers:
        return 411  # without a length the limit could not be judged beforehand
    length = headers.get(b"content-length", b"0")
    # Python refuses to read a number of thousands of digits
    return 0 if length.isdigit() and len(length) < 10 and int(length) <= BODY_LIMIT_BYTES else 413
