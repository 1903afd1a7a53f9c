"""The composition of everything about container images: builders and their store, the registry,
what runs containers, and advisories."""

import os
from typing import Any

from devflow.adapters.signing.keys import Keys
from devflow.wiring.lazy import LazyImages


def image_ports() -> dict[str, Any]:
    """The ports of ``Tools`` that are about images, by name; each adapter is loaded when it is
    first asked for anything."""
    images = LazyImages()
    ports = dict.fromkeys(("images", "registry", "containers", "advisories"), images)
    return {**ports, "signing": Keys(os.environ)}
