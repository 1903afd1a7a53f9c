"""Any registry by its host, for commands that are about an image and no repository's pipeline."""

import os
import tempfile
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Callable, Final, Iterator

from devflow.adapters.http.retry import Retry
from devflow.adapters.images.store import Store
from devflow.adapters.machine.children import Processes
from devflow.adapters.registry.client import OciRegistry
from devflow.adapters.registry.credentials import DockerCredentials
from devflow.ports.registry import RegistryReads

# a person waits for it: a registry that restarts is asked again by typing the command again
_TRIES: Final = Retry(tries=3, give_up_after_s=20.0)


@contextmanager
def registry_at(host: str, hide: Callable[[str], None]) -> Iterator[RegistryReads]:
    """The reading half of a registry, with the credentials that docker, podman and skopeo have for
    it; what was read is gone at the end of the block. ``hide`` is told each secret."""
    processes = Processes()
    credentials = DockerCredentials(os.environ, processes, hide)
    try:
        with tempfile.TemporaryDirectory(prefix="devflow-verify-") as folder:
            with closing(OciRegistry(host, Store(Path(folder)), credentials, _TRIES)) as registry:
                yield registry
    finally:
        processes.stop_all()
