"""What is attached to an image, read back and verified: signatures and signed statements by a key,
and documents that have to say what the signed ones do.

Nothing that was read is believed: each content must have the digest that it was asked by, each
artifact the image as its subject.
"""

import json
from dataclasses import dataclass
from typing import Any, Final, Iterator

from devflow.craft.oci.attachments import (
    COSIGN_SUFFIXES,
    CYCLONEDX,
    DSSE,
    IN_TOTO,
    SIMPLE_SIGNING,
    fallback_tag,
)
from devflow.craft.oci.formats import Descriptor, Manifest, digest_of
from devflow.craft.supply.cosign import problem_of
from devflow.craft.supply.dsse import opened
from devflow.craft.supply.places import Place, manifest_of
from devflow.craft.supply.statements import BILL, PROVENANCE, STATEMENT, VULNERABILITIES
from devflow.model.errors import StepFailed, Unavailable
from devflow.model.images import Attached
from devflow.ports.registry import Held
from devflow.ports.signing import Verifier

OTHER: Final = "other"
SIGNATURE: Final = "signature"
UNSIGNED: Final = "it is not signed, and no signed statement says the same"
KINDS: Final = {BILL: "sbom", PROVENANCE: "provenance", VULNERABILITIES: "vulnerabilities"}
# bytes; a bill of materials of 10,000 components has 8 MB
DOCUMENT_MAX_BYTES: Final = 64 * 1024 * 1024
# cosign has written several of these over the years; what they are attached to is the same
_STATEMENTS: Final = (STATEMENT, "https://in-toto.io/Statement/v0.1")


@dataclass(frozen=True)
class Trust:
    """What signatures are held against: the name that the image must be signed as (its repository
    with the registry's host; empty takes any), and the key (``None``: nothing is said of
    signatures)."""

    repository: str
    verifier: Verifier | None


def attachments(place: Place, digest: str, trust: Trust) -> tuple[Attached, ...]:
    """Everything that is attached to an image or to one platform of it, each with what is wrong
    with it; a signed artifact with several statements is several.

    What cannot be read has the kind ``other``; what is of a kind that is not known here has its own
    type for a kind. Raises ``RemoteSilent`` or ``AccessDenied`` where nothing can be read.
    """
    reader = _Reader(place, digest, trust)
    found: list[Attached] = []
    for artifact in sorted(_artifacts(place, digest)):
        found += reader.read(artifact)
    return tuple(reader.compared(one) for one in found)


def _artifacts(place: Place, digest: str) -> set[str]:
    """By the referrers and by cosign's tags: other tools know one of the two."""
    known = {one.digest for one in place.referrers(digest)}
    for suffix in COSIGN_SUFFIXES:
        held = place.find(f"{fallback_tag(digest)}.{suffix}")
        if held is not None:
            known.add(held.digest)
    return known


class _Reader:
    """Reads the artifacts of one subject; raw documents are compared with the signed ones at the
    end."""

    def __init__(self, place: Place, digest: str, trust: Trust) -> None:
        self._place = place
        self._digest = digest
        self._trust = trust
        self._signed: list[tuple[str, Any]] = []
        self._raw: dict[Attached, Any] = {}

    def read(self, artifact: str) -> Iterator[Attached]:
        """One artifact."""
        try:
            manifest = self._manifest(artifact)
            yield from self._parts(artifact, manifest)
        except (StepFailed, Unavailable) as error:
            yield Attached(kind=OTHER, about=self._digest, digest=artifact, problem=error.message)

    def _manifest(self, artifact: str) -> Manifest:
        held = self._place.find(artifact)
        if held is None:
            raise StepFailed("it is listed as attached, and is not there", where=artifact)
        check_digest(held, artifact)
        manifest = manifest_of(held)
        subject = manifest.subject
        if subject is not None and subject.digest != self._digest:
            raise StepFailed(f"it is attached to {subject.digest}", where=artifact)
        return manifest

    def _parts(self, artifact: str, manifest: Manifest) -> Iterator[Attached]:
        signatures = [one for one in manifest.layers if one.media_type == SIMPLE_SIGNING]
        if signatures:
            problems = [self._signature(one) for one in signatures]
            # several people may have signed one image: one good signature is what is asked for
            problem = "" if "" in problems else problems[0]
            yield self._attached(SIGNATURE, artifact, problem)
            return
        for layer in manifest.layers:
            if layer.media_type == DSSE:
                yield self._envelope(artifact, layer)
            elif layer.media_type in (CYCLONEDX, IN_TOTO):
                yield self._document(artifact, layer)
            else:
                kind = manifest.artifact_type or layer.media_type
                yield self._attached(kind, artifact, "it is of no kind that is read here")

    def _signature(self, layer: Descriptor) -> str:
        content = self._content(layer)
        trust = self._trust
        return problem_of(layer, content, self._digest, trust.repository, trust.verifier)

    def _envelope(self, artifact: str, layer: Descriptor) -> Attached:
        inner = opened(self._content(layer), IN_TOTO, self._trust.verifier)
        statement = _json(inner.payload)
        kind, problem = self._statement(statement)
        problem = inner.problem or problem
        if not problem and self._trust.verifier is not None:
            self._signed.append((kind, statement))
        return self._attached(kind, artifact, problem)

    def _statement(self, statement: Any) -> tuple[str, str]:
        """The kind of a statement, and why it is not one about the subject."""
        if not isinstance(statement, dict) or statement.get("_type") not in _STATEMENTS:
            return OTHER, "it is no in-toto statement"
        predicate_type = str(statement.get("predicateType", ""))
        kind = KINDS.get(predicate_type, predicate_type)
        wanted = self._digest.partition(":")[2]
        subjects = statement.get("subject")
        for one in subjects if isinstance(subjects, list) else ():
            if _object(_object(one).get("digest")).get("sha256") == wanted:
                return kind, ""
        return kind, "it is a statement about something else"

    def _document(self, artifact: str, layer: Descriptor) -> Attached:
        body = _json(self._content(layer))
        if layer.media_type == CYCLONEDX:
            kind = "sbom"
            problem = "" if self._is_bill(body) else "it is no bill of materials of this image"
        else:
            kind, problem = self._statement(body)
        attached = self._attached(kind, artifact, problem)
        self._raw[attached] = body
        return attached

    def _is_bill(self, body: Any) -> bool:
        """A bill that names an image by its digest names this one; other tools' may name none."""
        bill = _object(body)
        if bill.get("bomFormat") != "CycloneDX":
            return False
        component = _object(_object(bill.get("metadata")).get("component"))
        version = str(component.get("version", ""))
        return not version.startswith("sha256:") or version == self._digest

    def compared(self, attached: Attached) -> Attached:
        """A document without a signature of its own is believed where a signed statement says the
        very same."""
        if attached not in self._raw or attached.problem or self._trust.verifier is None:
            return attached
        body = self._raw[attached]
        for kind, statement in self._signed:
            if kind == attached.kind and body in (statement, statement.get("predicate")):
                return attached
        return attached.model_copy(update={"problem": UNSIGNED})

    def _content(self, layer: Descriptor) -> bytes:
        if layer.size_bytes > DOCUMENT_MAX_BYTES:
            raise StepFailed(f"it has {layer.size_bytes:,} bytes", where=layer.digest)
        with self._place.blob(layer.digest) as stream:
            content = stream.read(DOCUMENT_MAX_BYTES + 1)
        if len(content) != layer.size_bytes or digest_of(content) != layer.digest:
            raise StepFailed("its content does not have its digest", where=layer.digest)
        return content

    def _attached(self, kind: str, artifact: str, problem: str) -> Attached:
        return Attached(kind=kind, about=self._digest, digest=artifact, problem=problem)


def check_digest(held: Held, digest: str) -> None:
    """Raises ``StepFailed`` for a document that does not have the digest that it was asked by."""
    actual = digest_of(held.body)
    if actual != digest:
        raise StepFailed(f"what is there has another digest: {actual}", where=digest)


def _object(value: Any) -> dict[str, Any]:
    """What was read, where it is an object; else one without anything."""
    return value if isinstance(value, dict) else {}


def _json(content: bytes) -> Any:
    try:
        return json.loads(content)
    except (ValueError, RecursionError):
        return None
