"""Runs the sandbox as the process that it is in use, for tests that talk to it over real HTTP.

The state folder is the caller's: running it again on the same folder goes on with the same people
and tickets.
"""

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

START_S = 15.0  # s; it takes about 0.5 s, more on a machine under load
STOP_S = 5.0  # s


@contextmanager
def running_sandbox(state_dir: Path, *options: str) -> Iterator[dict[str, Any]]:
    """Starts the sandbox, hands out what `sandbox.json` says, and ends it. Raises RuntimeError with
    its log."""
    state_dir.mkdir(parents=True, exist_ok=True)
    described = state_dir / "sandbox.json"
    log_path = state_dir / "sandbox.log"
    described.unlink(missing_ok=True)
    command = [
        sys.executable,
        "-m",
        "devflow.sandbox",
        "serve",
        "--state",
        str(state_dir),
        *options,
    ]
    with log_path.open("ab") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log)
    try:
        deadline = time.monotonic() + START_S
        while not described.exists():
            if process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(
                    f"the sandbox did not start:\n{log_path.read_text(errors='replace')}"
                )
            time.sleep(0.01)
        yield json.loads(described.read_text(encoding="utf-8"))
    finally:
        process.terminate()
        try:
            process.wait(STOP_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
