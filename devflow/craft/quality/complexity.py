"""A function's complexity: flake8's figure, and what that leaves out.

flake8 (mccabe 0.7.0) takes ``match``, and ``try`` with ``except*``, for one plain statement each:
all that stands within them is no part of its figure. Each branch there is one more, as elsewhere;
so is each case that does not take everything, as ruff counts. What this Python cannot parse adds
nothing.
"""

import ast
import re
from functools import cache
from typing import Callable, Final, Iterable, Iterator, Mapping

from devflow.model.ci import FunctionComplexity

_PASSED_OVER: Final = (ast.Match, ast.TryStar)
# no file is parsed that has none of these
_MAY_BE: Final = re.compile(r"^\s*(?:match\b.*:|except\s*\*)", re.MULTILINE)
_FUNCTIONS: Final = (ast.FunctionDef, ast.AsyncFunctionDef)
_BRANCHES: Final = (ast.If, ast.For, ast.AsyncFor, ast.While, ast.ExceptHandler, *_FUNCTIONS)


def whole(
    functions: Iterable[FunctionComplexity], texts: Callable[[], Mapping[str, str]]
) -> Iterator[FunctionComplexity]:
    """flake8's functions with their whole complexity; ``texts``, by path, are asked for where there
    are functions."""
    known = cache(texts)

    @cache
    def more(path: str) -> Mapping[int, int]:
        return _left_out(known().get(path, ""))

    for one in functions:
        yield one.model_copy(update={"value": one.value + more(one.path).get(one.line, 0)})


def _left_out(text: str) -> dict[int, int]:
    """How much is left out of each function's figure, by the line that flake8 names."""
    if not _MAY_BE.search(text):
        return {}
    try:
        nodes = ast.walk(ast.parse(text))
    except (SyntaxError, ValueError):
        return {}
    return {node.lineno: _unseen(node) for node in nodes if isinstance(node, _FUNCTIONS)}


def _unseen(function: ast.AST) -> int:
    branches = 0
    todo = [(function, False)]
    while todo:
        node, is_within = todo.pop()
        is_within = is_within or isinstance(node, _PASSED_OVER)
        branches += is_within and _branches(node)
        todo += [(child, is_within) for child in ast.iter_child_nodes(node)]
    return branches


def _branches(node: ast.AST) -> int:
    """How many branches a node of its own begins."""
    if isinstance(node, ast.match_case):
        takes_all = isinstance(node.pattern, ast.MatchAs) and node.pattern.pattern is None
        return int(not takes_all or node.guard is not None)
    if isinstance(node, (ast.Try, ast.TryStar)):
        return int(bool(node.orelse))
    return int(isinstance(node, _BRANCHES))
