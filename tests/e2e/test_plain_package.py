"""The same steps for a plain Python package by parameters alone: two tickets, one after the other,
by the real command line.

The stories are played once; each test reads what they left.
"""

import json
from pathlib import Path
from typing import Any, Iterator
from xml.etree import ElementTree

import pytest

from devflow.adapters.jira.adf import to_adf
from tests.e2e.checkout import KEY, Checkout, plain_checkout
from tests.e2e.spoil_outside import Outside

SECOND = "SCRUM-96"
DESCRIPTION = (
    "## User Story\n\nAs a Roman I count to a hundred.\n\n"
    "## Acceptance Criteria\n\n- Fifty is L\n- Zero is refused\n"
)
# unformatted, so that a hook sends it back, and with one criterion proved
TESTS = """from roman import to_roman


def test_fifty_is_written_as_l(record_property):
    record_property( "ac", "AC-1" )
    assert to_roman(50) == 'L'
"""
UNTESTED = '''

def from_roman(text):
    """The number of a numeral; nothing tests it yet."""
    number = 0
    for letter in text:
        number += 1
    return number
'''


class Played:
    """A checkout in which tickets were shipped, and how each command ended."""

    def __init__(self, checkout: Checkout) -> None:
        self.checkout = checkout
        self.first = self.second = {}

    def play(self) -> None:
        self.checkout.ends(0, "start", KEY)
        self.checkout.edit(
            "src/roman/numerals.py", r"SYMBOLS = \{", 'SYMBOLS = {50: "L", 40: "XL", '
        )
        self.checkout.write("checks/test_fifty.py", TESTS)
        # what the hook changed is the developer's to look at
        self.checkout.ends(8, "ship", KEY, "--output", "plain")
        self.checkout.ends(0, "ship", KEY, "--output", "plain")
        self.first = self.entries(KEY)
        self.merge()
        outside = Outside(self.checkout)
        outside.jira(
            "PUT", f"/rest/api/3/issue/{SECOND}", {"fields": {"description": to_adf(DESCRIPTION)}}
        )
        self.checkout.ends(0, "start", SECOND)
        self.checkout.edit("src/roman/numerals.py", r"\Z", UNTESTED)
        self.checkout.ends(0, "ship", SECOND)
        self.second = self.entries(SECOND)

    def merge(self) -> None:
        """A person merges by squash, as on the code host: another commit, the same tree."""
        branch = self.checkout.git("branch", "--show-current")
        self.checkout.git("switch", "--quiet", "main")
        self.checkout.git("merge", "--quiet", "--squash", branch)
        self.checkout.git("commit", "--quiet", "--no-verify", "--message", "Add fifty (#1)")
        self.checkout.git("push", "--quiet", self.checkout.sandbox()["git_remote"], "main")

    def entries(self, key: str) -> dict[str, dict[str, Any]]:
        return {entry["name"]: entry for entry in self.checkout.status(key)["entries"]}


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Played]:
    story = Played(plain_checkout(tmp_path_factory.mktemp("plain") / "plain"))
    try:
        story.play()
        yield story
    finally:
        story.checkout.close()


def lines(entry: dict[str, Any]) -> dict[str, str]:
    """The evidence by label; of several with one label the last."""
    return {check["label"]: check["measured"] for check in entry["checks"]}


def test_everything_passed_but_the_limit_that_had_no_baseline_yet(played: Played) -> None:
    statuses = {name: entry["status"] for name, entry in played.first.items()}
    assert {name for name, status in statuses.items() if status != "passed"} == {"tests"}
    assert (
        statuses["tests"] == "unavailable"
        and "no baseline stored for main" in played.first["tests"]["why"]
    )
    assert {entry["status"] for entry in played.second.values()} == {"passed"}


def test_the_change_reached_its_tests_by_import_and_they_ran_first(played: Played) -> None:
    coding = lines(played.second["coding"])
    assert coding["reaches"] == "1 module, 2 test files: checks 2"
    assert coding["reached"] == "src.roman.numerals <- src.roman <- checks/test_numerals.py"
    assert lines(played.second["local_tests"])["checks, affected first"].startswith(
        "5 of 6 tests in 2 files, none failed in "
    )


def test_a_hook_mended_the_new_file_and_the_second_round_tested_what_was_committed(
    played: Played,
) -> None:
    assert played.first["local_tests"]["round"] == 2
    assert (
        played.checkout.git("show", "main:checks/test_fifty.py").splitlines()[4]
        == '    record_property("ac", "AC-1")'
    )


def test_each_criterion_has_its_tests_or_says_that_it_has_none(played: Played) -> None:
    tested = lines(played.first["local_tests"])
    assert tested["AC-1"] == "Three distinct tabs <- test_fifty_is_written_as_l"
    assert tested["AC-2"] == "CSS-only implementation <- no test names AC-2"
    assert lines(played.first["coding"])["AC-1"] == "Three distinct tabs <- checks/test_fifty.py"
    assert lines(played.first["tests"])["criteria proved"] == "1 of 3, AC-1"


def test_the_second_tickets_criteria_are_not_proved_by_the_firsts_tests(played: Played) -> None:
    assert lines(played.second["local_tests"])["AC-1"] == "Fifty is L <- no test names AC-1"
    assert lines(played.second["tests"])["criteria proved"] == "0 of 2"


def test_the_second_ticket_is_compared_with_what_the_first_one_measured(played: Played) -> None:
    main = played.checkout.git("rev-parse", "--short=7", "main")
    for entry in ("local_tests", "tests"):
        checks = lines(played.second[entry])
        change = checks["checks coverage change"]
        assert change.endswith(f" % (from 81.8 % on main {main})"), checks
        assert change.startswith("-"), "untested lines were added"
        less = [name for name in checks if name.startswith("less of")]
        assert less == ["less of src/roman/numerals.py"]


def test_results_are_kept_in_the_runs_folder_and_named_by_logs(played: Played) -> None:
    for entry in ("local_tests", "tests"):
        told = json.loads(played.checkout.ends(0, "logs", entry, SECOND, "--output", "json"))
        kept = {Path(one["path"]).name: one for one in told["results"]}
        assert set(kept) == {f"{entry}-checks.junit.xml", f"{entry}-checks.coverage.xml"}
        assert [Path(one["path"]).name for one in told["logs"]] == [f"{entry}-checks.log"]
        junit = kept[f"{entry}-checks.junit.xml"]
        assert Path(junit["path"]).stat().st_size == junit["size_bytes"]
        assert len(list(ElementTree.parse(junit["path"]).iter("testcase"))) == 6
        covered = ElementTree.parse(kept[f"{entry}-checks.coverage.xml"]["path"]).getroot()
        assert 0 < float(covered.attrib["line-rate"]) < 1
    output = played.checkout.ends(0, "logs", "local_tests", SECOND)
    assert output.splitlines()[0] == "== results of local_tests" and "6 passed" in output
    assert "black" in played.checkout.ends(0, "logs", "pre_commit", SECOND)


def test_a_plan_keeps_no_result(played: Played) -> None:
    logs = played.checkout.state / "logs"
    before = {path: path.stat().st_mtime_ns for path in logs.rglob("*")}
    played.checkout.ends(0, "plan", SECOND)
    assert {path: path.stat().st_mtime_ns for path in logs.rglob("*")} == before
