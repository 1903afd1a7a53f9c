"""What real pytests wrote, release by release: their last line, their report and our own note of
each test say the same, or it is told that they do not."""

import json
from pathlib import Path
from typing import Any

import pytest

from devflow.craft.suites.ended import read_ended
from devflow.craft.suites.pytest_run import Asked
from devflow.craft.suites.pytest_words import Progress, counted, last_line
from devflow.craft.suites.suite import measured
from devflow.model.change import SuiteResult
from devflow.model.declared.project import Suite
from devflow.model.tree import Tree
from devflow.ports.shell import Command, Line, Ran
from devflow.step import silent
from tests.standins.shell import HasPython

RUNS = Path(__file__).with_name("runs")


def recorded(name: str) -> dict[str, Any]:
    read: dict[str, Any] = json.loads((RUNS / f"{name}.json").read_text())
    return read


class Recorded(HasPython):
    """A shell in which one recorded run happens; ``without`` our note, as where it was not
    written."""

    def __init__(self, name: str, without: bool) -> None:
        run = recorded(name)
        files = {"junit.xml": run["junit.xml"]}
        if not without:
            files["ended.json"] = run["ended.json"]
        self.ran = Ran(run["exit_code"], run["output"], 1.0, files)
        self.asked: list[Command] = []

    def measure(self, command: Command, line: Line | None = None) -> Ran:
        self.asked.append(command)
        return self.ran

    def keep(self, name: str, text: str) -> None:
        """Nothing is kept."""


def result_of(shell: Recorded, rerun_failed: int = 0) -> SuiteResult:
    asked = Asked(
        name="unit",
        suite=Suite(path="."),
        tree="t" * 40,
        place=Tree(id="t" * 40),
        entry="tests",
        rerun_failed=rerun_failed,
    )
    return measured(shell, asked, silent)


@pytest.mark.parametrize(
    ("name", "passed", "failed", "flaky", "skipped"),
    [
        ("pytest-6.0-subtests-0.5", 2, 0, 0, 1),
        ("pytest-8.4-subtests-0.15", 3, 0, 0, 0),
        ("pytest-9.2-subtests", 3, 0, 0, 0),
        ("pytest-6.0-failed-subtest-0.5", 1, 1, 0, 0),
        ("pytest-9.2-failed-subtest", 1, 1, 0, 0),
        ("pytest-8.4-rerunfailures-16.7-subtests-0.15", 1, 1, 2, 0),
        ("pytest-9.2-rerunfailures-16.7", 1, 0, 3, 0),
        ("pytest-9.2-rerunfailures-16.7-xdist-3.8", 1, 0, 3, 0),
        ("pytest-9.2-retry-1.7", 1, 1, 1, 0),
        ("pytest-9.2-flaky-3.8", 1, 1, 1, 0),
    ],
)
def test_subtests_and_reruns_are_no_contradiction(
    name: str, passed: int, failed: int, flaky: int, skipped: int
) -> None:
    result = result_of(Recorded(name, without=False))
    counts = (result.passed, result.failed, result.flaky, result.skipped)
    assert (result.problem, counts) == ("", (passed, failed, flaky, skipped))


@pytest.mark.parametrize("name", ["pytest-8.4-subtests-0.15", "pytest-9.2-failed-subtest"])
def test_they_agree_also_where_nothing_was_noted(name: str) -> None:
    assert result_of(Recorded(name, without=True)).problem == ""


def test_a_test_that_is_missing_from_the_report_is_told_also_beside_subtests() -> None:
    shell = Recorded("pytest-9.2-subtests", without=False)
    more = shell.ran.output.replace("3 passed,", "4 passed,")
    shell.ran = Ran(0, more, 1.0, shell.ran.files)
    assert result_of(shell).problem == "pytest says 7 tests, and its report has 3"


def test_a_failed_subtest_of_a_test_that_passes_is_run_again() -> None:
    """pytest's own note of failed tests, which is empty then, would be no proof that its cache is
    switched off."""
    shell = Recorded("pytest-9.2-failed-subtest", without=False)
    result_of(shell, rerun_failed=10)
    note = json.loads(shell.asked[1].given["cache/v/cache/lastfailed"])
    assert note == {"test_a.py::U::test_fail": True}
    bare = Recorded("pytest-9.2-failed-subtest", without=True)
    second = result_of(bare, rerun_failed=10).second
    assert second and second.problem == "pytest kept no note of what failed"


LAST = "== 3 passed, 1 skipped in 0.12s =="


@pytest.mark.parametrize(
    ("output", "tests"),
    [
        (LAST, 4),
        ("3 passed, 1 skipped in 0.12s", 4),
        ("==== 3 passed, 1 warning, 12 subtests passed in 61.02s (0:01:01) ====", 3),
        ("= 1 failed, 2 passed, 1 xpassed, 1 error, 2 rerun in 93784.00s (1 day, 2:03:04) =", 5),
        (f"{LAST}\nUploaded 3 files in 0.5s", 4),
        (f"{LAST}\n3 files uploaded in 0.5s", 4),
        (f"{LAST}\n2 passed in 0.01s", 4),
        (f"{LAST}\nINFO  root: 7 rows failed in 1.5s, see above", 4),
        ("==== no tests ran in 0.01s ====", -1),
        ("nothing of the kind", -1),
    ],
)
def test_the_last_line_is_pytests_own_whatever_others_print_after_it(
    output: str, tests: int
) -> None:
    assert counted(f"..\n{output}\n", otherwise=-1) == tests


def test_the_last_of_several_is_taken() -> None:
    assert last_line(f"== 1 passed in 0.01s ==\n{LAST}\n") == "3 passed, 1 skipped"


def test_a_test_is_counted_once_however_many_parts_it_tells_of() -> None:
    for name in ("pytest-9.2-rerunfailures-16.7", "pytest-6.0-subtests-0.5"):
        said: list[tuple[Any, ...]] = []
        progress = Progress(lambda *what: said.append(what))
        output = recorded(name)["output"]
        for line in output.splitlines():
            progress(line)
        total = said[-1][2]
        assert said[-1][1] == total and not said[-1][0].startswith("0")
    said.clear()
    progress = Progress(lambda *what: said.append(what), total=2)
    progress("[gw1] [ 14%] SUBFAILED[a] (i=1) tests/test_r.py::test_sub[x-1] ")
    progress("[gw1] [ 14%] PASSED tests/test_r.py::test_sub[x-1] ")
    assert said[-1] == ("1 of 2 · 1 failed: test_sub[x-1]", 1, 2)


@pytest.mark.parametrize("text", ["", "{", "[]", '{"tests": 1}', '{"has_cache": 1, "tests": [1]}'])
def test_a_note_that_cannot_be_read_says_nothing(text: str) -> None:
    assert not read_ended(text).is_known
