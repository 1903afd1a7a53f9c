"""Step 16: black and flake8 under each Python of the matrix in a checkout of the pushed commit,
and the observed maxima.

Each finding is annotated at its line on the code host, and kept as SARIF beside the logs, by the
limits of that moment; what is judged is the figures. A Python or a linter that is missing, or that
looked at no file, is not measured: the entry is unavailable then, never passed.
"""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Final

from pydantic import Field

from devflow.craft.quality import annotations, linters
from devflow.craft.quality.sarif import sarif
from devflow.craft.suites.commit_suite import STATES
from devflow.model.change import Push
from devflow.model.checks import Check, judged, worded
from devflow.model.ci import FunctionComplexity, LinterResult, Quality, Trigger
from devflow.model.command_line import command_line
from devflow.model.outcomes import Foreseen, Write
from devflow.model.project import Project
from devflow.model.tree import Tree
from devflow.model.values import Limit, Value
from devflow.model.wording import short_sha
from devflow.step import Step, Tools, Turn

SHOWN: Final = 50  # findings that get a line of their own; the logs have them all
WORKERS: Final = 2  # Pythons side by side; each linter spreads over the cores by itself


class Params(Value):
    """Which linters run, on what, and what is allowed. The widths are no mere limits: black joins
    lines up to its own, and flake8 is asked about lines beyond its own."""

    pythons: tuple[str, ...] = Field(
        default=("3.9", "3.11"), min_length=1, description="the Pythons of the matrix"
    )
    # 25.9 is the last black that Python 3.9 runs
    tools: tuple[str, ...] = Field(
        default=("black==25.9.0", "flake8==7.3.0"),
        description="pip requirements, pinned so that every Python runs the same",
    )
    paths: tuple[str, ...] = Field(
        default=("services", "tests"), min_length=1, description="the folders that are looked at"
    )
    # black puts a space before the colon of a slice
    ignored: tuple[str, ...] = Field(default=("E203",), description="codes of flake8")
    max_complexity: Limit[int] = Field(
        default=10, ge=1, description="of any function; reference step 16"
    )
    max_line_length: int = Field(
        default=127, ge=1, description="flake8's, in characters; reference step 16"
    )
    format_line_length: int | None = Field(
        default=None, ge=1, description="black's, in characters; else `max_line_length`"
    )
    timeout_s: Limit[float] = Field(
        default=300.0, description="s for each linter; the bundled tree takes 3"
    )
    status: str = Field(default="devflow/quality", description="the commit status's name")


@dataclass(frozen=True)
class Needs:
    """The commit that is looked at."""

    tree: Tree
    trigger: Trigger
    push: Push
    project: Project


def make(tools: Tools, turn: Turn, params: Params, needs: Needs) -> Quality:
    """Measures, and says so as the commit's status and as a check run with an annotation for each
    finding."""
    product = _measured(tools, turn, params, needs)
    results = _by_limit(params, product)
    tools.shell.keep(f"{turn.entry}.sarif", sarif(results, turn.entry))
    status = judged(judge(params, product))
    counts = [f"{one.python} {one.linter}: {_count(one)}" for one in results]
    state = STATES.get(status, "error")
    tools.host.set_status(product.sha, params.status, state, "; ".join(counts))
    report = annotations.report(params.status, results, status)
    announcement = annotations.tell(tools.host, needs.push, report)
    return product.model_copy(update={"told": announcement})


def _measured(tools: Tools, turn: Turn, params: Params, needs: Needs) -> Quality:
    sha = needs.push.sha
    known: list[str] = []
    for folder in params.paths:
        known += [path for path in tools.repository.paths(sha, folder) if path.endswith(".py")]
    results = _run_matrix(tools, turn, params, _matrix(turn, params, needs.tree, tuple(known)))
    worst = _worst(results)
    texts = [(path, tools.repository.read(sha, path) or "") for path in known]
    length, line_at = linters.longest_line(texts)
    return Quality(
        sha=sha,
        linters=results,
        files=len(known),
        max_complexity=worst.value if worst else None,
        complexity_at=f"{worst.path}:{worst.line} {worst.function}" if worst else "",
        max_line_length=length,
        line_at=line_at,
    )


def _matrix(turn: Turn, params: Params, tree: Tree, known: tuple[str, ...]) -> linters.Matrix:
    rules = linters.LintRules(
        paths=params.paths,
        max_line_length=params.max_line_length,
        format_line_length=params.format_line_length or params.max_line_length,
        ignored=params.ignored,
    )
    return linters.Matrix(tree, known, params.tools, rules, params.timeout_s, turn.entry)


def _run_matrix(
    tools: Tools, turn: Turn, params: Params, matrix: linters.Matrix
) -> tuple[LinterResult, ...]:
    def under(version: str) -> tuple[LinterResult, ...]:
        results = linters.under(tools.shell, version, matrix)
        counts = [f"{version} {result.linter}: {_count(result)}" for result in results]
        turn.say(" · ".join(counts))
        return results

    with ThreadPoolExecutor(WORKERS) as pool:
        rows = list(pool.map(under, params.pythons))
    return tuple(result for row in rows for result in row)


def _worst(results: tuple[LinterResult, ...]) -> FunctionComplexity | None:
    """The most complex function under any Python."""
    firsts = [result.complexities[0] for result in results if result.complexities]
    return max(firsts, key=_value, default=None)


def _value(function: FunctionComplexity) -> int:
    return function.value


def _count(result: LinterResult) -> str:
    if not result.ran:
        return "not measured"
    return f"{len(result.findings)} findings in {result.files} files"


def _by_limit(params: Params, product: Quality) -> tuple[LinterResult, ...]:
    """The results with what is too complex by the limit of now."""
    return tuple(linters.limited(one, params.max_complexity) for one in product.linters)


def judge(params: Params, product: Quality) -> tuple[Check, ...]:
    """Every linter ran under every Python and found nothing, and the maxima keep their limits."""
    results = _by_limit(params, product)
    checks = [_linter_check(result, product.sha) for result in results]
    checks += _finding_checks(results)
    complexity = product.max_complexity
    checks.append(_maximum("complexity", complexity, params.max_complexity, product.complexity_at))
    length = product.max_line_length
    checks.append(_maximum("line length", length, params.max_line_length, product.line_at))
    if product.told.name:
        source = f"commit {short_sha(product.sha)}"
        checks.append(annotations.told_check(product.told, source))
    return tuple(checks)


def _linter_check(result: LinterResult, sha: str) -> Check:
    label = f"{result.python} {result.linter}"
    if not result.ran:
        source = f"{result.linter} --version"
        return worded(label=label, ok=None, measured=result.problem, source=source)
    return worded(
        label=label,
        ok=not result.findings,
        measured=_count(result),
        limit="0 findings",
        source=f"{result.linter} {result.version} on {short_sha(sha)}",
    )


def _finding_checks(results: tuple[LinterResult, ...]) -> list[Check]:
    """One line a finding, whatever number of Pythons it was found under."""
    finders = linters.merged(results)
    checks = []
    for finding, finder in list(finders.items())[:SHOWN]:
        place, _, text = finding.partition(": ")
        checks.append(worded(label=place, ok=False, measured=text, source=finder))
    rest = len(finders) - SHOWN
    if rest > 0:
        source = command_line("logs", "ENTRY")
        checks.append(worded(label="more findings", ok=False, measured=str(rest), source=source))
    return checks


def _maximum(label: str, value: int | None, limit: int, at: str) -> Check:
    return worded(
        label=label,
        ok=None if value is None else value <= limit,
        measured="" if value is None else f"max {value}",
        limit=str(limit),
        source=at or "files of the commit",
    )


def foresee(params: Params, needs: Needs) -> Foreseen:
    """The commit's status and its check run."""
    target = f"{params.status} on {short_sha(needs.push.sha)}"
    writes = (
        Write(port="host", verb="set_status", target=target),
        Write(port="host", verb="put_check", target=target),
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
