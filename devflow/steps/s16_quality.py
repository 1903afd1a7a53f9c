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

from devflow.craft.evidence import distinct, plan_write
from devflow.craft.quality import annotations, linters
from devflow.craft.quality.sarif import sarif
from devflow.craft.suites.commit_suite import STATES
from devflow.model.bounds.numbers import PositiveNumber, Seconds
from devflow.model.bounds.places import RepositoryPath
from devflow.model.bounds.words import Line, LinterCode, PythonVersion, Requirement
from devflow.model.change import Push
from devflow.model.checks import (
    Check,
    at_most,
    fact,
    held,
    judged,
    measure,
    missing,
    note,
)
from devflow.model.ci import FunctionComplexity, LinterResult, Quality, Trigger
from devflow.model.command_line import command_line
from devflow.model.figures import NOT_MEASURED, Bound, Count, Missing, Quantity, count, finding
from devflow.model.outcomes import Foreseen
from devflow.model.project import Project
from devflow.model.tree import Tree
from devflow.model.values import Limit, Value
from devflow.model.wording import figure, plural, short_sha
from devflow.step import Step, Tools, Turn

SHOWN: Final = 50  # findings that get a line of their own; the logs have them all
_NOWHERE: Final = "files of the commit"
WORKERS: Final = 2  # Pythons side by side; each linter spreads over the cores by itself


class Params(Value):
    """Which linters run, on what, and what is allowed. The widths are no mere limits: black joins
    lines up to its own, and flake8 is asked about lines beyond its own."""

    pythons: tuple[PythonVersion, ...] = Field(
        default=("3.9", "3.11"), min_length=1, description="the Pythons of the matrix"
    )
    # 25.9 is the last black that Python 3.9 runs
    tools: tuple[Requirement, ...] = Field(
        default=("black==25.9.0", "flake8==7.3.0"),
        description="pip requirements, pinned so that every Python runs the same",
    )
    paths: tuple[RepositoryPath, ...] = Field(
        default=("services", "tests"), min_length=1, description="the folders that are looked at"
    )
    # black puts a space before the colon of a slice
    ignored: tuple[LinterCode, ...] = Field(default=("E203",), description="codes of flake8")
    max_complexity: Limit[PositiveNumber] = Field(
        default=10, description="of any function; reference step 16"
    )
    max_line_length: PositiveNumber = Field(
        default=127, description="flake8's, in characters; reference step 16"
    )
    format_line_length: PositiveNumber | None = Field(
        default=None, description="black's, in characters; else `max_line_length`"
    )
    timeout_s: Limit[Seconds] = Field(
        default=300.0, description="s for each linter; the bundled tree takes 3"
    )
    status: Line = Field(default="devflow/quality", description="the commit status's name")


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
    return figure(_findings(result))


def _findings(result: LinterResult) -> Count:
    files = plural(result.files, "file")
    return count(len(result.findings), "finding", where=f"in {files}")


def _by_limit(params: Params, product: Quality) -> tuple[LinterResult, ...]:
    """The results with what is too complex by the limit of now."""
    return tuple(linters.limited(one, params.max_complexity) for one in product.linters)


def judge(params: Params, product: Quality) -> tuple[Check, ...]:
    """Every linter ran under every Python and found nothing, and the maxima keep their limits."""
    results = _by_limit(params, product)
    checks: list[Check] = []
    for result in results:
        checks += _linter_checks(result, product.sha)
    checks += _finding_checks(results)
    complexity = _maximum(product.max_complexity)
    at = product.complexity_at or _NOWHERE
    most_complex = measure("complexity", "complexity", complexity, at)
    checks.append(held(most_complex, at_most(params.max_complexity)))
    length = _maximum(product.max_line_length, "characters")
    longest = measure("line_length", "line length", length, product.line_at or _NOWHERE)
    checks.append(held(longest, at_most(params.max_line_length, "characters")))
    if product.told.name:
        source = f"commit {short_sha(product.sha)}"
        checks.append(annotations.told_check(product.told, source))
    return tuple(checks)


def _linter_checks(result: LinterResult, sha: str) -> list[Check]:
    name = f"{result.python} {result.linter}"
    if not result.ran:
        version = f"{result.linter} --version"
        return [missing(measure("linter", name, NOT_MEASURED, version, about=name), result.problem)]
    source = f"{result.linter} {result.version} on {short_sha(sha)}"
    found = measure("linter", name, _findings(result), source, about=name)
    none = Bound(sense="exactly", value=0, unit="findings")
    files = count(result.files, "file")
    return [
        held(found, none),
        note(measure("linter_files", f"{name} files", files, source, about=name)),
    ]


def _finding_checks(results: tuple[LinterResult, ...]) -> list[Check]:
    """One line a finding, whatever number of Pythons it was found under."""
    finders = linters.merged(results)
    shown = list(finders.items())[:SHOWN]
    places = [found.partition(": ")[0] for found, _ in shown]
    checks = []
    for (found, finder), place, about in zip(shown, places, distinct(places)):
        (path, line, column), text = linters.split(found)
        one = finding(text, path, line, column, rule=linters.rule_of("", text))
        checks.append(fact(measure("finding", place, one, finder, about=about), False))
    rest = len(finders) - SHOWN
    if rest > 0:
        source = command_line("logs", "ENTRY")
        checks.append(fact(measure("more_findings", "more findings", count(rest), source), False))
    return checks


def _maximum(value: int | None, unit: str = "") -> Quantity | Missing:
    if value is None:
        return NOT_MEASURED
    return Quantity(kind="quantity", value=value, unit=unit, of="max")


def foresee(params: Params, needs: Needs) -> Foreseen:
    """The commit's status and its check run."""
    target = f"{params.status} on {short_sha(needs.push.sha)}"
    writes = (
        plan_write("host", "set_status", target),
        plan_write("host", "put_check", target),
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
    evidence={
        "linter": "how many findings a linter has, about its Python and its name",
        "linter_files": "how many files it looked at",
        "finding": "one finding, about its place",
        "more_findings": "how many have no line of their own",
        "complexity": "that of the most complex function",
        "line_length": "that of the longest line",
        **annotations.ANNOTATION_EVIDENCE,
    },
    project_parts=(),
)
