"""The files of a base image: what is visible in it is found once and kept; contents are read where
they are asked for."""

from dataclasses import dataclass, replace
from functools import partial

from devflow.adapters.images.store import Store
from devflow.adapters.oci_builder.layer_cache import LayerCache, Listed
from devflow.adapters.oci_builder.layer_contents import LayerContents
from devflow.craft.oci.formats import ImageConfig, Index, Manifest, read_config, read_document
from devflow.craft.oci.layers import Kind
from devflow.craft.oci.overlay import Overlay
from devflow.craft.oci.writing import Source
from devflow.model.errors import StepFailed, Unavailable


@dataclass(frozen=True)
class BaseFiles:
    """One platform of a base image."""

    digest: str
    sources: dict[str, Source]


def platform_manifest(store: Store, index: str, platform: str) -> str:
    """The digest of one platform's manifest. Raises ``Unavailable`` where the image has none: a
    base for one platform alone would be taken for every other."""
    document = read_document(store.read(index), index)
    if isinstance(document, Manifest):
        hint = "name a base that is published for this platform"
        raise Unavailable(f"the base is no index of platforms ({index})", hint=hint)
    assert isinstance(document, Index)
    wanted = platform.split("/")
    for one in document.manifests:
        found = one.platform
        if found is not None and [found.os, found.architecture] == wanted[:2]:
            # arm64's own variant is v8, which is said or not
            if len(wanted) < 3 or found.variant in ("", wanted[2]):
                return one.digest
    raise Unavailable(f"the base has no image for {platform} ({index})", hint="name another base")


def read_platform(store: Store, digest: str) -> tuple[Manifest, ImageConfig]:
    """The documents of one platform's image. Raises ``StepFailed`` for what is none."""
    manifest = read_document(store.read(digest), digest)
    if not isinstance(manifest, Manifest):
        raise StepFailed("this is no image", where=digest)
    return manifest, read_config(store.read(manifest.config.digest), manifest.config.digest)


def read_base(store: Store, digest: str, cache: LayerCache, contents: LayerContents) -> BaseFiles:
    """The files of one platform's manifest, whose layers are in the store. Raises ``StepFailed``
    for a layer that is refused."""
    manifest, _ = read_platform(store, digest)
    layers = [layer.digest for layer in manifest.layers]
    listed = cache.listing(digest)
    if listed is None:
        listed = _listed(layers, contents)
        cache.put_listing(digest, listed)
    sources = {}
    for one in listed:
        content = partial(contents.open, layers[one.layer], one.path)
        sources[one.entry.path] = Source(one.entry, content)
    return BaseFiles(digest, sources)


def _listed(layers: list[str], contents: LayerContents) -> list[Listed]:
    overlay = Overlay()
    for layer in layers:
        overlay.add(contents.entries(layer))
    found = []
    for seen in overlay.visible.values():
        entry = seen.entry
        if entry.kind is Kind.HARDLINK:
            # an image of ours has no hard link to another layer's file
            size_bytes = contents.file_bytes(layers[seen.layer], entry.link)
            file = replace(entry, kind=Kind.FILE, link="", size_bytes=size_bytes)
            found.append(Listed(file, seen.layer, entry.link))
        else:
            found.append(Listed(entry, seen.layer, entry.path))
    return found
