"""What a power cut leaves of a folder's processes: none."""

import os
import signal
import time
from contextlib import suppress
from pathlib import Path

from tests.e2e.records import processes_of


def end_processes(folder: Path) -> None:
    """Kills every process that was started for this folder, until none is left."""
    while left := processes_of(folder):
        for pid in left:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        time.sleep(0.02)
