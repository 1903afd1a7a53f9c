"""A suite of ``project: suites`` in a checkout of the pushed commit: steps 17 to 19, and
``uses: suite`` for any other.

Figures such as a model's error are shown where a test reports them as JUnit properties, and nowhere
else. A suite whose tests were all skipped has not passed.
"""

from dataclasses import dataclass
from typing import Iterator, TypeVar

from pydantic import Field

from devflow.craft.evidence import plan_write
from devflow.craft.examine.suites import suite_needs
from devflow.craft.suites.commit_suite import (
    REPORT_EVIDENCE,
    OnCommit,
    Reads,
    SuiteParams,
    report,
    report_checks,
    tell,
)
from devflow.model.bounds.references import SuiteName
from devflow.model.bounds.statuses import ENTRY, StatusName, foreseen_status, status_of
from devflow.model.change import Push
from devflow.model.checks import Check
from devflow.model.ci import SuiteReport, Trigger
from devflow.model.declared.project import Project
from devflow.model.outcomes import Absent, Foreseen, Needed
from devflow.model.planning import Ticket
from devflow.model.tree import Tree
from devflow.model.wording import short_sha
from devflow.ports.around import Around
from devflow.step import Step, Tools, Turn

P = TypeVar("P", bound=SuiteParams)


class Params(SuiteParams):
    """At most ``rerun_failed`` failed tests run once more, to tell which are flaky; the ``min_``
    limits are per cent, and 0 or null asks for nothing."""

    suite: SuiteName = Field(description="a name under project: suites")
    status: StatusName = Field(
        default=f"devflow/{ENTRY}",
        description=f"the name of the commit's status, the entry's in the place of {ENTRY}",
    )


@dataclass(frozen=True)
class Needs:
    """The commit, and what has to be proved on it."""

    tree: Tree
    trigger: Trigger
    push: Push
    ticket: Ticket | Absent
    project: Project


def make(tools: Tools, turn: Turn, params: SuiteParams, needs: Needs) -> SuiteReport:
    """Measures, and says so as the commit's status."""
    on = OnCommit(
        needs.push,
        needs.tree,
        needs.ticket,
        needs.project,
        turn.entry,
        run=turn.run,
        again=turn.again,
    )
    reads = Reads(tools.shell, tools.repository, tools.history)
    product = report(reads, on, params, turn.say)
    tell(tools.host, status_of(params.status, turn.entry), params, product)
    return product


def judge(params: SuiteParams, product: SuiteReport) -> tuple[Check, ...]:
    """The suite passed, with the coverage and the proofs that were asked for."""
    return report_checks(params, product)


def foresee(params: SuiteParams, needs: Needs) -> Foreseen:
    """The commit's status."""
    sha = needs.push.sha
    write = plan_write(
        "host", "set_status", f"{foreseen_status(params.status)} on {short_sha(sha)}"
    )
    return Foreseen((write,), {"sha": sha})


def examine(around: Around, params: SuiteParams) -> Iterator[Needed]:
    """The suite's interpreter or command."""
    yield from suite_needs(around, params.suite)


def suite_step(
    name: str, title: str, params: type[P], number: int | None = None
) -> Step[P, Needs, SuiteReport]:
    """A step that runs the suite which its parameters name."""
    return Step(
        name=name,
        title=title,
        params=params,
        needs=Needs,
        makes=SuiteReport,
        make=make,
        judge=judge,
        foresee=foresee,
        examine=examine,
        # measured, whatever is known of the same tree
        begins_anew=True,
        number=number,
        evidence=REPORT_EVIDENCE,
        project_parts=("base", "suites"),
    )


STEP = suite_step("suite", "Suite", Params)
