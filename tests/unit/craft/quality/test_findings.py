"""Automated findings speak of added lines only, and what was not measured is never clean."""

import json

import pytest

from devflow.craft.quality.findings import Sight, findings_of, over
from devflow.model.tree import Tree
from devflow.ports.shell import Ran
from devflow.testing import MemoryRepository
from tests.standins.shell import RealShell

BRANCHY = "def f(a):\n" + "".join(f"    if a == {n}:\n        return {n}\n" for n in range(10))


def sight(source, before="", path="a.py"):
    repository = MemoryRepository({path: before} if before else {"README.md": "x\n"})
    base = repository.sha_of("main")
    tip = repository.push_by_somebody("main", path, source)
    return Sight(repository, RealShell(repository), base, tip, Tree(id=tip))


def found(source, before="", **more):
    findings = findings_of(sight(source, before, **more), "3.11")
    assert findings.missing == ()
    return over(findings, 10)


@pytest.mark.parametrize(
    ("source", "text"),
    (
        ("eval(x)\n", "B307"),
        ("import subprocess\nsubprocess.run(x, shell=True)\n", "B602"),
        ("import yaml\nyaml.load(x)\n", "B506"),
        ("import requests\nrequests.get(x, verify=False, timeout=1)\n", "B501"),
    ),
)
def test_a_dangerous_line_is_found(source, text):
    (finding,) = found(source)
    assert (finding.path, finding.line, finding.rule) == ("a.py", source.count("\n"), text)
    assert finding.text.startswith(f"security: {text} ")


@pytest.mark.parametrize(
    "source",
    (
        "import subprocess\nsubprocess.run(x)\n",
        "import yaml\nyaml.load(x, Loader=yaml.SafeLoader)\n",
        "import hashlib\nhashlib.sha1(x, usedforsecurity=False)\n",
        "assert x\n",
        "eval(x)  # nosec\n",
    ),
)
def test_an_ordinary_line_is_not(source):
    assert found(source) == ()


def test_what_was_there_before_is_left_alone():
    assert found("eval(x)\ny = 1\n", before="eval(x)\n") == ()
    assert found(BRANCHY + "\n\ndef g():\n    pass\n", before=BRANCHY) == ()


def test_a_function_that_became_too_complex_is_found_where_any_of_its_lines_was_added():
    before = BRANCHY.replace("        return 4\n", "        return 44\n")
    (one,) = found(BRANCHY, before)
    assert (one.path, one.line, one.text) == ("a.py", 1, "complexity: f has 11 (limit 10)")


def test_what_stands_within_a_match_statement_is_part_of_a_functions_complexity():
    body = BRANCHY.partition("\n")[2].replace("    ", "        ")
    matched = f"def f(x):\n    match x:\n      case int():\n{body}"
    (one,) = found(matched)
    assert one.text == "complexity: f has 12 (limit 10)"


def test_figures_are_kept_and_the_limit_of_now_judges_them():
    findings = findings_of(sight(BRANCHY), "3.11")
    assert [one.value for one in findings.complexities] == [11]
    assert over(findings, 11) == () and len(over(findings, 10)) == 1


def test_a_file_that_does_not_parse_is_said():
    (finding,) = found("def f(:\n")
    assert (finding.path, finding.line) == ("a.py", 1)
    assert finding.text.startswith("security: syntax error")


def test_without_python_files_nothing_is_measured():
    findings = findings_of(sight("x\n", path="notes.txt"), "3.11")
    assert (findings.files, findings.security, findings.missing) == (0, (), ())
    assert findings.unread == (".txt",)


class Liar(RealShell):
    """bandit says what the test says; everything else is as it is."""

    def __init__(self, repository, ran):
        super().__init__(repository)
        self.lie = ran

    def measure(self, command, line=None):
        if "bandit" in command.argv and "--version" not in command.argv:
            return self.lie
        return super().measure(command, line)


NOTHING = json.dumps({"errors": [], "metrics": {"./a.py": {}}, "results": []})
UNSEEN = json.dumps({"errors": [], "metrics": {}, "results": []})


@pytest.mark.parametrize(
    "ran",
    (
        Ran(0, "", 0.1),
        Ran(2, "usage", 0.1),
        Ran(None, "", 120.0, problem="ended after 120 s"),
        Ran(1, "", 0.1, {"bandit.json": NOTHING}),
        Ran(0, "", 0.1, {"bandit.json": UNSEEN}),
        Ran(0, "", 0.1, {"bandit.json": "[]"}),
        Ran(0, "", 0.1, {"bandit.json": "not JSON"}),
    ),
)
def test_a_tool_that_has_not_looked_or_contradicts_itself_is_not_measured(ran):
    looked = sight("x = 1\n")
    liar = Liar(looked.repository, ran)
    findings = findings_of(
        Sight(looked.repository, liar, looked.base, looked.tip, looked.tree), "3.11"
    )
    assert len(findings.missing) == 1 and "bandit" in findings.missing[0]


def test_tools_that_are_missing_are_named():
    looked = sight("x = 1\n")
    assert "cannot be had for python3.4" in findings_of(looked, "3.4").missing[0]
    looked.shell.tools_python = "/bin/true"
    assert len(findings_of(looked, "3.11").missing) == 2
