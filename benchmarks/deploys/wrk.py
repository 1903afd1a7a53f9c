"""Runs wrk for a while and reads what it says."""

import re
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from benchmarks.serving import load
from benchmarks.serving.commands import pinned

TO_MS: Final = {"us": 0.001, "ms": 1.0, "s": 1000.0, "m": 60000.0}
SPARE_S: Final = 30  # s beside the load, for wrk to begin and to end


@dataclass(frozen=True)
class Load:
    """One load: what was answered, how quickly (50th percentile), and what went wrong."""

    requests: int
    per_s: float
    p50_ms: float
    errors: int


def run(url: str, core: int, connections: int, seconds: int, script: Path | None = None) -> Load:
    """Loads a URL from one core. Raises ``OSError`` without wrk, ``ValueError`` where it says
    nothing of use."""
    command = pinned(core, [load.tool(), "-t1", f"-c{connections}", f"-d{seconds}s"])
    command += ["--timeout", f"{load.LATE_S}s"]
    more = ["-s", str(script)] if script else []
    ended = subprocess.run(
        [*command, "--latency", *more, url],
        capture_output=True,
        text=True,
        timeout=seconds + SPARE_S,
        check=False,
    )
    return read(ended.stdout)


def read(text: str) -> Load:
    """What wrk has printed. Raises ``ValueError`` where it lacks something."""
    total = re.search(r"(\d+) requests in", text)
    rate = re.search(r"Requests/sec:\s+([\d.]+)", text)
    middle = re.search(r"50%\s+([\d.]+)(us|ms|s|m)\b", text)
    if not (total and rate and middle):
        raise ValueError(f"wrk printed no result: {text[-300:]!r}")
    errors = 0
    wrong = re.search(r"Non-2xx or 3xx responses: (\d+)", text)
    if wrong:
        errors += int(wrong[1])
    lost = re.search(r"Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)", text)
    if lost:
        errors += sum(map(int, lost.groups()))
    p50_ms = float(middle[1]) * TO_MS[middle[2]]
    return Load(int(total[1]), float(rate[1]), p50_ms, errors)
