"""Images of a few layers in a registry in memory."""

import io
import tarfile
from collections.abc import Mapping, Sequence

from devflow.craft.oci.formats import CONFIG, LAYER, MANIFEST, digest_of, json_bytes
from devflow.craft.oci.layers import Kind
from devflow.craft.oci.writing import Source
from devflow.testing import MemoryRegistry

Layers = Sequence[Sequence[Source]]
_TYPES = {
    Kind.FILE: tarfile.REGTYPE,
    Kind.DIRECTORY: tarfile.DIRTYPE,
    Kind.SYMLINK: tarfile.SYMTYPE,
    Kind.HARDLINK: tarfile.LNKTYPE,
}


def layer(sources: Sequence[Source]) -> bytes:
    """A tar in the order in which it is said, as anybody may have written it."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.PAX_FORMAT) as tar:
        for source in sources:
            entry = source.entry
            member = tarfile.TarInfo(entry.path)
            member.type = _TYPES[entry.kind]
            member.mode = entry.mode
            member.linkname = entry.link
            member.size = entry.size_bytes
            tar.addfile(member, source.content())
    return buffer.getvalue()


def published_image(
    registry: MemoryRegistry,
    name: str,
    layers: Layers,
    config: Mapping[str, object],
    platform: str,
) -> str:
    """Puts an image of one platform into a registry, and answers its digest."""
    bodies = [layer(sources) for sources in layers]
    system, _, architecture = platform.partition("/")
    described = json_bytes(
        {
            "architecture": architecture,
            "os": system,
            "config": {"Env": ["PATH=/bin"], **config},
            "rootfs": {"type": "layers", "diff_ids": [digest_of(body) for body in bodies]},
        }
    )
    manifest = json_bytes(
        {
            "schemaVersion": 2,
            "mediaType": MANIFEST,
            "config": _named(CONFIG, described),
            "layers": [_named(LAYER, body) for body in bodies],
        }
    )
    for body in (described, *bodies):
        registry.contents[name][digest_of(body)] = body
    registry.documents[name][digest_of(manifest)] = manifest
    return digest_of(manifest)


def _named(media_type: str, body: bytes) -> dict[str, object]:
    return {"mediaType": media_type, "digest": digest_of(body), "size": len(body)}
