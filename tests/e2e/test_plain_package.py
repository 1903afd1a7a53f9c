"""The same steps for a plain Python package by parameters alone: two tickets, one after the other,
by the real command line.

The stories are played once; each test reads what they left.
"""

import json
import shlex
from pathlib import Path
from typing import Any, Iterator
from xml.etree import ElementTree

import pytest

from devflow.adapters.jira.adf import to_adf
from tests.e2e.checkout import KEY, Checkout, plain_checkout
from tests.e2e.spoil_outside import Outside
from tests.standins.python_environment import python_environment

SECOND = "SCRUM-96"
UNDEPLOYED = {"images", "publish", "analysis", "smoke", "development", "monitoring", "analytics"}
NO_SERVICES = "the project has no services, so nothing is deployed"
DESCRIPTION = (
    "## User Story\n\nAs a Roman I count to a hundred.\n\n"
    "## Acceptance Criteria\n\n- Fifty is L\n- Zero is refused\n"
)
# unformatted, so that a hook sends it back, and with one criterion proved
TESTS = """from roman import to_roman


def test_fifty_is_written_as_l(record_property):
    record_property( "ac", "AC-1" )
    assert to_roman(50) == 'L'


# SCRUM-95 AC-2: no letter four times
def test_forty_has_two_letters():
    assert to_roman(40) == 'XL'
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
        self.waiting = self.first = self.second = {}
        self.end = ""
        self.body = ""
        self.states: list[dict[str, str]] = []

    def play(self) -> None:
        self.checkout.ends(0, "start", KEY)
        self.checkout.edit(
            "src/roman/numerals.py", r"SYMBOLS = \{", 'SYMBOLS = {50: "L", 40: "XL", '
        )
        self.checkout.write("checks/test_fifty.py", TESTS)
        # what the hook changed is the developer's to look at
        self.checkout.ends(8, "ship", KEY, "--output", "plain")
        self.checkout.ends(8, "ship", KEY, "--output", "plain")
        self.waiting = self.entries(KEY)
        self.checkout.ends(0, "--as", "devops", "approve", "production", KEY)
        self.end = self.checkout.ends(0, "ship", KEY, "--output", "plain")
        self.first = self.entries(KEY)
        self.later = self.told_later()
        outside = Outside(self.checkout)
        pull = outside.github("jose", "GET", "/pulls/1")
        self.body = pull["body"]
        self.states = outside.github("jose", "GET", f"/commits/{pull['head']['sha']}/status")[
            "statuses"
        ]
        self.pull()
        outside.jira(
            "PUT", f"/rest/api/3/issue/{SECOND}", {"fields": {"description": to_adf(DESCRIPTION)}}
        )
        # what a developer has in the checkout, and does not commit
        python_environment(self.checkout.folder / ".venv")
        self.checkout.write(".git/info/exclude", ".venv/\n")
        self.checkout.ends(0, "start", SECOND)
        self.checkout.edit("src/roman/numerals.py", r"\Z", UNTESTED)
        self.checkout.ends(8, "ship", SECOND)
        self.second = self.entries(SECOND)

    def told_later(self) -> str:
        """What `status` says where pipeline.yaml was changed after the merge."""
        self.checkout.edit("pipeline.yaml", r"\Z", "# later\n")
        told = self.checkout.devflow("status", KEY).stderr
        self.checkout.git("restore", "pipeline.yaml")
        return told

    def pull(self) -> None:
        """A person brings main to what was merged, as the run's end says: another commit, the same
        tree."""
        told = self.end.splitlines()[-1].partition(" next ")[2].strip()
        for command in told.split(" && "):
            program, *arguments = shlex.split(command)
            assert program == "git"
            self.checkout.git(*arguments)

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
    assert _named(statuses, "unavailable") == {"tests"}
    assert _named(statuses, "skipped") == UNDEPLOYED
    assert _named(statuses, "passed") == {*statuses} - UNDEPLOYED - {"tests"}
    assert (
        statuses["tests"] == "unavailable"
        and "no baseline stored for main" in played.first["tests"]["why"]
    )
    statuses = {name: entry["status"] for name, entry in played.second.items()}
    assert _named(statuses, "waiting") == {"production"}
    made = set(list(statuses)[: list(statuses).index("production")])
    assert _named(statuses, "passed") == made - UNDEPLOYED


def _named(statuses: dict[str, str], status: str) -> set[str]:
    return {name for name, one in statuses.items() if one == status}


def test_what_a_package_has_not_is_skipped_with_the_reason(played: Played) -> None:
    for name in UNDEPLOYED:
        assert played.first[name]["why"].endswith(NO_SERVICES), name


def test_a_package_is_merged_once_it_is_approved_and_its_ticket_is_done(played: Played) -> None:
    assert played.waiting["production"]["status"] == "waiting"
    assert played.waiting["closure"]["status"] == "pending"
    assert "SCRUM-95 is done" in played.end and "; merged in the sandbox alone" in played.end
    released = lines(played.first["production"])
    assert released["merged"] == played.checkout.git("rev-parse", "--short=7", "main")
    assert released["deployment"] == f"skipped: {NO_SERVICES}"
    closed = lines(played.first["closure"])
    assert closed["status flow"].endswith("Done")
    assert closed["Production"] == f"{released['merged']} merged, {NO_SERVICES}"
    comments = Outside(played.checkout).jira("GET", f"/rest/api/3/issue/{KEY}/comment")
    assert f"Production: {closed['Production']}" in json.dumps(comments)


def test_a_pipeline_that_changes_after_the_merge_is_none_of_the_judged_tree(played: Played) -> None:
    assert "pipeline.yaml here is not the one of the tree that is judged" in played.later


def test_the_change_reached_its_tests_by_import_and_they_ran_first(played: Played) -> None:
    coding = lines(played.second["coding"])
    assert coding["reaches"] == "1 module, 2 test files: checks 2"
    reach = [one for one in played.second["coding"]["checks"] if one["label"] == "reaches"]
    assert reach[0]["source"].startswith("Python's imports, ")
    assert coding["reached"] == "src.roman.numerals <- src.roman <- checks/test_numerals.py"
    assert lines(played.second["local_tests"])["checks, affected first"].startswith(
        "6 of 7 tests in 2 files, none failed in "
    )


def test_a_hook_mended_the_new_file_and_the_second_round_tested_what_was_committed(
    played: Played,
) -> None:
    assert played.first["local_tests"]["round"] == 2
    assert (
        played.checkout.git("show", "main:checks/test_fifty.py").splitlines()[4]
        == '    record_property("ac", "AC-1")'
    )


def test_the_tests_run_in_the_projects_own_environment_once_it_is_there(played: Played) -> None:
    first = lines(played.first["local_tests"])["checks interpreter"]
    assert first.startswith("devflow's own Python 3.") and first.endswith("no other was found")
    for entry in ("local_tests", "tests"):
        second = lines(played.second[entry])["checks interpreter"]
        assert second.startswith(".venv/bin/python, Python 3.")


def test_each_criterion_has_its_tests_or_says_that_it_has_none(played: Played) -> None:
    tested = lines(played.first["local_tests"])
    assert tested["AC-1"] == "Three distinct tabs <- test_fifty_is_written_as_l"
    assert tested["AC-2"] == "CSS-only implementation <- test_forty_has_two_letters"
    assert tested["AC-3"].endswith(" <- no test names AC-3")
    assert lines(played.first["coding"])["AC-1"] == "Three distinct tabs <- checks/test_fifty.py"
    assert lines(played.first["tests"])["criteria proved"] == "2 of 3, AC-1, AC-2"


def test_the_projects_own_commands_stand_in_the_pull_request_or_on_its_commit(
    played: Played,
) -> None:
    assert "| licences | ended with 0: all of them free |" in played.body
    states = {one["context"]: (one["state"], one["description"]) for one in played.states}
    assert states["devflow/audit"] == ("success", "ended with 0: nothing found")
    assert "devflow/licences" not in states


def test_the_owners_of_the_base_branch_are_asked_and_who_cannot_be_is_said(played: Played) -> None:
    asked = lines(played.first["pull_request"])
    assert asked["reviewers"] == "tech-lead"
    assert "an e-mail address" in asked["not asked: consul@rome.example"]
    assert "no request stands" in asked["not asked: @acme/scribes"]


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
        # 17 took what 8 measured on the same tree, and has no log of its own
        assert told["entry"] == "local_tests", entry
        assert set(kept) == {"local_tests-checks.junit.xml", "local_tests-checks.coverage.xml"}
        assert [Path(one["path"]).name for one in told["logs"]] == ["local_tests-checks.log"]
        junit = kept["local_tests-checks.junit.xml"]
        assert Path(junit["path"]).stat().st_size == junit["size_bytes"]
        assert len(list(ElementTree.parse(junit["path"]).iter("testcase"))) == 7
        covered = ElementTree.parse(kept["local_tests-checks.coverage.xml"]["path"]).getroot()
        assert 0 < float(covered.attrib["line-rate"]) < 1
    output = played.checkout.ends(0, "logs", "local_tests", SECOND)
    assert output.splitlines()[0] == "== results of local_tests" and "7 passed" in output
    assert "black" in played.checkout.ends(0, "logs", "pre_commit", SECOND)


def test_a_plan_keeps_no_result(played: Played) -> None:
    logs = played.checkout.state / "logs"
    before = {path: path.stat().st_mtime_ns for path in logs.rglob("*")}
    played.checkout.ends(0, "plan", SECOND)
    assert {path: path.stat().st_mtime_ns for path in logs.rglob("*")} == before
