"""A run with a container that serves, for a test that kills it; a program of its own."""

import sys
import time
from pathlib import Path

from devflow.adapters.containers.namespaces import NamespaceContainers
from devflow.adapters.images.store import Store
from tests.contract.images.test_namespaces import (
    SERVE,
    answer,
    busybox,
    replace,
    start,
    told,
)
from tests.standins.registry import MemoryRegistry

if __name__ == "__main__":
    store = Store(Path.cwd() / "store")
    registry = MemoryRegistry(store)  # type: ignore[arg-type]
    containers = NamespaceContainers(store, registry, (sys.argv[1],))
    port = containers.listening_port(8000)
    image = start(registry, [busybox()])
    with containers.started(replace(told(image, SERVE.format(port)), port=port)) as container:
        answer(container)
        print("answers", container.processes()[0].uid, flush=True)
        time.sleep(60)
