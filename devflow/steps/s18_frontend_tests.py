"""Step 18: the frontend's suite in a checkout of the commit: rendering, forms, tabs, responsive
design, no script."""

from pydantic import Field

from devflow.craft.suites.commit_suite import SuiteParams
from devflow.model.bounds.references import SuiteName
from devflow.model.bounds.statuses import StatusName
from devflow.steps.suite import suite_step


class Params(SuiteParams):
    """At most ``rerun_failed`` failed tests run once more, to tell which are flaky; the ``min_``
    limits are per cent, and 0 or null asks for nothing."""

    suite: SuiteName = Field(default="frontend", description="a name under project: suites")
    status: StatusName = Field(
        default="devflow/frontend_tests", description="the name of the commit's status"
    )


STEP = suite_step("frontend_tests", "Frontend tests", Params, 18)
