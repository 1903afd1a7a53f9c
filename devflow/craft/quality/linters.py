"""What black and flake8 are asked, and what their output says.

A linter that does not say how many files it looked at has not looked: its exit code alone is no
measurement. Complexity is flake8's figure, asked of every function: what is too complex is judged
later, by the limit of that moment.
"""

import re
from dataclasses import dataclass
from typing import Final, Iterable, Iterator

from devflow.model.ci import FunctionComplexity, LinterResult
from devflow.model.tree import Tree
from devflow.model.wording import one_line
from devflow.ports.shell import Command, Ran, ShellReads

LINTERS: Final = ("black", "flake8")
# functions whose figure is kept: ten requests of annotations, and more than anybody reads
MOST_FUNCTIONS: Final = 500
# black ends with 123 where a file cannot be parsed, with 1 where one would be reformatted
LOOKED: Final = (0, 1, 123)
_VERSION: Final = re.compile(r"\d+(?:\.\d+)+\w*")
_BLACK_SUMMARY: Final = re.compile(r"^\d+ files? (?:would|left)")
_BLACK_FILES: Final = re.compile(r"(\d+) files?")
_BLACK_FINDING: Final = re.compile(r"^would reformat (.+)$|^error: cannot format (.+?): (.+)$")
_PIN: Final = re.compile(r"(?P<name>[\w.-]+)==(?P<version>\d[\w.]*)")
_HUNK: Final = re.compile(r"^@@ -(\d+)")
_FLAKE8_FILES: Final = re.compile(r"^(\d+) +total files processed$", re.MULTILINE)
_FLAKE8_FINDING: Final = re.compile(r"^(.+?):(\d+):(\d+): ([A-Z]+\d+) (.+)$")
_PLACE: Final = re.compile(r"(.+?):(\d+):(\d+): (.*)", re.DOTALL)
_RULE: Final = re.compile(r"[A-Z]+\d+(?= )")
_COMPLEX: Final = re.compile(r"'?([^']+)'? is too complex \((\d+)\)")


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
    requirements."""

    tree: Tree
    known: tuple[str, ...]
    tools: tuple[str, ...]
    rules: LintRules
    timeout_s: float
    log: str


@dataclass(frozen=True)
class LinterOutput:
    """What a linter's output says; ``problem``: it has not looked."""

    files: int = 0
    findings: tuple[str, ...] = ()
    complexities: tuple[FunctionComplexity, ...] = ()
    problem: str = ""


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
    output = read(row.linter, shell.measure(command), matrix.known)
    return row.ran(tool_version, output)


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


def read(linter: str, ran: Ran, known: Iterable[str]) -> LinterOutput:
    """What the linter's run says; ``known`` are the paths of the tree."""
    if ran.problem:
        return LinterOutput(problem=ran.problem)
    output = _read_black(ran, known) if linter == "black" else _read_flake8(ran)
    if not output.files:
        lines = [line for line in ran.output.splitlines() if line.strip()]
        last = lines[-1] if lines else "it printed nothing"
        return LinterOutput(problem=f"{linter} looked at no file: {one_line(last)}")
    ended = f"{linter} ended with {ran.exit_code}"
    count = len(output.findings)
    if ran.exit_code not in LOOKED or (count and ran.exit_code == 0):
        return LinterOutput(problem=f"{ended} after {count} findings")
    if linter == "black" and ran.exit_code and not count:
        return LinterOutput(problem=f"{ended} without a finding")
    return output


class _BlackDiff:
    """Where black would change each file first: its diff alone tells the line."""

    def __init__(self, known: Iterable[str]) -> None:
        self.first_line: dict[str, int] = {}
        # the longest first: black names files by where the checkout lay
        self._known = sorted(known, key=len, reverse=True)
        self._path = ""
        self._line: int | None = None

    def path(self, name: str) -> str:
        """The tree's path of a file that black names."""
        for path in self._known:
            if name == path or name.endswith(f"/{path}"):
                return path
        return name

    def take(self, line: str) -> None:
        """Takes the next line of the output."""
        hunk = _HUNK.match(line)
        if line.startswith("--- "):
            self._path = self.path(line[4:].partition("\t")[0])
            self._line = None
        elif hunk:
            self._line = int(hunk[1])
        elif self._line is None:
            return
        elif line[:1] in ("+", "-") and not line.startswith("+++"):
            self.first_line.setdefault(self._path, self._line)
        else:
            self._line += 1


def _read_black(ran: Ran, known: Iterable[str]) -> LinterOutput:
    diff = _BlackDiff(known)
    texts: list[tuple[str, str]] = []
    files = 0
    for line in ran.output.splitlines():
        diff.take(line)
        match = _BLACK_FINDING.match(line)
        if match:
            path = diff.path(match[1] or match[2])
            texts.append((path, match[3] or "black would reformat it"))
        if _BLACK_SUMMARY.match(line):
            files = sum(int(number) for number in _BLACK_FILES.findall(line))
    findings = []
    for path, text in texts:
        findings.append(f"{path}:{diff.first_line.get(path, 1)}:1: {text}")
    return LinterOutput(files=files, findings=tuple(findings))


def _read_flake8(ran: Ran) -> LinterOutput:
    findings = []
    for line in ran.output.splitlines():
        match = _FLAKE8_FINDING.match(line)
        if match and match[4] != "C901":
            findings.append(line)
    # its summary is what it says last: a file may be named like one
    files = _FLAKE8_FILES.findall(ran.output)
    return LinterOutput(
        files=int(files[-1]) if files else 0,
        findings=tuple(findings),
        complexities=highest(complexities(ran.output)),
    )


def complexities(output: str) -> Iterator[FunctionComplexity]:
    """Every function that flake8 names with its complexity."""
    for line in output.splitlines():
        place = _FLAKE8_FINDING.match(line)
        if place is None or place[4] != "C901":
            continue
        figure = _COMPLEX.search(place[5])
        if figure is not None:
            yield FunctionComplexity(
                path=place[1].removeprefix("./"),
                line=int(place[2]),
                function=figure[1],
                value=int(figure[2]),
            )


def highest(functions: Iterable[FunctionComplexity]) -> tuple[FunctionComplexity, ...]:
    """The most complex functions, those of one figure in the order of their places."""
    return tuple(sorted(functions, key=_rank)[:MOST_FUNCTIONS])


def _rank(function: FunctionComplexity) -> tuple[int, str, int]:
    return -function.value, function.path, function.line


def limited(result: LinterResult, max_complexity: int) -> LinterResult:
    """The result with a finding for each function over the limit, as flake8 words it."""
    over = [one for one in result.complexities if one.value > max_complexity]
    findings = [f"{one.path}:{one.line}:1: {complexity_text(one)}" for one in over]
    return result.model_copy(update={"findings": (*result.findings, *findings)})


def complexity_text(function: FunctionComplexity) -> str:
    """``C901 'predict' is too complex (12)``."""
    return f"C901 '{function.function}' is too complex ({function.value})"


def merged(results: Iterable[LinterResult]) -> dict[str, str]:
    """Each finding once, and by whom it was found: ``flake8 3.9, 3.11``."""
    finders: dict[str, str] = {}
    for result in results:
        for finding in result.findings:
            first = finders.get(finding)
            finder = f"{result.linter} {result.python}"
            finders[finding] = f"{first}, {result.python}" if first else finder
    return finders


def split(finding: str) -> tuple[tuple[str, int, int], str]:
    """Path, line and column of a finding, each at least 1, and its text."""
    match = _PLACE.fullmatch(finding)
    if not match:
        return ("", 1, 1), finding
    line = max(1, int(match[2]))
    column = max(1, int(match[3]))
    return (match[1], line, column), match[4]


def rule_of(linter: str, text: str) -> str:
    """The code that a finding begins with; a linter without codes has one rule, which bears its
    name."""
    code = _RULE.match(text)
    return code[0] if code else linter


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
