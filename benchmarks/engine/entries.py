"""What the engine itself costs beside the smallest durable one.

F is what `smallest.py` takes for the same entries, in the same rounds. doit and DBOS are shown
where `--rivals` names the Python of an environment that has both.
"""

import argparse
import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from pathlib import Path
from statistics import median
from typing import Callable, Final, Mapping, Sequence

from benchmarks.engine.places import Place, chain, unshipped

ROUNDS: Final = 5
FEW: Final = 29  # as many as a ticket's life has
MANY: Final = 1_029
MOST: Final = 10_029
TOGETHER: Final = 4  # entries 16 to 19
WAIT_S: Final = 1.0
MEBIBYTE: Final = 1024  # KiB
HERE: Final = Path(__file__).parent


@dataclass
class Contender:
    """An engine: its command for so many entries in an empty folder, and what it took by them."""

    name: str
    command: Callable[[Path, int], "Command"]
    wall_s: dict[int, list[float]] = field(default_factory=dict)
    memory_kib: dict[int, int] = field(default_factory=dict)

    def seconds(self, entries: int) -> float:
        """The median of its rounds."""
        return median(self.wall_s[entries])

    def more_s(self, few: int, many: int) -> float:
        """What one more entry takes."""
        return (self.seconds(many) - self.seconds(few)) / (many - few)


@dataclass(frozen=True)
class Command:
    """What is started, and where."""

    argv: Sequence[str]
    folder: Path
    environ: Mapping[str, str]


def main() -> int:
    """Measures and prints; returns 1 where a bar is missed."""
    options = _options()
    contenders = [Contender("smallest (F)", _smallest), Contender("devflow", _devflow)]
    if options.rivals:
        contenders.append(Contender("DBOS", partial(_dbos, options.rivals)))
        contenders.append(Contender("doit", partial(_doit, options.rivals)))
    with tempfile.TemporaryDirectory(prefix="devflow-bench-") as folder:
        root = Path(folder)
        for number in range(options.rounds):
            for contender in contenders:
                for entries in (FEW, MANY) if number else (FEW, MANY, MOST):
                    print(f"round {number + 1}: {contender.name}, {entries}", file=sys.stderr)
                    _take(contender, entries, root / "place")
        smallest, ours, *rivals = contenders
        lines = _chains(smallest, ours, rivals)
        lines.append(_syncs(root))
        lines.append(_overlap(root, options.rounds))
        lines.append(_after_a_kill(root, options.rounds))
    for text, _ in lines:
        print(text)
    return 0 if all(is_met for _, is_met in lines) else 1


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.engine.entries", description=__doc__
    )
    parser.add_argument("--rounds", type=int, default=ROUNDS, help="default: %(default)s")
    parser.add_argument("--rivals", default="", metavar="PYTHON", help="has doit and dbos")
    return parser.parse_args()


def _smallest(folder: Path, entries: int) -> Command:
    folder.mkdir()
    argv = [sys.executable, str(HERE / "smallest.py"), str(folder / "journal.db"), str(entries)]
    return Command(argv, folder, os.environ)


def _devflow(folder: Path, entries: int) -> Command:
    place = chain(folder, entries)
    return Command(place.devflow("ship"), place.folder, place.environ)


def _dbos(python: str, folder: Path, entries: int) -> Command:
    folder.mkdir()
    script = HERE / "rivals" / "dbos_steps.py"
    argv = [python, str(script), str(folder / "dbos.db"), str(entries)]
    return Command(argv, folder, os.environ)


def _doit(python: str, folder: Path, entries: int) -> Command:
    folder.mkdir()
    tasks = str(HERE / "rivals" / "dodo.py")
    argv = [python, "-m", "doit", "--file", tasks, "--db-file", str(folder / "doit.db")]
    return Command(argv, folder, {**os.environ, "ENTRIES": str(entries)})


def _take(contender: Contender, entries: int, folder: Path) -> None:
    command = contender.command(folder, entries)
    before = time.perf_counter()
    process = subprocess.Popen(
        command.argv,
        cwd=command.folder,
        env=dict(command.environ),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    _, status, usage = os.wait4(process.pid, 0)
    took_s = time.perf_counter() - before
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode == 0:
        contender.wall_s.setdefault(entries, []).append(took_s)
        contender.memory_kib[entries] = usage.ru_maxrss
    else:
        print(f"{contender.name} ended with {process.returncode}", file=sys.stderr)
    _clean(folder)


def _clean(folder: Path) -> None:
    for made in folder.parent.iterdir():
        shutil.rmtree(made)


Line = tuple[str, bool]


def _chains(smallest: Contender, ours: Contender, rivals: Sequence[Contender]) -> list[Line]:
    f_s = smallest.more_s(FEW, MANY)
    lines = [(f"one more entry of F takes {f_s * 1000:.2f} ms; medians, interleaved", True)]
    for one in (ours, *rivals):
        if MANY not in one.wall_s or MOST not in one.wall_s:
            lines.append((f"{one.name}: did not come to its end", one is not ours))
            continue
        more = one.more_s(FEW, MANY) / f_s
        late = one.more_s(MANY, MOST) / one.more_s(FEW, MANY)
        memory_mib = one.memory_kib[MOST] / MEBIBYTE
        text = (
            f"{one.name:10} one more entry {more:.1f} F (1.5); at 10,000 {late:.2f} of that (1.15)"
        )
        text += f"; memory at 10,000 entries {memory_mib:.0f} MB (60)"
        is_met = more <= 1.5 and late <= 1.15 and memory_mib <= 60
        lines.append((text, is_met or one is not ours))
    return lines


def _syncs(root: Path) -> Line:
    """How often an entry waits for the disk."""
    tool = shutil.which("strace")
    if tool is None:
        return "fdatasync: not measured, needs strace", True
    counts = [_synced(tool, root / "place", entries) for entries in (FEW, FEW + 100)]
    each = (counts[1] - counts[0]) / 100
    return f"devflow    fdatasync an entry: {each:.2f} (2)", each <= 2


def _synced(tool: str, folder: Path, entries: int) -> int:
    command = _devflow(folder, entries)
    log = folder / "strace.log"
    argv = [tool, "-f", "-qq", "-e", "trace=fdatasync,fsync", "-o", str(log), *command.argv]
    subprocess.run(
        argv, cwd=folder, env=dict(command.environ), check=True, stdout=subprocess.DEVNULL
    )
    count = log.read_text().count("sync(")
    _clean(folder)
    return count


def _overlap(root: Path, rounds: int) -> Line:
    """Entries 16 to 19 of one second each, by what the journals say: from the first one's start to
    the last one's end."""
    ours: list[float] = []
    smallest: list[float] = []
    for _ in range(rounds):
        folder = root / "place"
        wait = [
            f"        - entry_{n + 1}: {{uses: noop, with: {{wait_s: {WAIT_S}}}}}\n"
            for n in range(TOGETHER)
        ]
        place = unshipped(folder, ["    - parallel:\n", *wait])
        place.ship()
        times = [at for at, _ in _events(place)]
        ours.append(max(times) - min(times))
        _clean(folder)
        command = _smallest(folder, TOGETHER)
        subprocess.run([*command.argv, str(WAIT_S), str(TOGETHER)], check=True)
        journal = sqlite3.connect(folder / "journal.db")
        ((took_s,),) = journal.execute("SELECT max(at) - min(at) FROM events")
        journal.close()
        smallest.append(took_s)
        _clean(folder)
    ratio = median(ours) / median(smallest)
    return f"devflow    entries 16 to 19 of 1 s each: {ratio:.3f} F (1.10)", ratio <= 1.10


def _events(place: Place) -> list[tuple[float, str]]:
    """The time and the entry of each start and record."""
    journal = sqlite3.connect(place.folder / ".git" / "devflow" / "journal.db")
    rows = journal.execute(
        "SELECT at, body FROM events WHERE type IN ('started', 'recorded') ORDER BY seq"
    )
    found = [
        (datetime.fromisoformat(at).timestamp(), json.loads(body)["entry"]) for at, body in rows
    ]
    journal.close()
    return found


def _after_a_kill(root: Path, rounds: int) -> Line:
    """From the start of the next command to that of the entry that was killed."""
    found: list[float] = []
    again = 0
    for _ in range(rounds):
        folder = root / "place"
        entries = [f"    - entry_{n + 1}: {{uses: noop}}\n" for n in range(FEW - 1)]
        place = unshipped(
            folder, [*entries, f"    - entry_{FEW}: {{uses: noop, with: {{wait_s: {WAIT_S}}}}}\n"]
        )
        _kill_in_the_last(place)
        before = time.time()
        place.ship()
        starts = [(at, entry) for at, entry in _events(place) if at >= before]
        again += sum(entry != f"entry_{FEW}" for _, entry in starts)
        found.append(starts[0][0] - before)
        _clean(folder)
    text = (
        f"devflow    after kill -9: the first new entry starts {median(found) * 1000:.0f} ms after"
    )
    return f"{text} the command, finished entries done again: {again} (0)", again == 0


def _kill_in_the_last(place: Place) -> None:
    process = subprocess.Popen(
        place.devflow("ship"), cwd=place.folder, env=place.environ, stdout=subprocess.DEVNULL
    )
    journal = place.folder / ".git" / "devflow" / "journal.db"
    while not journal.exists() or (_events(place) or [(0.0, "")])[-1][1] != f"entry_{FEW}":
        time.sleep(0.02)
    process.send_signal(signal.SIGKILL)
    process.wait()


if __name__ == "__main__":
    raise SystemExit(main())
