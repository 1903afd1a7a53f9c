"""Step 8: the suites on the developer's tree, and which tests prove what."""

from devflow.model.change import Case
from devflow.model.checks import Status
from devflow.model.declared.project import Project, Suite
from devflow.model.tree import Base
from devflow.step import Turn
from devflow.steps.s08_local_tests import STEP, SharedLine
from tests.unit.steps.measured_world import FILES, GREEN, RED, MeasuredWorld, liars


def test_every_suite_passes_and_each_criterion_has_its_tests():
    world = MeasuredWorld(FILES)
    world.project = world.project.model_copy(
        update={"suites": {**world.project.suites, "again": Suite(path="tests/backend")}}
    )
    measured = world.measure(STEP)
    assert measured.status is Status.PASSED and [one.suite for one in measured.product.suites] == [
        "backend",
        "again",
    ]
    on = {command.tree.id for command in world.shell.on_trees}
    assert on == {measured.product.tree}
    assert (
        measured.check("criterion", "AC-1").ok is True
        and measured.check("criterion", "AC-1").measured == "It doubles <- test_double, test_double"
    )
    assert (
        measured.check("criterion", "AC-2").ok is None
        and measured.check("criterion", "AC-2").measured == "No JavaScript <- no test names AC-2"
    )
    assert measured.check("coverage", "backend").measured == "100 %"
    assert measured.check("coverage_change", "backend").ok is None
    assert "backend 2 of 2 · 0 failed" in world.said


def test_a_criterion_that_a_test_of_a_suite_without_a_report_names_is_said_to_be_not_proved():
    world = MeasuredWorld(FILES)
    world.project = Project(suites={"unit": Suite(run=("true",))})
    world.named_in = {"AC-1": ("test/app_test.rb",)}
    measured = world.measure(STEP)
    first = measured.check("criterion", "AC-1")
    assert first.ok is None and first.measured == (
        "It doubles <- named in test/app_test.rb, not proved: unit writes no report; name one in "
        "project.suites.unit.junit"
    )
    assert first.source == "exit code of unit"
    second = measured.check("criterion", "AC-2")
    assert second.measured == "No JavaScript <- no test names AC-2"
    assert second.source == "exit code of unit"


def test_a_failed_test_fails_the_entry_and_its_criterion():
    measured = MeasuredWorld({**FILES, "tests/backend/test_app.py": RED}).measure(STEP)
    assert (
        measured.status is Status.FAILED
        and measured.check("case", "backend test_double").ok is False
    )
    assert measured.check("criterion", "AC-1").ok is False


def test_a_criterion_whose_tests_were_all_skipped_is_not_proved():
    measured = MeasuredWorld(FILES).measure(STEP)
    (result,) = measured.product.suites
    skipped = Case(name="test_tabs", outcome="skipped", duration_s=0, criteria=("AC-2",))
    product = measured.product.model_copy(
        update={"suites": (result.model_copy(update={"cases": (skipped,)}),)}
    )
    assert (
        next(check for check in STEP.judge(STEP.params(), product) if check.about == "AC-2").ok
        is None
    )


def test_an_editor_that_saves_while_the_suites_run_reaches_none_of_them():
    world = MeasuredWorld(FILES)
    run = world.shell.measure

    def edited(command, line=None):
        world.repository.work["services/app.py"] = "broken("
        return run(command, line)

    world.shell.measure = edited
    measured = world.measure(STEP)
    assert measured.status is Status.PASSED
    assert measured.product.tree == world.repository.tree_of(world.sha)


def test_what_is_edited_after_coding_is_not_what_is_tested():
    world = MeasuredWorld(FILES)
    world.repository.work["services/app.py"] = "broken("
    assert world.measure(STEP).status is Status.PASSED
    assert world.shell.on_trees[0].tree.id == world.repository.tree_of(world.sha)


def test_a_project_without_suites_is_not_passed():
    world = MeasuredWorld(FILES)
    world.project = world.project.model_copy(update={"suites": {}})
    assert world.measure(STEP).status is Status.UNAVAILABLE


def test_a_suite_whose_folder_is_missing_does_not_pass():
    files = {path: text for path, text in FILES.items() if not path.startswith("tests")}
    assert MeasuredWorld(files).measure(STEP).status is Status.FAILED


def test_a_python_that_is_replaced_by_true_does_not_pass(tmp_path):
    assert (
        MeasuredWorld(FILES, first=liars(tmp_path / "liars")).measure(STEP).status is Status.FAILED
    )


def test_the_tests_that_the_change_reaches_run_first_in_the_same_run():
    world = MeasuredWorld({**FILES, "tests/backend/test_about.py": "def test_about():\n    pass\n"})
    world.changed = ("services/app.py",)
    measured = world.measure(STEP)
    assert len(world.shell.on_trees) == 1 and measured.check(
        "affected", "backend"
    ).measured.startswith("2 of 3 tests in 1 file")
    assert [case.name for case in measured.product.suites[0].cases][-1] == "test_about"
    assert {"local_tests-backend.junit.xml", "local_tests-backend.coverage.xml"} == set(
        world.shell.kept
    )


def test_a_failure_stays_in_the_live_line_while_other_suites_go_on():
    texts = []
    live_line = SharedLine(Turn("SCRUM-95", "local_tests", say=lambda text: texts.append(text)))
    frontend = live_line.of("frontend")
    backend = live_line.of("backend")
    frontend("1 of 9 · 1 failed: test_tabs", 1, 9)
    backend("1 of 5 · 0 failed", 1, 5)
    frontend("2 of 9 · 1 failed: test_tabs", 2, 9)
    assert texts == [
        "frontend 1 of 9 · 1 failed: test_tabs",
        "frontend 1 of 9 · 1 failed: test_tabs | backend 1 of 5 · 0 failed",
        "frontend 2 of 9 · 1 failed: test_tabs",
    ]


def test_a_flaky_test_proves_no_criterion(tmp_path):
    counter = f"pathlib.Path({str(tmp_path / 'n')!r})"
    body = f"seen = {counter}.exists()\n    {counter}.touch()\n    assert seen, 'slow'"
    text = GREEN.replace("assert double(2) == 4", body).replace(
        "import pytest\n", "import pathlib\nimport pytest\n"
    )
    world = MeasuredWorld(
        {**FILES, "tests/backend/test_app.py": text + "\n\ndef test_more():\n    pass\n"}
    )
    measured = world.measure(STEP, max_flaky=1)
    assert measured.status is Status.PASSED
    assert (
        measured.check("criterion", "AC-1").ok,
        measured.check("criterion", "AC-1").measured,
    ) == (
        None,
        "It doubles <- test_double (flaky)",
    )


def test_the_base_branch_is_measured_only_where_that_is_asked_for_and_no_baseline_is_stored():
    world = MeasuredWorld(FILES)
    tested = world.repository.work["tests/backend/test_app.py"] + "\n\ndef test_more():\n    pass\n"
    world.repository.work["tests/backend/test_app.py"] = tested
    world.repository.heads["feature"] = world.repository.add_commit(
        world.sha, dict(world.repository.work), "more"
    )
    base = world.sha
    world.sha = world.repository.heads["feature"]
    assert (
        world.measure(STEP).check("coverage_change", "backend").measured
        == f"no baseline stored for main {base[:7]}"
    )
    measured = world.measure(STEP, measure_baseline=True)
    assert (
        measured.check("coverage_change", "backend").measured
        == f"+0 % (from 100 % on main {base[:7]})"
    )
    (on_base,) = measured.product.base_suites
    assert (
        on_base.tree == world.repository.tree_of(base)
        and world.shell.asked[-1].tree == Base(base)
        and on_base.cases == ()
    )
    assert "local_tests-base-backend.junit.xml" in world.shell.kept


def test_a_base_branch_whose_suite_is_red_is_no_baseline():
    world = MeasuredWorld({**FILES, "tests/backend/test_app.py": RED})
    green = {**FILES, "tests/backend/test_app.py": GREEN}
    world.repository.work = dict(green)
    world.sha = world.repository.heads["feature"] = world.repository.add_commit(
        world.sha, green, "mend"
    )
    line = world.measure(STEP, measure_baseline=True).check("coverage_change", "backend")
    assert (
        line.ok is None
        and line.measured.startswith("not measured on main ")
        and line.measured.endswith(": 1 failed")
    )


def test_a_suite_without_its_python_takes_nothing_from_the_others():
    world = MeasuredWorld(FILES)
    suites = world.project.suites
    own = Suite(path="tests/backend", python="env/other")
    world.project = world.project.model_copy(update={"suites": {"own": own, **suites}})
    measured = world.measure(STEP)
    assert measured.status is not Status.PASSED
    results = {one.suite: one for one in measured.product.suites}
    assert results["backend"].passed and not results["backend"].problem
    words = measured.check("suite", "own").measured
    assert "there is no Python in env/other; make env/other, or change python:" in words
