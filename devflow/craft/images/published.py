"""What a registry answers for a published image, read back, and what it is judged by."""

from dataclasses import dataclass
from typing import Final, Iterator

from devflow.craft.images.built import SHORT_DIGEST
from devflow.craft.oci.formats import Descriptor, Index, Manifest, read_config, read_document
from devflow.craft.supply.checking import Trust, attachments
from devflow.craft.supply.places import InRegistry
from devflow.model import figures
from devflow.model.checks import Check, Measure, fact, measure, missing, note, shown, wanted
from devflow.model.errors import StepFailed
from devflow.model.figures import Count, Figure
from devflow.model.images import Attached, BuiltImage, PublishedImage, PublishedPlatform
from devflow.model.wording import plural
from devflow.ports.registry import RegistryReads

CONFIG_MAX_BYTES: Final = 4 * 1024 * 1024  # bytes; configurations have some kB
LABELS: Final = {
    "sbom": "SBOM",
    "provenance": "provenance",
    "vulnerabilities": "vulnerability report",
}
IDS: Final = {
    "sbom": "sbom",
    "provenance": "provenance",
    "vulnerabilities": "vulnerability_report",
    "signature": "signature",
}
EVIDENCE: Final = {
    "image": "the image's digest as the registry answers it, about the service",
    "tags": "the tags that lead to it, about the service",
    "platforms": "its platforms as their configurations say, about the service",
    "size": "what the registry holds of it, about the service",
    "uploaded": "what was sent for that, about the service",
    "sbom": "the SBOMs that are attached, about the service",
    "provenance": "the statements of how it was built that are attached, about the service",
    "vulnerability_report": "the reports of vulnerabilities that are attached, about the service",
    "signature": "the signatures that are attached, about the service",
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

    def platform(self, child: Descriptor) -> PublishedPlatform:
        """What the index says, and what the configuration does."""
        held = self._registry.find(self._repository, child.digest)
        document = read_document(held.body, child.digest) if held else None
        if not isinstance(document, Manifest):
            raise StepFailed(f"{child.digest} is not in {self._repository}", where=self._repository)
        for one in (document.config, *document.layers):
            self.sizes[one.digest] = one.size_bytes
        with self._registry.blob(self._repository, document.config.digest) as content:
            config = read_config(content.read(CONFIG_MAX_BYTES), document.config.digest)
        stated = child.platform.text if child.platform else ""
        return PublishedPlatform(platform=stated, config_platform=config.platform.text)


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
    digest = figures.digest(image.digest)
    held = measure("image", service, digest, source, about=service)
    yield fact(held, image.digest == built, wanted(built))
    tags = measure(
        "tags", f"{service} tags", figures.names(image.tags, "it has none"), source, about=service
    )
    yield fact(tags, bool(image.tags) or None)
    yield _platforms(image)
    yield from _sizes(image)
    for kind, label in LABELS.items():
        yield _attached_check(image, kind, f"{service} {label}", kind in NEEDED)
    yield _signature_check(image, must_sign)


def _platforms(image: PublishedImage) -> Check:
    service = image.service
    is_right = all(one.config_platform == one.platform for one in image.platforms)
    names = figures.names(map(_platform_text, image.platforms), "no manifest says one")
    source = "manifests read back"
    platforms = measure("platforms", f"{service} platforms", names, source, about=service)
    return fact(platforms, is_right if image.platforms else None)


def _platform_text(one: PublishedPlatform) -> str:
    if one.config_platform == one.platform:
        return one.platform
    return f"{one.platform} (is {one.config_platform})"


def _sizes(image: PublishedImage) -> Iterator[Check]:
    service = image.service
    is_sent = bool(image.uploaded_bytes or image.mounted_blobs)
    told = "compressed" if is_sent else "compressed, was there"
    size = figures.quantity(image.compressed_bytes, "B", note=told)
    yield shown(measure("size", f"{service} size", size, image.repository, about=service))
    if is_sent:
        mounted = f"{plural(image.mounted_blobs, 'blob')} mounted"
        sent = figures.quantity(image.uploaded_bytes, "B", note=mounted)
        label = f"{service} uploaded"
        yield shown(measure("uploaded", label, sent, image.repository, about=service))


def _attached_check(image: PublishedImage, kind: str, label: str, is_needed: bool) -> Check:
    """One line for a kind: of each image that has one, at least one has to be verified. Anybody may
    attach another."""
    of_kind = [one for one in image.attached if one.kind == kind]
    if of_kind:
        return _verdict(image, of_kind, label)
    absent = _measure(image, kind, label, figures.absent("none is attached"))
    return missing(absent) if is_needed else note(absent)


def _measure(image: PublishedImage, kind: str, label: str, figure: Figure) -> Measure:
    return measure(IDS[kind], label, figure, image.repository, about=image.service)


def _verdict(image: PublishedImage, of_kind: list[Attached], label: str) -> Check:
    kind = of_kind[0].kind
    good = [one for one in of_kind if not one.problem]
    lacking = {one.about for one in of_kind} - {one.about for one in good}
    if lacking:
        bad = next(one for one in of_kind if one.about in lacking)
        subject = figures.digest(bad.about, f"({bad.problem})")
        return fact(_measure(image, kind, label, subject), False)
    digests = tuple(dict.fromkeys(one.digest[:SHORT_DIGEST] for one in good))
    told = ", ".join(digests)
    verified = Count(kind="count", n=len(digests), noun="verified", many="verified", note=told)
    return fact(_measure(image, kind, label, verified), True)


def _signature_check(image: PublishedImage, must_sign: bool) -> Check:
    label = f"{image.service} signature"
    if not image.unsigned_why:
        return _attached_check(image, "signature", label, is_needed=True)
    why = figures.absent(f"not signed: {image.unsigned_why}", "")
    unsigned = _measure(image, "signature", label, why)
    return missing(unsigned) if must_sign else note(unsigned)
