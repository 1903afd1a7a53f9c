"""Containers without an engine, each way that there is, on images of busybox, for tests."""

import io
import time
from dataclasses import replace
from functools import partial

import httpx

from devflow.adapters.containers.namespaces import NamespaceContainers
from devflow.craft.oci.layers import Entry, Kind
from devflow.craft.oci.writing import Source
from devflow.ports.containers import Container, Start
from devflow.testing import MemoryRegistry
from tests.contract.images.tiny import APPLETS, OWN_PLATFORM, program
from tests.contract.images.tiny_layers import Layers, published_image

ANSWER_S = 10.0  # s; a shell and busybox' httpd take 0.2 s
SERVE = "echo here; echo kept > /state/file; trap 'exit 0' TERM; httpd -f -p {} -h /state & wait"
SHELL = {"Entrypoint": ["/bin/sh", "-c"], "Cmd": ["echo nothing"], "User": "1000"}


def busybox() -> list[Source]:
    """One layer with a shell."""
    content = program_bytes()
    links = [Source(Entry(f"bin/{name}", Kind.SYMLINK, 0o777, link="busybox")) for name in APPLETS]
    folders = [Source(Entry(name, Kind.DIRECTORY, 0o755)) for name in ("bin", "etc")]
    return [
        *folders,
        Source(Entry("tmp", Kind.DIRECTORY, 0o1777)),
        file("bin/busybox", content, 0o755),
        *links,
    ]


def program_bytes() -> bytes:
    return program(OWN_PLATFORM.split("/")[1])


def file(path: str, content: bytes, mode: int = 0o644) -> Source:
    entry = Entry(path, Kind.FILE, mode, size_bytes=len(content))
    return Source(entry, partial(io.BytesIO, content))


def start(registry: MemoryRegistry, layers: Layers, **config: object) -> Start:
    digest = published_image(registry, "served", layers, {**SHELL, **config}, OWN_PLATFORM)
    return Start(
        service="api",
        repository="registry.test/served",
        image=digest,
        platform=OWN_PLATFORM,
        port=8000,
    )


def told(image: Start, line: str) -> Start:
    """The same image with another command."""
    return replace(image, command=(line,))


def answer(container: Container) -> httpx.Response:
    deadline = time.monotonic() + ANSWER_S
    while True:
        try:
            return httpx.get(f"{container.url}/file")
        except httpx.TransportError:
            if time.monotonic() > deadline:
                raise AssertionError(container.last_words()) from None
            time.sleep(0.02)


def ended(container: Container) -> None:
    """Waits until it has ended by itself."""
    deadline = time.monotonic() + ANSWER_S
    while container.running():
        assert time.monotonic() < deadline, container.last_words()
        time.sleep(0.01)


def said(containers: NamespaceContainers, image: Start, line: str) -> str:
    """What a command prints in a container."""
    with containers.started(told(image, line)) as container:
        ended(container)
        return container.last_words()
