"""Tries our plugins, and what we read of pytest, under its releases 6 to 9 and Pythons from 3.8 on.

``python -m tests.pythons [--folder FOLDER] [NAME...]``: environments are made in the folder, once,
with packages of an index; 1 where anything is otherwise than it has to be, 5 where a Python is not
on this machine.
"""

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Callable, Iterator

from devflow.adapters.git.repository import GitRepository
from devflow.adapters.machine.shell import LocalShell
from devflow.craft.suites.pytest_run import Asked
from devflow.craft.suites.suite import measured
from devflow.model.change import SuiteResult
from devflow.model.declared.project import Suite
from devflow.model.tree import Tree
from devflow.ports.shell import Python
from devflow.step import silent
from devflow.testing import MemoryRepository
from tests.pythons.rows import CORE, FLAKY, MARKED, OTHERS, ROWS, SUBTESTS, Row
from tests.standins.shell import RealShell

PROJECT = {"app/__init__.py": "", "app/core.py": CORE}
TESTS = {"tests/test_a.py": OTHERS, "tests/test_z.py": MARKED}


class Environment:
    """One row's environment, and the suites that run in it."""

    def __init__(self, folder: Path, row: Row, interpreter: str) -> None:
        self.row = row
        self.python = folder / row.name / "bin" / "python"
        self.interpreter = interpreter

    def make(self) -> None:
        """Installs what it needs, where that was not done before."""
        ready = self.python.parent / ".ready"
        if ready.exists():
            return
        place = self.python.parent.parent
        subprocess.run([self.interpreter, "-m", "venv", "--clear", str(place)], check=True)
        quiet = ["--quiet", "--disable-pip-version-check"]
        install = [str(self.python), "-m", "pip", "install", *quiet, *self.row.packages]
        subprocess.run(install, check=True)
        ready.touch()

    def run(self, files: dict[str, str], *options: str, affected: str = "") -> SuiteResult:
        """The suite of a small project, measured as a step would."""
        with tempfile.TemporaryDirectory() as state:
            settings = f"[pytest]\naddopts = {' '.join(options)}\n"
            files = {**PROJECT, **files, "pytest.ini": settings}
            shell = RealShell(MemoryRepository(files))
            described = Python(str(self.python), "the row's", self.row.python, "pip install")
            shell.project_pythons = {".venv": described}
            suite = Suite(path="tests", coverage_of="app", env={"STATE": state}, timeout_s=120)
            return measured(
                shell,
                Asked(
                    name="unit",
                    suite=suite,
                    tree="t" * 40,
                    place=Tree(id="main"),
                    entry="tests",
                    paths=tuple(files),
                    affected=(affected,) if affected else (),
                    rerun_failed=5,
                ),
                silent,
            )


def faults(environment: Environment) -> Iterator[str]:
    """What is otherwise than it has to be."""
    for options in ((), ("-n", "2"), ("-n", "2", "--dist", "loadfile"), ("-q", "-q")):
        result = environment.run(TESTS, *options, affected="tests/test_z.py")
        yield from _of_whole(result, options)
    if environment.row.has_subtests:
        result = environment.run({"tests/test_s.py": SUBTESTS})
        counts = (result.passed, result.failed, result.problem)
        yield from _same("subtests", counts, (2, 1, ""))
        # it passes by pytest's own note, and is run again all the same
        second = result.second.problem if result.second else "none"
        yield from _same("second attempt of a subtest", second, "")
    if environment.row.has_reruns:
        for options in (("--reruns", "2"), ("--reruns", "2", "-n", "2")):
            result = environment.run({"tests/test_f.py": FLAKY}, *options)
            counts = (result.passed, result.flaky, result.failed, result.problem)
            yield from _same(f"reruns {options}", counts, (1, 1, 0, ""))


def _of_whole(result: SuiteResult, options: tuple[str, ...]) -> Iterator[str]:
    words = f"whole {' '.join(options)}"
    counts = (result.passed, result.failed, result.skipped, result.problem, result.unmeasured)
    yield from _same(words, counts, (10, 0, 1, "", ""))
    yield from _same(f"{words}: coverage", result.coverage_pct, 100.0)
    affected = result.affected
    late = affected.late if affected else -1
    # of two workers, one may be done with all others while the other still has an affected one
    is_in_order = late == 0 or "-n" in options
    if affected is None or affected.tests != 2 or not is_in_order:
        yield f"{words}: the affected tests did not run first: {affected}"


def _same(what: str, is_: object, has_to_be: object) -> Iterator[str]:
    if is_ != has_to_be:
        yield f"{what}: {is_}, and has to be {has_to_be}"


def main(arguments: list[str]) -> int:
    """Every row, or those that are named."""
    parser = argparse.ArgumentParser("python -m tests.pythons", description=__doc__)
    parser.add_argument("--folder", type=Path, default=Path(".bench/pythons"))
    parser.add_argument("name", nargs="*", help="of a row, as 3.8-pytest-6.0.2")
    chosen = parser.parse_args(arguments)
    here = Path.cwd()
    shell = LocalShell(here, GitRepository(here, None), chosen.folder / "cache", None)
    ended = 0
    for row in ROWS:
        if chosen.name and row.name not in chosen.name:
            continue
        ended = max(ended, _tried(row, shell.interpreter, chosen.folder.resolve()))
    return ended


def _tried(row: Row, find: Callable[[str], str], folder: Path) -> int:
    interpreter = find(row.python)
    if not interpreter:
        print(f"{row.name}: there is no Python {row.python} on this machine")
        return 5
    environment = Environment(folder, row, interpreter)
    environment.make()
    found = list(faults(environment))
    for fault in found:
        print(f"{row.name}: {fault}")
    print(f"{row.name}: {'wrong' if found else 'as it has to be'}")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
