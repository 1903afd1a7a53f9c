"""Automated findings speak of added lines only."""

import ast

import mccabe
import pytest

from devflow.craft.review.findings import complexity, findings

BRANCHY = "def f(a):\n" + "".join(f"    if a == {n}:\n        return {n}\n" for n in range(10))


def found(source, lines=None):
    numbers = range(1, source.count("\n") + 2) if lines is None else lines
    return findings({"a.py": source}, {"a.py": frozenset(numbers)})


@pytest.mark.parametrize(
    "source, text",
    [
        ("eval(x)\n", "eval runs text as code"),
        ("subprocess.run(x, shell=True)\n", "subprocess.run passes text to a shell"),
        ("yaml.load(x)\n", "yaml.load without SafeLoader builds any object"),
        ("requests.get(x, verify=False)\n", "requests.get does not verify certificates"),
        ("try:\n    x()\nexcept:\n    raise\n", "bare except hides what went wrong"),
    ],
)
def test_a_dangerous_line_is_found(source, text):
    assert len(found(source)) == 1 and found(source)[0].endswith(f"security: {text}")


@pytest.mark.parametrize(
    "source",
    [
        "subprocess.run(x)\n",
        "yaml.load(x, Loader=yaml.SafeLoader)\n",
        "hashlib.sha1(x, usedforsecurity=False)\n",
        "model.eval()\n",
    ],
)
def test_an_ordinary_line_is_not(source):
    assert found(source) == ()


def test_what_was_there_before_is_left_alone():
    assert found("eval(x)\ny = 1\n", [2]) == ()
    assert found(BRANCHY + "\n\ndef g():\n    pass\n", [24]) == ()


def test_a_function_that_became_too_complex_is_found_where_any_of_its_lines_was_added():
    assert found(BRANCHY, [5]) == ("a.py:1: complexity: f has 11 (limit 10)",)


FORKS = """
def f(a):
    def g():
        if a:
            return [x for x in a if x and a or a]
    try:
        while a:
            with a:
                a()
    except OSError:
        match a:
            case 1:
                if a:
                    pass
    else:
        for x in a:
            pass
    finally:
        g()
"""


def test_complexity_is_what_flake8_counts():
    tree = ast.parse(FORKS)
    visitor = mccabe.PathGraphingAstVisitor()
    visitor.preorder(tree, visitor)
    assert complexity(tree.body[0]) == visitor.graphs["f"].complexity() == 7


def test_a_file_that_does_not_parse_is_said():
    assert found("def f(:\n") == ("a.py:1: does not parse as Python",)


def test_a_function_at_the_limit_is_left_alone():
    assert found(BRANCHY.rpartition("    if")[0]) == ()
