"""Step 16: linters under each Python; what is missing or has not looked is never passed."""

import json
from datetime import timedelta

import pytest

from devflow.model.checks import Status, judged
from devflow.model.ci import LinterResult, Quality
from devflow.model.figures import Finding, count, finding
from devflow.model.values import identity
from devflow.ports.shell import Command, Line, Ran
from devflow.steps.s16_quality import SHOWN, STEP
from devflow.testing import MemoryClock
from tests.standins.shell import RealShell
from tests.unit.steps.measured_world import FILES, NOW, MeasuredWorld

HERE = {"pythons": ("3.11",), "tools": ("black", "flake8"), "paths": ("services",), "scope": "all"}
UGLY = "def double( number ):\n    return number * 2\n"


class SlowShell(RealShell):
    """Takes 18 s for each command."""

    clock: MemoryClock

    def measure(self, command: Command, line: Line | None = None, acting: bool = False) -> Ran:
        self.clock.sleep(18)
        return super().measure(command, line, acting)


def test_clean_code_passes_and_shows_the_observed_maxima():
    world = MeasuredWorld(FILES)
    measured = world.measure(STEP, **HERE)
    assert measured.status is Status.PASSED and measured.product.files == 2
    complexity = measured.check("complexity")
    assert (complexity.measured, complexity.limit) == ("max 1", "at most 10")
    longest = measured.check("line_length")
    assert (longest.measured, longest.source) == ("max 21 characters", "services/app.py:2")
    for linter in ("3.11 black", "3.11 flake8"):
        assert measured.check("linter", linter).measured == "0 findings in 2 files"
        assert measured.check("linter_files", linter).figure == count(2, "file")
    assert world.state("devflow/quality") == "success"


def test_the_check_run_says_when_the_linters_began_and_ended():
    world = MeasuredWorld(FILES)
    world.shell = SlowShell(world.repository)
    world.shell.clock = world.clock
    world.measure(STEP, **HERE)
    told = world.host.reports[world.sha]
    assert told.began == NOW and told.ended >= NOW + timedelta(seconds=18)


def test_a_finding_fails_with_its_place_and_is_shown_once_for_all_pythons():
    world = MeasuredWorld({**FILES, "services/app.py": UGLY})
    world.shell.pythons["3.9"] = world.shell.pythons["3.11"]
    measured = world.measure(STEP, **{**HERE, "pythons": ("3.9", "3.11")})
    assert measured.status is Status.FAILED and world.state("devflow/quality") == "failure"
    found = measured.check("finding", "services/app.py:1:12")
    assert isinstance(found.figure, Finding) and found.source == "flake8 3.9, 3.11"
    place = (found.figure.path, found.figure.line, found.figure.column, found.figure.rule)
    assert place == ("services/app.py", 1, 12, "E201")
    assert measured.check("finding", "services/app.py:1:1").source == "black 3.9, 3.11"


def test_a_python_that_is_missing_makes_it_unavailable_though_the_other_one_passes():
    world = MeasuredWorld(FILES)
    measured = world.measure(STEP, **{**HERE, "pythons": ("3.9", "3.11")})
    assert measured.status is Status.UNAVAILABLE and world.state("devflow/quality") == "error"
    assert (
        measured.check("linter", "3.11 black").ok is True
        and measured.check("linter", "3.9 black").ok is None
    )
    assert (
        measured.check("linter", "3.9 black").measured
        == "not measured: no python3.9 on this machine; type: uv python install 3.9"
    )


def test_tools_that_are_replaced_by_true_are_not_passed():
    world = MeasuredWorld(FILES)
    world.shell.tools_python = "/bin/true"
    assert world.measure(STEP, **HERE).status is Status.UNAVAILABLE


def test_a_tool_of_another_version_than_was_asked_for_is_not_measured():
    world = MeasuredWorld(FILES)
    measured = world.measure(STEP, **{**HERE, "tools": ("black==1.2.3", "flake8")})
    assert measured.status is Status.UNAVAILABLE
    assert "1.2.3 was asked for" in measured.check("linter", "3.11 black").measured
    assert measured.check("linter", "3.11 flake8").ok is True


def test_a_tool_that_knows_its_version_and_looks_at_nothing_is_not_passed(tmp_path):
    liar = tmp_path / "python"
    liar.write_text(
        '#!/bin/sh\ncase "$*" in *--version*) echo "25.9.0";; *) echo "All done!";; esac\n'
    )
    liar.chmod(0o755)
    world = MeasuredWorld(FILES)
    world.shell.tools_python = str(liar)
    measured = world.measure(STEP, **HERE)
    assert (
        measured.status is Status.UNAVAILABLE
        and "looked at no file" in measured.check("linter", "3.11 flake8").measured
    )


def test_findings_are_annotated_and_kept_as_sarif_and_gone_once_they_are_mended():
    world = MeasuredWorld({**FILES, "services/app.py": UGLY})
    measured = world.measure(STEP, **HERE)
    annotations = world.host.reports[world.sha].annotations
    assert {(one.path, one.line) for one in annotations} == {("services/app.py", 1)} and len(
        annotations
    ) == 3
    assert measured.check("annotations").measured == "3 on check run devflow/quality"
    black, flake8 = json.loads(world.shell.kept["quality.sarif"])["runs"]
    assert [len(run["results"]) for run in (black, flake8)] == [1, 2]
    clean = MeasuredWorld(FILES)
    assert (
        clean.measure(STEP, **HERE).check("annotations").measured
        == "0 on check run devflow/quality"
    )
    assert clean.host.reports[clean.sha].conclusion == "success"
    assert [run["results"] for run in json.loads(clean.shell.kept["quality.sarif"])["runs"]] == [
        [],
        [],
    ]


def test_a_linter_that_did_not_run_is_in_no_sarif_and_no_success():
    world = MeasuredWorld(FILES)
    world.measure(STEP, **{**HERE, "pythons": ("3.9", "3.11")})
    runs = json.loads(world.shell.kept["quality.sarif"])["runs"]
    assert [run["automationDetails"]["id"] for run in runs] == [
        "quality/black/python3.11",
        "quality/flake8/python3.11",
    ]
    assert world.host.reports[world.sha].conclusion == "failure"


def test_a_token_without_the_right_to_checks_does_not_unmake_what_was_measured():
    world = MeasuredWorld({**FILES, "services/app.py": UGLY})
    world.host.writes_checks = False
    measured = world.measure(STEP, **HERE)
    assert (
        measured.status is Status.FAILED
        and "no pull request" in measured.check("annotations").measured
    )
    clean = MeasuredWorld(FILES)
    clean.host.writes_checks = False
    assert clean.measure(STEP, **HERE).status is Status.PASSED


@pytest.mark.parametrize("linter", ["black", "flake8"])
def test_one_linter_that_lies_beside_an_honest_one_is_not_passed(tmp_path, linter):
    python = MeasuredWorld(FILES).shell.tools_python
    liar = tmp_path / "python"
    liar.write_text(
        f'#!/bin/sh\ncase "$*" in *--version*) ;; *"-m {linter} "*) exit 0 ;; esac\n'
        f'exec {python} "$@"\n'
    )
    liar.chmod(0o755)
    world = MeasuredWorld(FILES)
    world.shell.tools_python = str(liar)
    measured = world.measure(STEP, **HERE)
    assert (
        measured.status is Status.UNAVAILABLE
        and measured.check("linter", f"3.11 {linter}").ok is None
    )
    assert (
        world.host.reports[world.sha].conclusion == "failure"
        and world.state("devflow/quality") == "error"
    )


def test_lines_beyond_the_limit_fail_with_path_and_line():
    long = f"{FILES['services/app.py']}\nTEXT = '{'x' * 130}'\n".replace("'", '"')
    measured = MeasuredWorld({**FILES, "services/app.py": long}).measure(STEP, **HERE)
    assert measured.status is Status.FAILED
    assert (measured.check("line_length").ok, measured.check("line_length").source) == (
        False,
        "services/app.py:4",
    )


def test_more_findings_than_a_screen_bears_are_counted():
    found = tuple(finding("E1 bad", "a.py", line, 1) for line in range(SHOWN + 7))
    row = LinterResult(python="3.11", linter="flake8", ran=True, files=1, findings=found)
    checks = STEP.judge(
        STEP.params(), Quality(sha="s" * 40, linters=(row,), max_complexity=1, max_line_length=9)
    )
    assert judged(checks) is Status.FAILED
    assert [check.measured for check in checks if check.id == "more_findings"] == ["7"]


def test_another_line_length_is_measured_anew_and_another_complexity_only_judged_anew():
    ids = [
        identity(STEP.params(**params))
        for params in ({}, {"max_line_length": 200}, {"max_complexity": 5})
    ]
    assert ids[0] != ids[1] and ids[0] == ids[2]
