"""Step 18: the frontend's suite on a clean export of the commit: rendering, forms, tabs, responsive
design, no script."""

from devflow.craft.suites.commit_suite import SuiteParams
from devflow.steps.suite import suite_step


class Params(SuiteParams):
    """``suite`` is a name under ``project: suites``, ``status`` the commit's. At most
    ``rerun_failed`` failed tests run once more, to tell which are flaky; the ``min_`` limits are
    per cent, and 0 or null asks for nothing.
    """

    suite: str = "frontend"
    status: str = "devflow/frontend_tests"


STEP = suite_step("frontend_tests", "Frontend tests", Params, 18)
