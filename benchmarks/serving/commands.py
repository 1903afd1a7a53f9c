"""Runs a program to its end and returns what it wrote."""

import subprocess
from pathlib import Path
from typing import Mapping, Sequence


def output_of(
    command: Sequence[str | Path],
    limit_s: float,
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
) -> str:
    """Return a program's output. Raises OSError, with the last line of its error output, when it
    fails or takes too long."""
    name = Path(command[0]).name
    try:
        ended = subprocess.run(
            command, capture_output=True, text=True, timeout=limit_s, env=env, cwd=cwd, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise OSError(f"{name} was not ready after {limit_s:.0f} s") from error
    if ended.returncode != 0:
        lines = ended.stderr.strip().splitlines() or ["no message"]
        raise OSError(f"{name} ended with exit code {ended.returncode}: {lines[-1]}")
    return ended.stdout


def pinned(core: int, command: Sequence[str | Path]) -> list[str | Path]:
    """Return the command that runs another on one core, its threads and children too."""
    return ["taskset", "--cpu-list", str(core), *command]
