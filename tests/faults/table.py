"""The kept table: a row a trial, written as soon as it has ended, so that a run that was stopped
goes on where it was."""

import hashlib
import json
import subprocess
import time
from collections import Counter
from pathlib import Path
from typing import Final, Iterable

from tests.faults.trial import Outcome

ROOT: Final = Path(__file__).parents[2]
NOT_BUILT: Final = {
    "F16": "webhooks: signature, replay, size",
    "F22": "a worker or node killed",
}


def git(*arguments: str) -> str:
    """What git says in this repository."""
    ran = subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, text=True, check=True)
    return ran.stdout


def version() -> str:
    """What is tried: the trees of devflow and its services, and the change that lies in the working
    tree; a commit of documents alone takes no row away."""
    trees = git("rev-parse", "HEAD:devflow", "HEAD:services")
    change = git("diff", "HEAD", "--", "devflow", "services")
    mark = hashlib.sha256(f"{trees}{change}".encode()).hexdigest()[:12]
    return f"{mark}+" if change else mark


def kept_at() -> Path:
    """Where the table is kept: in git's own folder, which no commit takes."""
    return ROOT / git("rev-parse", "--git-path", "faults/trials.ndjson").strip()


class Table:
    """The rows of one version; those of others are kept and not counted."""

    def __init__(self, file: Path, of: str) -> None:
        self._file = file
        self.of = of
        self.rows: dict[str, Outcome] = {}
        if file.exists():
            for line in file.read_text(encoding="utf-8").splitlines():
                self._read(line)

    def _read(self, line: str) -> None:
        try:
            row = json.loads(line)
        except ValueError:  # the line that a kill cut off: its trial is played again
            return
        if row["version"] == self.of:
            self.rows[row["trial"]] = Outcome(
                row["wrong"], row["duplicates"], row.get("counted", {})
            )

    def add(self, trial: str, outcome: Outcome, took_s: float) -> None:
        """Writes a row; a trial that is played again has the newer one."""
        self.rows[trial] = outcome
        row = {
            "version": self.of,
            "trial": trial,
            "wrong": outcome.wrong,
            "duplicates": outcome.duplicates,
            "counted": dict(outcome.counted),
            "took_s": round(took_s, 2),
            "at": round(time.time()),
        }
        self._file.parent.mkdir(parents=True, exist_ok=True)
        # behind a row that a kill cut off
        is_cut = _is_cut(self._file)
        with self._file.open("a", encoding="utf-8") as rows:
            rows.write(("\n" if is_cut else "") + json.dumps(row) + "\n")

    def matrix(self, faults: Iterable[tuple[str, str, int]]) -> list[str]:
        """The lines of the matrix: id, fault with what was counted, trials of how many, wrong,
        duplicates."""
        counts = Counter(name.partition("/")[0] for name in self.rows)
        wrong = Counter(name.partition("/")[0] for name, row in self.rows.items() if row.wrong)
        twice = self._twice()
        lines = {}
        for id_, fault, enumerated in faults:
            done = f"{counts[id_]} of {enumerated}" if counts[id_] < enumerated else counts[id_]
            told = f"{fault}{self._sums(id_)}"
            lines[id_] = f"| {id_} | {told} | {done} | {wrong[id_]} | {twice[id_]} |"
        for id_, fault in NOT_BUILT.items():
            lines[id_] = f"| {id_} | {fault} | not built | | |"
        ordered = sorted(lines, key=lambda id_: int(id_[1:]))
        head = ["| id | fault | trials | wrong | duplicates |", "|---|---|---|---|---|"]
        return [*head, *(lines[id_] for id_ in ordered)]

    def _twice(self) -> Counter[str]:
        """By row: what was there twice."""
        twice: Counter[str] = Counter()
        for name, row in self.rows.items():
            twice[name.partition("/")[0]] += row.duplicates
        return twice

    def _sums(self, id_: str) -> str:
        """What the trials of a row have counted, all together."""
        sums: Counter[str] = Counter()
        for name, row in self.rows.items():
            if name.partition("/")[0] == id_:
                sums.update(row.counted)
        return "".join(f", {count:,} {what}" for what, count in sorted(sums.items()))


def _is_cut(file: Path) -> bool:
    """Whether a file ends amid a line."""
    if not file.exists() or not file.stat().st_size:
        return False
    with file.open("rb") as rows:
        rows.seek(-1, 2)
        return rows.read(1) != b"\n"
