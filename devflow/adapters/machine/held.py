"""Whether somebody holds a lock file, without the library that takes locks."""

import fcntl
import os
from pathlib import Path


def is_held(path: Path) -> bool:
    """Whether another process holds the lock. Raises ``OSError`` where it cannot be told."""
    try:
        descriptor = os.open(path, os.O_RDONLY)
    except FileNotFoundError:
        return False
    try:
        # shared: two that look at once do not take each other for a holder
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False
