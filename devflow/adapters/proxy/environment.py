"""Ends what belongs to an environment whose folder was removed, or what was lost with a killed
keeper. It runs isolated, with nothing but the standard library."""

import os
import signal
import time
from contextlib import suppress
from pathlib import Path
from typing import Collection, Final

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


def end_strays(own_marker: str, known: Collection[int], number: int) -> None:
    """Signals what carries this very mark and is nobody's: neither this process, nor one of those
    that are known, nor of a group of theirs. Where the system does not tell, nothing is."""
    if not own_marker:
        return
    for pid in _started_with(f"{MARKER}={own_marker}\0".encode()):
        with suppress(OSError):
            if pid not in known and os.getpgid(pid) not in known:
                _end(pid, number)


def end_each(pids: Collection[int], number: int) -> None:
    """Signals each that is still there."""
    for pid in pids:
        _end(pid, number)


def lead_group(pid: int) -> None:
    """Has a worker be in a group of its own, as it does by itself: whichever comes first. In a
    killed keeper's group is only what nobody had been told of, then."""
    # it may have ended, or begun its own program
    with suppress(ProcessLookupError, PermissionError):
        os.setpgid(pid, pid)


def has_ended(pid: int) -> bool:
    """Whether a process that is nobody's child here has ended, and be it that nobody has reaped
    it."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        # somebody else has its pid
        return True
    try:
        told = Path(f"/proc/{pid}/stat").read_bytes()
    except OSError:
        return False
    # what stands before is its name in parentheses
    return told.rpartition(b")")[2].split()[0] == b"Z"


def _started_with(prefix: bytes) -> list[int]:
    """Whatever carries a variable that begins so; one that ends with its own end is whole."""
    found = []
    for place in Path("/proc").glob("[0-9]*/environ"):
        pid = int(place.parent.name)
        with suppress(OSError):
            variables = place.read_bytes()
            if pid != os.getpid() and b"\0" + prefix in b"\0" + variables:
                found.append(pid)
    return found


def _end(pid: int, number: int) -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.kill(pid, number)
