"""What the three suites of CI share: one suite in a checkout of the pushed commit, and what is
told of it.

The word on the commit is the judgement itself: a suite without a result is an error there, never a
success.
"""

from dataclasses import dataclass
from typing import Callable, Final

from pydantic import Field

from devflow.craft.suites import baselines
from devflow.craft.suites.checks import SuiteRules, result_checks
from devflow.craft.suites.proofs import suite_text
from devflow.craft.suites.suite import Asked, measured, suite_of
from devflow.craft.tree.ticket_branch import branch_point
from devflow.model.change import Push, SuiteResult
from devflow.model.checks import Check, Status, judged, worded
from devflow.model.ci import SuiteReport
from devflow.model.outcomes import Absent
from devflow.model.planning import Ticket
from devflow.model.project import Project
from devflow.model.tree import Tree
from devflow.model.values import Limit
from devflow.ports.code_host import CodeHost
from devflow.ports.journal import History
from devflow.ports.repository import RepositoryReads
from devflow.ports.shell import ShellReads

STATES: Final = {Status.PASSED: "success", Status.FAILED: "failure"}
"""How the code host calls a status; every other one is an error."""


class SuiteParams(SuiteRules):
    """Which suite runs on the commit, and what its result is held against."""

    suite: str = Field(description="A name under project: suites.")
    status: str = Field(description="The commit's status that tells of it.")
    min_criteria_pct: Limit[float] = Field(
        default=0.0,
        ge=0,
        le=100,
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
    """What is measured on, and for whom."""

    push: Push
    tree: Tree
    ticket: Ticket | Absent
    project: Project
    entry: str


def report(
    reads: Reads, on: OnCommit, params: SuiteParams, say: Callable[..., None]
) -> SuiteReport:
    """Runs the suite. Raises ``PipelineInvalid`` where there is none, ``Unavailable`` where pytest
    is missing."""
    sha = on.push.sha
    base = on.project.base
    suite = suite_of(on.project, params.suite)
    begun = branch_point(reads.repository, base, sha)
    ticket = "" if isinstance(on.ticket, Absent) else on.ticket.key
    asked = Asked(
        name=params.suite,
        suite=suite,
        tree=on.tree.id,
        place=on.tree,
        entry=on.entry,
        paths=reads.repository.paths(on.tree.id),
        rerun_failed=params.rerun_failed,
        ticket=ticket,
        changed=_changed(reads.repository, begun, sha),
    )
    result = measured(reads.shell, asked, say)
    stored = baselines.read(reads.history, reads.repository, base, begun)
    compared = result.model_copy(update={"baseline": stored.of(result)})
    return SuiteReport(sha=sha, result=compared, criteria=criteria_of(on.ticket))


def _changed(repository: RepositoryReads, begun: str, sha: str) -> tuple[str, ...]:
    """The paths that the branch changed since it was cut; none where that is not known."""
    if not begun:
        return ()
    return tuple(file.path for file in repository.changes(begun, sha))


def criteria_of(ticket: Ticket | Absent) -> tuple[str, ...]:
    """The ids of the ticket's criteria."""
    if isinstance(ticket, Absent):
        return ()
    return tuple(criterion.id for criterion in ticket.criteria)


def tell(host: CodeHost, params: SuiteParams, product: SuiteReport) -> None:
    """Puts the judgement on the commit."""
    status = judged(report_checks(params, product))
    state = STATES.get(status, "error")
    host.set_status(product.sha, params.status, state, suite_text(product.result))


def report_checks(params: SuiteParams, product: SuiteReport) -> tuple[Check, ...]:
    """The suite's lines, its figures, and the share of the criteria that it proves."""
    checks = list(result_checks(product.result, params))
    for fact in product.result.facts:
        checks.append(worded(label=fact.name, ok=True, measured=fact.value, source=fact.source))
    checks += _criteria(params, product.result, product.criteria)
    return tuple(checks)


def _criteria(params: SuiteParams, result: SuiteResult, criteria: tuple[str, ...]) -> list[Check]:
    """Proved is a criterion that a test names, where every test that names it in this suite has
    passed."""
    label = "criteria proved"
    minimum = params.min_criteria_pct
    if not criteria:
        limit = f"{minimum:g} %"
        missing = worded(label=label, ok=None, limit=limit, source="ticket has no criteria")
        return [missing] if minimum else []
    proved = [one for one in criteria if _is_proved(result, one)]
    enough = len(proved) * 100 >= minimum * len(criteria)
    text = f"{len(proved)} of {len(criteria)}"
    if proved:
        text += f": {', '.join(proved)}"
    check = worded(
        label=label,
        # without a minimum there is nothing to miss
        ok=enough if minimum or len(proved) == len(criteria) else None,
        measured=text,
        limit=f"at least {minimum:g} %" if minimum else "",
        source=f"tests of {result.suite}",
        needed=bool(minimum),
    )
    return [check]


def _is_proved(result: SuiteResult, criterion: str) -> bool:
    outcomes = {case.outcome for case in result.cases if criterion in case.criteria}
    return outcomes == {"passed"}
