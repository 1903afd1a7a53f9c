"""What is said of the tests of one commit, at its release and at its ticket's end: by suite, and
what was measured of its tree before there was a commit."""

from typing import Final

from devflow.model.change import LocalTests, SuiteResult
from devflow.model.figures import Count, count
from devflow.model.outcomes import Absent
from devflow.model.wording import figure

NO_SUITE: Final = "no suite ran on the commit"


def passed_words(name: str, result: SuiteResult) -> str:
    """``backend 58``: a suite without a report has no count."""
    return f"{name} by its exit code" if result.exit_only else f"{name} {result.passed}"


def why_uncounted(result: SuiteResult) -> str:
    """Why its counts say nothing of it, empty where they do."""
    # what is red though no test failed has no words in these counts
    beside = "" if result.failed else result.red
    return result.problem or result.unmeasured or beside


def locally_tested(tests: LocalTests | Absent, tree: str) -> Count | None:
    """What step 8 measured of this very tree, for where no suite ran on its commit; nothing where
    it measured another, or no tests."""
    if isinstance(tests, Absent) or not tree or tests.tree != tree:
        return None
    counted = [one for one in tests.suites if not why_uncounted(one)]
    if not counted:
        return None
    by_suite = [passed_words(one.suite, one) for one in counted]
    by_suite += [f"{one.suite} not measured" for one in tests.suites if why_uncounted(one)]
    where = f"passed ({', '.join(by_suite)}; local, on this tree)"
    failed = figure(count(sum(one.failed for one in counted), where="failed"))
    passed = sum(one.passed for one in counted)
    return count(passed, where=where, note=f"{failed}; {NO_SUITE}")
