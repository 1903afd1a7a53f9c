"""How pytest's tests ended, as ``ended_tests`` wrote it down, and what that says of a report."""

import json
from dataclasses import dataclass, field, replace
from typing import Any, Final, Mapping

from devflow.craft.reports import junit

_SUFFIX: Final = ".py"


@dataclass(frozen=True)
class EndedTest:
    """One test: ``attempts`` of it were made, and the last of them has ``failed`` or ``passed``, or
    its body was skipped; ``counted`` is how often pytest's last line has it, since it counts what
    was skipped in parts and what passed before a teardown failed."""

    id: str
    attempts: int
    failed: bool
    passed: bool
    counted: int


@dataclass(frozen=True)
class Ended:
    """The tests by what their cases in a JUnit report are known by; ``is_known`` is false where
    nothing was written down, as of a process that was left."""

    is_known: bool = False
    has_cache: bool = True
    tests: Mapping[str, EndedTest] = field(default_factory=dict)

    @property
    def counted(self) -> int:
        """How many tests pytest's last line has."""
        return sum(test.counted for test in self.tests.values())

    @property
    def last_failed(self) -> str:
        """What pytest's own note of failed tests would say if it knew of subtests."""
        failed = [test.id for test in self.tests.values() if test.failed]
        return json.dumps(dict.fromkeys(failed, True)) if failed else ""

    def attempts(self, entry: junit.ReportedCase) -> int:
        """How often a test was run, 0 where that is not known."""
        test = self.tests.get(entry.id)
        return test.attempts if test else 0

    def settled(self, report: junit.Report) -> junit.Report:
        """The report, with the tests as flaky of which only an earlier attempt has failed, and as
        passed those of which only parts were skipped."""
        entries = [self._settled(entry) for entry in report.entries]
        return replace(report, entries=tuple(entries))

    def _settled(self, entry: junit.ReportedCase) -> junit.ReportedCase:
        test = self.tests.get(entry.id)
        if test is None or test.failed or not test.passed:
            return entry
        changes = {}
        if entry.case.outcome == "failed" and test.attempts > 1:
            changes = {"outcome": "flaky"}
        elif entry.case.outcome == "skipped":
            changes = {"outcome": "passed", "message": ""}
        return replace(entry, case=entry.case.model_copy(update=changes)) if changes else entry


def read_ended(text: str) -> Ended:
    """What the plugin wrote; nothing is known where it wrote nothing."""
    try:
        written = json.loads(text)
        tests = {}
        for id_, test in written["tests"].items():
            known_by = _case_id(id_, test["file"])
            tests[known_by] = _test(id_, test)
        return Ended(True, bool(written["has_cache"]), tests)
    except (AttributeError, KeyError, TypeError, ValueError):
        return Ended()


def _test(id_: str, test: Mapping[str, Any]) -> EndedTest:
    return EndedTest(
        id=id_,
        attempts=int(test["attempts"]),
        failed=bool(test["failed"]),
        passed=bool(test["passed"]),
        counted=int(test["counted"]),
    )


def _case_id(id_: str, file: str) -> str:
    """What a test's case is known by: pytest makes its names out of the id, in
    ``mangle_test_address`` of its junitxml.py."""
    path, bracket, parameters = id_.partition("[")
    names = path.split("::")
    names[0] = names[0].replace("/", ".").removesuffix(_SUFFIX)
    names[-1] += bracket + parameters
    return f"{file}::{'.'.join(names[:-1])}::{names[-1]}"
