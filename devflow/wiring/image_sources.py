"""Images that are named by a reference, wherever they are: in a registry, or in an engine."""

from devflow.model.errors import Unavailable
from devflow.ports.images import Blobs


def reference_blobs(reference: str) -> tuple[Blobs, str]:
    """What holds an image's content, and the digest of its index or manifest.

    Raises ``Unavailable`` where no registry or engine can be asked.
    """
    hint = "save it first: skopeo copy docker://… oci:LAYOUT, or docker save -o TAR"
    raise Unavailable("no registry can be asked by this release", where=reference, hint=hint)
