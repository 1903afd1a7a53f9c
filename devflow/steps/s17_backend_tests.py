"""Step 17: the backend's suite in a checkout of the pushed commit: model, endpoints, database,
latency."""

from pydantic import Field

from devflow.craft.suites.commit_suite import SuiteParams
from devflow.model.bounds.references import SuiteName
from devflow.model.bounds.statuses import StatusName
from devflow.steps.suite import suite_step


class Params(SuiteParams):
    """At most ``rerun_failed`` failed tests run once more, to tell which are flaky; the ``min_``
    limits are per cent, and 0 or null asks for nothing."""

    suite: SuiteName = Field(default="backend", description="a name under project: suites")
    status: StatusName = Field(
        default="devflow/backend_tests", description="the name of the commit's status"
    )


STEP = suite_step("backend_tests", "Backend tests", Params, 17)
