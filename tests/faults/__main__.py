"""`python -m tests.faults --minutes 60`: plays every trial that is not in the kept table yet, then
trials by chance until the time is over, and prints the matrix.

`--only F9` plays one family, `--only "F9/mutated 17"` one trial, whatever the table says. Ends with
1 where anything was wrong or there twice.
"""

import argparse
import sys
import time
from itertools import islice
from typing import Final, Iterator, Sequence

from tests.faults.families import FAMILIES
from tests.faults.table import Table, kept_at, version
from tests.faults.trial import Family, Trial, judged

# characters of what is wrong; the table has all of it
SHOWN: Final = 300


class Run:
    """One run of the harness, bounded in time."""

    def __init__(self, table: Table, until_s: float) -> None:
        self._table = table
        self._until_s = until_s

    def play(self, family: Family, trials: Iterator[Trial], *, again: bool = False) -> None:
        """Plays what the table has not, as long as there is time."""
        for trial in trials:
            name = f"{family.id}/{trial.name}"
            if name in self._table.rows and not again:
                continue
            # one that was asked for by name is played however long its family took to begin
            if time.monotonic() > self._until_s and not again:
                return
            begun_s = time.monotonic()
            outcome = judged(trial)
            self._table.add(name, outcome, time.monotonic() - begun_s)
            if outcome.wrong or outcome.duplicates:
                print(f"{name}: {outcome.wrong[:SHOWN]} ({outcome.duplicates} twice)", flush=True)


def chosen(only: str) -> tuple[tuple[Family, ...], str]:
    """The families that are meant, and the one trial of them."""
    id_, _, trial = only.partition("/")
    families = tuple(family for family in FAMILIES if id_ in ("", family.id))
    if not families:
        known = ", ".join(family.id for family in FAMILIES)
        sys.exit(f"there is no family {id_!r}: {known}")
    return families, trial


def alone(family: Family, name: str) -> Iterator[Trial]:
    """The trial of this name, of those by chance too: a seed is found by counting."""
    for trials in (family.trials(), islice(family.more(), 1_000_000)):
        for trial in trials:
            if trial.name == name:
                yield trial
                return
    sys.exit(f"{family.id} has no trial {name!r}")


def played(run: Run, families: Sequence[Family], name: str) -> None:
    """Plays one trial by its name, else all that can be counted and then those by chance."""
    for family in families:
        if name:
            run.play(family, alone(family, name), again=True)
        else:
            run.play(family, family.trials())
    for family in () if name else families:
        run.play(family, family.more())


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.faults")
    parser.add_argument("--minutes", type=float, default=60.0)
    parser.add_argument("--only", default="", metavar="FAMILY[/TRIAL]")
    options = parser.parse_args(arguments)
    families, name = chosen(options.only)
    table = Table(kept_at(), version())
    run = Run(table, time.monotonic() + options.minutes * 60)
    try:
        played(run, families, name)
    except KeyboardInterrupt:
        print("stopped: the same command goes on", flush=True)
    faults = []
    for family in families:
        counted = 0 if name else sum(1 for _ in family.trials())
        faults.append((family.id, family.fault, counted))
        family.close()
    print(f"version {table.of}, {time.strftime('%Y-%m-%d')}")
    print("\n".join(table.matrix(faults)))
    ids = {family.id for family in families}
    rows = [row for key, row in table.rows.items() if key.partition("/")[0] in ids]
    return int(any(row.wrong or row.duplicates for row in rows))


if __name__ == "__main__":
    sys.exit(main())
