"""A proxy before a registry in which single requests go wrong, and which demands a login."""

import re
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

# what stands between the client and the registry is told the request and how to forward it
Forward = Callable[[Request], Response]
Act = Callable[[Request, Forward], Response]
_PASSED = ("content-type", "location", "range", "docker-content-digest", "link", "oci-subject")


@dataclass
class Gate:
    """``calls`` are the requests that came; each of ``faults`` meets the first request that fits
    it, once."""

    url: str
    upstream: str
    client: httpx.Client
    calls: list[str] = field(default_factory=list)
    seen: list[Request] = field(default_factory=list)
    faults: list[tuple[re.Pattern[str], Act]] = field(default_factory=list)
    # answers before anything else, where it answers
    guard: Callable[[Request], Response | None] = lambda _: None

    @property
    def host(self) -> str:
        return self.url.removeprefix("http://")

    def begin(self) -> None:
        """Nothing goes wrong, and nothing has come."""
        self.calls.clear()
        self.seen.clear()
        self.faults.clear()
        self.guard = lambda _: None

    def on(self, pattern: str, act: Act, times: int = 1) -> None:
        """The first requests whose ``METHOD /path`` fits are served by ``act``."""
        self.faults += [(re.compile(pattern), act)] * times

    def count(self, pattern: str) -> int:
        """How many requests came that fit."""
        return sum(1 for call in self.calls if re.match(pattern, call))

    def serve(self, request: Request) -> Response:
        call = f"{request.method} {request.path}"
        self.calls.append(call)
        self.seen.append(request)
        refused = self.guard(request)
        if refused is not None:
            return refused
        for number, (pattern, act) in enumerate(self.faults):
            if pattern.match(call):
                del self.faults[number]
                return act(request, self.forward)
        return self.forward(request)

    def forward(self, request: Request, content: bytes | None = None) -> Response:
        kept = {
            name: text
            for name, text in request.headers.items()
            if name.lower() not in ("authorization", "content-length")
        }
        body = request.get_data() if content is None else content
        address = self.upstream + request.full_path.rstrip("?")
        got = self.client.request(request.method, address, content=body, headers=kept)
        headers = {name: text for name, text in got.headers.items() if name in _PASSED}
        answer = Response(got.content, got.status_code, headers)
        if request.method == "HEAD":
            answer.headers["Content-Length"] = got.headers.get("content-length", "0")
        return answer


def status(code: int, error: str = "", **headers: str) -> Act:
    """Answers this, and forwards nothing."""
    body = f'{{"errors":[{{"code":"{error}","message":"sorry"}}]}}' if error else "sorry"
    named = {name.replace("_", "-"): text for name, text in headers.items()}
    return lambda request, forward: Response(body, code, named)


def reset(request: Request, forward: Forward) -> Response:
    """Breaks the connection before anything has arrived."""
    connection: Any = request.environ["werkzeug.socket"]
    connection.shutdown(socket.SHUT_RDWR)
    return Response(status=500)


def lost(request: Request, forward: Forward) -> Response:
    """Does it, and breaks the connection before the answer."""
    forward(request)
    return reset(request, forward)


def tampered(request: Request, forward: Forward) -> Response:
    """Answers with one byte changed."""
    answer = forward(request)
    body = bytearray(answer.get_data())
    body[len(body) // 2] ^= 1
    answer.set_data(bytes(body))
    return answer


@contextmanager
def gate_before(host: str) -> Iterator[Gate]:
    """A gate before a registry."""
    with HTTPServer(threaded=True) as server, httpx.Client(trust_env=False, timeout=20) as client:
        gate = Gate(server.url_for("").rstrip("/"), f"http://{host}", client)
        server.expect_request(re.compile(".*")).respond_with_handler(gate.serve)
        yield gate
