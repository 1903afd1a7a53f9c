"""The command line: `python -m benchmarks.engine [--rounds N]`."""

import argparse
import resource
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Final, Mapping

from benchmarks.engine.places import Place, bundled, large, of_nothing

ROUNDS: Final = 9
MEMORY_BAR: Final = 2.0  # P of memory for `--help`


@dataclass
class Look:
    """A command, the longest that it may take in P, and what it took."""

    name: str
    place: Place
    arguments: tuple[str, ...]
    bar: float
    wall_s: list[float] = field(default_factory=list)
    cpu_s: list[float] = field(default_factory=list)


def main() -> int:
    """Measures and prints; returns 1 where a bar is missed."""
    rounds = _options().rounds
    with tempfile.TemporaryDirectory(prefix="devflow-bench-") as folder:
        root = Path(folder)
        print("making the repositories", file=sys.stderr)
        looks = _looks(
            bundled(root / "bundled"), of_nothing(root / "nothing"), large(root / "large")
        )
        python = Look("python -c pass", looks[0].place, (), 0)
        for number in range(rounds + 1):
            for look in looks:
                # the first round fills caches, and is not counted
                pair = (python, look) if number else (_uncounted(python), _uncounted(look))
                for one in pair:
                    _run(one)
        memory = {look.name: _memory_kib(look) / _memory_kib(python) for look in looks}
    return _report(python, looks, memory)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.engine",
        description="Compare devflow's own commands with Python's start.",
    )
    parser.add_argument("--rounds", type=int, default=ROUNDS, help="default: %(default)s")
    return parser.parse_args()


def _looks(shells: Place, nothing: Place, many: Place) -> list[Look]:
    return [
        Look("--help", shells, ("--help",), 6),
        Look("status --short", shells, ("status", "--short"), 9),
        Look("status --short, 5,000 entries, 1,000 runs", many, ("status", "--short"), 9),
        Look("status", shells, ("status",), 20),
        Look("explain", shells, ("explain",), 12),
        Look("explain ENTRY", shells, ("explain", "entry_3"), 32),
        Look("explain quality", shells, ("explain", "quality"), 32),
        Look("ship, nothing to do", nothing, ("ship",), 45),
    ]


def _uncounted(look: Look) -> Look:
    return Look(look.name, look.place, look.arguments, look.bar)


def _run(look: Look) -> None:
    argv = _argv(look)
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    start = time.perf_counter()
    subprocess.run(
        argv, cwd=look.place.folder, env=look.place.environ, check=True, stdout=subprocess.DEVNULL
    )
    look.wall_s.append(time.perf_counter() - start)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    look.cpu_s.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)


def _memory_kib(look: Look) -> int:
    """The most that the command held at once; a shell starts it, whose own share is small, where
    this program's would be counted."""
    script = 'import os, sys; p = os.spawnvp(os.P_NOWAIT, "sh", ["sh", "-c", *sys.argv[1:]]); '
    script += "print(os.wait4(p, 0)[2].ru_maxrss)"
    command = '"$@" > /dev/null; exit $?'
    argv = [sys.executable, "-S", "-c", script, command, "sh", *_argv(look)]
    ran = subprocess.run(
        argv,
        cwd=look.place.folder,
        env=look.place.environ,
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    )
    return int(ran.stdout)


def _argv(look: Look) -> list[str]:
    if not look.arguments:
        return [sys.executable, "-c", "pass"]
    return look.place.devflow(*look.arguments)


def _report(python: Look, looks: list[Look], memories: Mapping[str, float]) -> int:
    p_s = median(python.wall_s)
    p_cpu_s = median(python.cpu_s)
    rounds = len(looks[0].wall_s)
    print(f"medians of {rounds} interleaved pairs; P, the time of `python -c pass`, is")
    print(f"{p_s * 1000:.1f} ms, of which {p_cpu_s * 1000:.1f} ms of a processor")
    print(f"{'':44} {'time':>8} {'processor':>9} {'memory':>7}  {'bar':>4}")
    missed = 0
    for look in looks:
        ratio = median(look.wall_s) / p_s
        memory = memories[look.name]
        is_met = ratio <= look.bar and (look.name != "--help" or memory <= MEMORY_BAR)
        missed += not is_met
        cpu = median(look.cpu_s) / p_cpu_s
        print(
            f"{look.name:44} {ratio:6.1f} P {cpu:7.1f} P {memory:5.1f} P  {look.bar:4.0f}"
            f"  {'met' if is_met else 'missed'}"
        )
    return 1 if missed else 0


if __name__ == "__main__":
    raise SystemExit(main())
