"""Puts load on a server with wrk, whose summary `requests.lua` writes as `name=number` pairs."""

import os
import shutil
import subprocess
from pathlib import Path

from benchmarks.serving.commands import output_of, pinned
from devflow.model.values import Value

SCRIPT = Path(__file__).with_name("requests.lua")
SUMMARY = "summary: "
PATIENCE_S = 30.0  # s beyond the load's duration until wrk is taken for stuck
# s until an answer is an error; wrk's own 2 s would count a stalled machine against the server
LATE_S = 10
NO_WRK = "wrk is not installed: apt-get install wrk (https://github.com/wg/wrk)"


class Summary(Value):
    """What wrk says at the end of a load."""

    requests: int
    duration_us: int
    p50_us: float
    p99_us: float
    refused: int  # answers with a status above 399
    broken: int  # connections that could not be made, or broke
    late: int  # answers that took longer than LATE_S
    wrong: int  # answers unlike the expected one, where answers were compared

    @property
    def requests_per_s(self) -> float:
        """Answers a second."""
        return self.requests / (self.duration_us / 1e6)

    @property
    def errors(self) -> int:
        """Everything that went wrong; what was compared and found wrong contains the refused."""
        return max(self.refused, self.wrong) + self.broken + self.late


class Target(Value):
    """Where the questions go; one question a line in the file."""

    url: str
    questions: Path
    answers: Path | None = None  # the body expected for each line, where answers are to be compared


def tool() -> str:
    """Return wrk's path. Raises OSError, saying what to install, where there is none."""
    path = shutil.which("wrk")
    if path is None:
        raise OSError(NO_WRK)
    return path


def version() -> str:
    """Return wrk's name and version, as in `wrk 4.1.0`. Raises OSError where there is no wrk."""
    command = [tool(), "--version"]
    # wrk answers this with its version and its usage, and ends with 1
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    words = ended.stdout.split()
    return " ".join(words[:2])


def run(target: Target, connections: int, seconds: int, core: int) -> Summary:
    """Load the server for some seconds from one core; return wrk's summary. Raises OSError.

    Where answers are compared every connection has a thread, whose Lua state knows which question
    is open.
    """
    threads = connections if target.answers else 1
    options = ["--threads", str(threads), "--connections", str(connections)]
    options += ["--duration", f"{seconds}s", "--latency", "--timeout", f"{LATE_S}s"]
    # read by requests.lua
    files = {"BENCH_QUESTIONS": str(target.questions), "BENCH_ANSWERS": str(target.answers or "")}
    command = pinned(core, [tool(), *options, "--script", SCRIPT, target.url])
    output = output_of(command, seconds + PATIENCE_S, {**os.environ, **files})
    try:
        return parse(output)
    except ValueError as error:
        raise OSError(f"wrk: {error}") from error


def parse(output: str) -> Summary:
    """Return the summary in wrk's output. Raises ValueError where it is missing or incomplete."""
    lines = [line.removeprefix(SUMMARY) for line in output.splitlines() if line.startswith(SUMMARY)]
    if len(lines) != 1:
        raise ValueError(f"wrk's output holds {len(lines)} summaries")
    pairs = [pair.split("=") for pair in lines[0].split()]
    return Summary.model_validate(dict(pairs))
