"""What linters said of the base commit, kept between commands: it is the same again while the
commit, the linter with what it is declared as, its interpreter with all packages, its environment,
the user's own settings and this machine are the same.

Of a command of which it is not known what it loads nothing is kept, nor of what was not measured.
"""

import hashlib
import json
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from pathlib import Path
from posixpath import dirname
from typing import Callable, Final

from devflow.craft.quality.linter_settings import Linter
from devflow.craft.quality.own_linters import Place, program_of
from devflow.craft.quality.rows import Job, Row
from devflow.craft.quality.tools import project_python, tool
from devflow.craft.suites.conditions import told_of
from devflow.craft.suites.setups import runtime_of
from devflow.model.bounds.commands import argv_of
from devflow.model.ci import LinterResult
from devflow.ports.shell import Command, ShellReads

_OURS: Final = "devflow"
# of those that devflow knows; they load nothing
_BINARIES: Final = ("ruff",)


@dataclass(frozen=True)
class Keeper:
    """Takes rows that are kept, where a person does not want them ``anew``, and keeps those that
    are measured ``now``."""

    shell: ShellReads
    now: datetime
    anew: bool = False

    def keeping(self, job: Job, conditions: Callable[[], str]) -> Job:
        """The job, which runs only where nothing is kept under its conditions; these are empty
        where they cannot be told."""

        def run() -> tuple[Row, ...]:
            # before it runs: what is installed meanwhile makes a difference
            key = conditions()
            kept = _read(self.shell.recall(key)) if key and not self.anew else ()
            if kept:
                return kept
            rows = job()
            if key and all(row.result.ran for row in rows):
                self.shell.remember(key, _written(rows, self.now))
            return rows

        return run


def conditions_of(shell: ShellReads, name: str, linter: Linter, place: Place) -> str:
    """Everything that a linter's word on a commit depends on, in one; empty where it is not all
    known."""
    # the value of a secret is kept nowhere
    if linter.pass_env:
        return ""
    program = _program(shell, linter, place) if linter.run else _known(shell, name, linter, place)
    told = told_of(shell, program.python, program.paths) if program else {}
    if program is None or not told:
        return ""
    declared = linter.model_dump(mode="json")
    parts = [place.tree.id, name, declared, place.asked, program.version, told, _readers()]
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


@dataclass(frozen=True)
class _Program:
    """What is started: the interpreter whose packages it imports, and files of programs."""

    python: str
    paths: tuple[str, ...]
    version: str


def _known(shell: ShellReads, name: str, linter: Linter, place: Place) -> _Program | None:
    program = program_of(name)
    found = tool(shell, program, linter, place.paths)
    if found.problem:
        return None
    version = f"{found.version} {found.where}"
    if len(found.argv) > 1:
        return _Program(found.argv[0], (), version)
    # a program of Python's on the PATH imports from an interpreter that is not known here
    return _of_ours(shell, found.argv, version) if program in _BINARIES else None


def _program(shell: ShellReads, linter: Linter, place: Place) -> _Program | None:
    """A command whose packages are those of the project's interpreter, or those of a lock file."""
    name = argv_of(linter.run)[0]
    python = project_python(shell, linter.python, linter.cwd, place.paths)
    path = shell.program(name, python).path if "/" not in name else ""
    if python and path and dirname(path) == dirname(python):
        return _Program(python, (path,), "")
    runtime = runtime_of(name)
    if not (path and runtime and linter.setup_key):
        return None
    answer = shell.measure(Command(runtime)).output
    return _of_ours(shell, (path, shell.found(runtime[0])), answer)


def _of_ours(shell: ShellReads, paths: tuple[str, ...], version: str) -> _Program | None:
    """Programs that import nothing that an interpreter has; ours only tells of them."""
    ours = shell.project_python(_OURS, "", ())
    return _Program(ours.path, paths, version) if ours and all(paths) else None


@cache
def _readers() -> str:
    """What reads their output: what it makes of it may be otherwise after an update."""
    digest = hashlib.sha256()
    for path in sorted(Path(__file__).parent.rglob("*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()


def _written(rows: tuple[Row, ...], now: datetime) -> str:
    kept = []
    for row in rows:
        result = row.result.model_dump(mode="json")
        kept.append({"result": result, "unread": row.unread, "failed": row.failed})
    return json.dumps({"at": now.isoformat(), "rows": kept})


def _read(text: str) -> tuple[Row, ...]:
    """The rows; none of a text that is not whole, which are measured anew then."""
    try:
        kept = json.loads(text)
        at = datetime.fromisoformat(kept["at"])
        rows = [_row(row) for row in kept["rows"]]
    except (ValueError, LookupError, TypeError):
        return ()
    return tuple(replace(row, kept_at=at) for row in rows)


def _row(kept: dict[str, object]) -> Row:
    result = LinterResult.model_validate(kept["result"])
    unread = kept["unread"]
    if not isinstance(unread, list):
        raise ValueError("no list of lines")
    return Row(result, tuple(str(line) for line in unread), bool(kept["failed"]))
