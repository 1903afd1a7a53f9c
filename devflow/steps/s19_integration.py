"""Step 19: the real services as processes, from a checkout of the pushed commit, and which
criteria that proves."""

from pydantic import Field

from devflow.craft.suites.commit_suite import SuiteParams
from devflow.model.bounds.references import SuiteName
from devflow.model.bounds.statuses import StatusName
from devflow.steps.suite import suite_step


class Params(SuiteParams):
    """At most ``rerun_failed`` failed tests run once more, to tell which are flaky; the ``min_``
    limits are per cent, and 0 or null asks for nothing."""

    suite: SuiteName = Field(default="integration", description="a name under project: suites")
    status: StatusName = Field(
        default="devflow/integration", description="the name of the commit's status"
    )


STEP = suite_step("integration", "Integration tests", Params, 19)
