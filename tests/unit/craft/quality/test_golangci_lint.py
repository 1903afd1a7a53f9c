"""golangci-lint's output by the rules that its source has (pkg/printers of 2.13 and of 1.64): it
could not be run where this was written, so none of these texts is one of its own.
"""

import json
from typing import Any

import pytest

from devflow.craft.quality.outputs.formats import format_of, read_output
from devflow.craft.quality.outputs.output import LinterOutput, Source

SOURCE = Source(frozenset({"cmd/main.go", "price/price.go"}), top="/checkout")
FOUND = {("cmd/main.go", 7, "errcheck"), ("price/price.go", 12, "govet")}
ISSUES = [
    {
        "FromLinter": "errcheck",
        "Text": "Error return value of `f.Close` is not checked",
        "SourceLines": ["\tdefer f.Close()"],
        "Pos": {"Filename": "cmd/main.go", "Offset": 90, "Line": 7, "Column": 15},
    },
    {
        "FromLinter": "govet",
        "Text": "unreachable code",
        "Pos": {"Filename": "price/price.go", "Offset": 200, "Line": 12, "Column": 0},
    },
]
TEXT = """\
\x1b[1mcmd/main.go:7\x1b[0m:15: \x1b[31m`f.Close` is not checked\x1b[0m (errcheck)
\tdefer f.Close()
\t             ^
price/price.go:12: unreachable code (govet)
2 issues:
* errcheck: 1
* govet: 1
"""
TAB = """\
cmd/main.go:7:15    errcheck  Error return value of `f.Close` is not checked
price/price.go:12   govet     unreachable code
"""
CHECKSTYLE = """\
<?xml version="1.0" encoding="UTF-8"?>

<checkstyle version="5.0">
  <file name="cmd/main.go">
    <error column="15" line="7" message="not checked" severity="error" source="errcheck"></error>
  </file>
  <file name="price/price.go">
    <error column="0" line="12" message="unreachable" severity="error" source="govet"></error>
  </file>
</checkstyle>
"""
WARNED = 'level=warning msg="[config_reader] The configuration option is deprecated."\n'


def sarif(results: Any) -> str:
    run = {"tool": {"driver": {"name": "golangci-lint"}}, "results": results}
    return json.dumps({"version": "2.1.0", "$schema": "-", "runs": [run]}) + "\n"


def result(path: str, line: int, column: int, rule: str) -> dict[str, Any]:
    place = {
        "artifactLocation": {"uri": path, "index": 0},
        "region": {"startLine": line, "startColumn": column},
    }
    return {
        "ruleId": rule,
        "level": "error",
        "message": {"text": "it"},
        "locations": [{"physicalLocation": place}],
    }


# before 1.60 a column that is not known was 0
RESULTS = [result("cmd/main.go", 7, 15, "errcheck"), result("price/price.go", 12, 0, "govet")]


def places(output: LinterOutput) -> set[tuple[str, int, str]]:
    return {(one.path, one.line, one.rule) for one in output.findings}


@pytest.mark.parametrize(
    ("form", "text"),
    (
        ("lines", TEXT),
        ("checkstyle", CHECKSTYLE),
        ("sarif", sarif(RESULTS)),
        ("json", json.dumps({"Issues": ISSUES, "Report": {"Linters": []}}) + "\n"),
    ),
)
def test_each_form_names_place_and_linter_whatever_is_printed_beside_it(
    form: str, text: str
) -> None:
    assert format_of(text) == form
    output = read_output(text, SOURCE, "")
    assert (places(output), output.problem, output.unread) == (FOUND, "", ())
    assert all(one.column >= 1 for one in output.findings)
    counted = "2 issues:\n* errcheck: 1\n* govet: 1\n"
    if form in ("sarif", "json"):
        # version 2 counts its issues after a report that goes to the same output
        beside = read_output(f"{WARNED}{text}{counted}", SOURCE, "")
        assert places(beside) == FOUND and not beside.problem


def test_the_lines_of_a_file_that_it_shows_are_none_of_its_words() -> None:
    shown = "cmd/main.go:7:2: x (errcheck)\nfoo(\n\tbar)\n2 issues:\n"
    # of several lines it points at none
    assert read_output(shown, SOURCE, "").unread == ("foo(", "\tbar)")


def test_a_table_names_places_and_the_linter_is_in_its_words() -> None:
    output = read_output(TAB, SOURCE, "")
    assert {(one.path, one.line) for one in output.findings} == {place[:2] for place in FOUND}
    assert output.findings[0].text.startswith("errcheck  Error return value")


@pytest.mark.parametrize(
    "text",
    (
        "0 issues.\n",
        sarif([]),
        f"{sarif([])}0 issues.\n",
        json.dumps({"Issues": [], "Report": {}}),
        json.dumps({"Issues": None, "Report": None}),
        '<?xml version="1.0" encoding="UTF-8"?>\n\n<checkstyle version="5.0"></checkstyle>\n',
    ),
)
def test_none_is_none_in_every_form(text: str) -> None:
    output = read_output(text, SOURCE, "")
    assert (output.findings, output.problem, output.unread) == ((), "", ())


def test_what_it_logs_is_counted_and_a_list_that_is_not_there_is_no_measurement() -> None:
    output = read_output(f"{WARNED}0 issues.\n", SOURCE, "")
    assert output.unread == (WARNED.rstrip(),)
    # as the first versions with SARIF wrote it where there was none
    assert read_output(sarif(None), SOURCE, "").problem
