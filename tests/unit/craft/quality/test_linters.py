"""What black and flake8 say, read from their real output; and what a liar says."""

from dataclasses import replace

import pytest

from devflow.craft.quality.linters import (
    LintRules,
    Matrix,
    limited,
    longest_line,
    longest_of,
    read,
    under,
)
from devflow.craft.quality.outputs.output import Source
from devflow.model.figures import finding
from devflow.model.tree import Tree
from devflow.ports.shell import Ran
from devflow.testing import MemoryRepository
from tests.standins.shell import RealShell

KNOWN = Source(frozenset({"services/app.py"}))
RULES = LintRules(("services",), max_line_length=127, format_line_length=127, ignored=("E203",))
CLEAN = '"""A module."""\n\n\ndef double(number):\n    return number * 2 if number else 0\n'
UGLY = '"""A module."""\n\n\ndef double(number):\n    return number  *  2\n'
TANGLED = "def f(a):\n    if a:\n        return 1\n    if a > 1:\n        return 2\n    return 3\n"
# two cases, an ``if`` and a ``for``; the last case takes everything
MATCHED = """def matched(a):
    match a:
        case 1:
            if a > 1:
                return 2
        case [*more]:
            for one in more:
                return one
        case _:
            return 3
"""
# an ``if``, a handler and an ``else``
GROUPED = """async def grouped(a):
    try:
        if a:
            return 1
    except* ValueError:
        return 2
    else:
        return 3
"""
WIDE = f"x = [{', '.join(['1234567890'] * 9)}]\n"


def linted(text, **matrix):
    repository = MemoryRepository({"services/app.py": text})
    shell = RealShell(repository)
    sha = repository.sha_of("main")
    tools = ("black", "flake8")
    plain = Matrix(Tree(id=sha), KNOWN.known, repository, tools, RULES, 60.0, "quality")
    results = under(shell, "3.11", replace(plain, **matrix))
    return {result.linter: result for result in results}


def test_clean_code_is_measured_with_its_files_versions_and_complexity():
    rows = linted(CLEAN)
    for result in rows.values():
        assert result.ran and not result.findings and result.files == 1
        assert result.version[0].isdigit()
    (function,) = rows["flake8"].complexities
    assert (function.path, function.line, function.function) == ("services/app.py", 4, "double")
    assert function.value == 1


def test_black_names_the_path_of_the_tree_and_the_line():
    assert linted(UGLY)["black"].findings == (
        finding("black would reformat it", "services/app.py", 5, 1, rule="black"),
    )


def test_black_formats_at_a_width_of_its_own():
    narrow = replace(RULES, format_line_length=100)
    assert linted(WIDE)["black"].findings == ()
    assert len(linted(WIDE, rules=narrow)["black"].findings) == 1
    assert linted(WIDE, rules=narrow)["flake8"].findings == ()


def test_a_file_that_cannot_be_parsed_is_a_finding_of_both():
    rows = linted("def broken(:\n")
    (black,) = rows["black"].findings
    assert (black.path, black.line) == ("services/app.py", 1) and "annot parse" in black.text
    assert rows["flake8"].findings[0].rule == "E999"


def test_complexity_above_the_limit_is_a_finding_and_within_it_none():
    flake8 = linted(TANGLED)["flake8"]
    assert "C901" not in [one.rule for one in flake8.findings]
    told = [one for one in limited(flake8, 2).findings if one.rule == "C901"]
    words = "C901 'f' is too complex (3)"
    assert told == [finding(words, "services/app.py", 1, 1, rule="C901")]
    assert limited(flake8, 3).findings == flake8.findings


def test_what_stands_within_a_match_or_an_except_group_is_part_of_the_complexity():
    flake8 = linted(f"{MATCHED}\n\n{GROUPED}\n\n{TANGLED}")["flake8"]
    values = {one.function: one.value for one in flake8.complexities}
    assert values == {"matched": 5, "grouped": 4, "f": 3}
    assert flake8.complexities[0].function == "matched"


def test_a_module_of_the_tree_is_not_taken_for_the_tool():
    impostors = {"black.py": "", "flake8.py": "", "black/__main__.py": ""}
    repository = MemoryRepository({"services/app.py": UGLY, **impostors})
    sha = repository.sha_of("main")
    matrix = Matrix(Tree(id=sha), KNOWN.known, repository, ("black",), RULES, 60.0, "quality")
    assert all(result.findings for result in under(RealShell(repository), "3.11", matrix))


def test_a_folder_that_is_not_there_is_not_measured_by_black():
    result = linted(CLEAN, rules=replace(RULES, paths=("nowhere",)))["black"]
    assert not result.ran and "nowhere" in result.problem


@pytest.mark.parametrize("linter", ["black", "flake8"])
@pytest.mark.parametrize(
    "ran",
    [
        Ran(0, "", 0.1),
        Ran(0, "All done!\n", 0.1),
        Ran(1, "Traceback (most recent call last):\nImportError: no\n", 0.1),
        Ran(None, "", 60.0, problem="ended after 60 s without an end of its own"),
    ],
    ids=["true", "says that all is well", "crashed", "took too long"],
)
def test_a_linter_that_looked_at_no_file_is_not_measured(linter, ran):
    assert read(linter, ran, KNOWN).problem


def test_an_exit_code_that_contradicts_the_findings_is_not_measured():
    assert read("black", Ran(1, "2 files would be left unchanged.\n", 0.1), KNOWN).problem
    assert read(
        "black", Ran(0, "would reformat a.py\n1 file would be reformatted.\n", 0.1), KNOWN
    ).problem


def test_text_in_a_diff_is_not_taken_for_the_summary():
    diff = "--- a.py\n+++ a.py\n@@ -1 +1 @@\n-9 files would be left unchanged.\n"
    output = f"{diff}would reformat a.py\n1 file would be reformatted.\n"
    told = read("black", Ran(1, output, 0.1), Source(frozenset({"a.py"})))
    assert told.files == 1 and [(one.path, one.line) for one in told.findings] == [("a.py", 1)]


def test_a_python_or_a_tool_that_is_missing_is_not_measured():
    repository = MemoryRepository({"services/app.py": CLEAN})
    matrix = Matrix(
        Tree(id="main"), frozenset(), repository, ("black==25.9.0",), RULES, 60.0, "quality"
    )
    shell = RealShell(repository)
    missing = under(shell, "3.9", matrix)
    assert (
        all(not one.ran and "uv python install 3.9" in one.problem for one in missing)
        and len(missing) == 2
    )
    shell.tools_python = ""
    assert all(
        "black==25.9.0 cannot be installed" in one.problem for one in under(shell, "3.11", matrix)
    )
    shell.tools_python = "/bin/true"
    assert all("does not say its version" in one.problem for one in under(shell, "3.11", matrix))


def test_the_longest_line_is_found_and_an_excused_one_is_not():
    texts = [("a.py", "x\n" + "y" * 30 + "\n"), ("b.py", "z" * 90 + "  # noqa: E501\n")]
    assert longest_line(texts) == (30, "a.py:2") and longest_line([]) == (None, "")
    assert longest_of([("a.py", 7, "y" * 9), ("b.txt", 1, "z" * 99)], frozenset({"a.py"})) == (
        9,
        "a.py:7",
    )
