"""The command line: `python -m benchmarks.serving [--million] [--seconds S] [--rounds N] [--only
NAME …] [--out DIR]`."""

import argparse
import os
import platform
import signal
import sys
import tempfile
from datetime import date
from pathlib import Path

import psutil
from rich.console import Console

from benchmarks.serving import load, report
from benchmarks.serving.bars import ROUNDS
from benchmarks.serving.comparison import Comparison
from benchmarks.serving.contenders import ours, rivals
from benchmarks.serving.results import Machine, Results
from benchmarks.serving.server import Unusable

SECONDS = 4  # s per load: 75 loads, so that all five rounds with the million stay below 12 minutes
PLAIN_WIDTH = 127  # columns, where the output is no terminal: the widest bar fits
CANNOT = 5  # exit code where the comparison cannot be made here


def main() -> int:
    """Measure, print, write; return 0 once the comparison is made, whatever the bars say of it."""
    options = _options()
    console = Console(highlight=False, width=None if sys.stdout.isatty() else PLAIN_WIDTH)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    try:
        # without wrk nothing is installed and nothing started
        load.tool()
        results = _measure(options, console)
    except KeyboardInterrupt:
        console.print("stopped; every server is ended, nothing is written")
        return 128 + signal.SIGINT
    except (OSError, Unusable) as error:
        console.print(f"error: {error}", markup=False)
        return CANNOT
    report.show(results, console)
    figures = results.model_dump_json(indent=1) + "\n"
    (options.out / "results.json").write_text(figures, encoding="utf-8")
    (options.out / "RESULTS.md").write_text(report.markdown(results), encoding="utf-8")
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.serving",
        description="Compare the price backend with other model servers.",
    )
    names = [rival.name for rival in rivals()]
    parser.add_argument(
        "--seconds",
        type=_positive,
        default=SECONDS,
        help="duration of each load (default: %(default)s)",
    )
    parser.add_argument(
        "--rounds",
        type=_positive,
        default=ROUNDS,
        help="rounds; bars are judged from %(default)s on",
    )
    parser.add_argument(
        "--million",
        action="store_true",
        help="also send ours 1,000,000 requests and compare each answer",
    )
    parser.add_argument(
        "--only", nargs="*", choices=names, default=names, help="the rivals to run (default: all)"
    )
    parser.add_argument(
        "--out",
        type=Path,
        default=Path(__file__).parent,
        help="folder for results.json and RESULTS.md",
    )
    return parser.parse_args()


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise ValueError(f"{number} is less than 1")
    return number


def _measure(options: argparse.Namespace, console: Console) -> Results:
    contenders = [ours(), *rivals()]
    machine = _machine()

    def say(text: str) -> None:
        console.print(text, markup=False)

    with tempfile.TemporaryDirectory(prefix="bench-serving-") as scratch:
        comparison = Comparison(Path(scratch), options.seconds, say)
        names = (contenders[0].name, *options.only)
        for contender in contenders:
            if contender.name in names:
                comparison.admit(contender)
            else:
                comparison.leave_out(contender, "left out by --only")
        for number in range(1, options.rounds + 1):
            console.print(f"round {number} of {options.rounds}")
            comparison.measure_round(contenders)
        endurance = comparison.endure(contenders[0]) if options.million else None
    return Results(
        day=date.today(),
        machine=machine,
        seconds=options.seconds,
        rounds=options.rounds,
        cars=len(comparison.cars),
        servers=tuple(comparison.servers),
        raw=tuple(comparison.raw),
        endurance=endurance,
    )


def _machine() -> Machine:
    """Return the kind of this machine: no name, no path."""
    memory_bytes = psutil.virtual_memory().total
    kernel, _, _ = platform.release().partition("-")
    return Machine(
        cpu=_cpu(),
        cores=len(os.sched_getaffinity(0)),
        memory_gib=round(memory_bytes / 2**30),
        system=f"{platform.system()} {kernel}",
        python=platform.python_version(),
        wrk=load.version(),
    )


def _cpu() -> str:
    # platform.processor() is empty on most Linux machines
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        name, _, value = line.partition(":")
        if "model name" in name:
            return value.strip()
    return platform.machine()


if __name__ == "__main__":
    sys.exit(main())
