"""Step 8: the suites on the developer's tree, and which tests prove what."""

from devflow.model.change import Case
from devflow.model.checks import Status
from devflow.model.project import Suite
from devflow.steps.s08_local_tests import STEP
from tests.unit.steps.measured_world import FILES, RED, MeasuredWorld, liars


def test_every_suite_passes_in_the_working_tree_and_each_criterion_has_its_tests():
    world = MeasuredWorld(FILES)
    world.project = world.project.model_copy(update={"suites": {**world.project.suites, "again": Suite(path="tests/backend")}})
    measured = world.measure(STEP)
    assert measured.status is Status.PASSED and [one.suite for one in measured.product.suites] == ["backend", "again"]
    assert all(command.tree == "" for command in world.shell.asked)
    assert measured.line("AC-1").ok is True and "test_double" in measured.line("AC-1").measured
    assert measured.line("AC-2").ok is None and measured.line("AC-2").measured == "no test names AC-2"
    assert measured.line("backend coverage").measured == "100.0 %"
    assert measured.line("backend coverage change").ok is None
    assert ("backend 2 of 2 · 0 failed",) in world.said


def test_a_failed_test_fails_the_entry_and_its_criterion():
    measured = MeasuredWorld({**FILES, "tests/backend/test_app.py": RED}).measure(STEP)
    assert measured.status is Status.FAILED and measured.line("test_double").ok is False
    assert measured.line("AC-1").ok is False


def test_a_criterion_whose_tests_were_all_skipped_is_not_proved():
    measured = MeasuredWorld(FILES).measure(STEP)
    (result,) = measured.product.suites
    skipped = Case(name="test_tabs", outcome="skipped", duration_s=0, criteria=("AC-2",))
    product = measured.product.model_copy(update={"suites": (result.model_copy(update={"cases": (skipped,)}),)})
    assert next(check for check in STEP.judge(STEP.params(), product) if check.label == "AC-2").ok is None


def test_a_working_tree_that_moves_while_it_is_tested_does_not_pass():
    world = MeasuredWorld(FILES)
    run = world.shell.measure

    def edited(command, line=None):
        world.repository.work["services/app.py"] += "\n\nEDITED = True\n"
        return run(command, line)

    world.shell.measure = edited
    measured = world.measure(STEP)
    assert measured.status is Status.FAILED and "moved while it was tested" in measured.line("tree").measured


def test_a_tree_that_is_not_checked_out_is_tested_on_an_export():
    world = MeasuredWorld(FILES)
    world.repository.work["services/app.py"] = "broken("
    assert world.measure(STEP).status is Status.PASSED
    assert world.shell.asked[0].tree == world.repository.tree_of(world.sha)


def test_a_project_without_suites_is_not_passed():
    world = MeasuredWorld(FILES)
    world.project = world.project.model_copy(update={"suites": {}})
    assert world.measure(STEP).status is Status.UNAVAILABLE


def test_a_suite_whose_folder_is_missing_does_not_pass():
    files = {path: text for path, text in FILES.items() if not path.startswith("tests")}
    assert MeasuredWorld(files).measure(STEP).status is Status.FAILED


def test_a_python_that_is_replaced_by_true_does_not_pass(tmp_path):
    assert MeasuredWorld(FILES, first=liars(tmp_path / "liars")).measure(STEP).status is Status.FAILED
