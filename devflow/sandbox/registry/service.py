"""What each address answers that has no body to receive, and manifests, whose bodies are small."""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import quote

from devflow.sandbox.registry.answers import Answer, Refused, as_json
from devflow.sandbox.registry.documents import INDEX, checked, referrer
from devflow.sandbox.registry.storage import DIGEST, Repository, Storage

MOST_ENTRIES: Final = 1000  # of a list in one answer
_PARTIAL: Final = re.compile(r"^bytes=(\d+)-(\d*)$")


@dataclass(frozen=True)
class Wanted:
    """A request about one repository: ``rest`` is the tag, digest or session at its end."""

    method: str
    repository: Repository
    rest: str
    query: Mapping[str, str]
    headers: Mapping[str, str]


class Service:
    """The answers of one registry."""

    def __init__(self, storage: Storage) -> None:
        self.storage = storage

    def catalog(self, query: Mapping[str, str]) -> Answer:
        """Every repository."""
        return _page(self.storage.names(), query, "/v2/_catalog", {}, "repositories")

    def tags(self, wanted: Wanted) -> Answer:
        """Every tag of a repository."""
        repository = wanted.repository
        if not repository.exists():
            raise Refused("NAME_UNKNOWN", "repository name not known to registry", repository.name)
        address = f"/v2/{repository.name}/tags/list"
        return _page(repository.tags(), wanted.query, address, {"name": repository.name}, "tags")

    def blob(self, wanted: Wanted) -> Answer:
        """A content, or the part of it that is asked for."""
        path = wanted.repository.blob(wanted.rest)
        if path is None:
            raise Refused("BLOB_UNKNOWN", "blob unknown to registry", wanted.rest)
        size = path.stat().st_size
        headers = {
            "content-type": "application/octet-stream",
            "docker-content-digest": wanted.rest,
            "accept-ranges": "bytes",
        }
        partial = _PARTIAL.match(wanted.headers.get("range", ""))
        if partial is None or int(partial[1]) >= size:
            return Answer(200, headers, file=path, length=size)
        start = int(partial[1])
        end = min(int(partial[2] or size - 1), size - 1)
        headers["content-range"] = f"bytes {start}-{end}/{size}"
        return Answer(206, headers, file=path, start=start, length=max(0, end - start + 1))

    def manifest(self, wanted: Wanted) -> Answer:
        """A document, to whoever says that its type is understood."""
        held = wanted.repository.manifest(wanted.rest)
        if held is None:
            raise Refused("MANIFEST_UNKNOWN", "manifest unknown", {"Reference": wanted.rest})
        digest, media_type, path = held
        if not _accepts(wanted.headers.get("accept", ""), media_type):
            text = f"{media_type} found, but accept header does not support it"
            raise Refused("MANIFEST_UNKNOWN", text)
        headers = {"content-type": media_type, "docker-content-digest": digest}
        return Answer(200, headers, file=path, length=path.stat().st_size)

    def put_manifest(self, wanted: Wanted, body: bytes) -> Answer:
        """Holds a document, and gives it the tag that it was sent to."""
        repository = wanted.repository
        media_type = wanted.headers.get("content-type", "").partition(";")[0].strip()
        document = checked(repository, media_type, body)
        digest = f"sha256:{hashlib.sha256(body).hexdigest()}"
        is_digest = DIGEST.fullmatch(wanted.rest) is not None
        if is_digest and wanted.rest != digest:
            text = "provided digest did not match uploaded content"
            raise Refused("DIGEST_INVALID", text, {"got": digest})
        repository.keep_manifest(digest, media_type, body)
        if not is_digest:
            repository.tag(wanted.rest, digest)
        headers = {
            "location": f"/v2/{repository.name}/manifests/{digest}",
            "docker-content-digest": digest,
        }
        subject = document.get("subject")
        if subject is not None:
            repository.attach(subject["digest"], digest)
            headers["oci-subject"] = subject["digest"]
        return Answer(201, headers)

    def referrers(self, wanted: Wanted) -> Answer:
        """What is attached to a document, which needs not be there; of one type where one is
        asked for."""
        found = []
        for digest, media_type, path in wanted.repository.attached(wanted.rest):
            found.append(referrer(digest, media_type, path.read_bytes()))
        headers = {"content-type": INDEX}
        kind = wanted.query.get("artifactType", "")
        if kind:
            found = [one for one in found if one.get("artifactType") == kind]
            headers["oci-filters-applied"] = "artifactType"
        index = {"schemaVersion": 2, "mediaType": INDEX, "manifests": found}
        return Answer(200, headers, json.dumps(index).encode())

    def begin(self, wanted: Wanted) -> Answer:
        """A session, or at once a content of another repository."""
        repository = wanted.repository
        digest = wanted.query.get("mount", "")
        if digest and wanted.query.get("from"):
            other = self.storage.repository(wanted.query["from"])
            if repository.take_over(digest, other):
                return stored(repository, digest)
        session = repository.begin()
        return progress(202, repository, session, repository.session(session))

    def state(self, wanted: Wanted) -> Answer:
        """How far a session has come."""
        path = wanted.repository.session(wanted.rest)
        return progress(204, wanted.repository, wanted.rest, path)

    def cancel(self, wanted: Wanted) -> Answer:
        """Ends a session."""
        wanted.repository.forget(wanted.rest)
        return Answer(204)


def stored(repository: Repository, digest: str) -> Answer:
    """A content is held now."""
    location = f"/v2/{repository.name}/blobs/{digest}"
    return Answer(201, {"location": location, "docker-content-digest": digest})


def progress(status: int, repository: Repository, session: str, path: Path) -> Answer:
    """Where a session goes on, and what it has: ``0-0`` for nothing and for one byte, as other
    registries say it."""
    headers = {
        "location": f"/v2/{repository.name}/blobs/uploads/{session}",
        "range": f"0-{max(0, path.stat().st_size - 1)}",
        "docker-upload-uuid": session,
    }
    return Answer(status, headers)


def _accepts(accept: str, media_type: str) -> bool:
    kinds = {one.partition(";")[0].strip() for one in accept.split(",")}
    return bool({"", "*/*", "application/*", media_type} & kinds)


def _page(
    names: list[str], query: Mapping[str, str], address: str, body: dict[str, str], key: str
) -> Answer:
    last = query.get("last", "")
    count = query.get("n", "")
    most = int(count) if count.isdigit() else MOST_ENTRIES
    following = [name for name in names if name > last]
    shown = following[:most]
    headers = {}
    if len(following) > len(shown) and shown:
        headers["link"] = f'<{address}?n={most}&last={quote(shown[-1])}>; rel="next"'
    return as_json({**body, key: shown}, 200, **headers)
