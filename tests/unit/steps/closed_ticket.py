"""A ticket in review with everything that its closure confirms: what the tests of steps 27 and 29
share.

Its numbers are the reference's: 16 h 00 min estimated, 14 h 30 min logged.
"""

from typing import Any

from devflow.model.change import Branch, Push, SuiteResult
from devflow.model.checks import Measure
from devflow.model.ci import SuiteReport
from devflow.model.environments import Running
from devflow.model.figures import count
from devflow.model.ids import Sha
from devflow.model.outcomes import Absent
from devflow.model.release import Deployment, Monitoring
from devflow.steps import s27_closure
from devflow.testing.tracker import AT
from tests.unit.steps.ticket_world import BRANCH, KEY, SKIPPED, TICKET, TicketWorld, begun

DEFERRED = Absent(kind="deferred", why="waits for product_owner")


def suite(name: str, passed: int, failed: int = 0) -> SuiteReport:
    result = SuiteResult(
        suite=name, tree="t", interpreter="3.11", passed=passed, failed=failed, skipped=0, cases=()
    )
    return SuiteReport(sha=Sha("s"), result=result)


def closure_needs(world: TicketWorld, **fields: Any) -> s27_closure.Needs:
    base_sha = Sha(world.repository.heads["main"])
    sha = Sha(world.repository.remote[BRANCH])
    running = Running(service="backend", url="http://x", pid=1, version="v" * 40, status=200)
    given: dict[str, Any] = {
        "ticket": TICKET,
        "branch": Branch(name=BRANCH, base="main", base_sha=base_sha),
        "push": Push(branch=BRANCH, sha=sha),
        "suites": {
            "backend_tests": suite("backend", 58),
            "frontend_tests": suite("frontend", 22),
            "integration": SKIPPED,
        },
        "local_tests": SKIPPED,
        "development": Deployment(
            environment="development", version="v" * 40, commit=sha, services=(running,)
        ),
        "production": DEFERRED,
        "monitoring": Monitoring(
            environment="development",
            version="v" * 40,
            measures=(Measure(label="x", figure=count(1)),),
        ),
    }
    return s27_closure.Needs(**{**given, **fields})


def in_review(**fields: Any) -> TicketWorld:
    world = begun(**fields)
    if "Code Review" in world.tracker.workflow:
        world.tracker.transition(KEY, "Code Review")
    world.tracker.log_work(KEY, int(14.5 * 3600), AT)
    return world
