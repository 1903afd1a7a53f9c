"""Blobs of a repository: looked for before they are sent, mounted where the registry has them,
uploads gone on with.

A registry appends a chunk that is sent again, whatever its ``Content-Range`` says: so the session
is asked what it has before anything is sent to it, and an upload whose state is not certain is
begun anew. Only 201 is stored.
"""

import re
from contextlib import suppress
from dataclasses import dataclass
from typing import BinaryIO, Final, Mapping
from urllib.parse import urlsplit

import httpx

from devflow.adapters.http.retry import Fault, WrongAnswer
from devflow.adapters.images.store import Store
from devflow.adapters.registry.answers import codes_of
from devflow.adapters.registry.connection import ERROR_MAX_BYTES, Ask, Connection
from devflow.adapters.registry.sent import Sent
from devflow.model.command_line import command_line
from devflow.model.errors import AccessDenied, DevflowError, RemoteSilent, StepFailed

MOST_SESSIONS: Final = 8  # of one upload; each is begun anew because the one before was lost
_BINARY: Final = {"Content-Type": "application/octet-stream"}
_RANGE: Final = re.compile(r"^(?:bytes=)?0-(\d+)$")


@dataclass
class Upload:
    """One blob on its way: where its session is, empty without one, and what the registry has.

    ``in_doubt``: what was last sent may have arrived or not.
    """

    repository: str
    digest: str
    size_bytes: int
    chunk_bytes: int
    session: str = ""
    offset: int = 0
    in_doubt: bool = False
    is_done: bool = False
    begun: int = 0

    def forget(self) -> None:
        """The next attempt begins anew."""
        self.session = ""
        self.offset = 0


class Blobs:
    """The blobs of one registry, from and into the store."""

    def __init__(self, connection: Connection, store: Store, sent: Sent) -> None:
        self._connection = connection
        self._store = store
        self._sent = sent

    def ensure(self, repository: str, digest: str) -> None:
        """Makes the registry hold it. Raises ``Unavailable`` where the store does not."""
        size = self._store.size_bytes(digest)
        if size is None:
            # says what is missing, and what to type
            self._store.open(digest).close()
        upload = Upload(repository, digest, size or 0, self._connection.reach.chunk_bytes)
        try:
            while not upload.is_done:
                # each chunk has the tries of its own: a large layer takes longer than those last
                self._connection.run(lambda: self._advance(upload))
        except (StepFailed, AccessDenied):
            self._cancel(upload)
            raise
        self._sent.held(repository, digest)

    def fetch(self, repository: str, digest: str) -> BinaryIO:
        """Reads it back into the store. Raises ``StepFailed`` for what is gone, or has another
        digest."""
        self._store.path(digest)
        self._connection.run(lambda: self._fetch(repository, digest))
        return self._store.open(digest)

    def holds(self, repository: str, digest: str) -> bool:
        """Whether the registry has it. Raises what any answer means that is neither yes nor no."""
        return self._connection.run(lambda: self._head(repository, digest)) is not None

    def _fetch(self, repository: str, digest: str) -> None:
        connection = self._connection
        ask = self._ask("GET", repository, f"blobs/{digest}", f"{digest} of {repository}", "pull")
        with connection.open(ask) as response:
            if response.status_code != 200:
                body = next(response.iter_raw(), b"")
                raise connection.refused(response, body, ask)
            self._store.receive(connection.pieces(response), digest)

    def _advance(self, upload: Upload) -> None:
        """One step on: looked for, begun, a chunk sent, or finished."""
        if upload.in_doubt or not upload.session:
            if self._is_held(upload):
                upload.is_done = True
                return
            if upload.session:
                self._ask_session(upload)
            if not upload.session:
                self._begin(upload)
        if not upload.is_done:
            upload.in_doubt = True
            self._send(upload)
            upload.in_doubt = False

    def _is_held(self, upload: Upload) -> bool:
        headers = self._head(upload.repository, upload.digest)
        if headers is None:
            return False
        length = headers.get("content-length", "")
        if length and int(length) != upload.size_bytes:
            what = f"{upload.digest} of {upload.repository}"
            problem = f"{what} has {length} bytes in the registry, and {upload.size_bytes} here"
            raise StepFailed(problem, where=self._connection.address.host)
        return True

    def _head(self, repository: str, digest: str) -> Mapping[str, str] | None:
        """What the registry says of a blob; ``None`` where it has none of that digest."""
        ask = self._ask("HEAD", repository, f"blobs/{digest}", f"{digest} of {repository}", "pull")
        response = self._connection.expect(ask, 200, 404)
        return None if response.status_code == 404 else response.headers

    def _begin(self, upload: Upload) -> None:
        """Opens a session, unless the registry takes the blob over from a repository that has it.

        Raises ``RemoteSilent`` for a registry that loses each session.
        """
        upload.begun += 1
        if upload.begun > MOST_SESSIONS:
            host = self._connection.address.host
            problem = f"{host} has lost {self._what(upload)} {MOST_SESSIONS} times"
            raise RemoteSilent(problem, hint="the registry's own log says more", where=host)
        source = self._sent.other(upload.repository, upload.digest)
        if source:
            query = f"?mount={upload.digest}&from={self._connection.address.path_of(source)}"
            response = self._post(upload, query, source)
            if response.status_code == 201:
                self._sent.mounted(upload.repository, upload.digest)
                upload.is_done = True
                return
        else:
            response = self._post(upload, "", "")
        if response.status_code != 202:
            raise WrongAnswer(f"{response.status_code} where an upload was begun")
        upload.forget()
        self._follow(upload, response)
        shortest = response.headers.get("oci-chunk-min-length", "")
        if shortest.isdigit():
            upload.chunk_bytes = max(upload.chunk_bytes, int(shortest))

    def _post(self, upload: Upload, query: str, source: str) -> httpx.Response:
        connection = self._connection
        scopes = {self._push(upload.repository)}
        if source:
            scopes.add(connection.scope(source, "pull"))
        url = connection.url(upload.repository, f"blobs/uploads/{query}")
        what = f"an upload to {upload.repository}"
        return connection.expect(Ask("POST", url, what, frozenset(scopes)), 201, 202)

    def _ask_session(self, upload: Upload) -> None:
        """How far an upload has come. One that is gone, or may hold nothing or one byte (``0-0``
        says either), is begun anew."""
        ask = Ask("GET", upload.session, self._what(upload), self._scopes(upload))
        response, _ = self._connection.read(ask, ERROR_MAX_BYTES)
        has_bytes = _bytes_of(response) if response.is_success else 0
        if not 1 < has_bytes <= upload.size_bytes:
            upload.forget()
            return
        self._follow(upload, response)
        upload.offset = has_bytes

    def _send(self, upload: Upload) -> None:
        with self._store.open(upload.digest) as content:
            content.seek(upload.offset)
            chunk = content.read(upload.chunk_bytes)
        if upload.offset + len(chunk) < upload.size_bytes:
            self._patch(upload, chunk)
        else:
            self._finish(upload, chunk)
            upload.is_done = True

    def _cancel(self, upload: Upload) -> None:
        """Leaves no half upload behind, where the registry lets us."""
        if upload.session:
            what = f"the end of {self._what(upload)}"
            ask = Ask("DELETE", upload.session, what, self._scopes(upload))
            with suppress(Fault, DevflowError):
                self._connection.read(ask, ERROR_MAX_BYTES)

    def _patch(self, upload: Upload, chunk: bytes) -> None:
        end = upload.offset + len(chunk)
        headers = {**_BINARY, "Content-Range": f"{upload.offset}-{end - 1}"}
        ask = Ask("PATCH", upload.session, self._what(upload), self._scopes(upload), headers, chunk)
        response, body = self._connection.read(ask, ERROR_MAX_BYTES)
        if response.status_code in (404, 416):
            upload.forget()
            raise Fault("unknown", "the upload is not where it was: it is begun anew")
        if not response.is_success:
            raise self._connection.refused(response, body, ask)
        self._sent.bytes(upload.repository, len(chunk))
        if _bytes_of(response) not in (0, end):
            upload.forget()
            raise WrongAnswer("the registry has other bytes than were sent")
        self._follow(upload, response)
        upload.offset = end

    def _finish(self, upload: Upload, rest: bytes) -> None:
        # httpx' params would replace the query that the registry's own state stands in
        joint = "&" if urlsplit(upload.session).query else "?"
        url = f"{upload.session}{joint}digest={upload.digest}"
        headers: Mapping[str, str] = _BINARY
        if upload.offset and rest:
            end = upload.offset + len(rest) - 1
            headers = {**_BINARY, "Content-Range": f"{upload.offset}-{end}"}
        ask = Ask("PUT", url, self._what(upload), self._scopes(upload), headers, rest)
        response, body = self._connection.read(ask, ERROR_MAX_BYTES)
        if response.status_code in (400, 404, 416):
            self._anew(upload, response, body)
        if response.status_code != 201:
            raise self._refused_at_end(response, body, ask)
        self._sent.bytes(upload.repository, len(rest))
        stored = response.headers.get("docker-content-digest", upload.digest)
        if stored != upload.digest:
            problem = f"{self._what(upload)} was stored as {stored}"
            raise StepFailed(problem, where=self._connection.address.host)

    def _refused_at_end(self, response: httpx.Response, body: bytes, ask: Ask) -> Exception:
        if response.is_success:
            return WrongAnswer(f"{response.status_code} at the end of an upload: only 201 is")
        return self._connection.refused(response, body, ask)

    def _anew(self, upload: Upload, response: httpx.Response, body: bytes) -> None:
        """The registry has put something else together, or has lost the session. Raises ``Fault``,
        or ``StepFailed`` where what is here is damaged."""
        upload.forget()
        codes = codes_of(body)
        is_lost = {"BLOB_UPLOAD_UNKNOWN", "BLOB_UPLOAD_INVALID", "DIGEST_INVALID"} & set(codes)
        if not is_lost and response.status_code == 400:
            return
        if not self._store.is_sound(upload.digest):
            problem = f"{upload.digest} was damaged in the cache of images, and is removed"
            hint = f"{command_line('ship')} makes it again"
            raise StepFailed(problem, where=str(self._store.path(upload.digest)), hint=hint)
        raise Fault("refused", f"the upload was lost ({', '.join(codes)}): it is begun anew")

    def _follow(self, upload: Upload, response: httpx.Response) -> None:
        """Where the session goes on: each answer may name another place."""
        location = response.headers.get("location", "")
        if location:
            base = upload.session or str(response.request.url)
            upload.session = self._connection.target(base, location)
        elif not upload.session:
            raise WrongAnswer("an upload was begun without saying where")

    def _ask(self, method: str, repository: str, rest: str, what: str, action: str) -> Ask:
        connection = self._connection
        scopes = frozenset((connection.scope(repository, action),))
        return Ask(method, connection.url(repository, rest), what, scopes)

    def _push(self, repository: str) -> str:
        return self._connection.scope(repository, "pull", "push")

    def _scopes(self, upload: Upload) -> frozenset[str]:
        return frozenset((self._push(upload.repository),))

    def _what(self, upload: Upload) -> str:
        return f"the upload of {upload.digest} to {upload.repository}"


def _bytes_of(response: httpx.Response) -> int:
    """How many bytes a session says that it has; 0 where it says nothing."""
    found = _RANGE.match(response.headers.get("range", ""))
    return int(found[1]) + 1 if found else 0
