"""What both servers share: routes by path template, one handler call per request, one transaction
per call.

A handler is a plain function from `Call` to `Reply` and runs in a thread, never on the event loop.
It refuses by raising `Refused`, which also undoes whatever it had written.
"""

import asyncio
import json
import re
import sys
import threading
import time
import traceback
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from devflow.sandbox.common import behaviour, full
from devflow.sandbox.common.bare_git import BareGit, GitRefused
from devflow.sandbox.common.bodies import MAX_BYTES, Misfit, Shape, misfit, read
from devflow.sandbox.common.hosts import REFUSAL, is_ours
from devflow.sandbox.common.store import Json, Records, Store

# of what is refused as too large so much is still taken in, so that the sender hears the answer
DRAINED_BYTES = 4 * MAX_BYTES
HOUR_S = 3600  # s; the window of GitHub's rate limit
GREEDY = {  # parameters that may hold slashes; the path of the repository's root is empty
    "path": ".*",
    **dict.fromkeys(("ref", "branch", "basehead", "environment_name", "tag"), ".+"),
}


@dataclass(frozen=True)
class Reply:
    """What goes back: `body` is JSON, or ready text or bytes when `media` says another type; None
    is an empty body."""

    status: int
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)
    media: str = "application/json"


class Refused(Exception):
    """The request cannot be served; carries the official answer."""

    def __init__(self, answer: Reply) -> None:
        super().__init__(answer.status, answer.body)
        self.answer = answer


@dataclass(frozen=True)
class Call:
    """One request, with what its handler may use."""

    base: str  # scheme, host and port, no slash at the end
    prefix: str  # what the client puts before the documented path, "" or "/api/v3"
    resource: str  # the documented path, with its values
    user: Json  # who calls; {} on a public page
    path: Mapping[str, str]
    query: Mapping[str, str]
    body: Any
    records: Records
    git: BareGit
    used: int  # requests of this user in this hour, this one included
    resets_at: int  # s since the epoch, when that count starts anew
    behaviour: Json = field(default_factory=dict)  # how this server is set up to behave
    service: str = ""

    @property
    def api(self) -> str:
        return self.base + self.prefix

    def page_size(self, wanted: int) -> int:
        """How many items a page holds of the `wanted` ones."""
        limit: int = self.behaviour.get("page_size", wanted)
        return min(wanted, limit)


Handler = Callable[[Call], Reply]


@dataclass(frozen=True)
class Route:
    method: str
    template: str
    handler: Handler
    public: bool = False
    browsers_only: bool = False  # another client is told what it would be told without it

    def match(self, method: str, path: str) -> dict[str, str] | None:
        """The values of the template's parameters, or None where the route is another one."""
        found = re.fullmatch(_pattern(self.template), path) if method == self.method else None
        return found.groupdict() if found else None


@dataclass(frozen=True)
class SandboxService:
    """One protocol: its routes, tried in order, and how it says the things that every answer
    shares."""

    name: str
    routes: tuple[Route, ...]
    prefixes: tuple[str, ...]  # what may stand before a documented path; the empty one last
    aliases: tuple[tuple[str, str], ...]  # beginnings of paths, and what they stand for
    authenticate: Callable[[Records, str], Json]  # the Authorization header's user, or Refused
    unknown: Callable[[str], Reply]  # for a path that no route has
    malformed: Reply  # for a body that is no JSON
    shapes: Mapping[str, Shape]  # of the bodies, by method and template
    misshapen: Callable[[Misfit], Reply]  # for a body that is not of its shape
    impossible: Reply  # for names and values that git refuses
    headers: Callable[[Call, Reply], Mapping[str, str]]


def _payload(answer: Reply) -> bytes:
    if answer.body is None or isinstance(answer.body, bytes):
        return answer.body or b""
    return (
        json.dumps(answer.body) if answer.media == "application/json" else str(answer.body)
    ).encode()


def _pattern(template: str) -> str:
    return re.sub(
        r"\\{(\w+)\\}", lambda m: f"(?P<{m[1]}>{GREEDY.get(m[1], '[^/]+')})", re.escape(template)
    )


class ApiLog:
    """Appends each exchange as one JSON line, to check against the official descriptions later."""

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._lock = threading.Lock()

    def append(self, exchange: Json) -> None:
        if self._path is None:
            return
        with self._lock, self._path.open("a", encoding="utf-8") as log:
            log.write(json.dumps(exchange) + "\n")


@dataclass(frozen=True)
class Request:
    method: str
    path: str
    query: str
    authorization: str
    content: bytes
    accept: str = ""

    @property
    def is_of_browser(self) -> bool:
        return "text/html" in self.accept


def _encoded_headers(answer: Reply, length: int) -> list[tuple[bytes, bytes]]:
    media = answer.media
    if not media.startswith("image/"):
        media = f"{media}; charset=utf-8"
    fixed = {
        "content-type": media,
        "content-length": str(length),
        "x-content-type-options": "nosniff",
    }
    headers = {**fixed, **answer.headers}
    return [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()]


async def _content(receive: Callable[[], Awaitable[MutableMapping[str, Any]]]) -> bytes | None:
    """A whole body; None for one that is too large, which is not kept."""
    content = bytearray()
    size = 0
    more = True
    while more and size <= DRAINED_BYTES:
        message = await receive()
        piece = message.get("body", b"")
        size += len(piece)
        if size <= MAX_BYTES:
            content += piece
        more = message.get("more_body", False)
    return bytes(content) if size <= MAX_BYTES else None


class Application:
    """A service as an ASGI application."""

    def __init__(
        self, service: SandboxService, store: Store, git: BareGit, api_log: ApiLog
    ) -> None:
        self.base = ""  # set once the port is known
        self.last_call_s = time.monotonic()
        self._service = service
        self._store = store
        self._git = git
        self._api_log = api_log
        self._used: dict[tuple[str, int], int] = {}

    async def __call__(
        self,
        scope: MutableMapping[str, Any],
        receive: Callable[[], Awaitable[MutableMapping[str, Any]]],
        send: Callable[[MutableMapping[str, Any]], Awaitable[None]],
    ) -> None:
        self.last_call_s = time.monotonic()
        headers = dict(scope["headers"])
        authorization = headers.get(b"authorization", b"").decode("latin-1")
        content = await _content(receive)
        query = scope["query_string"].decode("latin-1")
        if not is_ours(scope["headers"], self._own_name):
            answer = Reply(421, REFUSAL, media="text/plain")
        elif content is None:
            answer = Reply(413, {"message": f"Bodies end at {MAX_BYTES} bytes."})
        else:
            accept = headers.get(b"accept", b"").decode("latin-1")
            request = Request(scope["method"], scope["path"], query, authorization, content, accept)
            answer = await asyncio.to_thread(self.answer, request)
        payload = _payload(answer)
        encoded = _encoded_headers(answer, len(payload))
        await send({"type": "http.response.start", "status": answer.status, "headers": encoded})
        await send({"type": "http.response.body", "body": payload})

    @property
    def _own_name(self) -> str:
        return urlsplit(self.base).hostname or ""

    def answer(self, request: Request) -> Reply:
        """Routes, serves and logs one request; what goes wrong in a handler becomes an answer."""
        template = request.path
        body: Any = None
        try:
            prefix, resource, route, values = self._find(request)
            template = route.template
            body = self._parse(request.content)
            answer = self._serve(request, body, (prefix, resource, route, values))
        except Refused as refused:
            answer = refused.answer
        except GitRefused:
            traceback.print_exc(file=sys.stderr)
            answer = self._service.impossible
        except Exception as error:
            # a fault of the sandbox itself: told to the client as such, in full on stderr
            traceback.print_exc(file=sys.stderr)
            answer = Reply(500, {"message": "The sandbox failed; its log has the trace."})
            if full.is_full(error):
                answer = Reply(full.STATUS, {"message": "The sandbox's disk is full."})
        self._api_log.append(
            {
                "service": self._service.name,
                "method": request.method,
                "path": request.path,
                "query": request.query,
                "path_template": template,
                "request_json": body,
                "status": answer.status,
                "response_json": answer.body if answer.media == "application/json" else None,
            }
        )
        return answer

    def _find(self, request: Request) -> tuple[str, str, Route, dict[str, str]]:
        if "\0" in request.path:
            raise Refused(self._service.unknown(request.path))
        prefix = next(p for p in self._service.prefixes if request.path.startswith(p))
        resource = request.path[len(prefix) :]
        for alias, meant in self._service.aliases:
            if resource.startswith(alias):
                resource = meant + resource[len(alias) :]
        for route in (*BEHAVIOUR_ROUTES, *self._service.routes):
            if route.browsers_only and not request.is_of_browser:
                continue
            values = route.match(request.method, resource)
            if values is not None:
                return prefix, resource, route, values
        raise Refused(self._service.unknown(request.path))

    def _parse(self, content: bytes) -> Any:
        if not content:
            return {}
        try:
            return read(content)
        except (ValueError, RecursionError) as error:
            raise Refused(self._service.malformed) from error

    def _check_shape(self, route: Route, body: Any) -> None:
        shape = self._service.shapes.get(f"{route.method} {route.template}", object)
        problem = misfit(body, shape)
        if problem is not None:
            raise Refused(self._service.misshapen(problem))

    def _serve(
        self, request: Request, body: Any, found: tuple[str, str, Route, dict[str, str]]
    ) -> Reply:
        prefix, resource, route, values = found
        with self._store.transaction() as records:
            given = behaviour.scripted(records, self._service.name, request.method, resource)
            if given:
                return _given(given)
            call = self._call(request, records, body, found)
            if any("\0" in value for value in call.query.values()):
                raise Refused(self._service.impossible)
            # who may not ask hears that first
            self._check_shape(route, body)
            answer = route.handler(call)
        headers = {**self._service.headers(call, answer), **answer.headers}
        return Reply(answer.status, answer.body, headers, answer.media)

    def _call(
        self,
        request: Request,
        records: Records,
        body: Any,
        found: tuple[str, str, Route, dict[str, str]],
    ) -> Call:
        prefix, resource, route, values = found
        user = {} if route.public else self._service.authenticate(records, request.authorization)
        hour = int(time.time()) // HOUR_S
        counted = (user.get("name", ""), hour)
        used = self._used[counted] = self._used.get(counted, 0) + 1
        return Call(
            base=self.base,
            prefix=prefix,
            resource=resource,
            user=user,
            path=values,
            query=dict(parse_qsl(request.query, keep_blank_values=True)),
            body=body,
            records=records,
            git=self._git,
            used=used,
            resets_at=(hour + 1) * HOUR_S,
            behaviour=behaviour.behaviour_of(records, self._service.name),
            service=self._service.name,
        )


def _given(answer: Json) -> Reply:
    """A scripted answer, which needs no right token."""
    headers = {name.lower(): str(value) for name, value in answer.get("headers", {}).items()}
    return Reply(answer["status"], answer.get("body", {}), headers)


def _get_behaviour(call: Call) -> Reply:
    return Reply(200, call.behaviour)


def _put_behaviour(call: Call) -> Reply:
    try:
        return Reply(200, behaviour.set_up(call.records, call.service, call.body))
    except (ValueError, KeyError, TypeError, AttributeError, re.error) as error:
        raise Refused(Reply(400, {"message": f"no behaviour: {error}"})) from error


BEHAVIOUR_ROUTES = (
    Route("GET", behaviour.PATH, _get_behaviour),
    Route("PUT", behaviour.PATH, _put_behaviour),
)
