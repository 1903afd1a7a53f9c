"""Runs a command beside a Docker Engine that is started for it and ended after it:

    python -m tests.contract.images.with_engine make demo

It has everything of its own but the machine's network, and ends with the command's exit code.
"""

import os
import subprocess
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path

from tests.contract.images.daemons import start_docker, start_registry, stop_docker, stop_registry


def main() -> int:
    """Reads the command line."""
    with ExitStack() as stack:
        # short: the path of a socket may have 107 bytes
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="df-", dir="/tmp")))
        places = [folder / name for name in ("registry", "docker")]
        for place in places:
            place.mkdir()
        registry = start_registry(places[0])
        stack.callback(stop_registry, registry)
        engine = {**start_docker(places[1], registry["address"]), "folder": str(places[1])}
        stack.callback(stop_docker, engine)
        environment = {**os.environ, "DOCKER_HOST": engine["host"]}
        return subprocess.run(sys.argv[1:], env=environment, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
