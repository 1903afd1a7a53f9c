"""Reports as linters really wrote them (their tool and version are the files' names), and as nobody
should."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devflow.craft.quality.outputs.black import read_black
from devflow.craft.quality.outputs.flake8 import read_flake8
from devflow.craft.quality.outputs.formats import READERS, format_of, read_output
from devflow.craft.quality.outputs.output import LinterOutput, Source, rule_in
from tests.unit.craft.quality.given import EQUALS, OXLINT, REPORTS, TOLD, UNUSED

FILES = (
    *("a.js", "b.js", "c.js", "t.ts", "s.css", "a.py", "ok.py", "bad.py"),
    *("a.md", "a.pm", "a.sh", "a.yaml"),
)
SOURCE = Source(
    frozenset({"Dockerfile", "a.go", *(f"src/{name}" for name in FILES)}), top="/checkout"
)


def told(name: str) -> str:
    return REPORTS.joinpath(name).read_text(encoding="utf-8")


def places(output: LinterOutput) -> set[tuple[str, int, str]]:
    return {(one.path.removeprefix("src/"), one.line, one.rule) for one in output.findings}


@pytest.mark.parametrize("name", TOLD)
def test_a_report_is_told_by_what_it_is_and_read_without_a_line_lost(name: str) -> None:
    form, files, findings = TOLD[name]
    text = told(name)
    assert format_of(text) == form
    output = read_output(text, SOURCE, "")
    assert (places(output), output.files) == (findings, files)
    assert (output.problem, output.unread) == ("", ())
    assert all(one.column >= 1 and one.text for one in output.findings)


def test_biomes_own_words_are_findings_and_lines_that_are_counted() -> None:
    output = read_output(told("biome-2.6.8.txt"), SOURCE, "")
    # its parse error has another form there
    assert {("a.js", 1, UNUSED), ("a.js", 3, EQUALS)} <= places(output) and output.files == 3
    assert len(output.unread) > 20


@pytest.mark.parametrize("form", ("txt", "agent.txt", "stylish.txt"))
def test_oxlints_drawings_are_findings_and_what_surrounds_them_is_counted(form: str) -> None:
    output = read_output(told(f"oxlint-1.94.0.{form}"), SOURCE, "")
    assert places(output) == {*OXLINT, ("c.js", 1, "")}
    assert output.files == (3 if form == "txt" else None)
    assert bool(output.unread) is (form == "txt")


def test_pyrights_second_line_is_counted() -> None:
    output = read_output(told("pyright-1.1.414.txt"), SOURCE, "")
    (found,) = output.findings
    assert (found.path, found.line, found.column) == ("src/a.py", 6, 10)
    assert len(output.unread) == 1


def test_a_linter_that_says_that_it_stopped_has_not_looked() -> None:
    output = read_output(told("mypy-2.4.1-syntax.txt"), SOURCE, "")
    assert output.problem == "errors prevented further checking"


@pytest.mark.parametrize(
    "line",
    (
        "pyproject.toml: Invalid initial character for a key part (at line 4, column 13)",
        "backend/pyproject.toml: Cannot declare ('tool', 'mypy') twice (at line 3, column 11)",
        "pyproject.toml: tool.mypy.overrides sections must be an array.",
        "mypy.ini: While reading from 'mypy.ini' [line  4]: section 'mypy' already exists",
        "mypy.ini: Source contains parsing errors: 'mypy.ini'",
        "mypy.ini: No [mypy] section in config file",
        "setup.cfg: [mypy]: strict: Not a boolean: maybe",
        "mypy.ini: [mypy-shop.*, cart.*]:ignore_errors: Not a boolean: Nein",
    ),
)
def test_mypy_has_not_looked_as_its_settings_say_where_it_cannot_read_them(line: str) -> None:
    text = f"{line}\nSuccess: no issues found in 1 source file\n"
    assert read_output(text, SOURCE, "").problem == line


def test_a_setting_that_mypy_does_not_know_leaves_the_others_in_force() -> None:
    line = "mypy.ini: [mypy]: Unrecognized option: foo = 1"
    output = read_output(f"{line}\nSuccess: no issues found in 1 source file\n", SOURCE, "")
    assert (output.files, output.unread, output.problem) == (1, (line,), "")


@pytest.mark.parametrize("log", ("", '{"version": "2.1.0", "runs": [{"results": []}]}'))
def test_zizmor_has_not_looked_where_it_leaves_a_workflow_out(log: str) -> None:
    problem = "failed to validate file://./.github/workflows/b.yml as workflow: no match"
    text = f""" INFO zizmor: 🌈 zizmor v1.32.0
 WARN collect_inputs:collect_from_dir{{path="."}}: zizmor::registry::input: {problem}
 INFO audit: zizmor: 🌈 completed ./.github/workflows/c.yml
{log or "No findings to report. Good job! (2 suppressed)"}
"""
    output = read_output(text, SOURCE, "")
    assert (output.problem, output.unread) == (problem, ())


@pytest.mark.parametrize(("name", "broken"), (("black-26.10.1.txt", 1), ("black-25.9.0.txt", 1)))
def test_each_place_that_black_would_change_is_a_finding(name: str, broken: int) -> None:
    output = read_black(told(name), SOURCE)
    assert places(output) == {
        ("bad.py", broken, "parse"),
        ("a.py", 2, "black"),
        ("a.py", 4, "black"),
        ("a.py", 6, "black"),
    }
    assert (output.files, output.unread) == (3, ())


def test_each_place_that_ruff_would_format_is_a_finding() -> None:
    output = read_black(told("ruff-format-0.17.6.txt"), SOURCE, "ruff format")
    assert places(output) == {
        ("bad.py", 1, "parse"),
        ("a.py", 2, "ruff format"),
        ("a.py", 4, "ruff format"),
        ("a.py", 6, "ruff format"),
    }
    assert (output.files, output.unread) == (2, ())


def test_flake8_tells_its_files_and_findings() -> None:
    output = read_flake8(told("flake8-7.5.0.txt"), SOURCE)
    assert len(output.findings) == 8 and ("a.py", 2, "E271") in places(output)
    assert (output.files, output.unread) == (3, ())


@pytest.mark.parametrize(
    "text",
    (
        "    at run (src/a.js:3:4)",
        "see https://example.org:443/a",
        "other/a.js:3:4: bad",
        'File "src/a.py", line 3, in f',
        "src/a.py:6: note: Revealed type is int",
        "node:internal/fs:10",
        "::error title=deploy::it is gone",
    ),
)
def test_what_only_looks_like_a_finding_is_a_line_that_is_counted(text: str) -> None:
    output = read_output(f"{text}\n", SOURCE, "lines")
    assert output.findings == () and output.unread == (text,)


@pytest.mark.parametrize(
    ("name", "path"),
    (
        ("src/a.js", "src/a.js"),
        ("./src/a.js", "src/a.js"),
        ("/checkout/src/a.js", "src/a.js"),
        ("file:///checkout/src/a.js", "src/a.js"),
        ("file:///checkout/src/%61.js", "src/a.js"),
        ("/elsewhere/src/a.js", ""),
        ("/checkout/node_modules/x/src/a.js", ""),
        ("../src/a.js", ""),
    ),
)
def test_a_path_is_one_of_the_tree_or_none(name: str, path: str) -> None:
    assert SOURCE.path(name) == path


def test_a_path_counts_from_the_folder_that_the_linter_ran_in() -> None:
    source = Source(frozenset({"web/src/a.js", "src/a.js"}), cwd="web", top="/checkout")
    assert source.path("src/a.js") == "web/src/a.js"
    assert source.path("../src/a.js") == "src/a.js"


def sarif(**run: Any) -> str:
    return json.dumps({"version": "2.1.0", "runs": [{"tool": {"driver": {"name": "x"}}, **run}]})


RESULT = {
    "ruleIndex": 0,
    "message": {"id": "m", "arguments": ["y"]},
    "locations": [
        {
            "physicalLocation": {
                "artifactLocation": {"uri": "a.js", "uriBaseId": "SRC"},
                "region": {"startLine": 4},
            }
        }
    ],
}
DRIVER = {
    "driver": {
        "name": "x",
        "semanticVersion": "1.2.3",
        "rules": [{"id": "no-y", "messageStrings": {"m": {"text": "there is {0}"}}}],
    }
}
BASES = {"SRC": {"uri": "file:///checkout/src/"}}


def test_a_result_is_told_by_its_rules_texts_and_the_base_of_its_address() -> None:
    text = sarif(tool=DRIVER, results=[RESULT], originalUriBaseIds=BASES)
    output = read_output(text, SOURCE, "sarif")
    (found,) = output.findings
    assert (found.path, found.line, found.rule) == ("src/a.js", 4, "no-y")
    assert (found.text, output.version) == ("there is y (no-y)", "1.2.3")


@pytest.mark.parametrize(
    "more",
    (
        {"suppressions": [{"kind": "inSource"}]},
        {"kind": "pass"},
        {"baselineState": "absent"},
    ),
)
def test_what_a_log_says_to_be_no_failure_is_no_finding(more: dict[str, Any]) -> None:
    text = sarif(tool=DRIVER, results=[{**RESULT, **more}], originalUriBaseIds=BASES)
    assert read_output(text, SOURCE, "sarif").findings == ()


def test_a_rejected_suppression_suppresses_nothing() -> None:
    rejected = {**RESULT, "suppressions": [{"kind": "external", "status": "rejected"}]}
    text = sarif(tool=DRIVER, results=[rejected])
    assert len(read_output(text, SOURCE, "sarif").findings) == 1


@pytest.mark.parametrize(
    ("text", "problem"),
    (
        (json.dumps({"runs": []}), "holds no run"),
        ("nothing of the kind", "no SARIF"),
        (sarif(invocations=[{"executionSuccessful": False}]), "not carried out"),
        (
            sarif(
                invocations=[
                    {
                        "executionSuccessful": False,
                        "toolExecutionNotifications": [
                            {"level": "error", "message": {"text": "no such rule"}}
                        ],
                    }
                ]
            ),
            "no such rule",
        ),
    ),
)
def test_a_log_that_tells_of_no_run_is_none(text: str, problem: str) -> None:
    assert problem in read_output(text, SOURCE, "sarif").problem


@pytest.mark.parametrize("form", sorted(set(READERS) - {"lines"}))
@pytest.mark.parametrize("text", ("", "Oops! Something went wrong\n", "<html/>", "[1]", "{}"))
def test_what_is_no_report_of_its_form_is_said(form: str, text: str) -> None:
    assert READERS[form](text, SOURCE).problem


def test_what_a_package_manager_prints_around_a_report_is_counted() -> None:
    text = f"> web@1.0.0 lint\n{told('eslint-10.15.0.json')}\nDone in 0.3s.\n"
    output = read_output(text, SOURCE, "")
    assert len(output.findings) == 4 and output.unread == ("> web@1.0.0 lint", "Done in 0.3s.")


@pytest.mark.parametrize(
    ("text", "rule"),
    (
        ("E201 whitespace after '('", "E201"),
        ("DL3007 warning: Using latest", "DL3007"),
        ("error TS2322: Type", "TS2322"),
        ("Error return value is not checked (errcheck)", "errcheck"),
        ("Double quote to prevent globbing [SC2086]", "SC2086"),
        ("it is bad", ""),
    ),
)
def test_a_rule_is_found_where_tools_write_it(text: str, rule: str) -> None:
    assert rule_in(text) == rule


@given(st.text(), st.sampled_from(sorted(READERS)))
def test_no_output_is_too_odd_to_be_read(text: str, form: str) -> None:
    output = READERS[form](text, SOURCE)
    assert output.problem or output.files is None or output.files >= 0


NOWHERE = {"level": "error", "message": {"text": "out of memory"}}


@pytest.mark.parametrize(
    ("run", "problem"),
    [
        ({}, "its SARIF has no list of results"),
        ({"results": None}, "its SARIF has no list of results"),
        ({"results": None, "artifacts": [{}]}, "its SARIF has no list of results"),
        ({"results": [], "invocations": [{"exitCode": 2}]}, "its SARIF says exitCode: 2"),
        (
            {"results": [], "invocations": [{"executionSuccessful": False}]},
            "its SARIF says that it was not carried out",
        ),
        (
            {"results": [], "invocations": [{"toolExecutionNotifications": [NOWHERE]}]},
            "out of memory",
        ),
        (
            {"results": [{"message": {"text": "x"}}], "invocations": [{"exitSignalName": "KILL"}]},
            "its SARIF says exitSignalName: KILL",
        ),
        ({"results": [{"message": {"text": "x"}}], "invocations": [{"exitCode": 1}]}, ""),
        ({"artifacts": [{}]}, ""),
        ({"invocations": [{"executionSuccessful": True, "exitCode": 0}]}, ""),
        ({"results": []}, ""),
    ],
)
def test_a_log_of_a_run_that_broke_off_or_never_looked_is_not_clean(
    run: dict[str, Any], problem: str
) -> None:
    text = json.dumps({"version": "2.1.0", "runs": [run]})
    assert read_output(text, SOURCE, "").problem == problem


def test_an_object_of_an_unknown_form_is_no_clean_report() -> None:
    assert "its JSON is none of" in read_output('{"Issues": []}\n', SOURCE, "").problem
    # as a word among others it is a line that is counted
    output = read_output('{"took": 3}\nall is well\n', SOURCE, "")
    assert (output.problem, len(output.unread)) == ("", 2)


@pytest.mark.parametrize(
    ("name", "problem"),
    (
        ("biome-2.6.8.json.txt", "its JSON is none of"),
        ("oxlint-1.94.0.junit.xml", "its XML is a report of tests (JUnit)"),
    ),
)
def test_findings_in_a_form_that_is_not_read_are_not_none(name: str, problem: str) -> None:
    # each has one finding, a warning, with which the tool ends with 0
    assert problem in read_output(told(name), SOURCE, "").problem


def test_ty_says_that_it_looked_at_no_file() -> None:
    output = read_output(told("ty-0.0.108.no-files.txt"), SOURCE, "")
    assert (output.files, output.unread) == (0, ())
