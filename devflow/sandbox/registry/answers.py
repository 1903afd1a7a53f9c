"""What goes back to a client: statuses, headers and the official error codes."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from devflow.sandbox.common.store import Json

# the statuses that docker-registry 2.8 answers with
STATUSES: Final = {
    "BLOB_UNKNOWN": 404,
    "BLOB_UPLOAD_INVALID": 400,
    "BLOB_UPLOAD_UNKNOWN": 404,
    "DIGEST_INVALID": 400,
    "MANIFEST_BLOB_UNKNOWN": 400,
    "MANIFEST_INVALID": 400,
    "MANIFEST_UNKNOWN": 404,
    "NAME_INVALID": 400,
    "NAME_UNKNOWN": 404,
    "SIZE_INVALID": 413,
    "TAG_INVALID": 400,
    "UNSUPPORTED": 405,
}
PIECE_BYTES: Final = 256 * 1024


@dataclass(frozen=True)
class Answer:
    """A body that is ready, or a file of which ``length`` bytes from ``start`` are sent."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    file: Path | None = None
    start: int = 0
    length: int = 0

    @property
    def size_bytes(self) -> int:
        """What ``Content-Length`` says."""
        return self.length if self.file else len(self.body)

    def pieces(self) -> Iterator[bytes]:
        """The body in pieces."""
        if self.file is None:
            yield self.body
            return
        with self.file.open("rb") as content:
            content.seek(self.start)
            left = self.length
            while left > 0 and (piece := content.read(min(PIECE_BYTES, left))):
                left -= len(piece)
                yield piece


class Refused(Exception):
    """A request that cannot be served, with its official code."""

    def __init__(self, code: str, message: str, detail: object = None, **headers: str) -> None:
        super().__init__(code, message)
        self.code = code
        self.message = message
        self.detail = detail
        self.headers = {name.replace("_", "-"): text for name, text in headers.items()}

    @property
    def answer(self) -> Answer:
        """What goes back."""
        error: Json = {"code": self.code, "message": self.message, "detail": self.detail}
        answer = as_json({"errors": [error]}, STATUSES[self.code])
        return Answer(answer.status, {**answer.headers, **self.headers}, answer.body)


def as_json(body: Json, status: int = 200, **headers: str) -> Answer:
    """A document; the names of headers have ``_`` for ``-``."""
    named = {name.replace("_", "-"): text for name, text in headers.items()}
    kind = {"content-type": "application/json; charset=utf-8"}
    return Answer(status, {**kind, **named}, json.dumps(body).encode())
