"""Ends what belongs to an environment whose folder was removed. It runs isolated, with nothing but
the standard library."""

import os
import signal
import time
from contextlib import suppress
from pathlib import Path
from typing import Final

MARKER: Final = "DEVFLOW_PROCESS"
GRACE_S: Final = 5.0  # s between SIGTERM and SIGKILL, as `down` gives
LOOK_EVERY_S: Final = 0.02


def end_environment(own_marker: str) -> None:
    """Ends every process of the environment but this one: SIGTERM, and SIGKILL for what is left
    after ``GRACE_S``."""
    repository, _, rest = own_marker.partition(":")
    environment = rest.partition(":")[0]
    if not environment:
        return
    prefix = f"{MARKER}={repository}:{environment}:".encode()
    deadline = time.monotonic() + GRACE_S
    for pid in _started_with(prefix):
        _end(pid, signal.SIGTERM)
    while time.monotonic() < deadline and _started_with(prefix):
        time.sleep(LOOK_EVERY_S)
    for pid in _started_with(prefix):
        _end(pid, signal.SIGKILL)


def _started_with(prefix: bytes) -> list[int]:
    found = []
    for place in Path("/proc").glob("[0-9]*/environ"):
        pid = int(place.parent.name)
        with suppress(OSError):
            variables = place.read_bytes().split(b"\0")
            if pid != os.getpid() and any(one.startswith(prefix) for one in variables):
                found.append(pid)
    return found


def _end(pid: int, number: signal.Signals) -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.kill(pid, number)
