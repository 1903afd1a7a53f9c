"""A pytest plugin that devflow hands to a suite's run: it writes down how each test ended, by
pytest's own id.

Neither the JUnit report nor pytest's last line tells attempts from parts of one test: both of them
add up what subtests and reruns came to. It runs in the suite's own process, from a copy that lies
in a folder beside what it writes, for repositories that know nothing of devflow: so it imports
nothing but the standard library.
"""

import json
from pathlib import Path
from typing import Any, Dict, Set, Tuple

# what pytest itself says of a report
OUTCOMES = ("passed", "failed", "skipped")


def pytest_configure(config: Any) -> None:
    """Listens once: the workers of pytest-xdist send their reports to the process that began."""
    if not hasattr(config, "workerinput"):
        config.pluginmanager.register(EndedTests(config), "devflow_ended_tests_of_all")


class EndedTests:
    """How the tests of one run ended, so far."""

    def __init__(self, config: Any) -> None:
        self.config = config
        self.tests: Dict[str, Dict[str, Any]] = {}
        # tests, each with its worker, of which something was told since their last teardown
        self._told: Set[Tuple[str, str]] = set()

    def pytest_runtest_logreport(self, report: Any) -> None:
        """Takes one report: of a phase of a test, of a part of it, or of an attempt that is
        forgotten because the test runs again, for which plugins have a word of their own or none.
        ``counted`` is how often pytest's last line has it.
        """
        new = {"file": report.location[0], "attempts": 1, "counted": 0}
        new.update(failed=False, passed=False)
        test = self.tests.setdefault(report.nodeid, new)
        # pytest 9's SubtestReport, and pytest-subtests' SubTestReport before it
        is_part = type(report).__name__.lower() == "subtestreport"
        is_whole = report.when == "call" and not is_part
        test["attempts"] += self._is_untold(report, is_whole)
        if report.outcome not in OUTCOMES:
            test["attempts"] += 1
            test.update(failed=False, passed=False)
        elif report.outcome != "passed" or is_whole:
            test["failed"] = test["failed"] or report.outcome == "failed"
            test["passed"] = test["passed"] or report.outcome == "passed"
            test["counted"] += 1

    def _is_untold(self, report: Any, is_whole: bool) -> bool:
        """Whether an attempt ends here of which neither body nor failed set-up was reported, as of
        the package flaky."""
        run = (report.nodeid, getattr(report, "worker_id", ""))
        if report.when != "teardown":
            if is_whole or report.outcome != "passed":
                self._told.add(run)
            return False
        is_untold = report.outcome == "passed" and run not in self._told
        self._told.discard(run)
        return is_untold

    def pytest_sessionfinish(self) -> None:
        """Writes all of it."""
        has_cache = bool(self.config.pluginmanager.hasplugin("cacheprovider"))
        ended = {"has_cache": has_cache, "tests": self.tests}
        beside = Path(__file__).parent.parent
        beside.joinpath("ended.json").write_text(json.dumps(ended), encoding="utf-8")
