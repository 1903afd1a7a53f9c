"""What the three suites of CI share: one suite on a clean export of the pushed commit, and what is
told of it.

The word on the commit is the judgement itself: a suite without a result is an error there, never a
success.
"""

from dataclasses import dataclass
from typing import Callable, Final

from pydantic import Field

from devflow.craft.suites import baselines
from devflow.craft.suites.proofs import suite_text
from devflow.craft.suites.checks import SuiteRules, result_checks
from devflow.craft.suites.suite import Asked, measured, suite_of
from devflow.craft.tree.ticket_branch import branch_point
from devflow.model.change import Push, SuiteResult
from devflow.model.checks import Check, Status, judged
from devflow.model.ci import SuiteReport
from devflow.model.outcomes import Absent
from devflow.model.planning import Ticket
from devflow.model.project import Project
from devflow.model.values import Limit
from devflow.ports.code_host import CodeHost
from devflow.ports.journal import History
from devflow.ports.repository import RepositoryReads
from devflow.ports.shell import ShellReads

STATES: Final = {Status.PASSED: "success", Status.FAILED: "failure"}
"""How the code host calls a status; every other one is an error."""


class SuiteParams(SuiteRules):
    """``suite`` is a name under ``project: suites``, ``status`` the commit's; of the criteria at
    least so many per cent have to be proved, and 0 asks for none."""

    suite: str
    status: str
    min_criteria_pct: Limit[float] = Field(default=0.0, ge=0, le=100)


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
    ticket: Ticket | Absent
    project: Project
    entry: str


def report(
    reads: Reads, on: OnCommit, params: SuiteParams, say: Callable[..., None]
) -> SuiteReport:
    """Runs the suite. Raises ``PipelineInvalid`` where there is none, ``Unavailable`` where pytest
    is missing."""
    sha, base = on.push.sha, on.project.base
    suite = suite_of(on.project, params.suite)
    tree = reads.repository.tree_of(sha) or sha
    begun = branch_point(reads.repository, base, sha)
    changed = tuple(file.path for file in reads.repository.changes(begun, sha)) if begun else ()
    ticket = "" if isinstance(on.ticket, Absent) else on.ticket.key
    asked = Asked(
        params.suite,
        suite,
        tree,
        sha,
        on.entry,
        rerun_failed=params.rerun_failed,
        ticket=ticket,
        changed=changed,
    )
    result = measured(reads.shell, asked, say)
    stored = baselines.read(reads.history, reads.repository, base, begun)
    result = result.model_copy(update={"baseline": stored.of(result)})
    return SuiteReport(sha=sha, result=result, criteria=criteria_of(on.ticket))


def criteria_of(ticket: Ticket | Absent) -> tuple[str, ...]:
    """The ids of the ticket's criteria."""
    return (
        () if isinstance(ticket, Absent) else tuple(criterion.id for criterion in ticket.criteria)
    )


def tell(host: CodeHost, params: SuiteParams, product: SuiteReport) -> None:
    """Puts the judgement on the commit."""
    state = STATES.get(judged(report_checks(params, product)), "error")
    host.set_status(product.sha, params.status, state, suite_text(product.result))


def report_checks(params: SuiteParams, product: SuiteReport) -> tuple[Check, ...]:
    """The suite's lines, its figures, and the share of the criteria that it proves."""
    figures = [
        Check(label=one.name, ok=True, measured=one.value, source=one.source)
        for one in product.result.facts
    ]
    lines = (*result_checks(product.result, params), *figures)
    return (*lines, *_criteria(params, product.result, product.criteria))


def _criteria(
    params: SuiteParams, result: SuiteResult, criteria: tuple[str, ...]
) -> tuple[Check, ...]:
    """Proved is a criterion that a test names, where every test that names it in this suite has
    passed."""
    minimum = params.min_criteria_pct
    if not criteria:
        missing = Check(
            label="criteria proved",
            ok=None,
            limit=f"{minimum:g} %",
            source="ticket has no criteria",
        )
        return (missing,) if minimum else ()
    named = {
        one: [case.outcome for case in result.cases if one in case.criteria] for one in criteria
    }
    proved = [one for one, outcomes in named.items() if outcomes and set(outcomes) == {"passed"}]
    enough = len(proved) * 100 >= minimum * len(criteria)
    # without a minimum there is nothing to miss
    ok = enough if minimum or len(proved) == len(criteria) else None
    return (
        Check(
            label="criteria proved",
            ok=ok,
            measured=f"{len(proved)} of {len(criteria)}"
            + (f": {', '.join(proved)}" if proved else ""),
            limit=f"at least {minimum:g} %" if minimum else "",
            source=f"tests of {result.suite}",
            needed=bool(minimum),
        ),
    )
