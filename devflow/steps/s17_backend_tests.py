"""Step 17: the backend's suite on a clean export of the pushed commit: model, endpoints, database, latency.

Figures such as the model's error are shown where a test reports them as JUnit properties, and nowhere else.
"""

from dataclasses import dataclass

from devflow.craft.commit_suite import OnCommit, SuiteParams, report, report_checks, tell
from devflow.model.change import Push
from devflow.model.checks import Check
from devflow.model.ci import SuiteReport, Trigger
from devflow.model.outcomes import Absent, Foreseen, Write
from devflow.model.planning import Ticket
from devflow.model.project import Project
from devflow.step import Step, Tools, Turn


class Params(SuiteParams):
    """``suite`` is a name under ``project: suites``, ``status`` the commit's; the minima are per cent, and 0 asks for none."""

    suite: str = "backend"
    status: str = "devflow/backend_tests"


@dataclass(frozen=True)
class Needs:
    """The commit, and what has to be proved on it."""

    trigger: Trigger
    push: Push
    ticket: Ticket | Absent
    project: Project


def make(tools: Tools, turn: Turn, params: Params, needs: Needs) -> SuiteReport:
    """Measures, and says so as the commit's status."""
    on = OnCommit(needs.push, needs.ticket, needs.project, turn.entry)
    product = report(tools.shell, on, params.suite, turn.say)
    tell(tools.host, params, product)
    return product


def judge(params: Params, product: SuiteReport) -> tuple[Check, ...]:
    """The suite passed, with the coverage and the proofs that were asked for."""
    return report_checks(params, product)


def foresee(params: Params, needs: Needs) -> Foreseen:
    """The commit's status."""
    write = Write(port="host", verb="set_status", target=f"{params.status} on {needs.push.sha[:7]}")
    return Foreseen((write,), {"sha": needs.push.sha})


STEP = Step("backend_tests", "Backend tests", Params, Needs, SuiteReport, make, judge, foresee, number=17)
