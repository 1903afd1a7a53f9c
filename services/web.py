"""What the three services have in common on the wire: version and security headers, metrics, error answers, a body limit.

Each application keeps its own metrics registry, so that several can live in one process (as in tests) without a clash.
"""

import time
from http import HTTPStatus
from typing import Callable, Optional

from fastapi import FastAPI, Request, Response
from prometheus_client import CollectorRegistry, Counter, Histogram, Info, ProcessCollector, generate_latest
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

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
BODY_LIMIT_BYTES = 64 * 1024  # the largest form that we offer stays below 1 KiB
BUCKETS_S = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 5.0)  # 0.1 is the target of reference step 26
METRICS_TYPE = "text/plain; version=0.0.4; charset=utf-8"

RenderError = Callable[[Request, int, str], Response]


class Metrics:
    """Request counts and durations by method, path template and status, and the process's own figures."""

    def __init__(self, service: str, version: str) -> None:
        self.registry = CollectorRegistry()
        labels = ("method", "path", "status")
        self._requests = Counter("http_requests", "Requests answered.", labels, registry=self.registry)
        self._seconds = Histogram(
            "http_request_duration_seconds", "Time to answer.", labels, buckets=BUCKETS_S, registry=self.registry
        )
        Info("service", "What runs.", registry=self.registry).info({"name": service, "version": version})
        ProcessCollector(registry=self.registry)

    def record(self, scope: Scope, status: int, duration_s: float) -> None:
        """Count one answered request. Unknown paths share one label, so that a scan cannot fill the memory."""
        mounted = scope["root_path"] + "/*" if scope.get("root_path") else "(unknown)"
        path = getattr(scope.get("route"), "path", mounted)
        self._requests.labels(scope["method"], path, str(status)).inc()
        self._seconds.labels(scope["method"], path, str(status)).observe(duration_s)


class Observed:
    """The served application: refuses what is too large, stamps each answer with version and headers, records it.

    It stands outside of FastAPI's own middleware, where an unforeseen error's answer would miss headers and metrics.
    """

    def __init__(self, app: FastAPI, metrics: Metrics, render_error: RenderError) -> None:
        self._app = app
        self._metrics = metrics
        self._render_error = render_error
        headers = {**SECURITY_HEADERS, VERSION_HEADER: app.state.version}
        self._headers = [(name.lower().encode(), value.encode()) for name, value in headers.items()]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one connection of the server."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        scope["app"] = self._app  # for the error page, which may be rendered before FastAPI has seen the request
        started_s, status = time.perf_counter(), 500

        async def stamped(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message.get("headers", []), *self._headers]
            await send(message)

        request = Request(scope)
        problem = _body_problem(request)
        answer: ASGIApp = self._render_error(request, problem, HTTPStatus(problem).phrase) if problem else self._app
        try:
            await answer(scope, receive, stamped)
        finally:
            self._metrics.record(scope, status, time.perf_counter() - started_s)


def equip(app: FastAPI, service: str, render_error: RenderError) -> Observed:
    """Give an application `/metrics` and its error answers, and return it as it must be served.

    Sets `app.state.version`. Raises OSError when the service's own files cannot be read.
    """
    app.state.version = tree_id()
    metrics = Metrics(service, app.state.version)

    def refused(request: Request, error: Exception) -> Response:
        if isinstance(error, HTTPException):
            response = render_error(request, error.status_code, str(error.detail))
            response.headers.update(error.headers or {})
            return response
        return render_error(request, 500, HTTPStatus(500).phrase)

    def exposition() -> Response:
        return Response(generate_latest(metrics.registry), media_type=METRICS_TYPE)

    app.add_exception_handler(HTTPException, refused)
    app.add_exception_handler(Exception, refused)
    app.add_api_route("/metrics", exposition, include_in_schema=False)
    return Observed(app, metrics, render_error)


def _body_problem(request: Request) -> Optional[int]:
    if "transfer-encoding" in request.headers:
        return 411  # without a length the limit could not be judged beforehand
    length = request.headers.get("content-length", "0")
    return 413 if not length.isdigit() or int(length) > BODY_LIMIT_BYTES else None
