"""What a registry answers for a published image, read back, and what it is judged by."""

from dataclasses import dataclass
from typing import Final, Iterator

from devflow.craft.evidence import check_line, note_line
from devflow.craft.images.built import SHORT_DIGEST
from devflow.craft.oci.formats import Descriptor, Index, Manifest, read_config, read_document
from devflow.craft.supply.checking import Trust, attachments
from devflow.craft.supply.places import InRegistry
from devflow.model.checks import Check, worded
from devflow.model.errors import StepFailed
from devflow.model.images import Attached, BuiltImage, PublishedImage
from devflow.model.wording import plural, size
from devflow.ports.registry import RegistryReads

CONFIG_MAX_BYTES: Final = 4 * 1024 * 1024  # bytes; configurations have some kB
LABELS: Final = {
    "sbom": "SBOM",
    "provenance": "provenance",
    "vulnerabilities": "vulnerability report",
}
# without these an image does not tell what is in it; a report needs a source within reach
NEEDED: Final = ("sbom", "provenance")


@dataclass(frozen=True)
class Wanted:
    """What is looked for: an image under these tags of a repository; ``signed`` where signatures
    were attached, else ``unsigned_why``."""

    image: BuiltImage
    repository: str
    tags: tuple[str, ...]
    trust: Trust
    unsigned_why: str = ""


def read_back(registry: RegistryReads, wanted: Wanted) -> PublishedImage | None:
    """What the registry answers, ``None`` where a tag does not lead to this image."""
    image = wanted.image
    body = b""
    for tag in wanted.tags:
        held = registry.find(wanted.repository, tag)
        if held is None or held.digest != image.digest:
            return None
        body = held.body
    document = read_document(body, image.digest)
    children = document.manifests if isinstance(document, Index) else ()
    reader = _Reader(registry, wanted.repository)
    platforms = tuple(reader.platform(child) for child in children if _is_image(child))
    return PublishedImage(
        service=image.service,
        repository=wanted.repository,
        digest=image.digest,
        tags=wanted.tags,
        platforms=platforms,
        manifests=_manifests(children),
        compressed_bytes=sum(reader.sizes.values()),
        attached=_attached(registry, wanted),
        unsigned_why=wanted.unsigned_why,
    )


def _manifests(children: tuple[Descriptor, ...]) -> dict[str, str]:
    """The digest of each platform's own manifest."""
    found = {}
    for child in children:
        if child.platform is not None and _is_image(child):
            found[child.platform.text] = child.digest
    return found


def _is_image(child: Descriptor) -> bool:
    """Not what BuildKit adds: statements as ``unknown/unknown``."""
    return child.platform is not None and child.platform.os != "unknown"


class _Reader:
    """Reads the platforms of an image; ``sizes`` are those of what they consist of, each once."""

    def __init__(self, registry: RegistryReads, repository: str) -> None:
        self._registry = registry
        self._repository = repository
        self.sizes: dict[str, int] = {}

    def platform(self, child: Descriptor) -> str:
        """What the index says, and what the configuration does where that is something else."""
        held = self._registry.find(self._repository, child.digest)
        document = read_document(held.body, child.digest) if held else None
        if not isinstance(document, Manifest):
            raise StepFailed(f"{child.digest} is not in {self._repository}", where=self._repository)
        for one in (document.config, *document.layers):
            self.sizes[one.digest] = one.size_bytes
        with self._registry.blob(self._repository, document.config.digest) as content:
            config = read_config(content.read(CONFIG_MAX_BYTES), document.config.digest)
        stated = child.platform.text if child.platform else ""
        actual = config.platform.text
        return stated if stated == actual else f"{stated} (is {actual})"


def _attached(registry: RegistryReads, wanted: Wanted) -> tuple[Attached, ...]:
    """What is attached to the index and to each platform, verified; and what should be and is
    not."""
    image = wanted.image
    place = InRegistry(registry, wanted.repository)
    subjects = (image.digest, *(one.digest for one in image.platforms))
    found: list[Attached] = []
    for digest in subjects:
        found += attachments(place, digest, wanted.trust)
    expected = {(one.kind, one.about): one.digest for one in image.documents}
    if not wanted.unsigned_why:
        expected |= {("signature", digest): "" for digest in subjects}
    there = {(one.kind, one.about) for one in found}
    for (kind, about), digest in expected.items():
        if (kind, about) not in there:
            problem = "the registry lists none"
            found.append(Attached(kind=kind, about=about, digest=digest, problem=problem))
    return tuple(found)


def published_checks(image: PublishedImage, built: str, must_sign: bool) -> Iterator[Check]:
    """The lines of one service's image; ``built`` is the digest that step 20 made."""
    service = image.service
    source = image.repository
    yield check_line(service, image.digest == built, image.digest, source, limit=built)
    tags = ", ".join(image.tags)
    yield check_line(f"{service} tags", bool(image.tags) or None, tags, source)
    platforms = ", ".join(image.platforms)
    is_right = not any("(is " in one for one in image.platforms)
    is_there = is_right if image.platforms else None
    yield check_line(f"{service} platforms", is_there, platforms, "manifests read back")
    yield note_line(f"{service} size", _size_text(image), source)
    for kind, label in LABELS.items():
        yield from _attached_check(image, kind, f"{service} {label}", kind in NEEDED)
    yield _signature_check(image, must_sign)


def _size_text(image: PublishedImage) -> str:
    text = f"{size(image.compressed_bytes)} compressed"
    if not image.uploaded_bytes and not image.mounted_blobs:
        return f"{text}, was there"
    mounted = plural(image.mounted_blobs, "blob")
    return f"{text}; {size(image.uploaded_bytes)} uploaded, {mounted} mounted"


def _attached_check(
    image: PublishedImage, kind: str, label: str, is_needed: bool
) -> Iterator[Check]:
    """One line for a kind: of each image that has one, at least one has to be verified. Anybody may
    attach another."""
    of_kind = [one for one in image.attached if one.kind == kind]
    if not of_kind:
        yield worded(label=label, ok=None, measured="", source=image.repository, needed=is_needed)
        return
    yield _verdict(of_kind, label, image.repository)


def _verdict(of_kind: list[Attached], label: str, source: str) -> Check:
    good = [one for one in of_kind if not one.problem]
    lacking = {one.about for one in of_kind} - {one.about for one in good}
    if lacking:
        bad = next(one for one in of_kind if one.about in lacking)
        text = f"{bad.about[:SHORT_DIGEST]}: {bad.problem}"
        return check_line(label, False, text, source)
    digests = ", ".join(dict.fromkeys(one.digest[:SHORT_DIGEST] for one in good))
    return check_line(label, True, f"verified, {digests}", source)


def _signature_check(image: PublishedImage, must_sign: bool) -> Check:
    label = f"{image.service} signature"
    if image.unsigned_why:
        measured = f"not signed: {image.unsigned_why}"
        source = image.repository
        return worded(label=label, ok=None, measured=measured, source=source, needed=must_sign)
    of_kind = [one for one in image.attached if one.kind == "signature"]
    if not of_kind:
        return check_line(label, None, "", image.repository)
    return _verdict(of_kind, label, image.repository)
