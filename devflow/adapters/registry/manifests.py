"""Manifests and indexes of a repository, by tag and by digest, and what is attached to one.

A registry has no create-only: a tag is looked at before it is written and read back after, and a
race that was lost is named.
"""

from dataclasses import dataclass, replace
from typing import Final, Mapping
from urllib.parse import quote

import httpx

from devflow.adapters.http.retry import WrongAnswer
from devflow.adapters.registry.answers import ABSENT, codes_of
from devflow.adapters.registry.connection import Ask, Connection
from devflow.adapters.registry.sent import Sent
from devflow.craft.oci.formats import ANY_MANIFEST, DIGEST, MANIFEST_MAX_BYTES, digest_of
from devflow.model.errors import StepFailed
from devflow.ports.registry import Held

_ACCEPT: Final = {"Accept": ", ".join(ANY_MANIFEST)}
_KEPT: Final = "docker-content-digest"
# whether it is there says nothing: only that it may be asked for
_SOME_TAG: Final = "latest"


@dataclass(frozen=True)
class Content:
    """A document that is put: its bytes, and the type that it is put as."""

    body: bytes
    media_type: str

    @property
    def digest(self) -> str:
        """Its name."""
        return digest_of(self.body)


class Manifests:
    """The documents of one registry."""

    def __init__(self, connection: Connection, sent: Sent) -> None:
        self._connection = connection
        self._sent = sent

    def find(self, repository: str, reference: str) -> Held | None:
        """What a tag or digest leads to; ``None`` only where the registry says that it has none."""
        return self._connection.run(lambda: self._find(repository, reference))

    def ask_as_publisher(self, repository: str) -> None:
        """Reads some tag, with an authorization that would do to write it too."""
        pushing = frozenset((self._connection.scope(repository, "pull", "push"),))
        ask = replace(self._ask("GET", repository, _SOME_TAG, _ACCEPT), scopes=pushing)
        self._connection.run(lambda: self._held(ask, _SOME_TAG))

    def ensure(self, repository: str, content: Content) -> None:
        """Makes the registry hold a document under its digest."""
        self._connection.run(lambda: self._ensure(repository, content))

    def put(self, repository: str, reference: str, content: Content) -> bool:
        """Puts a document, whatever is there; whether the registry lists it as attached to its
        subject."""
        return self._connection.run(lambda: self._put(repository, reference, content))

    def tag(
        self, repository: str, tag: str, content: Content, replaces: tuple[str, ...] = ()
    ) -> None:
        """Makes a tag lead to a document. Raises ``StepFailed`` where it leads to another that is
        not among ``replaces``, or does afterwards."""
        self._connection.run(lambda: self._tag(repository, tag, content, replaces))

    def refuse_taken(
        self, repository: str, tag: str, digest: str, replaces: tuple[str, ...] = ()
    ) -> None:
        """Raises ``StepFailed`` where a tag leads to another document that may not be replaced."""
        self._connection.run(lambda: self._is_led(repository, tag, digest, replaces))

    def _is_led(self, repository: str, tag: str, digest: str, replaces: tuple[str, ...]) -> bool:
        held = self._find(repository, tag)
        if held is None or held.digest == digest:
            return held is not None
        if held.digest in replaces:
            return False
        problem = f"{repository}:{tag} exists, and is {held.digest}, not {digest}"
        hint = "make a new commit: a tag that others may have pulled is not given to another image"
        raise StepFailed(problem, hint=hint, where=self._connection.address.host)

    def _find(self, repository: str, reference: str) -> Held | None:
        return self._held(self._ask("GET", repository, reference, _ACCEPT), reference)

    def _held(self, ask: Ask, reference: str) -> Held | None:
        response, body = self._connection.read(ask, MANIFEST_MAX_BYTES)
        if response.status_code == 404 and ABSENT & set(codes_of(body)):
            return None
        if response.status_code != 200:
            raise self._connection.refused(response, body, ask)
        media_type = response.headers.get("content-type", "").partition(";")[0].strip()
        if media_type not in ANY_MANIFEST:
            raise WrongAnswer(f"200 with {media_type or 'no type'} where {ask.what} was asked")
        return Held(self._digest(ask, reference, response, body), media_type, body)

    def _digest(self, ask: Ask, reference: str, response: httpx.Response, body: bytes) -> str:
        """The digest of what came. Raises ``StepFailed`` where it is not the one that was asked or
        said."""
        digest = digest_of(body)
        is_digest = DIGEST.fullmatch(reference) is not None
        stated = reference if is_digest else response.headers.get(_KEPT, digest)
        if digest != stated:
            problem = f"{ask.what} is not what it is said to be: {digest}, not {stated}"
            hint = "something between the registry and here, or on its disk, has changed it"
            raise StepFailed(problem, hint=hint, where=self._connection.address.host)
        return digest

    def _ensure(self, repository: str, content: Content) -> None:
        if self._find(repository, content.digest) is None:
            self._put(repository, content.digest, content)

    def _tag(self, repository: str, tag: str, content: Content, replaces: tuple[str, ...]) -> None:
        digest = content.digest
        if self._is_led(repository, tag, digest, replaces):
            return
        self._put(repository, tag, content)
        after = self._find(repository, tag)
        if after is None or after.digest != digest:
            found = after.digest if after else "nothing"
            problem = f"{repository}:{tag} was given to another at the same moment: it is {found}"
            hint = "find out who else publishes under this name, then make a new commit"
            raise StepFailed(problem, hint=hint, where=self._connection.address.host)

    def _put(self, repository: str, reference: str, content: Content) -> bool:
        headers = {"Content-Type": content.media_type}
        ask = self._ask("PUT", repository, reference, headers, content.body)
        response = self._connection.expect(ask, 201)
        self._sent.bytes(repository, len(content.body))
        stored = response.headers.get(_KEPT, content.digest)
        if stored != content.digest:
            problem = f"{ask.what} was stored as {stored}, not as {content.digest}"
            raise StepFailed(problem, where=self._connection.address.host)
        return "oci-subject" in response.headers

    def _ask(
        self,
        method: str,
        repository: str,
        reference: str,
        headers: Mapping[str, str],
        content: bytes = b"",
    ) -> Ask:
        connection = self._connection
        actions = ("pull", "push") if method == "PUT" else ("pull",)
        url = connection.url(repository, f"manifests/{quote(reference, safe=':')}")
        joint = "@" if DIGEST.fullmatch(reference) else ":"
        scopes = frozenset((connection.scope(repository, *actions),))
        what = f"{repository}{joint}{reference}"
        return Ask(method, url, what, scopes, headers, content)
