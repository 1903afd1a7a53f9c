"""Automated review findings on the Python lines that a commit adds: what bandit finds dangerous,
and the complexity of the functions that they touch, the figure of step 16.

Nobody is asked to mend what was there before, and no finding is no proof of safety. bandit's
findings of low severity (every ``assert``, every import of ``subprocess``) are left out: a review
that names them all is read by nobody. ``# nosec`` is respected, as where a person runs bandit.
"""

import ast
import json
import re
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any, Final, Iterable, Iterator, Mapping

from devflow.craft.quality.complexity import whole
from devflow.craft.quality.linters import version_of
from devflow.craft.quality.outputs.flake8 import complexities, highest
from devflow.model.ci import FunctionComplexity
from devflow.model.figures import Finding, finding
from devflow.model.ids import Sha
from devflow.model.review import Findings
from devflow.model.tree import Tree
from devflow.model.wording import first_of, one_line
from devflow.ports.repository import RepositoryReads
from devflow.ports.shell import Command, Ran, ShellReads

# 1.9.4 and 7.3.0 run on Python 3.9 to 3.14; pinned so that the same commit has the same findings
TOOLS: Final = ("bandit==1.9.4", "flake8==7.3.0")
# a linter of any language says what it finds in a later step, not here; which those are, and
# whether there are any, only that step knows
OWN_LINTERS: Final = (
    "The project's own linters are run by step 16, code quality: those that pipeline.yaml names "
    "there, quality: {with: {linters: {NAME: COMMAND}}}, or else those that the project configures"
)
SHOWN: Final = 4  # endings of files that nothing reads
TIMEOUT_S: Final = 120.0  # s for each tool; 500 files take about 10
_REPORT: Final = "bandit.json"
# bandit ends with 1 where it found something
_BANDIT_CODES: Final = (0, 1)
_SECURITY: Final = re.compile(r"(?P<path>.+?):(?P<line>\d+): (?P<words>security: .*)")
_RULE: Final = re.compile(r"security: (?P<id>B\d+) ")
AddedLines = Mapping[str, frozenset[int]]


@dataclass(frozen=True)
class Sight:
    """Who reads, and what is compared: ``tip`` with ``base``, both commits; ``tree`` is that of
    ``tip``."""

    repository: RepositoryReads
    shell: ShellReads
    base: Sha
    tip: Sha
    tree: Tree


def findings_of(sight: Sight, python: str) -> Findings:
    """What the tools say of everything that ``tip`` adds to ``base``; ``python`` is the version
    that they run under."""
    every = _added_lines(sight)
    added = {path: lines for path, lines in every.items() if path.endswith(".py")}
    unread = sorted({_ending(path) for path in every if path not in added})
    found = Findings(sha=sight.tip, files=len(added), unread=tuple(unread))
    if not added:
        return found
    interpreter = sight.shell.interpreter(python)
    tools = sight.shell.tool_python(interpreter, TOOLS) if interpreter else ""
    if not tools:
        reason = f"{' and '.join(TOOLS)} cannot be had for python{python}"
        return found.model_copy(update={"missing": (reason,)})
    security, no_bandit = _security(sight, tools, added)
    functions, no_flake8 = _complexities(sight, tools, added)
    missing = tuple(reason for reason in (no_bandit, no_flake8) if reason)
    figures = {"security": security, "complexities": functions, "missing": missing}
    return found.model_copy(update=figures)


def _ending(path: str) -> str:
    """What a file is called by: ``.ts``, or its name where it has no ending."""
    name = PurePosixPath(path)
    return name.suffix or name.name


def nothing_read(findings: Findings) -> str:
    """Why no tool has read anything of a commit, and how one does; empty where one has."""
    if findings.files:
        return ""
    tools = " and ".join(tool.partition("==")[0] for tool in TOOLS)
    what = first_of(findings.unread, SHOWN) if findings.unread else "what was changed"
    read = f"{tools} read Python, and no line of it was added"
    return f"no tool of this step reads {what}: {read}. {OWN_LINTERS}"


def over(findings: Findings, max_complexity: int) -> tuple[Finding, ...]:
    """Everything to be told, each at its place, by the limit of now."""
    told = [_placed(line) for line in findings.security]
    for one in findings.complexities:
        if one.value > max_complexity:
            words = f"complexity: {one.function} has {one.value} (limit {max_complexity})"
            told.append(finding(words, one.path, one.line, rule="complexity"))
    return tuple(told)


def _placed(line: str) -> Finding:
    """A finding of the product, ``path:line: security: B307 text``."""
    match = _SECURITY.fullmatch(line)
    if match is None:
        return finding(line)
    words = match["words"]
    rule = _RULE.match(words)
    return finding(words, match["path"], int(match["line"]), rule=rule["id"] if rule else "")


def _added_lines(sight: Sight) -> AddedLines:
    numbers: dict[str, set[int]] = {}
    for path, number, _ in sight.repository.added_lines(sight.base, sight.tip):
        numbers.setdefault(path, set()).add(number)
    return {path: frozenset(lines) for path, lines in sorted(numbers.items())}


def _measure(sight: Sight, argv: Iterable[str], *, collect: tuple[str, ...] = ()) -> Ran:
    command = Command(tuple(argv), tree=sight.tree, timeout_s=TIMEOUT_S, collect=collect)
    return sight.shell.measure(command)


def _security(sight: Sight, python: str, added: AddedLines) -> tuple[tuple[str, ...], str]:
    """bandit's findings on added lines, and why there are none to be had."""
    if not version_of(sight.shell, python, "bandit", TIMEOUT_S):
        return (), "bandit does not say its version"
    # the report goes into a file: notes and a progress bar may stand around it on the terminal
    options = ("-q", "-f", "json", "-o", f"{{out}}/{_REPORT}", "--severity-level", "medium")
    argv = (python, "-I", "-m", "bandit", *options, *added)
    ran = _measure(sight, argv, collect=(_REPORT,))
    if ran.problem or ran.exit_code not in _BANDIT_CODES:
        return (), f"bandit: {ran.problem or f'ended with {ran.exit_code}'}"
    try:
        return _read_bandit(json.loads(ran.files.get(_REPORT, "")), added, ran)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        return (), f"bandit's report cannot be read: {one_line(str(error))}"


def _read_bandit(report: Any, added: AddedLines, ran: Ran) -> tuple[tuple[str, ...], str]:
    """Raises ``KeyError``, ``TypeError`` or ``ValueError`` for a report of another shape."""
    looked_at = {_path(name) for name in report["metrics"]}
    for path in added:
        if path not in looked_at:
            return (), f"bandit did not look at {path}"
    results = report["results"]
    if bool(results) is not (ran.exit_code == 1):
        return (), f"bandit ended with {ran.exit_code} after {len(results)} findings"
    lines: list[tuple[str, int, str]] = []
    # a file that does not parse is counted as looked at, and bandit ends with 0
    for error in report["errors"]:
        lines.append((_path(error["filename"]), 1, str(error["reason"])))
    for result in results:
        path = _path(result["filename"])
        numbers = {result["line_number"], *result["line_range"]}
        if numbers & added.get(path, frozenset()):
            text = f"{result['test_id']} {result['issue_text']}"
            lines.append((path, int(result["line_number"]), text))
    texts = []
    for path, line, text in sorted(lines):
        texts.append(f"{path}:{line}: security: {one_line(text)}")
    return tuple(texts), ""


def _path(name: str) -> str:
    return str(name).removeprefix("./")


def _complexities(
    sight: Sight, python: str, added: AddedLines
) -> tuple[tuple[FunctionComplexity, ...], str]:
    """The figures of the functions that added lines touch, and why there are none."""
    if not version_of(sight.shell, python, "flake8", TIMEOUT_S):
        return (), "flake8 does not say its version"
    options = ("--isolated", "--max-complexity=0", "--select=C901")
    ran = _measure(sight, (python, "-I", "-m", "flake8", *options, *added))
    if ran.problem or ran.exit_code not in (0, 1):
        return (), f"flake8: {ran.problem or f'ended with {ran.exit_code}'}"
    texts = {path: sight.repository.read(sight.tip, path) or "" for path in added}
    functions = tuple(complexities(ran.output))
    for function in functions:
        if function.path not in added:
            return (), f"flake8 named {function.path}, which it was not asked about"
    if not functions and ran.exit_code and not ran.output.strip():
        return (), "flake8 ended with 1 and named no function"
    return highest(whole(_touched(functions, added, texts), lambda: texts)), ""


def _touched(
    functions: Iterable[FunctionComplexity], added: AddedLines, texts: Mapping[str, str]
) -> Iterator[FunctionComplexity]:
    """The functions that added lines touch."""
    ends = {path: _ends(text) for path, text in texts.items()}
    for function in functions:
        end = ends[function.path].get(function.line, function.line)
        if added[function.path] & set(range(function.line, end + 1)):
            yield function


def _ends(source: str) -> dict[int, int]:
    """The last line of each function, by its first, which is all that flake8 names."""
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError):
        # bandit says that it does not parse
        return {}
    functions = (ast.FunctionDef, ast.AsyncFunctionDef)
    nodes = [node for node in ast.walk(tree) if isinstance(node, functions)]
    return {node.lineno: node.end_lineno or node.lineno for node in nodes}
