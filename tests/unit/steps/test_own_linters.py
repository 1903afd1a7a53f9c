"""Step 16 with the project's own linters: what is named or found, what decides, and what is never a
tick."""

import json
import sys
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from devflow.model.checks import Status
from devflow.model.ci import Quality
from devflow.model.products import read_product
from devflow.steps.s16_quality import KEPT, STEP
from devflow.testing import Played
from tests.unit.steps.measured_world import MeasuredWorld

OLD = {"app.js": "var x\n", "README.md": "x\n"}
# prints each line of report.txt, with which it says what the test wants it to
SAYS = [sys.executable, "-c", "import sys; sys.stdout.write(open('report.txt').read())"]
FAILS = [*SAYS[:2], f"{SAYS[2]}; sys.exit(1)"]


def linter(run: list[str] = FAILS, **more: Any) -> dict[str, Any]:
    return {"linters": {"own": {"run": run, **more}}}


def world(after: dict[str, str], before: dict[str, str] | None = None) -> MeasuredWorld:
    """A commit that makes ``after`` of what main holds."""
    made = MeasuredWorld(OLD if before is None else before)
    main = made.sha
    made.sha = made.repository.add_commit(main, after, "feat: more")
    made.base = main
    return made


def measured(
    after: dict[str, str], before: dict[str, str] | None = None, **params: Any
) -> Played[Any]:
    return world({**OLD, **after}, before).measure(STEP, **params)


VAR = "app.js:1:1: error use let [no-var]\n"


def test_what_was_there_before_is_counted_and_decides_nothing() -> None:
    ran = measured({"report.txt": VAR}, {**OLD, "report.txt": VAR}, **linter())
    assert ran.status is Status.PASSED
    assert ran.check("linter", "own").measured == "0 new findings, 1 from before"
    assert ran.check("linter_before", "own").measured == "1 finding still there"
    assert "does not tell" in ran.check("linter_files", "own").measured


def test_a_new_finding_fails_with_its_place_and_rule_and_is_told_at_its_line() -> None:
    after = {"app.js": "var x\nvar y\n", "report.txt": f"{VAR}{VAR.replace(':1:1', ':2:1')}"}
    made = world({**OLD, **after}, {**OLD, "report.txt": VAR})
    ran = made.measure(STEP, **linter())
    told = "1 new finding, 1 from before"
    assert ran.status is Status.FAILED and ran.check("linter", "own").measured == told
    found = ran.check("finding", "app.js:2:1").figure
    assert (found.rule, found.text) == ("no-var", "error use let [no-var]")
    (annotation,) = made.host.reports[made.sha].annotations
    assert (annotation.path, annotation.line, annotation.title) == ("app.js", 2, "own")
    (result,) = json.loads(made.shell.kept["quality.sarif"])["runs"][0]["results"]
    assert (result["ruleId"], result["baselineState"]) == ("no-var", "new")


def test_with_scope_all_everything_decides_and_the_base_is_not_run() -> None:
    made = world({**OLD, "report.txt": VAR}, {**OLD, "report.txt": VAR})
    ran = made.measure(STEP, **linter(), scope="all")
    assert ran.status is Status.FAILED and len(made.shell.asked) == 1
    assert not [check for check in ran.checks if check.id == "linter_before"]


def test_without_a_run_on_the_base_everything_decides_and_the_reason_is_said() -> None:
    ran = measured({"report.txt": VAR}, **linter())
    assert ran.status is Status.FAILED
    assert "all decide: not measured there" in ran.check("linter_before", "own").measured
    made = world({**OLD, "report.txt": VAR})
    made.base = ""
    ran = made.measure(STEP, **linter())
    assert ran.status is Status.FAILED
    assert "no entry of the pipeline" in ran.check("linter_before", "own").measured


def test_findings_count_though_the_linter_ends_with_0() -> None:
    ran = measured({"report.txt": VAR}, **linter(SAYS))
    assert ran.status is Status.FAILED and ran.check("linter", "own").measured == "1 finding"


@pytest.mark.parametrize(
    ("run", "text", "more", "why"),
    (
        (FAILS, "", {}, "ended with 1: it printed nothing, and no finding in it can be read"),
        (FAILS, "Error: cannot find module x\n", {}, "ended with 1: Error: cannot find module x"),
        (SAYS, "", {"format": "sarif"}, "no SARIF"),
        (SAYS, "[]", {"format": "json"}, "looked at no file"),
        (SAYS, "Checked 0 files in 5ms. No fixes applied.\n", {}, "looked at no file"),
        (SAYS, "", {"report": "own.sarif"}, "wrote no own.sarif"),
        (SAYS, "", {"setup": ["false"]}, "setup: ended with 1"),
        (SAYS, f"{VAR}[... 17 bytes left out ...]\n", {}, "printed more than is kept"),
        (SAYS, "", {"setup": "true", "setup_key": ["lock"], "keep": ["b"]}, "the tree has no lock"),
        (["no-such-linter"], "", {}, "no no-such-linter on this machine"),
        (["golangci-lint", "run"], "", {}, "type: brew install golangci-lint"),
        (["./lint"], "", {}, "cannot be started"),
    ),
)
def test_what_has_not_looked_is_never_a_tick(
    run: list[str], text: str, more: dict[str, Any], why: str
) -> None:
    files = {**OLD, "report.txt": text}
    made = world(files, files)
    ran = made.measure(STEP, **linter(run, **more))
    assert ran.status is Status.UNAVAILABLE
    assert why in ran.check("linter", "own").measured
    assert made.state("devflow/quality") == "error"


def test_a_new_line_that_nobody_can_read_may_be_the_reason_why_it_failed() -> None:
    before = {**OLD, "report.txt": f"{VAR}took 17 ms\n"}
    ran = measured({"report.txt": f"{VAR}took 99 ms\n"}, before, **linter())
    assert ran.status is Status.PASSED
    assert ran.check("linter_unread", "own").measured == "1 line, the first: took 99 ms"
    ran = measured({"report.txt": f"{VAR}cannot parse b.js\n"}, before, **linter())
    assert ran.status is Status.UNAVAILABLE
    assert "cannot parse b.js" in ran.check("linter", "own").measured


def test_a_report_is_read_where_the_linter_wrote_it_and_its_output_is_its_own() -> None:
    write = "import shutil; shutil.copy('report.txt', 'own.txt')"
    run = [sys.executable, "-c", f"{write}; print('app.js:1:1: shown')"]
    ran = measured({"report.txt": VAR}, **linter(run, report="own.txt"))
    assert ran.check("linter", "own").measured == "1 finding"


def test_a_linter_runs_in_its_folder_with_its_environment() -> None:
    run = [sys.executable, "-c", "import os; print('app.js:1:1: ' + os.environ['WORD'])"]
    own = linter(run, cwd="web", env={"WORD": "here"})
    found = measured({"web/app.js": "x\n"}, **own).check("finding", "web/app.js:1:1").figure
    assert found.text == "here"


def test_a_record_holds_few_findings_and_counts_all() -> None:
    text = "".join(f"app.js:{line}:1: bad\n" for line in range(1, KEPT + 8))
    ran = measured({"report.txt": text}, {**OLD, "report.txt": VAR}, **linter())
    assert len(ran.product.linters[0].findings) == KEPT
    assert ran.check("linter", "own").measured == f"{KEPT + 7} new findings, none from before"


@pytest.mark.parametrize(
    ("written", "run"),
    (
        (["ruff"], {"ruff": ()}),
        ({"ruff": None}, {"ruff": ()}),
        ({"eslint": "npx eslint 'a b'"}, {"eslint": "npx eslint 'a b'"}),
        ({"eslint": ["npx", "eslint"]}, {"eslint": ("npx", "eslint")}),
        ({"eslint": {"run": "npx eslint"}}, {"eslint": "npx eslint"}),
    ),
)
def test_the_short_forms_are_what_they_are_short_for(written: Any, run: Any) -> None:
    params = STEP.params.model_validate({"linters": written})
    assert {name: one.run for name, one in params.linters.items()} == run


@pytest.mark.parametrize(
    "written",
    (
        ["eslint"],
        {"eslint": {"format": "json"}},
        {"x": {"ruin": []}},
        {"x": "a && b"},
        {"x": {"run": "a", "setup": "b", "keep": ["b"]}},
    ),
)
def test_a_linter_that_nobody_can_run_is_refused_when_the_pipeline_is_read(written: Any) -> None:
    with pytest.raises(ValidationError):
        STEP.params.model_validate({"linters": written})


CONFIGURED = {
    "pyproject.toml": "[tool.black]\nline-length = 60\n[tool.ruff.lint]\nselect = ['F']\n",
    "setup.cfg": "[flake8]\nmax-line-length = 60\n",
    "eslint.config.mjs": "export default []\n",
    "a.py": "import os\n",
}


def test_what_the_project_configures_is_found_and_runs_by_its_configuration() -> None:
    wide = f"x = [{', '.join(['1234567'] * 8)}]\n"
    made = world({**CONFIGURED, "b.py": wide}, CONFIGURED)
    ran = made.measure(STEP)
    assert [one.linter for one in ran.product.linters] == ["black", "flake8", "ruff"]
    assert ran.status is Status.FAILED
    assert ran.check("linter", "black").measured == "1 new finding in 2 files, none from before"
    assert ran.check("linter", "flake8").measured == "1 new finding in 2 files, 1 from before"
    assert ran.check("linter", "ruff").measured == "0 new findings in 2 files, 1 from before"
    for name, before in (("black", 0), ("flake8", 1), ("ruff", 1)):
        assert ran.check("linter_before", name).figure.n == before
    assert ran.check("linters_unnamed").measured == "eslint.config.mjs"
    assert not [one for one in ran.checks if one.id in ("complexity", "linter_unread")]


def test_nothing_configured_is_nothing_measured() -> None:
    made = world({**OLD, "b.py": "x = 1\n"})
    ran = made.measure(STEP)
    assert ran.status is Status.UNAVAILABLE and made.state("devflow/quality") == "error"
    assert "configures none of black, flake8, ruff" in ran.check("linters").measured
    report = made.host.reports[made.sha]
    assert (report.title, report.summary) == (
        "not measured",
        "- not measured: no linter is configured",
    )
    said = ran.check("annotations")
    assert said.ok is None and not said.needed
    assert said.measured == "not measured: the check run devflow/quality says so"


def test_nothing_configured_has_no_tick_where_the_token_may_not_write_checks() -> None:
    made = world({**OLD, "b.py": "x = 1\n"})
    made.host.writes_checks = False
    said = made.measure(STEP).check("annotations")
    assert said.ok is None
    assert said.measured == "not measured: the status devflow/quality says so"


def test_a_linter_that_could_not_run_is_no_tick_and_no_success() -> None:
    made = world(OLD)
    ran = made.measure(STEP, linters={"own": {"run": ["no-such-linter"]}})
    assert ran.status is Status.UNAVAILABLE and ran.check("annotations").ok is None
    report = made.host.reports[made.sha]
    assert (report.title, report.conclusion) == ("not measured", "failure")


@pytest.mark.parametrize(
    ("name", "path", "text", "why"),
    (
        ("black", "pyproject.toml", "[tool.black]\nrequired-version = '1'\n", "required version"),
        ("flake8", ".flake8", "[flake8]\nignore = E203  # why\n", "does not match"),
        ("flake8", ".flake8", "[flake8]\nquiet = 1\n", "no finding in it can be read"),
        ("ruff", "ruff.toml", "nope = 1\n", "ended with 2"),
        ("ruff", "ruff.toml", "exclude = ['*.py']\n", "looked at no file"),
        ("black", "pyproject.toml", "[tool.black]\nexclude = 'a.py'\n", "looked at no file"),
    ),
)
def test_a_configuration_that_is_refused_or_leaves_nothing_is_said(
    name: str, path: str, text: str, why: str
) -> None:
    files = {"a.py": "import os\n", path: text}
    ran = world(files, files).measure(STEP, linters=[name])
    assert ran.status is Status.UNAVAILABLE
    assert why in ran.check("linter", name).measured


def test_a_matrix_compares_its_functions_and_lines_too(tmp_path: Path) -> None:
    tangled = "def f(a):\n" + "    if a:\n        a = 1\n" * 12 + f"    return a{'  ' * 70}# x\n"
    before = {"a.py": tangled}
    here = {"pythons": ("3.11",), "tools": ("black", "flake8"), "max_line_length": 99}
    ran = world({**before, "b.py": '"""Empty."""\n'}, before).measure(STEP, **here)
    assert ran.status is Status.PASSED
    assert ran.check("complexity").figure.kind == "missing"
    assert ran.check("line_length").measured == "max 12 characters"
    assert ran.check("linter_before", "3.11 flake8").figure.n >= 1
    assert world(before, before).measure(STEP, **here, scope="all").status is Status.FAILED


def test_a_record_of_the_first_schema_is_read() -> None:
    row = {"python": "3.11", "linter": "flake8", "ran": True, "findings": ["a.py:3:7: E201 bad"]}
    product = read_product(Quality, {"sha": "s" * 40, "linters": [row]}, 1)
    (found,) = product.linters[0].findings
    assert (found.path, found.line, found.column) == ("a.py", 3, 7)
    assert (found.rule, found.text) == ("E201", "E201 bad")


FLAKE8 = "[flake8]\nmax-line-length = 20\n"
LONG = "x = 'more than twenty characters'\n"


def test_a_linter_that_a_folder_configures_runs_there_by_that_configuration() -> None:
    files = {
        "packages/a/.flake8": FLAKE8,
        "packages/a/a.py": LONG,
        "packages/a/deep/setup.cfg": FLAKE8,
        "packages/b/ruff.toml": "[lint]\nselect = ['E501']\n",
        "packages/b/pyproject.toml": "[tool.ruff]\nline-length = 20\n",
        "packages/b/b.py": "y = 1\n",
        "other.py": LONG,
        "web/.eslintrc.json": "{}",
        "tests/data/.flake8": "[flake8]\nnope\n",
        "vendor/x/.flake8": FLAKE8,
    }
    ran = measured(files)
    assert ran.status is Status.FAILED
    assert ran.check("linter", "flake8 packages/a").measured == "1 finding in 1 file"
    assert ran.check("finding", "packages/a/a.py:1:21").figure.rule == "E501"
    assert ran.check("linter", "ruff packages/b").measured == "0 findings in 1 file"
    assert ran.check("linters_unnamed").measured == (
        "packages/a/deep/setup.cfg, tests/data/.flake8, web/.eslintrc.json"
    )


def test_what_the_top_configures_is_asked_there_and_what_that_leaves_out_is_said() -> None:
    top = {
        "ruff.toml": "[lint]\nselect = ['E501']\n",
        ".flake8": "[flake8]\nmax-line-length = 99\n",
    }
    files = {
        "packages/a/.flake8": FLAKE8,
        "packages/a/ruff.toml": "line-length = 20\n[lint]\nselect = ['E501']\n",
        "packages/a/a.py": LONG,
    }
    ran = measured({**top, **files})
    # ruff finds the nearest configuration by itself, flake8 has only that of the folder it runs in
    assert ran.check("linter", "ruff").measured == "1 finding in 1 file"
    assert ran.check("linter", "flake8").measured == "0 findings in 1 file"
    assert ran.check("linters_unnamed").measured == "packages/a/.flake8"


def test_paths_of_an_entry_are_named_from_the_top_for_a_folder_too() -> None:
    files = {"a/.flake8": FLAKE8, "a/one.py": LONG, "a/two.py": LONG, "b/.flake8": FLAKE8}
    ran = measured({**files, "b/b.py": LONG}, paths=["a/one.py"])
    assert ran.check("linter", "flake8 a").measured == "1 finding in 1 file"
    assert [check.about for check in ran.checks if check.id == "linter"] == ["flake8 a"]
    whole = measured({**files, "b/b.py": LONG}, paths=["a", "b/b.py"])
    assert whole.check("linter", "flake8 a").measured == "2 findings in 2 files"
    assert whole.check("linter", "flake8 b").measured == "1 finding in 1 file"
