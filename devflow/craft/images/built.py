"""What a build is judged by: its digest, the platforms that its programs are really for, and the
documents that tell what is in it."""

from typing import Final, Iterator, Mapping

from devflow.model import figures
from devflow.model.checks import Check, fact, measure, missing, note, shown, wanted
from devflow.model.figures import Count, Figure
from devflow.model.images import Audit, BaseImage, BuiltImage, PlatformImage
from devflow.model.wording import plural, size

# from the worst; what a source calls otherwise has no rank, and holds nothing back
SEVERITIES: Final = ("critical", "high", "medium", "low")
SHORT_DIGEST: Final = len("sha256:") + 12
EVIDENCE: Final = {
    "image": "the image's digest, about the service",
    "platforms": "what it is really for, about the service",
    "size": "what it takes on a disk, about the service and the platform",
    "layers": "how many it has, and how many of them are new, about the service",
    "build_time": "how long it took to build, about the service",
    "base": "the image that it began with, about the service",
    "base_digest": "the digest that this name led to, about the service",
    "sbom": "the components that its SBOM names, about the service",
    "provenance": "the statement of how it was built, about the service",
    "vulnerabilities": "those that are known of its packages, about the service",
}


def built_checks(
    image: BuiltImage, asked: Mapping[str, tuple[str, ...]], fail_on: str
) -> Iterator[Check]:
    """The lines of one service's image; ``fail_on`` is the least severity that fails it."""
    service = image.service
    source = f"image of {service}"
    is_digest = image.digest.startswith("sha256:")
    digest = figures.digest(image.digest)
    yield fact(measure("image", service, digest, source, about=service), is_digest)
    yield _platforms(image, asked.get(service, ()))
    yield from _sizes(image)
    yield from _building(image)
    if image.base is not None:
        yield from _base(service, image.base)
    yield _components(image)
    yield _provenance(image)
    yield _vulnerabilities(image, fail_on)


def _platforms(image: BuiltImage, asked: tuple[str, ...]) -> Check:
    """Each platform by what its configuration says *and* what a program in it was compiled for."""
    wrong = [one for one in image.platforms if not is_what_it_says(one)]
    lacking = set(asked) - {one.platform for one in image.platforms}
    service = image.service
    label = f"{service} platforms"
    found: Figure = figures.text("none")
    if image.platforms:
        found = figures.names(_platform_text(one) for one in image.platforms)
    platforms = measure("platforms", label, found, "configuration and ELF header", about=service)
    is_ok = not wrong and not lacking and bool(image.platforms)
    return fact(platforms, is_ok, wanted(", ".join(asked)))


def is_what_it_says(image: PlatformImage) -> bool:
    """Whether an image's programs and its configuration are for the platform that was asked."""
    architecture = image.platform.split("/")[1]
    # an image of files alone has no program that could be for another processor
    is_for = image.machine in ("", architecture)
    return image.config_platform == image.platform and is_for


def _platform_text(image: PlatformImage) -> str:
    if is_what_it_says(image):
        return image.platform if image.machine else f"{image.platform} (no program in it)"
    return f"{image.platform} (is {image.config_platform}, with programs for {image.machine})"


def _sizes(image: BuiltImage) -> Iterator[Check]:
    for one in image.platforms:
        about = f"{image.service} {one.platform}"
        compressed = f"{size(one.compressed_bytes)} compressed"
        unpacked = figures.quantity(one.unpacked_bytes, "B", note=compressed)
        yield shown(measure("size", f"{about} size", unpacked, "layers", about=about))


def _building(image: BuiltImage) -> Iterator[Check]:
    service = image.service
    total = sum(one.layers for one in image.platforms)
    cached = sum(one.cached_layers for one in image.platforms)
    told = f"{cached} cached, {total - cached} new"
    if len(image.platforms) > 1:
        told += f", of {plural(len(image.platforms), 'platform')}"
    layers = figures.count(total, "layer", note=told)
    yield shown(measure("layers", f"{service} layers", layers, "builder", about=service))
    took = figures.quantity(image.duration_s, "s")
    yield shown(measure("build_time", f"{service} built in", took, "builder", about=service))


def _base(service: str, base: BaseImage) -> Iterator[Check]:
    source = f"image of {service}"
    made = " made here of Debian packages" if base.made else ""
    when = f", of {base.created:%Y-%m-%d}" if base.created else ""
    name = figures.text(f"{base.name}{made}{when}")
    yield shown(measure("base", f"{service} base", name, source, about=service))
    digest = figures.digest(base.digest)
    yield shown(measure("base_digest", f"{service} base digest", digest, source, about=service))


def _components(image: BuiltImage) -> Check:
    service = image.service
    digests = [one.digest[:SHORT_DIGEST] for one in image.documents if one.kind == "sbom"]
    label = f"{service} SBOM"
    source = f"image of {service}"
    if not digests:
        why = figures.absent("none was attached")
        return missing(measure("sbom", label, why, source, about=service))
    if not image.components:
        # a program on no base: its bill names files alone, and nobody else could say more
        only = f"no component of it is known, only files are named: {', '.join(digests)}"
        why = figures.absent(f"{only}{_unread(image)}")
        return note(measure("sbom", label, why, source, about=service))
    told = f"{', '.join(digests)}{_unread(image)}"
    named = figures.count(image.components, "component", note=told)
    return fact(measure("sbom", label, named, source, about=service), True)


def _unread(image: BuiltImage) -> str:
    """What lies there and could tell of more components."""
    return f"; not read: {', '.join(image.unread_lists)}" if image.unread_lists else ""


def _provenance(image: BuiltImage) -> Check:
    service = image.service
    digests = [one.digest for one in image.documents if one.kind == "provenance"]
    # of the index, and of nothing else
    statement = figures.digest("".join(digests[:1]), "SLSA v1 statement", "none was attached")
    label = f"{service} provenance"
    source = f"image of {service}"
    read = measure("provenance", label, statement, source, about=service)
    return fact(read, True if digests else None)


def _vulnerabilities(image: BuiltImage, fail_on: str) -> Check:
    """What is not audited is not "none found": it is counted, and where nothing was audited the
    line has no verdict. It is not needed then, since the source may be out of reach."""
    audit = image.audit
    service = image.service
    label = f"{service} vulnerabilities"
    source = "; ".join(audit.sources) or "advisories"
    if not audit.audited:
        why = figures.absent(audit.why_not or "no package could be audited")
        return note(measure("vulnerabilities", label, why, source, about=service))
    known = measure("vulnerabilities", label, _known(audit), source, about=service)
    return fact(known, not _too_severe(audit, fail_on), wanted(f"none {fail_on}"))


def _too_severe(audit: Audit, fail_on: str) -> bool:
    if fail_on not in SEVERITIES:
        return False
    worst = SEVERITIES[: SEVERITIES.index(fail_on) + 1]
    return any(one.severity in worst for one in audit.findings)


def _known(audit: Audit) -> Count:
    counts = []
    for severity in (*SEVERITIES, ""):
        count = sum(1 for one in audit.findings if one.severity == severity)
        if count:
            counts.append(f"{count} {severity or 'without severity'}")
    told = f"{', '.join(counts)} in {plural(audit.audited, 'package')}".strip()
    if audit.unaudited:
        told += f"; {len(audit.unaudited)} not audited"
    found = len(audit.findings)
    return Count(kind="count", n=found, noun="known", many="known", note=told)
