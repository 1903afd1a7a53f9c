"""What an image ships and nobody sees, exactly and by dive's definitions.

dive (wagoodman/dive, ``filetree/efficiency.go``) adds up every path over the layers: what it took
in all of them, and the least that it took in one, nothing where it was removed. Efficiency is the
sum of the least to the sum of all; wasted are the bytes, in all layers, of paths that more than one
layer has. Here a path is removed by overlay rules: dive itself sees only a marker with the path's
own name, so that it counts the files below a removed directory as seen.
"""

from collections import defaultdict
from dataclasses import dataclass
from typing import Iterator

from devflow.craft.analysis.reading import ReadImage
from devflow.craft.oci.layers import Kind
from devflow.craft.oci.overlay import Hidden, Overlay


@dataclass(frozen=True)
class Efficiency:
    """By dive's definitions; ``share`` is 1 for an image without files."""

    share: float
    wasted_bytes: int


def efficiency(overlay: Overlay) -> Efficiency:
    """The whole image's."""
    paths: dict[str, list[Hidden]] = defaultdict(list)
    for hidden in overlay.hidden:
        # dive's tree has each path once a layer
        if hidden.layer != hidden.by_layer and hidden.entry.kind is not Kind.DIRECTORY:
            paths[hidden.entry.path].append(hidden)
    least_bytes = 0
    all_bytes = 0
    for path, seen in overlay.visible.items():
        if path not in paths:
            all_bytes += seen.entry.size_bytes
            least_bytes += seen.entry.size_bytes
    wasted_bytes = 0
    for path, nodes in paths.items():
        sizes = list(_sizes(overlay, path, nodes))
        least_bytes += min(sizes)
        wasted_bytes += sum(sizes)
    all_bytes += wasted_bytes
    return Efficiency(least_bytes / all_bytes if all_bytes else 1.0, wasted_bytes)


def _sizes(overlay: Overlay, path: str, nodes: list[Hidden]) -> Iterator[int]:
    """What a path took in each layer, 0 for one that removed it."""
    layers = {node.layer for node in nodes}
    seen = overlay.visible.get(path)
    if seen is not None:
        layers.add(seen.layer)
        yield seen.entry.size_bytes
    for node in nodes:
        yield node.entry.size_bytes
        if node.deleted or node.by_layer not in layers:
            yield 0


def hidden_files(image: ReadImage) -> Iterator[Hidden]:
    """The files whose bytes are shipped and never seen: those that a higher layer replaced or
    deleted, and to which no hard link is left."""
    for hidden in image.overlay.hidden:
        entry = hidden.entry
        is_counted = entry.kind is Kind.FILE and hidden.layer != hidden.by_layer
        if is_counted and not linked(image, hidden.layer, entry.path):
            yield hidden


def linked(image: ReadImage, layer: int, path: str) -> tuple[str, ...]:
    """The visible hard links to a file of a layer."""
    links = image.layers[layer].links.get(path, ())
    alive = []
    for link in links:
        seen = image.overlay.visible.get(link)
        if seen is not None and seen.layer == layer:
            alive.append(link)
    return tuple(alive)
