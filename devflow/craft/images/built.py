"""What a build is judged by: its digest, the platforms that its programs are really for, and the
documents that tell what is in it."""

from typing import Final, Iterator, Mapping

from devflow.craft.evidence import check_line, note_line
from devflow.model.checks import Check, worded
from devflow.model.images import Audit, BaseImage, BuiltImage, PlatformImage
from devflow.model.wording import duration, plural, size

# from the worst; what a source calls otherwise has no rank, and holds nothing back
SEVERITIES: Final = ("critical", "high", "medium", "low")
SHORT_DIGEST: Final = len("sha256:") + 12


def built_checks(
    image: BuiltImage, asked: Mapping[str, tuple[str, ...]], fail_on: str
) -> Iterator[Check]:
    """The lines of one service's image; ``fail_on`` is the least severity that fails it."""
    service = image.service
    source = f"image of {service}"
    is_digest = image.digest.startswith("sha256:")
    yield check_line(service, is_digest, image.digest, source)
    yield _platforms(image, asked.get(service, ()))
    yield _sizes(image)
    yield _layers(image)
    if image.base is not None:
        yield note_line(f"{service} base", base_text(image.base), source)
    yield _document(image, "sbom", "SBOM", plural(image.components, "component"))
    yield _document(image, "provenance", "provenance", "SLSA v1 statement")
    yield _vulnerabilities(image, fail_on)


def _platforms(image: BuiltImage, asked: tuple[str, ...]) -> Check:
    """Each platform by what its configuration says *and* what a program in it was compiled for."""
    wrong = [one for one in image.platforms if not is_what_it_says(one)]
    missing = set(asked) - {one.platform for one in image.platforms}
    measured = ", ".join(_platform_text(one) for one in image.platforms) or "none"
    source = "configuration and ELF header"
    is_ok = not wrong and not missing and bool(image.platforms)
    return check_line(f"{image.service} platforms", is_ok, measured, source, ", ".join(asked))


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


def _sizes(image: BuiltImage) -> Check:
    texts = []
    for one in image.platforms:
        sizes = f"{size(one.unpacked_bytes)} ({size(one.compressed_bytes)} compressed)"
        texts.append(f"{one.platform} {sizes}")
    return note_line(f"{image.service} size", ", ".join(texts), "layers")


def _layers(image: BuiltImage) -> Check:
    total = sum(one.layers for one in image.platforms)
    cached = sum(one.cached_layers for one in image.platforms)
    text = f"{total} of {plural(len(image.platforms), 'platform')}"
    measured = f"{text}: {cached} cached, {total - cached} new, in {duration(image.duration_s)}"
    return note_line(f"{image.service} layers", measured, "builder")


def base_text(base: BaseImage) -> str:
    """``python:3.11-slim sha256:4f2a…, of 2026-11-20``."""
    made = "made here of Debian packages, " if base.made else ""
    when = f", of {base.created:%Y-%m-%d}" if base.created else ""
    return f"{base.name} {made}{base.digest[:SHORT_DIGEST]}{when}"


def _document(image: BuiltImage, kind: str, label: str, text: str) -> Check:
    documents = [one for one in image.documents if one.kind == kind]
    digests = ", ".join(one.digest[:SHORT_DIGEST] for one in documents)
    is_there = bool(documents) and (kind != "sbom" or image.components > 0)
    measured = f"{text}, {digests}" if is_there else ""
    return check_line(
        f"{image.service} {label}", is_there or None, measured, f"image of {image.service}"
    )


def _vulnerabilities(image: BuiltImage, fail_on: str) -> Check:
    """What is not audited is not "none found": it is counted, and where nothing was audited the
    line has no verdict. It is not needed then, since the source may be out of reach."""
    audit = image.audit
    label = f"{image.service} vulnerabilities"
    source = "; ".join(audit.sources) or "advisories"
    if not audit.audited:
        why = audit.why_not or "no package could be audited"
        return worded(
            label=label, ok=None, measured=f"not measured: {why}", source=source, needed=False
        )
    return check_line(
        label, not _too_severe(audit, fail_on), _audit_text(audit), source, f"none {fail_on}"
    )


def _too_severe(audit: Audit, fail_on: str) -> bool:
    if fail_on not in SEVERITIES:
        return False
    worst = SEVERITIES[: SEVERITIES.index(fail_on) + 1]
    return any(one.severity in worst for one in audit.findings)


def _audit_text(audit: Audit) -> str:
    counts = []
    for severity in (*SEVERITIES, ""):
        count = sum(1 for one in audit.findings if one.severity == severity)
        if count:
            counts.append(f"{count} {severity or 'without severity'}")
    found = ", ".join(counts) or "none known"
    text = f"{found} in {plural(audit.audited, 'package')}"
    return f"{text}; {len(audit.unaudited)} not audited" if audit.unaudited else text
