"""The report of one platform's image, made of what its layers hold."""

import re
from collections import defaultdict
from dataclasses import dataclass, replace
from typing import Final, Mapping

from devflow.craft.analysis import history, hygiene, origins
from devflow.craft.analysis.grading import graded
from devflow.craft.analysis.origins import Origins
from devflow.craft.analysis.reading import OS_RELEASE, ReadImage, base_layers, read_image
from devflow.craft.analysis.rules import RULES, savings
from devflow.craft.analysis.waste import efficiency, hidden_files, linked
from devflow.craft.oci.layers import Bounds, Kind
from devflow.model.images import ImageReport, LayerSummary, Recommendation, Share
from devflow.ports.images import Blobs

_RELEASE_LINE: Final = re.compile(r"^(?P<key>[A-Z_]+)=(?P<value>.*)$", re.MULTILINE)
# the annotation of the image specification that names what an image began with
BASE_DIGEST: Final = "org.opencontainers.image.base.digest"
NO_DISTRIBUTION: Final = ""


@dataclass(frozen=True)
class Subject:
    """What is analysed: a platform's manifest, and what is known beside it. ``base`` is the digest
    of what the image began with, where that is known; ``before`` an earlier report, of the run
    ``before_of``."""

    digest: str
    service: str = ""
    platform: str = ""
    base: str = ""
    budget_bytes: int | None = None
    before: ImageReport | None = None
    before_of: str = ""


@dataclass
class _Sizes:
    """Bytes by origin: visible by layer, and hidden."""

    visible: list[dict[str, int]]
    hidden: dict[str, int]
    hidden_by_layer: list[int]


def analysed(blobs: Blobs, subject: Subject, bounds: Bounds = Bounds()) -> ImageReport:
    """Reads an image once and says what it consists of. Raises as ``read_image`` does."""
    image = read_image(blobs, subject.digest, bounds)
    platform = subject.platform or image.config.platform.text
    base = subject.base or image.manifest.annotations.get(BASE_DIGEST, "")
    own = _base_layers(blobs, image, base, platform)
    return reported(image, replace(subject, base=base), own)


def _base_layers(blobs: Blobs, image: ReadImage, base: str, platform: str) -> int:
    """How many of the lowest layers are the base image's own; 0 where that is not known."""
    layers = base_layers(blobs, base, platform)
    own = image.config.rootfs.diff_ids
    return len(layers) if layers and own[: len(layers)] == layers else 0


def reported(image: ReadImage, subject: Subject, base_layers: int = 0) -> ImageReport:
    """The report of an image that was read."""
    workdir = image.config.config.working_dir.strip("/")
    told = Origins(workdir, image.targets)
    sizes = _sizes(image, told, base_layers)
    share = efficiency(image.overlay)
    release = _release(image)
    report = ImageReport(
        service=subject.service,
        platform=subject.platform or image.config.platform.text,
        digest=subject.digest,
        size_bytes=sum(layer.size_bytes for layer in image.layers),
        compressed_bytes=sum(layer.descriptor.size_bytes for layer in image.layers),
        distribution=release.get("PRETTY_NAME", release.get("NAME", NO_DISTRIBUTION)),
        distribution_id=release.get("ID", ""),
        user=image.config.config.user,
        base=subject.base,
        shares=_shares(sizes, subject.before),
        layers=_layers(image, sizes, base_layers),
        efficiency=share.share,
        wasted_bytes=share.wasted_bytes,
        hidden_bytes=sum(sizes.hidden_by_layer),
        recommendations=_recommendations(image, base_layers),
        findings=hygiene.findings(image, told),
        before_bytes=subject.before.size_bytes if subject.before else None,
        before_of=subject.before_of if subject.before else "",
        budget_bytes=subject.budget_bytes,
    )
    return graded(report)


def _sizes(image: ReadImage, told: Origins, base_layers: int) -> _Sizes:
    layers: list[dict[str, int]] = [defaultdict(int) for _ in image.layers]
    hidden: dict[str, int] = defaultdict(int)
    hidden_by_layer = [0] * len(image.layers)
    for path, seen in image.overlay.visible.items():
        if seen.entry.size_bytes:
            layers[seen.layer][told.of(path, seen.layer < base_layers)] += seen.entry.size_bytes
    for gone in hidden_files(image):
        size_bytes = gone.entry.size_bytes
        hidden[told.of(gone.entry.path, gone.layer < base_layers)] += size_bytes
        hidden_by_layer[gone.layer] += size_bytes
    _add_linked(image, told, base_layers, layers)
    return _Sizes(layers, hidden, hidden_by_layer)


def _add_linked(
    image: ReadImage, told: Origins, base_layers: int, layers: list[dict[str, int]]
) -> None:
    """The bytes of a hidden file that a hard link still shows count where the link is."""
    for gone in image.overlay.hidden:
        if gone.entry.kind is not Kind.FILE or gone.layer == gone.by_layer:
            continue
        links = linked(image, gone.layer, gone.entry.path)
        if links:
            origin = told.of(links[0], gone.layer < base_layers)
            layers[gone.layer][origin] += gone.entry.size_bytes


def _shares(sizes: _Sizes, before: ImageReport | None) -> tuple[Share, ...]:
    totals = {}
    for origin in origins.ORIGINS:
        visible = sum(layer.get(origin, 0) for layer in sizes.visible)
        totals[origin] = visible + sizes.hidden.get(origin, 0)
    whole = sum(totals.values())
    earlier = {share.origin: share.size_bytes for share in before.shares} if before else {}
    shares = []
    for origin, size_bytes in totals.items():
        one = Share(
            origin=origin,
            size_bytes=size_bytes,
            share=size_bytes / whole if whole else 0.0,
            hidden_bytes=sizes.hidden.get(origin, 0),
            before_bytes=earlier.get(origin),
        )
        shares.append(one)
    return tuple(shares)


def _layers(image: ReadImage, sizes: _Sizes, base_layers: int) -> tuple[LayerSummary, ...]:
    lines = history.lines_of_layers(image.config, len(image.layers))
    summaries = []
    for number, layer in enumerate(image.layers):
        summary = LayerSummary(
            digest=layer.descriptor.digest,
            created_by=lines[number],
            size_bytes=layer.size_bytes,
            compressed_bytes=layer.descriptor.size_bytes,
            files=layer.files,
            wasted_bytes=sizes.hidden_by_layer[number],
            origins=dict(sorted(sizes.visible[number].items())),
            is_base=number < base_layers,
        )
        summaries.append(summary)
    return tuple(summaries)


def _recommendations(image: ReadImage, base_layers: int) -> tuple[Recommendation, ...]:
    made = []
    for saving in savings(image, base_layers):
        largest = sorted(saving.files, key=lambda one: (-one[0], one[1]))[: hygiene.PATHS]
        recommendation = Recommendation(
            rule=saving.rule,
            text=RULES[saving.rule].text,
            saves_bytes=saving.saves_bytes,
            paths=tuple(hygiene.shown(path) for _, (_, path) in largest),
            files=len(saving.files),
        )
        made.append(recommendation)
    return tuple(made)


def _release(image: ReadImage) -> Mapping[str, str]:
    """What os-release says, of the file that is visible; usually /etc's is a link to /usr/lib's."""
    for path in OS_RELEASE:
        seen = image.overlay.visible.get(path)
        if seen is not None and seen.entry.kind is Kind.FILE and path in image.os_release:
            lines = _RELEASE_LINE.finditer(image.os_release[path])
            return {line["key"]: line["value"].strip("\"'") for line in lines}
    return {}
