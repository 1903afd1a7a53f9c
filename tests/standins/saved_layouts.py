"""Images that tests made, written as OCI layouts for other tools."""

import json
from pathlib import Path

from devflow.testing.images import MemoryBlobs


def write_layout(blobs: MemoryBlobs, digest: str, media_type: str, at: Path, name: str) -> Path:
    """Writes all that is held, with one image of this name."""
    folder = at / "blobs" / "sha256"
    folder.mkdir(parents=True)
    for held, body in blobs.held.items():
        (folder / held.removeprefix("sha256:")).write_bytes(body)
    described = {
        "mediaType": media_type,
        "digest": digest,
        "size": len(blobs.held[digest]),
        "annotations": {"org.opencontainers.image.ref.name": name},
    }
    (at / "oci-layout").write_text('{"imageLayoutVersion": "1.0.0"}')
    (at / "index.json").write_text(json.dumps({"schemaVersion": 2, "manifests": [described]}))
    return at
