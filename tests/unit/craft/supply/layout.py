"""A released image as a folder in OCI's layout, as skopeo and ORAS write them."""

import json
from pathlib import Path

from devflow.craft.supply.artifacts import subject_of
from devflow.craft.supply.places import NAME
from tests.unit.craft.supply.golden import Release


def write(release: Release, folder: Path, *, attachments: bool = True) -> Path:
    """The folder; attachments stand in its index as they do in a registry's tags."""
    blobs = folder / "blobs" / "sha256"
    blobs.mkdir(parents=True)
    (folder / "oci-layout").write_text('{"imageLayoutVersion":"1.0.0"}', encoding="utf-8")
    for digest, content in release.shelf.held.items():
        (blobs / digest.removeprefix("sha256:")).write_bytes(content)
    entries = []
    for tag, digest in sorted(release.shelf.tags.items()):
        if not attachments and digest != release.image.digest:
            continue
        descriptor = subject_of(release.blobs, digest)
        entry = descriptor.model_dump(include={"digest"}) | {
            "mediaType": descriptor.media_type,
            "size": descriptor.size_bytes,
            "annotations": {NAME: tag},
        }
        entries.append(entry)
    index = {"schemaVersion": 2, "manifests": entries}
    (folder / "index.json").write_text(json.dumps(index), encoding="utf-8")
    return folder


def blob(folder: Path, digest: str) -> Path:
    """The file of some content."""
    return folder / "blobs" / "sha256" / digest.removeprefix("sha256:")
