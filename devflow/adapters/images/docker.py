"""The container engine, asked by the Docker SDK whether it answers.

The SDK takes long to import: the composition root loads this module only when a step asks for the
engine.
"""

import os
from contextlib import closing
from pathlib import Path
from typing import Final

import docker  # type: ignore[import-untyped]
import requests

PING_S: Final = 3.0  # s; a local socket; longer would make every plan wait for an engine that hangs
_UNIX: Final = "unix://"
_DEFAULT: Final = f"{_UNIX}/var/run/docker.sock"


class DockerImages:
    """The engine that ``DOCKER_HOST`` or the default socket leads to."""

    def engine(self) -> str:
        """The engine's name and version as it answers now, empty where none does."""
        socket = os.environ.get("DOCKER_HOST") or _DEFAULT
        # the SDK loses the socket object that it cannot connect
        if socket.startswith(_UNIX) and not Path(socket.removeprefix(_UNIX)).is_socket():
            return ""
        try:
            # with a version named, nothing is asked before there is a client that can be closed
            with closing(
                docker.from_env(version=docker.constants.DEFAULT_DOCKER_API_VERSION, timeout=PING_S)
            ) as client:
                answer = client.version(api_version=False)
        except (docker.errors.DockerException, requests.RequestException):
            return ""
        name = (answer.get("Platform") or {}).get("Name") or "Docker"
        return f"{name} {answer.get('Version', '')}".strip()
