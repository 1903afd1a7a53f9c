"""What the three suites of CI share: one suite in a checkout of the pushed commit, and what is
told of it.

The word on the commit is the judgement itself: a suite without a result is an error there, never a
success.
"""

import re
from dataclasses import dataclass
from typing import Callable, Final, Literal

from pydantic import Field

from devflow.craft.evidence import distinct
from devflow.craft.suites import baselines
from devflow.craft.suites.checks import SUITE_EVIDENCE, SuiteRules, result_checks
from devflow.craft.suites.claims import texts_naming
from devflow.craft.suites.coverage import added_lines
from devflow.craft.suites.proofs import suite_text
from devflow.craft.suites.suite import Asked, measured, suite_of
from devflow.craft.suites.taken import forget, taken
from devflow.craft.tree.ticket_branch import branch_point
from devflow.model.bounds.numbers import Percent
from devflow.model.bounds.references import SuiteName
from devflow.model.bounds.statuses import StatusName
from devflow.model.change import Push, SuiteResult
from devflow.model.checks import Check, Status, at_least, fact, judged, measure, missing, shown
from devflow.model.ci import SuiteReport
from devflow.model.declared.project import Project
from devflow.model.figures import Figure, absent, count, quantity, text
from devflow.model.outcomes import Absent
from devflow.model.planning import Ticket
from devflow.model.tree import Tree
from devflow.model.values import Limit
from devflow.ports.code_host import CodeHost
from devflow.ports.journal import History
from devflow.ports.repository import RepositoryReads
from devflow.ports.shell import ShellReads

STATES: Final = {Status.PASSED: "success", Status.FAILED: "failure"}
"""How the code host calls a status; every other one is an error."""
REPORT_EVIDENCE: Final = {
    **SUITE_EVIDENCE,
    "reported": "a figure that a test measured and reported, about its name and the test",
    "criteria_proved": "how many of the ticket's criteria the suite proves",
}
"""Which evidence there is of a suite on a commit, by id."""
# a version or an id with a leading zero is no number
_NUMBER: Final = re.compile(r"-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][-+]?\d+)?")


class SuiteParams(SuiteRules):
    """Which suite runs on the commit, and what its result is held against."""

    suite: SuiteName = Field(description="A name under project: suites.")
    measure: Literal["once", "again"] = Field(
        default="once",
        description="once: what step 8 measured on the same tree with the same interpreter, "
        "packages, environment and declaration is taken, where the suite passed; again: always "
        "measured, as a suite that asks git for its commit has to be",
    )
    status: StatusName = Field(description="The commit's status that tells of it.")
    min_criteria_pct: Limit[Percent] = Field(
        default=0.0,
        description="Per cent of the ticket's criteria that the suite has to prove, 0 for none.",
    )


@dataclass(frozen=True)
class Reads:
    """What is asked: programs, the repository, and the results of earlier runs."""

    shell: ShellReads
    repository: RepositoryReads
    history: History


@dataclass(frozen=True)
class OnCommit:
    """What is measured on, and for whom: in which run, and whether a person wants it ``again``."""

    push: Push
    tree: Tree
    ticket: Ticket | Absent
    project: Project
    entry: str
    run: str
    again: bool = False


def report(
    reads: Reads, on: OnCommit, params: SuiteParams, say: Callable[..., None]
) -> SuiteReport:
    """Runs the suite. Raises ``PipelineInvalid`` where there is none, ``Unavailable`` where pytest
    is missing."""
    sha = on.push.sha
    base = on.project.base
    suite = suite_of(on.project, params.suite)
    begun = branch_point(reads.repository, base, sha)
    changed = _changed(reads.repository, begun, sha)
    paths = reads.repository.paths(on.tree.id)
    ticket = "" if isinstance(on.ticket, Absent) else on.ticket.key
    asked = Asked(
        name=params.suite,
        suite=suite,
        tree=on.tree.id,
        place=on.tree,
        entry=on.entry,
        paths=paths,
        rerun_failed=params.rerun_failed,
        ticket=ticket,
        changed=changed,
        claimed=texts_naming(reads.repository, on.tree.id, paths, ticket),
        added=added_lines(reads.repository, begun, on.tree.id) if suite.has_coverage else {},
    )
    result = _taken_or_measured(reads, on, params, asked, say)
    stored = baselines.read(reads.history, reads.repository, base, begun)
    compared = stored.compared(result, suite, _gone(reads.repository, begun, asked))
    return SuiteReport(sha=sha, result=compared, criteria=criteria_of(on.ticket))


def _taken_or_measured(
    reads: Reads, on: OnCommit, params: SuiteParams, asked: Asked, say: Callable[..., None]
) -> SuiteResult:
    if on.again or params.measure == "again":
        return measured(reads.shell, asked, say)
    known, why = taken(reads.shell, reads.history, on.run, asked)
    if known is None:
        return measured(reads.shell, asked, say).model_copy(update={"not_taken": why})
    forget(reads.shell, asked)
    return known


def _changed(repository: RepositoryReads, begun: str, sha: str) -> tuple[str, ...]:
    """The paths that the branch changed since it was cut; none where that is not known."""
    if not begun:
        return ()
    return tuple(file.path for file in repository.changes(begun, sha))


def _gone(repository: RepositoryReads, begun: str, asked: Asked) -> tuple[str, ...]:
    renamed = repository.renamed(begun, asked.tree) if begun else {}
    return baselines.deleted(asked.changed, asked.paths, renamed)


def criteria_of(ticket: Ticket | Absent) -> tuple[str, ...]:
    """The ids of the ticket's criteria."""
    if isinstance(ticket, Absent):
        return ()
    return tuple(criterion.id for criterion in ticket.criteria)


def tell(host: CodeHost, context: str, params: SuiteParams, product: SuiteReport) -> None:
    """Puts the judgement on the commit, as the status of this name."""
    status = judged(report_checks(params, product))
    state = STATES.get(status, "error")
    host.set_status(product.sha, context, state, suite_text(product.result))


def report_checks(params: SuiteParams, product: SuiteReport) -> tuple[Check, ...]:
    """The suite's lines, its figures, and the share of the criteria that it proves."""
    return (
        *result_checks(product.result, params),
        *_reported(product.result),
        *_criteria(params, product.result, product.criteria),
    )


def _reported(result: SuiteResult) -> list[Check]:
    abouts = distinct(f"{one.name} of {one.source}" for one in result.facts)
    checks = []
    for about, one in zip(abouts, result.facts):
        figure = _figure(one.value)
        checks.append(fact(measure("reported", one.name, figure, one.source, about=about), True))
    return checks


def _figure(value: str) -> Figure:
    """A number where a test reported one: JUnit knows only texts."""
    return quantity(float(value)) if _NUMBER.fullmatch(value) else text(value)


def _criteria(params: SuiteParams, result: SuiteResult, criteria: tuple[str, ...]) -> list[Check]:
    """Proved is a criterion that a test names, where every test that names it in this suite has
    passed."""
    label = "criteria proved"
    minimum = params.min_criteria_pct
    bound = at_least(minimum, "%") if minimum else None
    if not criteria:
        why = absent("it has no criteria")
        none = measure("criteria_proved", label, why, "ticket")
        return [missing(none, bound=bound)] if bound else []
    names = [one for one in criteria if _is_proved(result, one)]
    figure = count(len(names), of=len(criteria), note=", ".join(names))
    proved = measure("criteria_proved", label, figure, f"tests of {result.suite}")
    if bound:
        return [fact(proved, len(names) * 100 >= minimum * len(criteria), bound)]
    # without a minimum there is nothing to miss
    return [shown(proved, len(names) == len(criteria))]


def _is_proved(result: SuiteResult, criterion: str) -> bool:
    outcomes = {case.outcome for case in result.cases if criterion in case.criteria}
    return outcomes == {"passed"}
