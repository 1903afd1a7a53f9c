"""The port of containers: an engine where one answers, else the kernel's namespaces."""

from contextlib import AbstractContextManager
from typing import Protocol

from devflow.model.images import Engine
from devflow.ports.containers import Container, Containers, Start


class Engines(Protocol):
    """What finds an engine."""

    def find(self) -> Engine | None:
        """The engine that answers now."""
        ...


class ChosenContainers:
    """Both ways to run an image."""

    def __init__(self, engines: Engines, engine: Containers, namespaces: Containers) -> None:
        self._engines = engines
        self._engine = engine
        self._namespaces = namespaces

    def _chosen(self) -> Containers:
        return self._engine if self._engines.find() is not None else self._namespaces

    def runtime(self, platform: str) -> str:
        """How an image of this platform would be run. Raises as the port says."""
        return self._chosen().runtime(platform)

    def listening_port(self, port: int) -> int:
        """The port that a container is told to listen on."""
        return self._chosen().listening_port(port)

    def started(self, start: Start) -> AbstractContextManager[Container]:
        """A container for the time of a block. Raises as the port says."""
        return self._chosen().started(start)
