"""Any registry by its host, for commands that are about an image and no repository's pipeline."""

from devflow.model.errors import Unavailable
from devflow.ports.registry import RegistryReads


def registry_at(host: str) -> RegistryReads:
    """The reading half of a registry. Raises ``Unavailable`` as long as there is no client."""
    raise Unavailable("this release asks no registry", where=host, hint="name a folder")
