"""The numbered steps to the tables that the code expects: `<kind>/<number>_<name>.sql`.

Each database applies them itself, under its own lock and in one transaction, and records them in
its table `migrations`. A file that has been released is never changed: append the next number.
"""

from pathlib import Path
from typing import Iterable, List, NamedTuple

HERE = Path(__file__).resolve().parent


class Migration(NamedTuple):
    """One step: its number, the name of its file and its SQL."""

    number: int
    name: str
    sql: str


def known(kind: str, directory: Path = HERE) -> List[Migration]:
    """Return what this release knows for `sqlite` or `postgresql`, in order. Raises ValueError
    where a number is missing."""
    folder = directory / kind
    steps: List[Migration] = []
    for path in sorted(folder.glob("*.sql")):
        number, _, _ = path.name.partition("_")
        steps.append(Migration(int(number), path.stem, path.read_text(encoding="utf-8")))
    for position, step in enumerate(steps, start=1):
        if step.number != position:
            raise ValueError(f"{folder}: migrations must be numbered 1, 2, 3 …")
    return steps


def pending(migrations: List[Migration], applied: Iterable[int]) -> List[Migration]:
    """Return what is still to be applied. Raises ValueError for a newer release's database."""
    done = max(applied, default=0)
    if done > len(migrations):
        raise ValueError(
            f"it is at migration {done}, and this release knows {len(migrations)}: "
            "start the release that changed it, or a newer one"
        )
    return migrations[done:]
