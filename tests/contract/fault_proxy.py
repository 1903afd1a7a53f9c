"""A proxy before the sandbox that makes one answer go wrong: before the request arrives, or its
reply after the effect.

Addresses in answers are rewritten to the proxy's own, since clients refuse answers that name
another host.
"""

import re
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

import requests
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

BEFORE: Final = {
    "429": Response(status=429, headers={"Retry-After": "0.05"}),
    "500": Response('{"message": "sorry"}', status=500),
    "503": Response(status=503),
    "a page": Response("<html>sign in</html>", status=200, content_type="text/html"),
    "another shape": Response(
        '{"error": "try later"}', status=200, content_type="application/json"
    ),
    "nothing": Response("{}", status=200, content_type="application/json"),
    "cut JSON": Response('{"id": ', status=200, content_type="application/json"),
}
OWN: Final = {
    "base moved": Response(
        '{"message": "Base branch was modified. Review and try the merge again."}', 405
    ),
    "full": Response('{"message": "The disk is full."}', 507),
    "no merge": Response('{"message": "Pull Request is not mergeable"}', 405),
}
# the first write of a round is answered as if it were done, and is not
SWALLOWED: Final = "swallowed"
NAMED: Final = re.compile(r"/(comment|comments|worklog|remotelink|reviews|statuses/\w+|pulls/\d+)$")
# what `make faults` tries beside the others
MORE: Final = {
    "502": Response(status=502),
    "504": Response(status=504),
    "secondary limit": Response(
        '{"message": "You have exceeded a secondary rate limit. Please wait a few minutes."}',
        status=403,
        headers={"Retry-After": "0.05"},
    ),
    "no text": Response("", status=200, content_type="application/json"),
}
FAULTS: Final = (*BEFORE, "reset", "lost 502", "lost reset")
MORE_FAULTS: Final = tuple(MORE)


class FaultProxy:
    """Counts the calls of a round; the one numbered ``at`` meets ``fault``, and with ``for_ever``
    every one after it."""

    def __init__(self, server: HTTPServer, upstream: str) -> None:
        self.url = server.url_for("").rstrip("/")
        self.calls: list[str] = []
        self._upstream = upstream
        self.fault = ""
        self._at = 0
        self._for_ever = False

    def arm(self, fault: str = "", at: int = 0, *, for_ever: bool = False) -> None:
        """Begins a round."""
        self.calls = []
        self.fault = fault
        self._at = at
        self._for_ever = for_ever

    def serve(self, request: Request) -> Response:
        self.calls.append(f"{request.method} {request.path}")
        if self.fault == SWALLOWED and request.method != "GET":
            self.fault = ""
            return _as_if_done(request.path)
        number = len(self.calls) - 1
        is_met = number >= self._at if self._for_ever else number == self._at
        fault = self.fault if is_met else ""
        if fault == "reset":
            return self._reset(request)
        answer = {**BEFORE, **OWN, **MORE}.get(fault)
        if answer:
            return Response(answer.get_data(), answer.status_code, answer.headers)
        answer = self._forward(request)
        if fault == "lost reset":
            return self._reset(request)
        return Response(status=502) if fault == "lost 502" else answer

    def _forward(self, request: Request) -> Response:
        headers = {
            name: value
            for name, value in request.headers.items()
            if name.lower() not in ("host", "accept-encoding")
        }
        address = self._upstream + request.full_path.rstrip("?")
        got = requests.request(
            request.method, address, data=request.get_data(), headers=headers, timeout=10
        )
        kept = {
            name: value
            for name, value in got.headers.items()
            if name.lower() in ("content-type", "link", "location")
        }
        rewritten = {name: value.replace(self._upstream, self.url) for name, value in kept.items()}
        return Response(got.text.replace(self._upstream, self.url), got.status_code, rewritten)

    @staticmethod
    def _reset(request: Request) -> Response:
        connection: Any = request.environ["werkzeug.socket"]
        connection.shutdown(socket.SHUT_RDWR)
        return Response(status=500)


def _as_if_done(path: str) -> Response:
    if not NAMED.search(path):
        return Response(status=204)
    made = '{"id": 999999, "state": "success"}'
    return Response(made, status=201, content_type="application/json")


@contextmanager
def fault_proxy(upstream: str) -> Iterator[FaultProxy]:
    """Runs a proxy before ``upstream``."""
    with HTTPServer(threaded=True) as server:
        proxy = FaultProxy(server, upstream)
        server.expect_request(re.compile(".*")).respond_with_handler(proxy.serve)
        yield proxy
