"""Automated review findings on added Python lines: calls that are dangerous, and functions that
have grown too complex.

Only lines that the change adds are spoken of: nobody is asked to mend what was there before. No
finding is no proof of safety.
"""

import ast
from typing import Final, Iterable, Mapping

from devflow.ports.repository import RepositoryReads

_CALLS: Final = {
    "eval": "runs text as code",
    "exec": "runs text as code",
    "os.system": "passes text to a shell",
    "os.popen": "passes text to a shell",
    "pickle.load": "runs code from its input",
    "pickle.loads": "runs code from its input",
    "marshal.loads": "may crash on hostile input",
    "hashlib.md5": "is broken for security",
    "hashlib.sha1": "is broken for security",
    "tempfile.mktemp": "leaves a race for the file's name",
}
_FORKS: Final = (ast.If, ast.For, ast.AsyncFor, ast.While, ast.FunctionDef, ast.AsyncFunctionDef)
Function = ast.FunctionDef | ast.AsyncFunctionDef


def findings(
    sources: Mapping[str, str], added: Mapping[str, frozenset[int]], max_complexity: int = 10
) -> tuple[str, ...]:
    """``path:line: text`` for each finding; ``added`` are line numbers by path. 10 is the
    reference's limit of step 16."""
    found: list[tuple[str, int, str]] = []
    for path, source in sources.items():
        lines = added.get(path, frozenset())
        found += [(path, line, text) for line, text in _of_file(source, lines, max_complexity)]
    return tuple(f"{path}:{line}: {text}" for path, line, text in sorted(set(found)))


def findings_of(
    repository: RepositoryReads, base: str, tip: str, max_complexity: int
) -> tuple[str, ...]:
    """The findings of everything that ``tip`` adds to ``base``."""
    added: dict[str, set[int]] = {}
    for path, number, _ in repository.added_lines(base, tip):
        if path.endswith(".py"):
            added.setdefault(path, set()).add(number)
    sources = {path: repository.read(tip, path) or "" for path in added}
    return findings(
        sources, {path: frozenset(numbers) for path, numbers in added.items()}, max_complexity
    )


def complexity(function: Function) -> int:
    """Cyclomatic complexity as flake8 counts it in step 16: 1, and 1 for each place where the path
    forks.

    Inner functions are included; expressions, ``match`` and ``finally`` are not.
    """
    return 1 + sum(_forks(statement) for statement in function.body)


def _forks(node: ast.AST) -> int:
    match node:
        case ast.Match():
            return 0
        case ast.Try():
            own = len(node.handlers) + 1
            inside: list[ast.AST] = [*node.body, *node.handlers, *node.orelse]
        case _:
            own, inside = int(isinstance(node, _FORKS)), list(ast.iter_child_nodes(node))
    return own + sum(_forks(child) for child in inside)


def _of_file(source: str, added: frozenset[int], max_complexity: int) -> Iterable[tuple[int, str]]:
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError) as error:
        yield getattr(error, "lineno", None) or 1, "does not parse as Python"
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and node.lineno in added:
            text = _dangerous(node)
            if text:
                yield node.lineno, f"security: {text}"
        elif isinstance(node, ast.ExceptHandler) and node.type is None and node.lineno in added:
            yield node.lineno, "security: bare except hides what went wrong"
        elif isinstance(node, Function) and added & set(
            range(node.lineno, (node.end_lineno or node.lineno) + 1)
        ):
            value = complexity(node)
            if value > max_complexity:
                yield node.lineno, f"complexity: {node.name} has {value} (limit {max_complexity})"


def _dangerous(call: ast.Call) -> str:
    name = ast.unparse(call.func) if isinstance(call.func, (ast.Name, ast.Attribute)) else ""
    options = {keyword.arg: keyword.value for keyword in call.keywords}
    if name in _CALLS and not _is(options.get("usedforsecurity"), False):
        return f"{name} {_CALLS[name]}"
    if name == "yaml.load" and "SafeLoader" not in ast.unparse(call):
        return "yaml.load without SafeLoader builds any object"
    if _is(options.get("shell"), True):
        return f"{name} passes text to a shell"
    if _is(options.get("verify"), False):
        return f"{name} does not verify certificates"
    return ""


def _is(node: ast.expr | None, value: bool) -> bool:
    return isinstance(node, ast.Constant) and node.value is value
