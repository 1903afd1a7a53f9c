"""`python -m tests.faults --minutes 60`: plays every trial that is not in the kept table yet, then
trials by chance until the time is over, and prints the matrix. Each minute it says how far it is.

`--only F9` plays one family, `--only "F9/mutated 17"` one trial, whatever the table says. Ends with
1 where anything was wrong or there twice.
"""

import argparse
import sys
import time
from itertools import islice
from typing import Final, Iterator, Sequence

from devflow.model.wording import duration
from tests.faults.families import FAMILIES
from tests.faults.table import Table, kept_at, version
from tests.faults.trial import Family, Trial, judged

# characters of what is wrong; the table has all of it
SHOWN: Final = 300
TOLD_EVERY_S: Final = 60.0


class Progress:
    """How far a family is; ``left`` is how many of its trials are to be played, where that is
    known."""

    def __init__(self, id_: str, left: int | None) -> None:
        self._id = id_
        self._left = left
        self._played = 0
        self._took_s = 0.0
        self._told_s = time.monotonic()

    def line(self, took_s: float, every_s: float = TOLD_EVERY_S) -> str:
        """What there is to say after one more trial; mostly nothing."""
        self._played += 1
        self._took_s += took_s
        if time.monotonic() - self._told_s < every_s:
            return ""
        self._told_s = time.monotonic()
        each_s = self._took_s / self._played
        line = f"{self._id}: {self._played} played, {duration(each_s)} each"
        if self._left is None:
            return line
        left = self._left - self._played
        return f"{line}; {left} left, about {duration(left * each_s)}"


class Run:
    """One run of the harness, bounded in time."""

    def __init__(self, table: Table, until_s: float) -> None:
        self._table = table
        self._until_s = until_s
        self._names: dict[str, tuple[str, ...]] = {}

    def names(self, family: Family) -> tuple[str, ...]:
        """Of every trial of a family that can be counted; found once, since some are recorded."""
        if family.id not in self._names:
            self._names[family.id] = tuple(trial.name for trial in family.trials())
        return self._names[family.id]

    def play_all(self, family: Family) -> None:
        """Plays what can be counted."""
        left = sum(f"{family.id}/{name}" not in self._table.rows for name in self.names(family))
        self.play(family, family.trials(), left=left)

    def play(
        self,
        family: Family,
        trials: Iterator[Trial],
        *,
        left: int | None = None,
        again: bool = False,
    ) -> None:
        """Plays what the table has not, as long as there is time."""
        progress = Progress(family.id, left)
        for trial in trials:
            name = f"{family.id}/{trial.name}"
            if name in self._table.rows and not again:
                continue
            # one that was asked for by name is played however long its family took to begin
            if time.monotonic() > self._until_s and not again:
                return
            begun_s = time.monotonic()
            outcome = judged(trial)
            took_s = time.monotonic() - begun_s
            self._table.add(name, outcome, took_s)
            if outcome.wrong or outcome.duplicates:
                print(f"{name}: {outcome.wrong[:SHOWN]} ({outcome.duplicates} twice)", flush=True)
            if line := progress.line(took_s):
                print(line, flush=True)


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
            run.play_all(family)
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
    faults = []
    try:
        played(run, families, name)
        # those that no time was left for are counted too
        counted = {family.id: 0 if name else len(run.names(family)) for family in families}
        faults = [(family.id, family.fault, counted[family.id]) for family in families]
    except KeyboardInterrupt:
        print("stopped: the same command goes on", flush=True)
    finally:
        for family in families:
            family.close()
    print(f"version {table.of}, {time.strftime('%Y-%m-%d')}")
    print("\n".join(table.matrix(faults)))
    ids = {family.id for family in families}
    rows = [row for key, row in table.rows.items() if key.partition("/")[0] in ids]
    return int(any(row.wrong or row.duplicates for row in rows))


if __name__ == "__main__":
    sys.exit(main())
