"""Images that are named by a reference, wherever they are: in a registry, or in an engine."""

from contextlib import contextmanager
from typing import Iterator

from devflow.model.errors import Unavailable
from devflow.ports.images import Blobs


@contextmanager
def referenced(reference: str) -> Iterator[tuple[Blobs, str]]:
    """What holds an image's content, and the digest of its index or manifest, as long as it is
    read.

    Raises ``Unavailable`` where no registry or engine can be asked.
    """
    hint = "save it first: skopeo copy docker://… oci:LAYOUT, or docker save -o TAR"
    raise Unavailable("no registry can be asked by this release", where=reference, hint=hint)
    yield
