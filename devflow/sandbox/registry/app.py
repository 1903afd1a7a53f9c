"""The registry as an ASGI application: bodies go to files as they come, and come from files.

What is slow (hashing, folders) runs in a thread, since the other servers share the event loop.
"""

import asyncio
import re
import sys
import time
import traceback
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qsl, urlsplit

from devflow.sandbox.common.hosts import REFUSAL, is_ours
from devflow.sandbox.registry.answers import Answer, Refused, as_json
from devflow.sandbox.registry.documents import MAX_BYTES
from devflow.sandbox.registry.service import Service, Wanted, progress, stored
from devflow.sandbox.registry.storage import Storage

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
_API: Final = {"docker-distribution-api-version": "registry/2.0"}
# the name is greedy: it may have parts that are called like what follows it
_ADDRESSES: Final = (
    ("uploads", re.compile(r"/v2/(.+)/blobs/uploads/?([^/]*)")),
    ("blobs", re.compile(r"/v2/(.+)/blobs/([^/]+)")),
    ("manifests", re.compile(r"/v2/(.+)/manifests/([^/]+)")),
    ("referrers", re.compile(r"/v2/(.+)/referrers/([^/]+)")),
    ("tags", re.compile(r"/v2/(.+)/tags/(list)")),
)
_RANGE: Final = re.compile(r"^(?:bytes[ =])?(\d+)-(\d+)(?:/.*)?$")


class Gone(Exception):
    """The client went away in the middle of its request."""


class RegistryApplication:
    """A registry on a folder; ``base`` is its URL, set once the port is known."""

    def __init__(self, folder: Path) -> None:
        self.base = ""
        self.last_call_s = time.monotonic()
        storage = Storage(folder)
        storage.forget_old_uploads()
        self._service = Service(storage)
        # one writer a session: the order of chunks is the order in which they are sent
        self._busy: set[Path] = set()

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """One request."""
        self.last_call_s = time.monotonic()
        try:
            if not is_ours(scope["headers"], urlsplit(self.base).hostname or ""):
                raise Misdirected
            answer = await self._answer(scope, receive)
        except Gone:
            return
        except Refused as refused:
            answer = refused.answer
        except OSError as error:
            # not one that asking again helps against: the disk is full
            text = f"this cannot be kept: {error.strerror or error}"
            answer = as_json({"errors": [{"code": "UNKNOWN", "message": text}]}, 507)
        except Exception:
            # a fault of the sandbox itself: told to the client as such, in full on stderr
            traceback.print_exc(file=sys.stderr)
            failed = {"code": "UNKNOWN", "message": "The sandbox failed; its log has the trace."}
            answer = as_json({"errors": [failed]}, 500)
        await _send(answer, scope["method"] == "HEAD", send)
        self.last_call_s = time.monotonic()

    async def _answer(self, scope: Message, receive: Receive) -> Answer:
        path = scope["path"]
        query = dict(parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True))
        if path in ("/v2/", "/v2"):
            return as_json({})
        if path == "/v2/_catalog":
            return await asyncio.to_thread(self._service.catalog, query)
        kind, name, rest = _address(path)
        headers = _headers(scope)
        repository = self._service.storage.repository(name)
        wanted = Wanted(scope["method"], repository, rest, query, headers)
        if kind == "uploads":
            return await self._upload(wanted, receive)
        if kind == "manifests" and wanted.method == "PUT":
            body = await _body(receive)
            return await asyncio.to_thread(self._service.put_manifest, wanted, body)
        return await asyncio.to_thread(self._read, kind, wanted)

    def _read(self, kind: str, wanted: Wanted) -> Answer:
        if wanted.method not in ("GET", "HEAD"):
            raise Refused("UNSUPPORTED", "nothing is deleted here but by resetting the sandbox")
        reads: Mapping[str, Callable[[Wanted], Answer]] = {
            "blobs": self._service.blob,
            "manifests": self._service.manifest,
            "referrers": self._service.referrers,
            "tags": self._service.tags,
        }
        return reads[kind](wanted)

    async def _upload(self, wanted: Wanted, receive: Receive) -> Answer:
        service = self._service
        match wanted.method:
            case "POST" if not wanted.rest:
                answer = await asyncio.to_thread(service.begin, wanted)
                if answer.status == 202 and "digest" in wanted.query:
                    session = answer.headers["docker-upload-uuid"]
                    return await self._finish(wanted, session, receive)
                return answer
            case "GET" | "HEAD":
                return service.state(wanted)
            case "DELETE":
                return service.cancel(wanted)
            case "PATCH":
                path = await self._append(wanted, wanted.rest, receive)
                return progress(202, wanted.repository, wanted.rest, path)
            case "PUT":
                return await self._finish(wanted, wanted.rest, receive)
        raise Refused("UNSUPPORTED", f"{wanted.method} is not for uploads")

    async def _append(self, wanted: Wanted, session: str, receive: Receive) -> Path:
        """Appends what comes to a session, also where the client goes away in the middle."""
        path = wanted.repository.session(session)
        if path in self._busy:
            raise Refused("BLOB_UPLOAD_INVALID", "another request writes to this upload", session)
        _check_range(wanted, session, path)
        self._busy.add(path)
        try:
            with path.open("ab") as content:
                async for piece in _pieces(receive):
                    content.write(piece)
                    self.last_call_s = time.monotonic()
        finally:
            self._busy.discard(path)
        return path

    async def _finish(self, wanted: Wanted, session: str, receive: Receive) -> Answer:
        digest = wanted.query.get("digest", "")
        await self._append(wanted, session, receive)
        await asyncio.to_thread(wanted.repository.finish, session, digest)
        return stored(wanted.repository, digest)


def _headers(scope: Message) -> dict[str, str]:
    """Each name once: some clients send a header for each type that they accept."""
    headers: dict[str, str] = {}
    for encoded, text in scope["headers"]:
        name = encoded.decode("latin-1")
        more = text.decode("latin-1")
        headers[name] = f"{headers[name]}, {more}" if name in headers else more
    return headers


def _check_range(wanted: Wanted, session: str, path: Path) -> None:
    """A chunk that says where it begins begins where the last one ended: else 416, with what is
    there."""
    stated = _RANGE.match(wanted.headers.get("content-range", ""))
    size = path.stat().st_size
    if stated is not None and int(stated[1]) != size:
        headers = progress(416, wanted.repository, session, path).headers
        raise Misplaced(headers)


class Misdirected(Refused):
    """A request that was meant for another host."""

    def __init__(self) -> None:
        super().__init__("DENIED", REFUSAL)

    @property
    def answer(self) -> Answer:
        """421: nothing of this host was asked for."""
        return as_json({"errors": [{"code": self.code, "message": self.message}]}, 421)


class Misplaced(Refused):
    """A chunk that does not begin where the last one ended."""

    def __init__(self, headers: Mapping[str, str]) -> None:
        super().__init__("BLOB_UPLOAD_INVALID", "this chunk does not follow the last one")
        self._places = headers

    @property
    def answer(self) -> Answer:
        """416, with what the session has."""
        refused = super().answer
        return Answer(416, {**refused.headers, **self._places}, refused.body)


def _address(path: str) -> tuple[str, str, str]:
    for kind, pattern in _ADDRESSES:
        found = pattern.fullmatch(path)
        if found:
            return kind, found[1], found[2]
    raise Refused("NAME_UNKNOWN", "there is no such address", path)


async def _pieces(receive: Receive) -> Any:
    more = True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise Gone
        yield message.get("body", b"")
        more = message.get("more_body", False)


async def _body(receive: Receive) -> bytes:
    """A document's bytes. One byte more than a document may have is enough to refuse it."""
    body = bytearray()
    async for piece in _pieces(receive):
        body += piece[: MAX_BYTES + 1 - len(body)]
    return bytes(body)


async def _send(answer: Answer, is_head: bool, send: Send) -> None:
    fixed = {**_API, "x-content-type-options": "nosniff"}
    # 204 has no body, and so no length
    if answer.status != 204:
        fixed["content-length"] = str(answer.size_bytes)
    headers = {**fixed, **answer.headers}
    encoded = [(name.encode("latin-1"), text.encode("latin-1")) for name, text in headers.items()]
    await send({"type": "http.response.start", "status": answer.status, "headers": encoded})
    if not is_head:
        pieces = answer.pieces()
        while piece := await asyncio.to_thread(next, pieces, b""):
            await send({"type": "http.response.body", "body": piece, "more_body": True})
    await send({"type": "http.response.body", "body": b""})
