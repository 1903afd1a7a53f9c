"""What runs images, behind one face for the contract of that port: an engine, the kernel's
namespaces, or the stand-in. Each is told the same programs."""

import os
import tempfile
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final, Protocol

from devflow.adapters.containers.docker import DockerContainers
from devflow.adapters.containers.leftovers import LABEL
from devflow.adapters.containers.namespaces import NamespaceContainers
from devflow.adapters.http.web import HttpWeb
from devflow.adapters.images.engine.client import Engines
from devflow.adapters.machine.children import Processes
from devflow.ports.containers import Container, Containers, Process, Start
from devflow.ports.web import Web
from devflow.testing import MemoryContainers, MemoryRegistry
from devflow.testing.containers import Behaviour, ContainersWeb
from tests.contract.images.namespace_world import ANSWER_S, SHELL, busybox, file, start
from tests.contract.images.tiny import OTHER, OTHER_PLATFORM, OWN, OWN_PLATFORM, push
from tests.contract.images.tiny_layers import published_image

PORT: Final = 8000
NAME: Final = "served"
END: Final = "the end"
GONE: Final = f"sha256:{'0' * 64}"


@dataclass(frozen=True)
class Program:
    """What a container does: the line of a shell, and the same as the stand-in has it."""

    line: str
    behaviour: Behaviour


SERVES: Final = Program(
    "echo here; echo kept > /state/health; trap 'exit 0' TERM; httpd -f -p {port} -h /state & wait",
    Behaviour(words="here"),
)
IGNORES: Final = Program(
    "trap '' TERM; (trap '' TERM; sleep 61) & echo deaf; while true; do sleep 1; done",
    Behaviour(ignores_signal=True, words="deaf"),
)
ENDS: Final = Program("echo $WORD; exit 7", Behaviour(ends_at_once=True, words="told", exit_code=7))


class World(Protocol):
    """One of those that run images."""

    @property
    def containers(self) -> Containers:
        """The port under test."""
        ...

    @property
    def web(self) -> Web:
        """What reaches its containers."""
        ...

    def told(self, program: Program) -> Start:
        """An image whose container does this."""
        ...

    def image(self, **config: object) -> Start:
        """An image of a shell, with this configuration."""
        ...

    def without_its_program(self, entry_point: str) -> Start:
        """An image that has no such program."""
        ...

    def gone(self) -> Start:
        """A digest that the registry does not have, though an image of that name was here."""
        ...

    def other_platforms(self) -> Start:
        """Another platform's image, called this one's."""
        ...

    def left(self) -> list[object]:
        """What is there of containers that were, and of their images."""
        ...


class _Shells:
    """Real containers."""

    containers: Containers

    def __init__(self) -> None:
        self.web: Web = HttpWeb(Processes())

    def told(self, program: Program) -> Start:
        port = self.containers.listening_port(PORT)
        line = program.line.replace("{port}", str(port))
        return replace(self.image(), port=port, command=(line,))

    def image(self, **config: object) -> Start:
        raise NotImplementedError

    def without_its_program(self, entry_point: str) -> Start:
        return self.image(Entrypoint=[entry_point])

    def gone(self) -> Start:
        return replace(self.image(), image=GONE)


class EngineWorld(_Shells):
    """An engine, and the registry that it pulls from."""

    def __init__(self, engines: Engines, registry: str) -> None:
        super().__init__()
        self.engines = engines
        self.containers = DockerContainers(engines)
        self._registry = registry
        self._name = f"{NAME}-{os.getpid()}"

    def image(self, **config: object) -> Start:
        return self._start(OWN_PLATFORM, config)

    def other_platforms(self) -> Start:
        return self._start(OTHER_PLATFORM, {})

    def own(self, client: Any) -> list[dict[str, Any]]:
        """Its containers, without those of tests that run beside it."""
        found = client.containers(all=True, filters={"label": LABEL})
        return [one for one in found if one["Labels"][LABEL].split()[1] == str(os.getpid())]

    def left(self) -> list[object]:
        with self.engines.connected() as client:
            every = client.images()
            images = [image for image in every if self._name in str(image.get("RepoDigests"))]
            return [*self.own(client), *images]

    def _start(self, platform: str, config: dict[str, object]) -> Start:
        # an image of its own too, which tests that run beside it neither keep nor remove
        own = {**SHELL, "Labels": {"tests": self._name}, **config}
        _, digests = push(self._registry, self._name, "1", (OWN, OTHER), own)
        return Start(
            service="api",
            repository=f"{self._registry}/{self._name}",
            image=digests[platform],
            platform=OWN_PLATFORM,
            port=PORT,
        )


class NamespaceWorld(_Shells):
    """No engine, and a registry in memory."""

    def __init__(self, containers: NamespaceContainers, registry: MemoryRegistry) -> None:
        super().__init__()
        self.containers = containers
        self._registry = registry

    def image(self, **config: object) -> Start:
        return start(self._registry, [self._layer()], **config)

    def other_platforms(self) -> Start:
        digest = published_image(self._registry, NAME, [self._layer()], SHELL, OTHER_PLATFORM)
        return replace(self.image(), image=digest)

    def left(self) -> list[object]:
        return [*Path(tempfile.gettempdir()).glob("*/container-*")]

    def _layer(self) -> list[object]:
        return [*busybox(), file("etc/passwd", b"root:x:0:0::/:/bin/sh\n")]


class MemoryWorld:
    """The stand-in."""

    def __init__(self) -> None:
        self.containers = MemoryContainers()
        self.containers.runtimes = {OWN_PLATFORM: "in memory"}
        self.web = ContainersWeb(self.containers)

    def told(self, program: Program) -> Start:
        return self._does(program.behaviour)

    def image(self, **config: object) -> Start:
        return self._does(Behaviour())

    def without_its_program(self, entry_point: str) -> Start:
        return self._does(Behaviour(cannot_start=f"api cannot be started: no {entry_point}"))

    def gone(self) -> Start:
        return self._does(Behaviour(cannot_start=f"the registry has no {GONE}"))

    def other_platforms(self) -> Start:
        return self._does(Behaviour(cannot_start=f"the image is one for {OTHER_PLATFORM}"))

    def left(self) -> list[object]:
        return [*self.containers.running]

    def _does(self, behaviour: Behaviour) -> Start:
        self.containers.behaviours["api"] = behaviour
        port = self.containers.listening_port(PORT)
        return Start("api", f"registry.test/{NAME}", f"sha256:{'1' * 64}", OWN_PLATFORM, port)


def answers(world: World, container: Container) -> None:
    """Waits for its first 200."""
    deadline = time.monotonic() + ANSWER_S
    while world.web.get(f"{container.url}/health").status != 200:
        assert time.monotonic() < deadline, container.last_words()
        time.sleep(0.02)


def processes(container: Container, count: int) -> tuple[Process, ...]:
    """What runs in it, once that is so many: busybox' httpd answers in a child, which ends a moment
    after its answer."""
    deadline = time.monotonic() + ANSWER_S
    while len(found := container.processes()) != count and time.monotonic() < deadline:
        time.sleep(0.02)
    assert len(found) == count
    return found


def says(container: Container, expected: str) -> None:
    """Waits until this is all that it has printed: an engine may be told of it after its end."""
    deadline = time.monotonic() + ANSWER_S
    while container.last_words() != expected and time.monotonic() < deadline:
        time.sleep(0.02)
    assert container.last_words() == expected


def words(world: World, image: Start, line: str) -> str:
    """What a line of a shell prints in a real container."""
    # an engine does not keep the order of two streams
    line = f"exec 2>&1; {line}; echo {END}"
    with world.containers.started(replace(image, command=(line,))) as container:
        deadline = time.monotonic() + ANSWER_S
        while not container.last_words().endswith(END) and time.monotonic() < deadline:
            time.sleep(0.02)
        return container.last_words().removesuffix(END).strip()
