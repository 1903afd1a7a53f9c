"""The container engine, asked by the Docker SDK whether it answers.

The SDK takes long to import: the composition root loads this module only when a step asks for the engine.
"""

from contextlib import closing
from typing import Final

import docker  # type: ignore[import-untyped]
import requests

PING_S: Final = 3.0  # s; a local socket; longer would make every plan wait for an engine that hangs


class DockerImages:
    """The engine that ``DOCKER_HOST`` or the default socket leads to."""

    def engine(self) -> str:
        """The engine's name and version as it answers now, empty where none does."""
        try:
            with closing(docker.from_env(timeout=PING_S)) as client:
                told = client.version()
        except (docker.errors.DockerException, requests.RequestException):
            return ""
        name = (told.get("Platform") or {}).get("Name") or "Docker"
        return f"{name} {told.get('Version', '')}".strip()
