"""An image judged by what can be read of it: that each document has its digest, that the platforms
are what they say, that signatures and signed statements are the key's.

A check is about the index or a platform; of what else is attached also about its type or digest.
"""

import hashlib
from dataclasses import dataclass
from typing import BinaryIO, Final, Iterator

from devflow.craft.oci.formats import (
    Descriptor,
    Index,
    Manifest,
    digest_of,
    read_config,
    read_document,
)
from devflow.craft.oci.layers import CHUNK_BYTES
from devflow.craft.supply.checking import (
    KINDS,
    OTHER,
    SIGNATURE,
    UNSIGNED,
    Trust,
    attachments,
    check_digest,
)
from devflow.craft.supply.places import Place
from devflow.model import figures
from devflow.model.checks import Check, Measure, fact, measure, missing, note
from devflow.model.errors import StepFailed, Unavailable
from devflow.model.figures import Figure
from devflow.model.images import Attached
from devflow.model.wording import plural

# BuildKit lists its statements in the index as manifests of this platform
NO_PLATFORM: Final = "unknown/unknown"
_DIGEST_CHARS: Final = 19  # "sha256:" and twelve characters, as docker shows them
DOCUMENT: Final = "document"  # the id of what is said of an index or a manifest
_KNOWN: Final = (SIGNATURE, *KINDS.values())


@dataclass(frozen=True)
class Subject:
    """What things are attached to: the index, or one platform's manifest."""

    label: str
    digest: str
    is_whole: bool


def verified(place: Place, reference: str, trust: Trust, *, with_layers: bool) -> tuple[Check, ...]:
    """Every check of an image; ``with_layers`` reads each layer too.

    Raises ``Unavailable`` where there is no such image, and what reading from the place raises.
    """
    examination = _Examination(place, with_layers)
    checks = list(_trusted(trust))
    checks += examination.checks(reference)
    for subject in examination.subjects:
        found = attachments(place, subject.digest, trust)
        checks += attachment_checks(subject, found, trust)
    return tuple(checks)


def _trusted(trust: Trust) -> Iterator[Check]:
    """What the signatures are held against."""
    if trust.verifier is not None:
        key_id = figures.text(trust.verifier.key_id)
        yield note(measure("key", "key", key_id, "public key"))
    name: Figure = figures.absent("not compared: a folder has none, and none was given", "")
    if trust.repository:
        name = figures.text(trust.repository)
    yield note(measure("name", "signed as", name, "name"))


class _Examination:
    """Walks an index and its manifests; ``subjects`` are what it has come by."""

    def __init__(self, place: Place, with_layers: bool) -> None:
        self._place = place
        self._with_layers = with_layers
        self.subjects: list[Subject] = []

    def checks(self, reference: str) -> Iterator[Check]:
        """The checks of the documents."""
        held = self._place.find(reference)
        if held is None:
            hint = "look at the name and the tag"
            raise Unavailable("there is no such image", where=reference, hint=hint)
        digest = reference if reference.startswith("sha256:") else digest_of(held.body)
        try:
            check_digest(held, digest)
            document = read_document(held.body, digest)
        except StepFailed as error:
            yield _wrong(DOCUMENT, "image", error.message, digest)
            return
        if isinstance(document, Manifest):
            self.subjects.append(Subject("image", digest, is_whole=True))
            yield from self._manifest("image", digest, document, None)
            return
        self.subjects.append(Subject("index", digest, is_whole=True))
        images = [one for one in document.manifests if _platform_of(one) != NO_PLATFORM]
        names = f"is its digest, and it names {plural(len(images), 'platform')}"
        index = figures.digest(digest, names)
        yield _right(DOCUMENT, "index", index, digest)
        yield from self._children(document)

    def _children(self, index: Index) -> Iterator[Check]:
        for entry in index.manifests:
            label = _platform_of(entry) or "manifest"
            try:
                document = self._child(entry)
            except (StepFailed, Unavailable) as error:
                yield _wrong(DOCUMENT, label, error.message, entry.digest)
                continue
            if label == NO_PLATFORM:
                continue
            self.subjects.append(Subject(label, entry.digest, is_whole=False))
            yield from self._manifest(label, entry.digest, document, entry)

    def _child(self, entry: Descriptor) -> Manifest:
        held = self._place.find(entry.digest)
        if held is None:
            raise StepFailed("the index names it, and it is not there", where=entry.digest)
        check_digest(held, entry.digest)
        if len(held.body) != entry.size_bytes:
            raise StepFailed(f"it has {len(held.body)} bytes, not {entry.size_bytes}")
        document = read_document(held.body, entry.digest)
        if not isinstance(document, Manifest):
            raise StepFailed("it is no manifest", where=entry.digest)
        return document

    def _manifest(
        self, label: str, digest: str, manifest: Manifest, entry: Descriptor | None
    ) -> Iterator[Check]:
        try:
            content = _read(self._place.blob(manifest.config.digest), manifest.config)
            platform = read_config(content, manifest.config.digest).platform.text
        except (StepFailed, Unavailable) as error:
            yield _wrong(DOCUMENT, label, error.message, digest)
            return
        stated = _platform_of(entry) if entry is not None else ""
        # an index may leave the variant out that a configuration names
        if stated and not f"{platform}/".startswith(f"{stated}/") and stated != platform:
            yield _wrong(DOCUMENT, label, f"its configuration says {platform}", digest)
            return
        known = figures.digest(digest, f"is its digest, its configuration has its own, {platform}")
        yield _right(DOCUMENT, label, known, digest)
        yield self._layers(label, digest, manifest)

    def _layers(self, label: str, digest: str, manifest: Manifest) -> Check:
        if not self._with_layers:
            why = "not read: whoever pulls them compares them with the digests of this manifest"
            return note(_of("layers", label, figures.absent(why, ""), digest))
        for layer in manifest.layers:
            try:
                _hash(self._place.blob(layer.digest), layer)
            except (StepFailed, Unavailable) as error:
                return _wrong("layers", label, error.message, layer.digest)
        known = figures.count(len(manifest.layers), "layer", note="as the manifest names them")
        return _right("layers", label, known, digest)


def attachment_checks(
    subject: Subject, found: tuple[Attached, ...], trust: Trust
) -> Iterator[Check]:
    """What is attached to one subject: a check a kind. One that verifies is enough; what does not
    is named beside it. Whether anything has to be there is only asked of signatures of the whole
    image."""
    for kind in (*_KNOWN, *sorted({one.kind for one in found} - {*_KNOWN, OTHER})):
        group = [one for one in found if one.kind == kind]
        if group:
            yield from _group(subject, kind, group, trust)
        elif kind == SIGNATURE:
            yield _unsigned(subject)
    for one in found:
        if one.kind == OTHER:
            problem = figures.text(one.problem)
            yield fact(_of("attachment", subject.label, problem, one.digest, one.digest), False)


def _group(subject: Subject, kind: str, group: list[Attached], trust: Trust) -> Iterator[Check]:
    good = [one for one in group if not one.problem]
    # the signed form says more of what is wrong than the raw one beside it
    bad = sorted((one for one in group if one.problem), key=lambda one: one.problem == UNSIGNED)
    if trust.verifier is None and good:
        why = figures.absent("not verified: no key was given", "")
        unverified = _attached(subject, kind, why, good[0].digest)
        yield missing(unverified) if kind == SIGNATURE else note(unverified)
    elif good:
        verified = figures.digest(good[0].digest, "verified by the key")
        yield fact(_attached(subject, kind, verified, good[0].digest), True)
    elif kind in _KNOWN:
        yield _wrong(kind, subject.label, bad[0].problem, bad[0].digest)
        return
    for one in bad:
        why = figures.absent(f"not trusted: {one.problem}", "")
        other = f"{subject.label} {kind}, another" if good else f"{subject.label} {kind}"
        about = f"{subject.label} {kind} {one.digest}"
        yield note(measure("untrusted", other, why, _short(one.digest), about=about))


def _attached(subject: Subject, kind: str, figure: Figure, digest: str) -> Measure:
    """What is found of one kind; what others state is known by the type that they give it."""
    if kind in _KNOWN:
        return _of(kind, subject.label, figure, digest)
    label = f"{subject.label} {kind}"
    return measure("statement", label, figure, _short(digest), about=label)


def _unsigned(subject: Subject) -> Check:
    if subject.is_whole:
        return _wrong(SIGNATURE, subject.label, "none is attached", subject.digest)
    why = figures.absent("not signed by itself; the index names it by its digest", "")
    return note(_of(SIGNATURE, subject.label, why, subject.digest))


def _platform_of(entry: Descriptor) -> str:
    return entry.platform.text if entry.platform else ""


def _read(stream: BinaryIO, descriptor: Descriptor) -> bytes:
    with stream:
        content = stream.read(descriptor.size_bytes + 1)
    if digest_of(content) != descriptor.digest:
        raise StepFailed("its configuration does not have its digest", where=descriptor.digest)
    return content


def _hash(stream: BinaryIO, descriptor: Descriptor) -> None:
    digest = hashlib.sha256()
    with stream:
        while chunk := stream.read(CHUNK_BYTES):
            digest.update(chunk)
    if f"sha256:{digest.hexdigest()}" != descriptor.digest:
        raise StepFailed("a layer does not have its digest", where=descriptor.digest)


def _right(id_: str, subject: str, figure: Figure, digest: str) -> Check:
    return fact(_of(id_, subject, figure, digest), True)


def _wrong(id_: str, subject: str, problem: str, digest: str) -> Check:
    return fact(_of(id_, subject, figures.text(problem), digest), False)


def _of(id_: str, subject: str, figure: Figure, digest: str, one: str = "") -> Measure:
    """What is found of a subject, or of ``one`` of several things that it has."""
    # a document is what its subject is known by
    label = subject if id_ == DOCUMENT else f"{subject} {id_}"
    return measure(id_, label, figure, _short(digest), about=f"{subject} {one}".strip())


def _short(digest: str) -> str:
    return digest[:_DIGEST_CHARS]
