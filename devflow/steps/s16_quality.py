"""Step 16: black and flake8 under each Python of the matrix on a clean export of the pushed commit,
and the observed maxima.

Each finding is annotated at its line on the code host, and kept as SARIF beside the logs. A Python
or a linter that is missing, or that looked at no file, is not measured: the entry is unavailable
then, never passed.
"""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Final

from pydantic import Field

from devflow.craft.quality import annotations
from devflow.craft.quality import linters
from devflow.craft.suites.commit_suite import STATES
from devflow.craft.quality.sarif import sarif
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
    """``tools`` are pip requirements, pinned so that every Python runs the same; ``ignored`` are
    codes of flake8."""

    pythons: tuple[str, ...] = Field(default=("3.9", "3.11"), min_length=1)
    tools: tuple[str, ...] = (
        "black==25.9.0",
        "flake8==7.3.0",
    )  # black 25.9 is the last that Python 3.9 runs
    paths: tuple[str, ...] = Field(default=("services", "tests"), min_length=1)
    ignored: tuple[str, ...] = ("E203",)  # black puts a space before the colon of a slice
    max_complexity: Limit[int] = Field(default=10, ge=1)
    max_line_length: int = Field(
        default=127, ge=1
    )  # no mere limit: black also joins lines up to it
    timeout_s: Limit[float] = 300.0  # s for each linter; the bundled tree takes 3
    status: str = "devflow/quality"


@dataclass(frozen=True)
class Needs:
    """The commit that is looked at."""

    trigger: Trigger
    push: Push
    project: Project


def make(tools: Tools, turn: Turn, params: Params, needs: Needs) -> Quality:
    """Measures, and says so as the commit's status and as a check run with an annotation for each
    finding."""
    sha = needs.push.sha
    known = tuple(
        path
        for folder in params.paths
        for path in tools.repository.paths(sha, folder)
        if path.endswith(".py")
    )
    rules = linters.LintRules(
        params.paths, params.max_line_length, params.max_complexity, params.ignored
    )
    matrix = linters.Matrix(sha, known, params.tools, rules, params.timeout_s, turn.entry)

    def under(version: str) -> tuple[linters.Row, ...]:
        rows = linters.under(tools.shell, version, matrix)
        turn.say(" · ".join(f"{version} {result.linter}: {_said(result)}" for result, _ in rows))
        return rows

    with ThreadPoolExecutor(WORKERS) as pool:
        rows = [row for measured in pool.map(under, params.pythons) for row in measured]
    complexity, complexity_at = max(
        ((told.complexity, told.complexity_at) for _, told in rows if told.complexity is not None),
        default=(None, ""),
    )
    length, line_at = linters.longest_line(
        (path, tools.repository.read(sha, path) or "") for path in known
    )
    product = Quality(
        sha=sha,
        linters=tuple(result for result, _ in rows),
        files=len(known),
        max_complexity=complexity,
        complexity_at=complexity_at,
        max_line_length=length,
        line_at=line_at,
    )
    tools.shell.keep(f"{turn.entry}.sarif", sarif(product.linters, turn.entry))
    status = judged(judge(params, product))
    said = "; ".join(f"{one.python} {one.linter}: {_said(one)}" for one in product.linters)
    tools.host.set_status(sha, params.status, STATES.get(status, "error"), said)
    told = annotations.tell(
        tools.host, needs.push, annotations.report(params.status, product.linters, status)
    )
    return product.model_copy(update={"told": told})


def _said(result: LinterResult) -> str:
    return (
        f"{len(result.findings)} findings in {result.files} files" if result.ran else "not measured"
    )


def judge(params: Params, product: Quality) -> tuple[Check, ...]:
    """Every linter ran under every Python and found nothing, and the maxima keep their limits."""
    checks = []
    for result in product.linters:
        label = f"{result.python} {result.linter}"
        if result.ran:
            source = f"{result.linter} {result.version} on {product.sha[:7]}"
            checks.append(
                Check(
                    label=label,
                    ok=not result.findings,
                    measured=_said(result),
                    limit="0 findings",
                    source=source,
                )
            )
        else:
            checks.append(
                Check(
                    label=label,
                    ok=None,
                    measured=result.problem,
                    source=f"{result.linter} --version",
                )
            )
    told = (
        [annotations.told_check(product.told, f"commit {product.sha[:7]}")]
        if product.told.name
        else []
    )
    return (*checks, *_findings(product), *_maxima(params, product), *told)


def _findings(product: Quality) -> list[Check]:
    """One line a finding, whatever number of Pythons it was found under."""
    found = linters.merged(product.linters)
    lines = []
    for finding, found_by in list(found.items())[:SHOWN]:
        place, _, text = finding.partition(": ")
        lines.append(Check(label=place, ok=False, measured=text, source=found_by))
    if len(found) > SHOWN:
        lines.append(
            Check(
                label="more findings",
                ok=False,
                measured=str(len(found) - SHOWN),
                source="devflow logs",
            )
        )
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
    """The commit's status and its check run."""
    target = f"{params.status} on {needs.push.sha[:7]}"
    writes = tuple(
        Write(port="host", verb=verb, target=target) for verb in ("set_status", "put_check")
    )
    return Foreseen(writes, {"sha": needs.push.sha})


STEP = Step(
    name="quality",
    title="Code quality",
    params=Params,
    needs=Needs,
    makes=Quality,
    make=make,
    judge=judge,
    foresee=foresee,
    number=16,
    project_parts=(),
)
