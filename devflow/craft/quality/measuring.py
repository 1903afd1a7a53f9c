"""Every linter of an entry on the commit and, where only new findings decide, on its base commit,
both side by side."""

import re
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from typing import Callable, Final, Iterable, Mapping

from devflow.craft.quality import linters
from devflow.craft.quality.counted import in_words
from devflow.craft.quality.kept_rows import Keeper, conditions_of
from devflow.craft.quality.linter_settings import Linter
from devflow.craft.quality.novelty import Change
from devflow.craft.quality.outputs.output import LinterOutput
from devflow.craft.quality.own_linters import Place, output_of
from devflow.craft.quality.rows import Job, Row
from devflow.model.ci import LinterResult
from devflow.model.wording import one_line
from devflow.ports.shell import ShellReads

WORKERS: Final = 2  # Pythons or linters side by side; most spread over the cores by themselves
_NUMBER: Final = re.compile(r"\d+")


@dataclass(frozen=True)
class Plan:
    """What is asked: the ``named`` linters of the project, and the ``pythons`` of a matrix."""

    named: Mapping[str, Linter]
    pythons: tuple[str, ...]


def jobs(
    shell: ShellReads,
    plan: Plan,
    place: Place,
    matrix: linters.Matrix,
    keeper: Keeper | None = None,
) -> list[Job]:
    """What can run side by side on one commit, for the project's linters only where the keeper has
    no answer of an earlier command."""
    asked: list[Job] = []
    for version in plan.pythons:
        asked.append(_python_job(shell, version, matrix))
    for name, linter in plan.named.items():
        # the name of one of a folder holds its path
        own = replace(place, log=f"{place.log}-{name.replace('/', '-')}")
        job = _linter_job(shell, name, linter, own)
        if keeper:
            job = keeper.keeping(job, partial(conditions_of, shell, name, linter, own))
        asked.append(job)
    return asked


def _python_job(shell: ShellReads, version: str, matrix: linters.Matrix) -> Job:
    def run() -> tuple[Row, ...]:
        return tuple(Row(result) for result in linters.under(shell, version, matrix))

    return run


def _linter_job(shell: ShellReads, name: str, linter: Linter, place: Place) -> Job:
    def run() -> tuple[Row, ...]:
        return (_row(name, output_of(shell, name, linter, place)),)

    return run


def _row(name: str, output: LinterOutput) -> Row:
    first = one_line(output.unread[0]) if output.unread else ""
    result = LinterResult(
        python="",
        linter=name,
        ran=not output.problem,
        files=output.files,
        findings=output.findings,
        unread=len(output.unread),
        first_unread=first,
        version=output.version,
        problem=output.problem,
    )
    return Row(result, output.unread, output.failed)


def run_all(sides: Iterable[list[Job]], say: Callable[..., None]) -> list[tuple[Row, ...]]:
    """The rows of each side, each job beside its like on the other sides; ``say`` hears of the
    first side's."""
    sided = list(sides)
    queue = [job for alike in zip(*sided) for job in alike]
    told = frozenset(sided[0])

    def more(result: LinterResult) -> str:
        return ", not yet compared" if result.ran and len(sided) > 1 else ""

    def call(job: Job) -> tuple[Row, ...]:
        rows = job()
        if job in told:
            # which of them decide is known when the base's run has ended
            results = [row.result for row in rows]
            texts = [f"{linters.name_of(one)}: {in_words(one)}{more(one)}" for one in results]
            say(" · ".join(texts))
        return rows

    with ThreadPoolExecutor(WORKERS) as pool:
        done = list(pool.map(call, queue))
    rows = []
    for side in range(len(sided)):
        own = done[side :: len(sided)]
        rows.append(tuple(row for found in own for row in found))
    return rows


def bounded(result: LinterResult, most: int) -> LinterResult:
    """The result with at most so many findings, and how many more there are."""
    more = len(result.findings) - most
    if more <= 0:
        return result
    return result.model_copy(update={"findings": result.findings[:most], "unlisted": more})


def all_decide(rows: Iterable[Row], why: str = "") -> tuple[LinterResult, ...]:
    """The results without a base to compare with: ``why``, where one was asked for."""
    return tuple(row.result.model_copy(update={"uncompared": why}) for row in rows)


def new_decide(
    rows: Iterable[Row], base: Iterable[Row], change: Change
) -> tuple[LinterResult, ...]:
    """The results with the findings that the base's run of the same linter does not have."""
    before = {linters.name_of(row.result): row for row in base}
    return tuple(_compared(row, before[linters.name_of(row.result)], change) for row in rows)


def _compared(row: Row, base: Row, change: Change) -> LinterResult:
    result = row.result
    if not result.ran:
        return result
    if not base.result.ran:
        why = f"not measured there: {base.result.problem}"
        return result.model_copy(update={"uncompared": why})
    comparison = change.compared(result.findings, base.result.findings)
    news = _news(row, base)
    if news and not comparison.new:
        # the reason for its exit code may stand there
        problem = f"it ended otherwise than with 0, and a new line cannot be read: {news}"
        return result.model_copy(update={"ran": False, "findings": (), "problem": problem})
    grown = change.complexities(result.complexities, base.result.complexities)
    return result.model_copy(
        update={
            "findings": comparison.new,
            "before": comparison.before,
            "before_at": base.kept_at,
            "complexities": grown,
        }
    )


def _news(row: Row, base: Row) -> str:
    """The first line that cannot be read and that the base's output does not have as often, of a
    linter that failed."""
    if not row.failed:
        return ""
    left = Counter(_NUMBER.sub("#", line) for line in base.unread)
    for line in row.unread:
        alike = _NUMBER.sub("#", line)
        if not left[alike]:
            return one_line(line)
        left[alike] -= 1
    return ""
