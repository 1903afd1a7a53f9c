"""The composition of everything about container images: builders and their store, the registry,
what runs containers, and advisories."""

from typing import Any

from devflow.wiring.lazy import LazyImages


def image_ports() -> dict[str, Any]:
    """The ports of ``Tools`` that are about images, by name; each adapter is loaded when it is
    first asked for anything."""
    images = LazyImages()
    return {"images": images, "registry": images, "containers": images, "advisories": images}
