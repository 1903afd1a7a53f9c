"""Step 16: the project's own linters by its own configuration in a checkout of the pushed commit,
or black and flake8 under each Python of a matrix, with the observed maxima.

A finding decides when the base commit's run does not have it (``scope: new``), or always. Each that
decides is annotated at its line on the code host, and kept as SARIF beside the logs, by the limits
of that moment; what is judged is the figures. A linter that is missing, or that looked at no file,
is not measured: the entry is unavailable then, never passed.
"""

from dataclasses import dataclass
from typing import Final, Iterable, Iterator, Literal, Self

from pydantic import Field, model_validator

from devflow.craft.evidence import distinct, plan_write
from devflow.craft.examine import quality as needed
from devflow.craft.imports.paths import is_in
from devflow.craft.quality import annotations, linters, measuring
from devflow.craft.quality.counted import in_words
from devflow.craft.quality.kept_rows import Keeper
from devflow.craft.quality.linter_checks import (
    LINTER_EVIDENCE,
    linter_checks,
    none_checks,
    unnamed_checks,
)
from devflow.craft.quality.linter_settings import Linter, Linters, configured, refuse_unknown
from devflow.craft.quality.novelty import Change
from devflow.craft.quality.own_linters import Place
from devflow.craft.quality.rows import Job
from devflow.craft.quality.sarif import sarif
from devflow.craft.suites.commit_suite import STATES
from devflow.model.bounds.numbers import PositiveNumber, Seconds
from devflow.model.bounds.references import ExistingPath
from devflow.model.bounds.statuses import StatusName
from devflow.model.bounds.words import LinterCode, PythonVersion, Requirement
from devflow.model.change import Coding, Push
from devflow.model.checks import Check, at_most, fact, held, judged, measure, note
from devflow.model.ci import FunctionComplexity, LinterResult, Quality, Trigger
from devflow.model.command_line import command_line
from devflow.model.declared.project import Project
from devflow.model.figures import Finding, Missing, Quantity, absent, count
from devflow.model.ids import Sha
from devflow.model.outcomes import Absent, Foreseen, Needed
from devflow.model.tree import Base, Tree
from devflow.model.values import Limit, Value
from devflow.model.wording import short_sha
from devflow.ports.around import Around
from devflow.ports.repository import RepositoryReads
from devflow.step import Step, Tools, Turn

SHOWN: Final = 50  # findings that get a line of their own; the logs have them all
KEPT: Final = 1000  # findings of a linter in the record; the kept SARIF has them all
_NOWHERE: Final = "files of the commit"
_EVERYTHING: Final = (".",)


class Params(Value):
    """Which linters run, on what, and what is allowed.

    `linters` are names of those that devflow knows, `[ruff, black]`, or the project's own commands:
    `{eslint: npx eslint ., mypy: {run: [mypy, src], setup: [uv, sync]}}`. Without any, what the
    project configures among black, flake8 and ruff. Each runs by the project's own configuration.

    `pythons` names a matrix instead: black and flake8 under each of these Pythons, by the rules
    that stand here. The widths are no mere limits: black joins lines up to its own, and flake8 is
    asked about lines beyond its own.
    """

    linters: Linters = Field(default={}, description="by name; without any those configured")
    scope: Literal["new", "all"] = Field(
        default="new",
        description="which findings decide: those that the base commit does not have, or all",
    )
    pythons: tuple[PythonVersion, ...] = Field(default=(), description="the Pythons of a matrix")
    # 25.9 is the last black that Python 3.9 runs
    tools: tuple[Requirement, ...] = Field(
        default=("black==25.9.0", "flake8==7.3.0"),
        description="pip requirements of the matrix, pinned so that every Python runs the same",
    )
    paths: tuple[ExistingPath, ...] = Field(
        default=(),
        description="what is looked at by the matrix and by the linters that devflow knows; "
        "without any everything",
    )
    # black puts a space before the colon of a slice
    ignored: tuple[LinterCode, ...] = Field(
        default=("E203",), description="codes of flake8 in the matrix"
    )
    max_complexity: Limit[PositiveNumber] = Field(
        default=10, description="of any function, in the matrix"
    )
    max_line_length: PositiveNumber = Field(
        default=127, description="flake8's in the matrix, in characters"
    )
    format_line_length: PositiveNumber | None = Field(
        default=None, description="black's in the matrix, in characters; else `max_line_length`"
    )
    timeout_s: Limit[Seconds] = Field(
        default=300.0, description="s for each linter; the bundled tree takes 3"
    )
    status: StatusName = Field(default="devflow/quality", description="the commit status's name")

    @model_validator(mode="after")
    def _linters_that_can_run(self) -> Self:
        refuse_unknown(self.linters)
        return self


def refuse(params: Params) -> None:
    """Raises ``PipelineInvalid`` for a tool of the matrix that never runs."""
    linters.refuse_others(params.tools)


@dataclass(frozen=True)
class Needs:
    """The commit that is looked at, and the work that names the commit it is compared with."""

    tree: Tree
    trigger: Trigger
    push: Push
    coding: Coding | Absent
    project: Project


def make(tools: Tools, turn: Turn, params: Params, needs: Needs) -> Quality:
    """Measures, and says so as the commit's status and as a check run with an annotation for each
    finding."""
    began = tools.clock.now()
    product = _measured(tools, turn, params, needs)
    results = _by_limit(params, product)
    tools.shell.keep(f"{turn.entry}.sarif", sarif(results, turn.entry))
    status = judged(judge(params, product))
    counts = [f"{linters.name_of(one)}: {in_words(one)}" for one in results]
    said = "; ".join(counts) or "no linter is configured"
    tools.host.set_status(product.sha, params.status, STATES.get(status, "error"), said)
    report = annotations.report(params.status, results, status)
    announcement = annotations.tell(tools.host, needs.push, report, (began, tools.clock.now()))
    kept = tuple(measuring.bounded(one, KEPT) for one in product.linters)
    return product.model_copy(update={"told": announcement, "linters": kept})


def _measured(tools: Tools, turn: Turn, params: Params, needs: Needs) -> Quality:
    sha = needs.push.sha
    plan, unnamed = _plan(tools.repository, params, sha)
    base, why = _base(tools, params, needs)
    head_jobs = _jobs(tools, turn, params, plan, needs.tree)
    if not base:
        (rows,) = measuring.run_all([head_jobs], turn.say)
        product = Quality(sha=sha, linters=measuring.all_decide(rows, why), unnamed=unnamed)
        return _with_maxima(tools, params, product, None)
    base_jobs = _jobs(tools, turn, params, plan, Base(base))
    rows, before = measuring.run_all([head_jobs, base_jobs], turn.say)
    change = Change(tools.repository, Sha(base), sha)
    results = measuring.new_decide(rows, before, change)
    product = Quality(sha=sha, linters=results, base=base, unnamed=unnamed)
    return _with_maxima(tools, params, product, change)


def _plan(
    repository: RepositoryReads, params: Params, rev: str
) -> tuple[measuring.Plan, tuple[str, ...]]:
    """What is named, else what the commit configures, and configurations of other linters; an empty
    ``rev`` is the working tree."""
    if params.linters or params.pythons:
        return measuring.Plan(params.linters, params.pythons), ()
    found = configured(repository.paths(rev), lambda path: repository.read(rev, path))
    asked = {name: Linter() for name in found.linters}
    for name, folder in found.folders:
        paths = _below(folder, params.paths)
        if paths is not None:
            asked[f"{name} {folder}"] = Linter(cwd=folder, paths=paths)
    return measuring.Plan(asked, ()), found.others


def examine(around: Around, params: Params) -> Iterator[Needed]:
    """The Pythons of the matrix, and each linter that is named or configured: one at least."""
    yield from needed.matrix(around, params.pythons)
    plan, unnamed = _plan(around.repository, params, "")
    if not plan.named and not plan.pythons:
        yield needed.none_configured(unnamed)
    yield from needed.linters(around, plan.named)


def _below(folder: str, paths: Iterable[str]) -> tuple[str, ...] | None:
    """What of the paths lies in a folder, as it is called from there: nothing for all of it, and
    ``None`` for nothing of it."""
    asked = tuple(paths)
    if not asked or any(path == "." or is_in(folder, path) for path in asked):
        return ()
    found = tuple(path.removeprefix(f"{folder}/") for path in asked if is_in(path, folder))
    return found or None


def _base(tools: Tools, params: Params, needs: Needs) -> tuple[str, str]:
    """The commit whose findings do not decide, else why there is none."""
    if params.scope == "all":
        return "", ""
    if isinstance(needs.coding, Absent) or not needs.coding.base:
        return "", "no entry of the pipeline names the commit that this one is compared with"
    base = needs.coding.base
    if not tools.repository.tree_of(base):
        return "", f"this clone does not hold {short_sha(base)}; type: git fetch"
    return base, ""


def _jobs(
    tools: Tools, turn: Turn, params: Params, plan: measuring.Plan, tree: Tree | Base
) -> list[Job]:
    log = turn.entry if isinstance(tree, Tree) else f"{turn.entry}-base"
    paths = frozenset(tools.repository.paths(tree.id))
    rules = linters.LintRules(
        paths=params.paths or _EVERYTHING,
        max_line_length=params.max_line_length,
        format_line_length=params.format_line_length or params.max_line_length,
        ignored=params.ignored,
    )
    matrix = linters.Matrix(
        tree, paths, tools.repository, params.tools, rules, params.timeout_s, log
    )
    place = Place(tree, paths, params.timeout_s, log, params.paths)
    # what is pushed is measured in this command; what it is compared with may have been before
    keeper = None
    if isinstance(tree, Base):
        keeper = Keeper(tools.shell, tools.clock.now(), anew=turn.again)
    return measuring.jobs(tools.shell, plan, place, matrix, keeper)


def _with_maxima(tools: Tools, params: Params, product: Quality, change: Change | None) -> Quality:
    """The product with the maxima of a matrix: of everything, or of what the change brings."""
    if not params.pythons:
        return product
    sha = product.sha
    known: list[str] = []
    for folder in params.paths or ("",):
        known += [path for path in tools.repository.paths(sha, folder) if path.endswith(".py")]
    if change is None:
        texts = [(path, tools.repository.read(sha, path) or "") for path in known]
        length, line_at = linters.longest_line(texts)
    else:
        length, line_at = linters.longest_of(change.added, frozenset(known))
    worst = _worst(product.linters)
    return product.model_copy(
        update={
            "files": len(known),
            "max_complexity": worst.value if worst else None,
            "complexity_at": f"{worst.path}:{worst.line} {worst.function}" if worst else "",
            "max_line_length": length,
            "line_at": line_at,
        }
    )


def _worst(results: tuple[LinterResult, ...]) -> FunctionComplexity | None:
    """The most complex function under any Python."""
    firsts = [result.complexities[0] for result in results if result.complexities]
    return max(firsts, key=_value, default=None)


def _value(function: FunctionComplexity) -> int:
    return function.value


def _by_limit(params: Params, product: Quality) -> tuple[LinterResult, ...]:
    """The results with what is too complex by the limit of now."""
    return tuple(linters.limited(one, params.max_complexity) for one in product.linters)


def judge(params: Params, product: Quality) -> tuple[Check, ...]:
    """Every linter ran and found nothing that decides, and the maxima of a matrix keep their
    limits."""
    results = _by_limit(params, product)
    checks: list[Check] = []
    for result in results:
        checks += linter_checks(result, product)
    if not results:
        checks += none_checks(product)
    checks += unnamed_checks(product)
    checks += _finding_checks(results)
    if params.pythons:
        checks += _maximum_checks(params, product)
    if product.told.name:
        source = f"commit {short_sha(product.sha)}"
        is_measured = annotations.is_measured(results)
        told_check = annotations.told_check if is_measured else annotations.untold_check
        checks.append(told_check(product.told, source))
    return tuple(checks)


def _maximum_checks(params: Params, product: Quality) -> list[Check]:
    at = product.complexity_at or _NOWHERE
    complexity = _maximum(product.max_complexity, "function")
    most_complex = measure("complexity", "complexity", complexity, at)
    length = _maximum(product.max_line_length, "line", "characters")
    longest = measure("line_length", "line length", length, product.line_at or _NOWHERE)
    limited = [
        (most_complex, at_most(params.max_complexity)),
        (longest, at_most(params.max_line_length, "characters")),
    ]
    checks = []
    is_measured = all(one.ran for one in product.linters)
    for one, limit in limited:
        # a change that brings nothing to be measured is held back by nothing
        is_idle = product.base and is_measured and isinstance(one.figure, Missing)
        checks.append(note(one) if is_idle else held(one, limit))
    return checks


def _finding_checks(results: tuple[LinterResult, ...]) -> list[Check]:
    """One line a finding, whatever number of Pythons it was found under."""
    finders = linters.merged(results)
    shown = list(finders.items())[:SHOWN]
    places = [_place(found) for found, _ in shown]
    checks = []
    for (found, finder), place, about in zip(shown, places, distinct(places)):
        checks.append(fact(measure("finding", place, found, finder, about=about), False))
    unlisted = sum(result.unlisted for result in results)
    rest = len(finders) - len(shown) + unlisted
    if rest > 0:
        source = command_line("logs", "ENTRY")
        checks.append(fact(measure("more_findings", "more findings", count(rest), source), False))
    return checks


def _place(found: Finding) -> str:
    return f"{found.path}:{found.line}:{found.column}" if found.path else "no file"


def _maximum(value: int | None, noun: str, unit: str = "") -> Quantity | Missing:
    if value is None:
        return absent(f"no {noun} of Python is new or was measured")
    return Quantity(kind="quantity", value=value, unit=unit, of="max")


def foresee(params: Params, needs: Needs) -> Foreseen:
    """The commit's status and its check run."""
    target = f"{params.status} on {short_sha(needs.push.sha)}"
    writes = (plan_write("host", verb, target) for verb in ("set_status", "put_check"))
    return Foreseen(tuple(writes), {"sha": needs.push.sha})


STEP = Step(
    name="quality",
    title="Code quality",
    params=Params,
    needs=Needs,
    makes=Quality,
    make=make,
    judge=judge,
    foresee=foresee,
    examine=examine,
    refuse=refuse,
    number=16,
    evidence={
        **LINTER_EVIDENCE,
        "finding": "one finding, about its place",
        "more_findings": "how many have no line of their own",
        "complexity": "that of the most complex function",
        "line_length": "that of the longest line",
        **annotations.ANNOTATION_EVIDENCE,
    },
    project_parts=(),
)
