"""Step 17: the backend's suite on a clean export of the pushed commit: model, endpoints, database,
latency."""

from devflow.craft.suites.commit_suite import SuiteParams
from devflow.steps.suite import suite_step


class Params(SuiteParams):
    """``suite`` is a name under ``project: suites``, ``status`` the commit's. At most
    ``rerun_failed`` failed tests run once more, to tell which are flaky; the ``min_`` limits are
    per cent, and 0 or null asks for nothing.
    """

    suite: str = "backend"
    status: str = "devflow/backend_tests"


STEP = suite_step("backend_tests", "Backend tests", Params, 17)
