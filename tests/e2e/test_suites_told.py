"""What suites say of a tree, by the real command line: tests that were dropped without a word, a
command that mends what it should judge, and why a command failed."""

import re
from typing import Iterator

import pytest

from devflow.adapters.jira.adf import to_adf
from tests.e2e.checkout import KEY, Checkout, first_commit
from tests.e2e.spoil_outside import Outside

SECOND = "SCRUM-96"
DESCRIPTION = "## User Story\n\nAs a reader I count.\n\n## Acceptance Criteria\n\n1. It counts\n"
PIPELINE = """devflow: 1
connect: sandbox
project:
  tracker: {project: SCRUM}
  suites:
    unit: {run: [sh, check.sh], junit: report.xml, timeout_s: 60}
phases:
  planning: [ticket]
  development: [branch, coding, local_tests, commit, push]
"""
CHECK = """TESTS=10
for number in $(seq $TESTS); do
  echo "<testcase name='t$number'/>"
done >cases
echo "<testsuite>$(cat cases)</testsuite>" >report.xml
"""
FEWER = "not measured: 8 tests ran, fewer than 90 % of the 10 that ran on main "
# as make and npm put it around what went wrong
MADE = "echo 'a.c:5:3: error: expected an expression'\necho 'make: *** [a.o] Error 1'\nexit 2\n"


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Checkout]:
    """A repository whose base is what the first ticket has tested: ten tests passed."""
    made = Checkout(tmp_path_factory.mktemp("told") / "counted")
    made.folder.mkdir()
    for path, text in {"pipeline.yaml": PIPELINE, "check.sh": CHECK, "README.md": "# A\n"}.items():
        made.write(path, text)
    made.write(".gitignore", "report.xml\ncases\n")
    first_commit(made)
    try:
        made.ends(0, "start", KEY)
        made.write("README.md", "# B\n")
        made.ends(0, "ship", KEY)
        branch = made.git("branch", "--show-current")
        made.git("switch", "--quiet", "main")
        made.git("merge", "--quiet", "--ff-only", branch)
        made.git("push", "--quiet", str(made.state / "sandbox" / "remote.git"), "main")
        description = {"fields": {"description": to_adf(DESCRIPTION)}}
        Outside(made).jira("PUT", f"/rest/api/3/issue/{SECOND}", description)
        made.ends(0, "start", SECOND)
        yield made
    finally:
        made.close()


def local_tests(checkout: Checkout) -> dict[str, str]:
    """What step 8 came to, and its lines by their ids."""
    entries = {one["name"]: one for one in checkout.status(SECOND)["entries"]}
    entry = entries["local_tests"]
    return {**{one["id"]: one["measured"] for one in entry["checks"]}, "": entry["status"]}


def test_fewer_tests_than_the_base_had_are_not_measured_until_the_pipeline_allows_it(
    checkout: Checkout,
) -> None:
    checkout.edit("check.sh", "TESTS=10", "TESTS=8")
    checkout.ends(5, "ship", SECOND)
    told = local_tests(checkout)
    assert told[""] == "unavailable" and FEWER in told["suite"]
    assert checkout.git("log", "--format=%s", "main..HEAD") == ""
    checkout.edit("pipeline.yaml", "junit: report.xml", "junit: report.xml, allow_fewer: true")
    checkout.ends(0, "ship", SECOND)
    assert local_tests(checkout)[""] == "passed"


def test_a_command_that_mends_the_trees_files_has_judged_none_of_them(checkout: Checkout) -> None:
    checkout.edit("check.sh", r"\Z", "echo '# C' >README.md\n")
    checkout.ends(5, "ship", SECOND)
    assert "it changed README.md, which the tree holds otherwise" in local_tests(checkout)["suite"]
    checkout.edit("check.sh", r"echo '# C' >README.md\n", "")


def test_why_a_command_failed_is_told_by_the_line_that_says_it(checkout: Checkout) -> None:
    checkout.edit("check.sh", r"\A", MADE)
    said = checkout.ends(1, "ship", SECOND, "--output", "plain")
    assert "a.c:5:3: error: expected an expression" in local_tests(checkout)["suite"]
    assert re.search(r"NOT OK +.*a\.c:5:3: error: expected an expression", said)
    assert re.search(r"exit 1 +local_tests: FAILED", said)
