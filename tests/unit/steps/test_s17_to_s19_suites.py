"""Steps 17 to 19: one suite in a checkout of the commit, and the word on the commit."""

import pytest

from devflow.model.checks import Status
from devflow.model.errors import PipelineInvalid
from devflow.model.figures import quantity
from devflow.ports.shell import Ran
from devflow.steps import s17_backend_tests, s18_frontend_tests, s19_integration
from tests.standins.shell import HasPython
from tests.unit.steps.measured_world import FILES, GREEN, RED, MeasuredWorld, liars

STEPS = (s17_backend_tests.STEP, s18_frontend_tests.STEP, s19_integration.STEP)
TEST = "tests/backend/test_app.py"
PASSING = "\n\ndef test_more():\n    assert double(0) == 0\n"


@pytest.mark.parametrize("step", STEPS, ids=lambda step: step.name)
def test_the_suite_runs_on_the_commit_whatever_is_in_the_working_tree(step):
    world = MeasuredWorld(FILES)
    world.repository.work["services/app.py"] = "broken("
    measured = world.measure(step, suite="backend")
    assert measured.status is Status.PASSED and measured.product.sha == world.sha
    assert (
        world.shell.asked[0].tree.commit == world.sha
        and world.state(f"devflow/{step.name}") == "success"
    )


def test_figures_paths_and_skipped_browser_tests_have_their_lines():
    measured = MeasuredWorld(FILES).measure(STEPS[0])
    figure = measured.check("reported", "error_eur of test_double")
    assert (figure.figure, figure.source) == (quantity(12.0), "test_double")
    path = measured.check("coverage_by_path", "backend services/app.py")
    assert (path.measured, path.ok, path.needed) == ("100 %", None, False), "no limit: no tick"
    browser = measured.check("case", "backend test_in_a_browser")
    assert (browser.ok, browser.needed, browser.measured) == (
        None,
        False,
        "skipped: no browser on PATH",
    )
    assert measured.check("case", "backend test_double").measured.endswith(" ms")


def test_the_criteria_that_a_suite_proves_are_counted_and_may_be_demanded():
    proved = MeasuredWorld(FILES).measure(STEPS[2], suite="backend").check("criteria_proved")
    assert (proved.ok, proved.needed, proved.measured) == (None, False, "1 of 2, AC-1")
    half = MeasuredWorld(FILES).measure(STEPS[2], suite="backend", min_criteria_pct=50)
    assert half.status is Status.PASSED and half.check("criteria_proved").ok is True
    more = MeasuredWorld(FILES).measure(STEPS[2], suite="backend", min_criteria_pct=51)
    assert more.status is Status.FAILED and more.check("criteria_proved").ok is False


def test_a_criterion_that_a_skipped_test_names_is_not_proved():
    skipped = GREEN.replace("assert double(2) == 4", "pytest.skip('no service')") + PASSING
    measured = MeasuredWorld({**FILES, TEST: skipped}).measure(STEPS[2], suite="backend")
    assert (
        measured.status is Status.PASSED and measured.check("criteria_proved").measured == "0 of 2"
    )


def test_a_red_suite_is_a_failure_on_the_commit():
    world = MeasuredWorld({**FILES, TEST: RED})
    measured = world.measure(STEPS[0])
    assert measured.status is Status.FAILED and world.state("devflow/backend_tests") == "failure"


def test_an_integration_suite_of_which_all_is_skipped_is_a_failure_on_the_commit():
    world = MeasuredWorld(
        {**FILES, TEST: "import pytest\n\npytest.skip('no service', allow_module_level=True)\n"}
    )
    measured = world.measure(STEPS[2], suite="backend")
    assert measured.status is Status.FAILED and world.state("devflow/integration") == "failure"


@pytest.mark.parametrize("spoiled", ["liar", "hangs"])
def test_a_suite_that_was_not_measured_is_never_a_success_on_the_commit(spoiled, tmp_path):
    hanging = {**FILES, TEST: "import time\n\n\ndef test_one():\n    time.sleep(60)\n"}
    world = (
        MeasuredWorld(FILES, first=liars(tmp_path / "liars"))
        if spoiled == "liar"
        else MeasuredWorld(hanging, timeout_s=1.5)
    )
    assert world.measure(STEPS[0]).status is Status.FAILED
    assert world.state("devflow/backend_tests") != "success"


class Scripted(HasPython):
    """A shell whose pytest ends as the test wants, the second time with ``--last-failed``; ``kept``
    are its results."""

    def __init__(self, first: Ran, second: Ran) -> None:
        self.first = first
        self.second = second
        self.kept = {}

    def measure(self, command, line=None):
        return self.second if "--last-failed" in command.argv else self.first

    def keep(self, name, text):
        self.kept[name] = text


def reported(outcome: str, exit_code: int, **files: str) -> Ran:
    inside = "<failure message='slow'/>" if outcome == "failed" else ""
    one = f'<testcase classname="t" name="test_a" file="t.py">{inside}</testcase>'
    last = f"=== 1 {outcome}, 1 skipped in 0.1s ==="
    other = '<testcase classname="t" name="test_b" file="t.py"/>' if files else ""
    xml = f"<testsuites><testsuite>{one}{other}</testsuite></testsuites>"
    return Ran(exit_code, last, 0.1, {"junit.xml": xml, **files})


NOTE = {"cache/v/cache/lastfailed": "{}"}


@pytest.mark.parametrize(
    ("second", "said"),
    (
        (Ran(0, "=== 1 passed in 0.1s ===", 0.1, reported("passed", 0).files), "1 flaky"),
        (Ran(0, "", 0.1), "1 failed"),
    ),
    ids=("flaky", "a second attempt that is a liar"),
)
def test_a_test_that_failed_first_is_a_failure_on_the_commit_whatever_a_second_attempt_says(
    second, said
):
    world = MeasuredWorld(FILES)
    world.shell = Scripted(reported("failed", 1, **NOTE), second)
    measured = world.measure(STEPS[0], suite="backend")
    assert measured.status is Status.FAILED and world.state("devflow/backend_tests") == "failure"
    assert said in measured.check("suite", "backend").measured
    assert set(world.shell.kept) >= {
        "backend_tests-backend.junit.xml",
        "backend_tests-backend.second.junit.xml",
    }


def test_the_result_is_of_the_commits_tree_so_that_a_later_ticket_finds_it():
    world = MeasuredWorld(FILES)
    world.shell = Scripted(reported("passed", 0, **NOTE), Ran(0, "", 0.1))
    result = world.measure(STEPS[0], suite="backend").product.result
    assert result.tree == world.repository.tree_of(world.sha) != world.sha


def test_a_suite_that_the_project_does_not_have_says_so_before_anything_runs():
    world = MeasuredWorld(FILES)
    with pytest.raises(PipelineInvalid, match='no suite "frontend"'):
        world.measure(STEPS[1])
    assert not world.shell.asked and not world.host.statuses
