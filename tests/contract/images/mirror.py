"""Gives a local registry the base that `FROM python:3.11-slim` names, made of Debian packages:

    python -m tests.contract.images.mirror 127.0.0.1:5000 [CACHE]

An engine that has this registry as its mirror builds unmodified Dockerfiles then. CACHE keeps what
was made, so that another run makes nothing.
"""

import os
import sys
import tempfile
from pathlib import Path
from typing import Final

from devflow.adapters.debian.download import AptDownloads
from devflow.adapters.http.retry import Retry
from devflow.adapters.images.store import Store
from devflow.adapters.machine.children import Processes
from devflow.adapters.oci_builder.made_base import MadeBase, downloads_folder, recipe
from devflow.adapters.oci_builder.package_index import PackageIndex
from devflow.adapters.oci_builder.wheels import Wheels
from devflow.adapters.registry.client import OciRegistry
from devflow.adapters.registry.credentials import Anonymous

REPOSITORY: Final = "library/python"
TAG: Final = "3.11-slim"
PLATFORMS: Final = ("linux/amd64", "linux/arm64")
_MADE: Final = f"made-for-mirror-{recipe()[:12]}"


def provide(registry: str, cache: Path) -> str:
    """Pushes the base, made in this cache or found there, and answers its index digest."""
    store = Store(cache / "images")
    digest = made(store, cache)
    client = OciRegistry(registry, store, Anonymous(), Retry())
    held = client.find(REPOSITORY, TAG)
    before = (held.digest,) if held else ()
    client.publish(REPOSITORY, digest, (TAG,), before)
    return digest


def made(store: Store, cache: Path) -> str:
    """The digest of the base's index, whole in the store."""
    note = cache / _MADE
    if note.is_file() and store.size_bytes(note.read_text()) is not None:
        return note.read_text()
    processes = Processes()
    wheels = Wheels(store, PackageIndex(processes, os.environ))
    downloads = AptDownloads(downloads_folder(cache), processes)
    digest = MadeBase(store, downloads, wheels).make(PLATFORMS, lambda *_: None)
    note.write_text(digest)
    return digest


def main() -> None:
    """Reads the command line."""
    registry = sys.argv[1]
    if len(sys.argv) > 2:
        print(provide(registry, Path(sys.argv[2])))
        return
    with tempfile.TemporaryDirectory() as folder:
        print(provide(registry, Path(folder)))


if __name__ == "__main__":
    main()
