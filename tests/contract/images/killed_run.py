"""A run with a container that serves, for a test that kills it; a program of its own."""

import os
import sys
import time
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import httpx

from devflow.adapters.containers.namespaces import NamespaceContainers
from devflow.adapters.images.store import Store
from devflow.testing import MemoryRegistry
from tests.contract.images.namespace_world import (
    SERVE,
    answer,
    busybox,
    start,
    told,
)


def become(user: int) -> None:
    """An ordinary user, whom root's own interpreter may be closed to."""
    # what is imported at its first use can be read now alone
    with suppress(httpx.TransportError):
        httpx.get("http://127.0.0.1:1")
    os.setgroups([])
    os.setgid(user)
    os.setuid(user)
    if not os.access(sys.executable, os.X_OK):
        sys.executable = "/usr/bin/python3"


if __name__ == "__main__":
    way, user = sys.argv[1:]
    if user:
        become(int(user))
    store = Store(Path.cwd() / "store")
    registry = MemoryRegistry(store)  # type: ignore[arg-type]
    containers = NamespaceContainers(store, registry, (way,))
    port = containers.listening_port(8000)
    image = start(registry, [busybox()])
    with containers.started(replace(told(image, SERVE.format(port)), port=port)) as container:
        answer(container)
        print("answers", container.processes()[0].uid, flush=True)
        time.sleep(60)
