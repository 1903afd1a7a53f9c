"""Gives a local registry the base that `FROM python:3.11-slim` names, made of Debian packages:

    python -m tests.contract.images.mirror 127.0.0.1:5000 [FOLDER]

An engine that has this registry as its mirror builds unmodified Dockerfiles then. FOLDER keeps what
was made, so that another run makes nothing.
"""

import sys
import tempfile
from pathlib import Path
from typing import Final

from devflow.adapters.http.retry import Retry
from devflow.adapters.images.bases.made import MadeBase
from devflow.adapters.images.store import Store
from devflow.adapters.machine.children import Processes
from devflow.adapters.registry.client import OciRegistry
from devflow.adapters.registry.credentials import DockerCredentials

REPOSITORY: Final = "library/python"
TAG: Final = "3.11-slim"
PLATFORMS: Final = ("linux/amd64", "linux/arm64")
_MADE: Final = "made-base"


def provide(registry: str, folder: Path) -> str:
    """Pushes the base, made in this folder or found there, and answers its index digest."""
    store = Store(folder)
    digest = _made(store, folder / _MADE)
    processes = Processes()
    credentials = DockerCredentials({}, processes, lambda _: None)
    client = OciRegistry(registry, store, credentials, Retry())
    held = client.find(REPOSITORY, TAG)
    before = (held.digest,) if held else ()
    client.publish(REPOSITORY, digest, (TAG,), before)
    return digest


def _made(store: Store, note: Path) -> str:
    if note.is_file():
        digest = note.read_text()
        if store.size_bytes(digest) is not None:
            return digest
    digest = MadeBase(store, Processes()).make(PLATFORMS, lambda *_: None).digest
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
