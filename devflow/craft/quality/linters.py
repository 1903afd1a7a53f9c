"""black and flake8 under each Python of a matrix, by the rules that an entry names instead of the
project's own.

A linter that does not say how many files it looked at has not looked: its exit code alone is no
measurement. Complexity is asked of every function: what is too complex is judged later, by the
limit of that moment.
"""

import re
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Final, Iterable, Mapping

from devflow.craft.quality.complexity import whole
from devflow.craft.quality.outputs.black import read_black
from devflow.craft.quality.outputs.flake8 import highest, read_flake8
from devflow.craft.quality.outputs.output import LinterOutput, Source
from devflow.model.ci import FunctionComplexity, LinterResult
from devflow.model.errors import PipelineInvalid
from devflow.model.figures import Finding, finding
from devflow.model.output.telling import telling_line
from devflow.model.tree import Base, Tree
from devflow.ports.repository import RepositoryReads
from devflow.ports.shell import Command, Ran, ShellReads

LINTERS: Final = ("black", "flake8")
# black ends with 123 where a file cannot be parsed, with 1 where one would be reformatted
LOOKED: Final = (0, 1, 123)
_VERSION: Final = re.compile(r"\d+(?:\.\d+)+\w*")
# that are often beside them in a list of requirements
OTHERS: Final = frozenset(
    ("bandit", "isort", "mypy", "pydocstyle", "pylint", "pyright", "ruff", "yamllint")
)
_NAME: Final = re.compile(r"[\w.-]+")
_PIN: Final = re.compile(r"(?P<name>[\w.-]+)==(?P<version>\d[\w.]*)")


@dataclass(frozen=True)
class LintRules:
    """Which folders are looked at, how wide black formats and flake8 allows a line to be;
    ``ignored`` are flake8's codes."""

    paths: tuple[str, ...]
    max_line_length: int
    format_line_length: int
    ignored: tuple[str, ...]


@dataclass(frozen=True)
class Matrix:
    """What every row of the matrix is measured on: ``known`` are the tree's paths, ``tools`` pip
    requirements; ``repository`` holds the tree."""

    tree: Tree | Base
    known: frozenset[str]
    repository: RepositoryReads
    tools: tuple[str, ...]
    rules: LintRules
    timeout_s: float
    log: str

    @cached_property
    def texts(self) -> Mapping[str, str]:
        """The tree's Python, by path: read once for all rows."""
        return self.repository.texts(self.tree.id, ".py")


@dataclass(frozen=True)
class _Row:
    """One linter under one Python, before it was run."""

    version: str
    linter: str

    def missing(self, problem: str) -> LinterResult:
        return LinterResult(python=self.version, linter=self.linter, ran=False, problem=problem)

    def ran(self, tool_version: str, output: LinterOutput) -> LinterResult:
        return LinterResult(
            python=self.version,
            linter=self.linter,
            ran=not output.problem,
            files=output.files,
            findings=output.findings,
            complexities=output.complexities,
            version=tool_version,
            problem=output.problem,
        )


def under(shell: ShellReads, version: str, matrix: Matrix) -> tuple[LinterResult, ...]:
    """Every linter under one Python, each either measured or with its problem."""
    rows = [_Row(version, linter) for linter in LINTERS]
    interpreter = shell.interpreter(version)
    if not interpreter:
        problem = f"no python{version} on this machine; type: uv python install {version}"
        return tuple(row.missing(problem) for row in rows)
    python = shell.tool_python(interpreter, matrix.tools)
    if not python:
        problem = f"{' and '.join(matrix.tools)} cannot be installed for python{version}"
        return tuple(row.missing(problem) for row in rows)
    return tuple(_run(shell, row, python, matrix) for row in rows)


def _run(shell: ShellReads, row: _Row, python: str, matrix: Matrix) -> LinterResult:
    tool_version = version_of(shell, python, row.linter, matrix.timeout_s)
    if not tool_version:
        return row.missing(f"{row.linter} does not say its version under python{row.version}")
    pinned = _pinned(matrix.tools, row.linter)
    if pinned and tool_version != pinned:
        problem = f"{row.linter} says that it is {tool_version}, and {pinned} was asked for"
        return row.missing(problem)
    command = Command(
        argv(row.linter, python, matrix.rules),
        tree=matrix.tree,
        timeout_s=matrix.timeout_s,
        keep_log=f"{matrix.log}-{row.version}-{row.linter}",
    )
    ran = shell.measure(command)
    output = read(row.linter, ran, Source(matrix.known, top=ran.ran_in))
    complexities = highest(whole(output.complexities, lambda: matrix.texts))
    return row.ran(tool_version, replace(output, complexities=complexities))


def refuse_others(tools: Iterable[str]) -> None:
    """Raises ``PipelineInvalid`` for a tool of the matrix that is a linter which it never runs.

    Anything else may be a plugin of those that it runs.
    """
    for tool in tools:
        name = _NAME.match(tool)
        if name and name[0].lower() in OTHERS:
            runs = " and ".join(LINTERS)
            problem = f"{name[0]} would never run: the matrix of pythons: runs {runs}"
            hint = f"quality: {{with: {{linters: [{name[0]}]}}}} runs it, without pythons:"
            raise PipelineInvalid(problem, hint=hint, parameter=("tools",))


def _pinned(tools: Iterable[str], linter: str) -> str:
    """The version that a requirement pins a linter to, empty where none does."""
    for tool in tools:
        pin = _PIN.fullmatch(tool)
        if pin and pin["name"].lower() == linter:
            return pin["version"]
    return ""


def version_of(shell: ShellReads, python: str, tool: str, timeout_s: float) -> str:
    """The version that a tool says of itself, empty where it says none."""
    ran = shell.measure(Command((python, "-I", "-m", tool, "--version"), timeout_s=timeout_s))
    match = _VERSION.search(ran.output) if ran.exit_code == 0 else None
    return match[0] if match else ""


def argv(linter: str, python: str, rules: LintRules) -> tuple[str, ...]:
    """The command; ``-I`` keeps a ``black.py`` or ``ast.py`` of the tree from being imported in the
    tool's place."""
    module = (python, "-I", "-m", linter)
    if linter == "black":
        width = ("--line-length", str(rules.format_line_length))
        return (*module, "--check", "--diff", *width, *rules.paths)
    # complexity 0 reports every function
    limits = (f"--max-line-length={rules.max_line_length}", "--max-complexity=0")
    ignored = f"--extend-ignore={','.join(rules.ignored)}"
    return (*module, "--isolated", "--benchmark", *limits, ignored, *rules.paths)


def read(linter: str, ran: Ran, source: Source) -> LinterOutput:
    """What the linter's run says of the files of a tree."""
    if ran.problem:
        return LinterOutput(problem=ran.problem)
    if linter == "black":
        output = read_black(ran.output, source)
    else:
        output = read_flake8(ran.output, source, by_figure=True)
    if not output.files:
        said = ran.in_tree(telling_line(ran.output))
        return LinterOutput(problem=f"{linter} looked at no file: {said}")
    ended = f"{linter} ended with {ran.exit_code}"
    count = len(output.findings)
    if ran.exit_code not in LOOKED or (count and ran.exit_code == 0):
        return LinterOutput(problem=f"{ended} after {count} findings")
    if linter == "black" and ran.exit_code and not count:
        return LinterOutput(problem=f"{ended} without a finding")
    return output


def limited(result: LinterResult, max_complexity: int) -> LinterResult:
    """The result with a finding for each function over the limit, as flake8 words it."""
    findings = [*result.findings]
    for one in result.complexities:
        if one.value > max_complexity:
            text = complexity_text(one)
            findings.append(finding(text, one.path, one.line, 1, rule="C901"))
    return result.model_copy(update={"findings": tuple(findings)})


def complexity_text(function: FunctionComplexity) -> str:
    """``C901 'predict' is too complex (12)``."""
    return f"C901 '{function.function}' is too complex ({function.value})"


def name_of(result: LinterResult) -> str:
    """``3.11 black`` of a matrix, ``eslint`` of the project's own."""
    return f"{result.python} {result.linter}".strip()


def merged(results: Iterable[LinterResult]) -> dict[Finding, str]:
    """Each finding once, and by whom it was found: ``flake8 3.9, 3.11``."""
    finders: dict[Finding, str] = {}
    for result in results:
        for found in result.findings:
            first = finders.get(found)
            finder = f"{result.linter} {result.python}".strip()
            finders[found] = f"{first}, {result.python or result.linter}" if first else finder
    return finders


def longest_line(texts: Iterable[tuple[str, str]]) -> tuple[int | None, str]:
    """The length of the longest line in characters, and its ``path:line``; lines that ``noqa``
    excuses are flake8's to excuse."""
    longest: int | None = None
    place = ""
    for path, text in texts:
        for number, line in enumerate(text.splitlines(), 1):
            if "noqa" not in line and len(line) > (longest or -1):
                longest = len(line)
                place = f"{path}:{number}"
    return longest, place


def longest_of(
    lines: Iterable[tuple[str, int, str]], paths: frozenset[str]
) -> tuple[int | None, str]:
    """The same of single lines, each with its path and number, in these files."""
    texts = [(f"{path}:{number}", text) for path, number, text in lines if path in paths]
    length, place = longest_line(texts)
    # a line alone is its text's first
    return length, place.removesuffix(":1")
