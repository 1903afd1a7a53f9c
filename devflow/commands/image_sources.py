"""Images that are named by a reference, wherever they are: in an engine of this machine, else in a
registry."""

import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import Final, Iterator

from devflow.adapters.images.engine.client import Engines
from devflow.adapters.images.engine.saving import save
from devflow.adapters.images.saved import chosen, saved_at
from devflow.adapters.masking.secrets import Mask
from devflow.craft.analysis.pulled import PulledBlobs
from devflow.craft.oci.references import Reference, reference_of
from devflow.ports.images import Blobs
from devflow.wiring.registries import registry_at

FILE_NAME: Final = "image.tar"


@contextmanager
def referenced(name: str) -> Iterator[tuple[Blobs, str]]:
    """What holds an image's content, and the digest of its index or manifest, as long as it is
    read. ``docker://`` before the name leaves the engine out.

    Raises ``UsageError`` for what is no name, and as the registry and the engine do.
    """
    reference = reference_of(name)
    with tempfile.TemporaryDirectory(prefix="devflow-image-") as folder:
        path = Path(folder) / FILE_NAME
        if not reference.is_remote and save(Engines(), name, path):
            saved = saved_at(path)
            yield saved, chosen(saved, "", name).digest
            return
        with _pulled(reference) as found:
            yield found


@contextmanager
def _pulled(reference: Reference) -> Iterator[tuple[Blobs, str]]:
    with registry_at(reference.host, Mask().register) as registry:
        blobs = PulledBlobs(registry, reference.repository)
        yield blobs, blobs.resolve(reference.version)
