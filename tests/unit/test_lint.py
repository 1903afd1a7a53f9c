"""What ruff has no rule for: code that says several things at once. No exception by comment."""

import ast
from typing import Final, Iterator

import pytest

from tests.unit.sources import Finding, Rule, Source, offenders, sources

COMPREHENSIONS: Final = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
ORDERED: Final = (ast.ListComp, ast.GeneratorExp)


def packed_assignments(source: Source) -> Iterator[Finding]:
    """Unlike things in one assignment; a swap is one thing."""
    for node in source.nodes:
        if not isinstance(node, ast.Assign) or not isinstance(node.value, ast.Tuple):
            continue
        for target in node.targets:
            if isinstance(target, ast.Tuple) and not _is_swap(target, node.value):
                yield node.lineno, "a packed assignment: a line each"


def _is_swap(target: ast.Tuple, value: ast.Tuple) -> bool:
    names = {ast.unparse(item) for item in target.elts}
    return names == {ast.unparse(item) for item in value.elts}


def nested_conditionals(source: Source) -> Iterator[Finding]:
    for node in source.nodes:
        if isinstance(node, ast.IfExp) and _inner(node, (ast.IfExp,)):
            yield node.lineno, "a conditional expression inside another"


def nested_comprehensions(source: Source) -> Iterator[Finding]:
    for node in source.nodes:
        if isinstance(node, COMPREHENSIONS) and _inner(node, COMPREHENSIONS):
            if _inner(node, (ast.Call,)):
                yield node.lineno, "a comprehension inside a comprehension that calls"


def generators_by_order(source: Source) -> Iterator[Finding]:
    for node in source.nodes:
        if isinstance(node, ast.Call):
            starred = [one.value for one in node.args if isinstance(one, ast.Starred)]
            if any(isinstance(one, ORDERED) for one in starred):
                yield node.lineno, "a generator consumed by argument order"
        elif isinstance(node, ast.Assign) and isinstance(node.value, ORDERED):
            if any(isinstance(target, ast.Tuple) for target in node.targets):
                yield node.lineno, "a generator consumed by the order of names"


def _inner(node: ast.AST, kinds: tuple[type[ast.AST], ...]) -> bool:
    return any(isinstance(one, kinds) for one in ast.walk(node) if one is not node)


RULES: Final[tuple[Rule, ...]] = (
    packed_assignments,
    nested_conditionals,
    nested_comprehensions,
    generators_by_order,
)


def test_a_line_says_one_thing() -> None:
    assert offenders(sources(), *RULES) == []


@pytest.mark.parametrize(
    ("code", "rule"),
    (
        ("a, b = 1, 2", packed_assignments),
        ("a = 1 if x else 2 if y else 3", nested_conditionals),
        ("a = [f(y) for y in [z for z in x]]", nested_comprehensions),
        ("f(*(x for x in y))", generators_by_order),
        ("a, b = (x for x in y)", generators_by_order),
    ),
)
def test_each_rule_finds_what_it_is_for(code: str, rule: Rule) -> None:
    assert offenders([Source("one.py", "\n" + code)], rule)[0].startswith("one.py:2 ")


@pytest.mark.parametrize("code", ("a, b = b, a", "a, b = f()", "a, b = pair"))
def test_what_is_one_thing_is_no_packed_assignment(code: str) -> None:
    assert not list(packed_assignments(Source("one.py", code)))
