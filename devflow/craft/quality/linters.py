"""What black and flake8 are asked, and what their output says.

A linter that does not say how many files it looked at has not looked: its exit code alone is no
measurement.
"""

import re
from dataclasses import dataclass
from typing import Final, Iterable

from devflow.model.wording import one_line
from devflow.model.ci import LinterResult
from devflow.ports.shell import Command, Ran, ShellReads

LINTERS: Final = ("black", "flake8")
_VERSION: Final = re.compile(r"\d+(?:\.\d+)+\w*")
_BLACK_SUMMARY: Final = re.compile(r"^\d+ files? (?:would|left)")
_BLACK_FILES: Final = re.compile(r"(\d+) files?")
_BLACK_FINDING: Final = re.compile(r"^would reformat (.+)$|^error: cannot format (.+?): (.+)$")
_HUNK: Final = re.compile(r"^@@ -(\d+)")
_FLAKE8_FILES: Final = re.compile(r"^(\d+) +total files processed", re.MULTILINE)
_FLAKE8_FINDING: Final = re.compile(r"^(.+?):(\d+):(\d+): ([A-Z]+\d+) (.+)$")
_PLACE: Final = re.compile(r"(.+?):(\d+):(\d+): (.*)", re.DOTALL)
_RULE: Final = re.compile(r"[A-Z]+\d+(?= )")
_COMPLEX: Final = re.compile(r"C901 (.+) is too complex \((\d+)\)")


@dataclass(frozen=True)
class LintRules:
    """What is allowed, and which folders are looked at; ``ignored`` are flake8's codes."""

    paths: tuple[str, ...]
    max_line_length: int
    max_complexity: int
    ignored: tuple[str, ...]


@dataclass(frozen=True)
class Matrix:
    """What every row of the matrix is measured on: ``known`` are the tree's paths, ``tools`` pip
    requirements."""

    sha: str
    known: tuple[str, ...]
    tools: tuple[str, ...]
    rules: LintRules
    timeout_s: float
    log: str


@dataclass(frozen=True)
class LinterOutput:
    """What a linter said. ``complexity`` is the highest of any function, with its place;
    ``problem``: it has not looked."""

    files: int = 0
    findings: tuple[str, ...] = ()
    complexity: int | None = None
    complexity_at: str = ""
    problem: str = ""


Row = tuple[LinterResult, LinterOutput]


def under(shell: ShellReads, version: str, matrix: Matrix) -> tuple[Row, ...]:
    """Every linter under one Python, each either measured or with its problem."""
    interpreter = shell.interpreter(version)
    if not interpreter:
        problem = f"no python{version} on this machine; type: uv python install {version}"
        return tuple(_row(version, linter, "", LinterOutput(problem=problem)) for linter in LINTERS)
    python = shell.tool_python(interpreter, matrix.tools)
    if not python:
        problem = f"{' and '.join(matrix.tools)} cannot be installed for python{version}"
        return tuple(_row(version, linter, "", LinterOutput(problem=problem)) for linter in LINTERS)
    return tuple(_measured(shell, version, python, linter, matrix) for linter in LINTERS)


def _measured(shell: ShellReads, version: str, python: str, linter: str, matrix: Matrix) -> Row:
    asked = shell.measure(
        Command((python, "-I", "-m", linter, "--version"), timeout_s=matrix.timeout_s)
    )
    said = _VERSION.search(asked.output) if asked.exit_code == 0 else None
    if not said:
        return _row(
            version,
            linter,
            "",
            LinterOutput(problem=f"{linter} does not say its version under python{version}"),
        )
    command = Command(
        argv(linter, python, matrix.rules),
        tree=matrix.sha,
        timeout_s=matrix.timeout_s,
        keep_log=f"{matrix.log}-{version}-{linter}",
    )
    return _row(
        version, linter, said[0], read(linter, shell.measure(command), matrix.rules, matrix.known)
    )


def _row(python: str, linter: str, version: str, told: LinterOutput) -> Row:
    ran = not told.problem
    result = LinterResult(
        python=python,
        linter=linter,
        ran=ran,
        files=told.files,
        findings=told.findings,
        version=version,
        problem=told.problem,
    )
    return result, told


def argv(linter: str, python: str, rules: LintRules) -> tuple[str, ...]:
    """The command; ``-I`` keeps a ``black.py`` or ``ast.py`` of the tree from being imported in the
    tool's place."""
    width = str(rules.max_line_length)
    if linter == "black":
        return (
            python,
            "-I",
            "-m",
            "black",
            "--check",
            "--diff",
            "--line-length",
            width,
            *rules.paths,
        )
    # complexity 0 reports every function, and so the highest; those within the limit are no
    # findings
    limits = (
        f"--max-line-length={width}",
        "--max-complexity=0",
        f"--extend-ignore={','.join(rules.ignored)}",
    )
    return (python, "-I", "-m", "flake8", "--isolated", "--benchmark", *limits, *rules.paths)


def read(linter: str, ran: Ran, rules: LintRules, known: Iterable[str]) -> LinterOutput:
    """What the linter's run says; ``known`` are the paths of the tree."""
    told = _black(ran, known) if linter == "black" else _flake8(ran, rules)
    if ran.problem:
        return LinterOutput(problem=ran.problem)
    if not told.files:
        last = [line for line in ran.output.splitlines() if line.strip()] or ["it printed nothing"]
        return LinterOutput(problem=f"{linter} looked at no file: {one_line(last[-1])}")
    if ran.exit_code not in (0, 1, 123) or (bool(told.findings) and ran.exit_code == 0):
        return LinterOutput(
            problem=f"{linter} ended with {ran.exit_code} after {len(told.findings)} findings"
        )
    if linter == "black" and ran.exit_code and not told.findings:
        return LinterOutput(problem=f"black ended with {ran.exit_code} without a finding")
    return told


def _black(ran: Ran, known: Iterable[str]) -> LinterOutput:
    """Black names files by where the export lay, and lines in its diff alone."""
    paths = sorted(known, key=len, reverse=True)

    def relative(shown: str) -> str:
        return next((path for path in paths if shown == path or shown.endswith(f"/{path}")), shown)

    findings: list[tuple[str, str]] = []
    first_line: dict[str, int] = {}
    files, at = 0, ""
    start: int | None = None
    for line in ran.output.splitlines():
        if line.startswith("--- "):
            at, start = relative(line[4:].partition("\t")[0]), None
        elif hunk := _HUNK.match(line):
            start = int(hunk[1])
        elif start is not None and line[:1] in ("+", "-") and not line.startswith("+++"):
            first_line.setdefault(at, start)
        elif start is not None:
            start += 1
        if finding := _BLACK_FINDING.match(line):
            path = relative(finding[1] or finding[2])
            findings.append((path, finding[3] or "black would reformat it"))
        if _BLACK_SUMMARY.match(line):
            files = sum(map(int, _BLACK_FILES.findall(line)))
    shown = tuple(f"{path}:{first_line.get(path, 1)}:1: {text}" for path, text in findings)
    return LinterOutput(files=files, findings=shown)


def _flake8(ran: Ran, rules: LintRules) -> LinterOutput:
    findings: list[str] = []
    highest, highest_at = None, ""
    for line in ran.output.splitlines():
        if not (found := _FLAKE8_FINDING.match(line)):
            continue
        if complexity := _COMPLEX.search(line):
            value = int(complexity[2])
            if highest is None or value > highest:
                highest, highest_at = value, f"{found[1]}:{found[2]} {complexity[1]}".replace(
                    "'", ""
                )
            if value <= rules.max_complexity:
                continue
        findings.append(line)
    files = _FLAKE8_FILES.search(ran.output)
    return LinterOutput(int(files[1]) if files else 0, tuple(findings), highest, highest_at)


def merged(results: Iterable[LinterResult]) -> dict[str, str]:
    """Each finding once, and by whom it was found: ``flake8 3.9, 3.11``."""
    found: dict[str, str] = {}
    for result in results:
        for finding in result.findings:
            found[finding] = (
                f"{found[finding]}, {result.python}"
                if finding in found
                else f"{result.linter} {result.python}"
            )
    return found


def split(finding: str) -> tuple[tuple[str, int, int], str]:
    """Path, line and column of a finding, each at least 1, and its text."""
    read_as = _PLACE.fullmatch(finding)
    if not read_as:
        return ("", 1, 1), finding
    return (read_as[1], max(1, int(read_as[2])), max(1, int(read_as[3]))), read_as[4]


def rule_of(linter: str, text: str) -> str:
    """The code that a finding begins with; a linter without codes has one rule, which bears its
    name."""
    code = _RULE.match(text)
    return code[0] if code else linter


def longest_line(texts: Iterable[tuple[str, str]]) -> tuple[int | None, str]:
    """The length of the longest line in characters, and its ``path:line``; lines that ``noqa``
    excuses are flake8's to excuse."""
    lines = (
        (len(line), f"{path}:{number}")
        for path, text in texts
        for number, line in enumerate(text.splitlines(), 1)
        if "noqa" not in line
    )
    return max(lines, key=lambda found: found[0], default=(None, ""))
