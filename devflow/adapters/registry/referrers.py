"""What is attached to an image: by the referrers API where a registry has it, else by the tag that
stands in its place (``sha256-<hex>``, an index), which every client writes itself.

Both are read: a registry that has learned the API still has the tags of before.
"""

import json
from typing import Final
from urllib.parse import quote

from devflow.adapters.http.retry import WrongAnswer
from devflow.adapters.registry.connection import Ask, Connection
from devflow.adapters.registry.manifests import Content, Manifests
from devflow.craft.oci.attachments import fallback_tag
from devflow.craft.oci.formats import (
    INDEX,
    MANIFEST,
    MANIFEST_MAX_BYTES,
    Descriptor,
    Index,
    Manifest,
    encoded,
    read_document,
)
from devflow.model.errors import StepFailed
from devflow.ports.registry import Held, Referrer

MOST_PAGES: Final = 50  # of a list of referrers; an image has some ten
TRIES: Final = 8  # of writing a list that others write at the same time


class Referrers:
    """The attachments of one registry's images."""

    def __init__(self, connection: Connection, manifests: Manifests) -> None:
        self._connection = connection
        self._manifests = manifests

    def of(self, repository: str, digest: str) -> tuple[Referrer, ...]:
        """Everything that is listed as attached, each once."""
        listed = self._connection.run(lambda: self._by_api(repository, digest))
        listed += self._by_tag(self._manifests.find(repository, fallback_tag(digest)))
        found: dict[str, Referrer] = {}
        for one in listed:
            found.setdefault(one.digest, _referrer(one))
        return tuple(found.values())

    def add(self, repository: str, subject: str, content: Content) -> None:
        """Adds an artifact to the tag's list, and leaves what others have added.

        Another client may write the list at the same moment; it is read back, and written again
        where either's entry is missing. Raises ``StepFailed`` where that does not come to an end.
        """
        entry = _entry(content)
        for _ in range(TRIES):
            if self._is_added(repository, subject, entry):
                return
        tag = fallback_tag(subject)
        problem = f"{repository}:{tag} is written by somebody else all the time"
        hint = "type the same command again when that is over"
        raise StepFailed(problem, hint=hint, where=self._connection.address.host)

    def _is_added(self, repository: str, subject: str, entry: Descriptor) -> bool:
        tag = fallback_tag(subject)
        held = self._manifests.find(repository, tag)
        before = self._by_tag(held)
        if entry.digest in {one.digest for one in before}:
            return True
        content = Content(encoded(Index(manifests=(*before, entry))), INDEX)
        self._manifests.put(repository, tag, content)
        after = self._by_tag(self._manifests.find(repository, tag))
        kept = {one.digest for one in after}
        # what another client wrote in between is kept, unless ours went over it: the next look adds
        # to its list what is missing there
        return {entry.digest, *(one.digest for one in before)} <= kept

    def _by_api(self, repository: str, digest: str) -> list[Descriptor]:
        connection = self._connection
        scopes = frozenset((connection.scope(repository, "pull"),))
        url = connection.url(repository, f"referrers/{quote(digest, safe=':')}")
        found: list[Descriptor] = []
        for _ in range(MOST_PAGES):
            what = f"what is attached to {digest} of {repository}"
            ask = Ask("GET", url, what, scopes, {"Accept": INDEX})
            response, body = connection.read(ask, MANIFEST_MAX_BYTES)
            # a registry without the API has no such address; some say that they do not support it
            if response.status_code in (404, 405) or _is_unsupported(response.status_code, body):
                return found
            if response.status_code != 200:
                raise connection.refused(response, body, ask)
            found += _listed(body, what)
            following = response.links.get("next", {}).get("url")
            if not following:
                break
            url = connection.target(url, following)
        return found

    def _by_tag(self, held: Held | None) -> list[Descriptor]:
        if held is None:
            return []
        document = read_document(held.body, held.digest)
        return list(document.manifests) if isinstance(document, Index) else []


def _is_unsupported(status: int, body: bytes) -> bool:
    return status == 400 and b"UNSUPPORTED" in body


def _listed(body: bytes, what: str) -> list[Descriptor]:
    """Raises ``Fault`` for what is no list: a page of a proxy is none."""
    try:
        is_index = "manifests" in json.loads(body)
        document = read_document(body, what) if is_index else None
    except (ValueError, TypeError, StepFailed) as error:
        raise WrongAnswer(f"{what}: an answer of another shape") from error
    if not isinstance(document, Index):
        raise WrongAnswer(f"{what}: an answer of another shape")
    return list(document.manifests)


def _referrer(one: Descriptor) -> Referrer:
    return Referrer(one.digest, one.artifact_type, one.annotations)


def _entry(content: Content) -> Descriptor:
    """How a list names an artifact, by the specification: with its type and annotations."""
    document = read_document(content.body, content.digest)
    artifact_type = document.artifact_type
    if not artifact_type and isinstance(document, Manifest):
        artifact_type = document.config.media_type
    return Descriptor(
        media_type=content.media_type or MANIFEST,
        digest=content.digest,
        size_bytes=len(content.body),
        artifact_type=artifact_type,
        annotations=document.annotations,
    )
