"""Step 16: black and flake8 under each Python of the matrix on a clean export of the pushed commit, and the observed maxima.

A Python or a linter that is missing, or that looked at no file, is not measured: the entry is unavailable then, never passed.
"""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Final

from pydantic import Field

from devflow.craft import linters
from devflow.craft.commit_suite import STATES
from devflow.model.change import Push
from devflow.model.checks import Check, judged
from devflow.model.ci import LinterResult, Quality, Trigger
from devflow.model.outcomes import Foreseen, Write
from devflow.model.project import Project
from devflow.model.values import Limit, Value
from devflow.step import Step, Tools, Turn

SHOWN: Final = 50  # findings that get a line of their own; the logs have them all
WORKERS: Final = 2  # Pythons side by side; each linter spreads over the cores by itself


class Params(Value):
    """``tools`` are pip requirements, pinned so that every Python runs the same; ``ignored`` are codes of flake8."""

    pythons: tuple[str, ...] = Field(default=("3.9", "3.11"), min_length=1)
    tools: tuple[str, ...] = ("black==25.9.0", "flake8==7.3.0")  # black 25.9 is the last that Python 3.9 runs
    paths: tuple[str, ...] = Field(default=("services", "tests"), min_length=1)
    ignored: tuple[str, ...] = ("E203",)  # black puts a space before the colon of a slice
    max_complexity: Limit[int] = Field(default=10, ge=1)
    max_line_length: int = Field(default=127, ge=1)  # no mere limit: black also joins lines up to it
    timeout_s: Limit[float] = 300.0  # s for each linter; the bundled tree takes 3
    status: str = "devflow/quality"


@dataclass(frozen=True)
class Needs:
    """The commit that is looked at."""

    trigger: Trigger
    push: Push
    project: Project


def make(tools: Tools, turn: Turn, params: Params, needs: Needs) -> Quality:
    """Measures, and says so as the commit's status."""
    sha = needs.push.sha
    known = tuple(path for folder in params.paths for path in tools.repository.paths(sha, folder) if path.endswith(".py"))
    rules = linters.Rules(params.paths, params.max_line_length, params.max_complexity, params.ignored)
    matrix = linters.Matrix(sha, known, params.tools, rules, params.timeout_s, turn.entry)

    def under(version: str) -> tuple[linters.Row, ...]:
        rows = linters.under(tools.shell, version, matrix)
        turn.say(" · ".join(f"{version} {result.linter}: {_said(result)}" for result, _ in rows))
        return rows

    with ThreadPoolExecutor(WORKERS) as pool:
        rows = [row for measured in pool.map(under, params.pythons) for row in measured]
    complexity, complexity_at = max(
        ((told.complexity, told.complexity_at) for _, told in rows if told.complexity is not None), default=(None, "")
    )
    length, line_at = linters.longest_line((path, tools.repository.read(sha, path) or "") for path in known)
    product = Quality(
        sha=sha,
        linters=tuple(result for result, _ in rows),
        files=len(known),
        max_complexity=complexity,
        complexity_at=complexity_at,
        max_line_length=length,
        line_at=line_at,
    )
    state = STATES.get(judged(judge(params, product)), "error")
    tools.host.set_status(
        sha, params.status, state, "; ".join(f"{one.python} {one.linter}: {_said(one)}" for one in product.linters)
    )
    return product


def _said(result: LinterResult) -> str:
    return f"{len(result.findings)} findings in {result.files} files" if result.ran else "not measured"


def judge(params: Params, product: Quality) -> tuple[Check, ...]:
    """Every linter ran under every Python and found nothing, and the maxima keep their limits."""
    checks = []
    for result in product.linters:
        label = f"{result.python} {result.linter}"
        if result.ran:
            source = f"{result.linter} {result.version} on {product.sha[:7]}"
            checks.append(
                Check(label=label, ok=not result.findings, measured=_said(result), limit="0 findings", source=source)
            )
        else:
            checks.append(Check(label=label, ok=None, measured=result.problem, source=f"{result.linter} --version"))
    return (*checks, *_findings(product), *_maxima(params, product))


def _findings(product: Quality) -> list[Check]:
    """One line a finding, whatever number of Pythons it was found under."""
    by_text: dict[str, str] = {}
    for result in product.linters:
        for finding in result.findings:
            by_text[finding] = (
                f"{by_text[finding]}, {result.python}" if finding in by_text else f"{result.linter} {result.python}"
            )
    lines = []
    for finding, found_by in list(by_text.items())[:SHOWN]:
        place, _, text = finding.partition(": ")
        lines.append(Check(label=place, ok=False, measured=text, source=found_by))
    if len(by_text) > SHOWN:
        lines.append(Check(label="more findings", ok=False, measured=str(len(by_text) - SHOWN), source="devflow logs"))
    return lines


def _maxima(params: Params, product: Quality) -> list[Check]:
    found = (
        ("complexity", product.max_complexity, params.max_complexity, product.complexity_at),
        ("line length", product.max_line_length, params.max_line_length, product.line_at),
    )
    return [
        Check(
            label=label,
            ok=None if value is None else value <= limit,
            measured="" if value is None else f"max {value}",
            limit=str(limit),
            source=at or f"files of {product.sha[:7]}",
        )
        for label, value, limit, at in found
    ]


def foresee(params: Params, needs: Needs) -> Foreseen:
    """The commit's status."""
    write = Write(port="host", verb="set_status", target=f"{params.status} on {needs.push.sha[:7]}")
    return Foreseen((write,), {"sha": needs.push.sha})


STEP = Step("quality", "Code quality", Params, Needs, Quality, make, judge, foresee, number=16)
