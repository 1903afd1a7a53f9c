"""What is shown of a suite's result, and when it has passed."""

from typing import Final

from pydantic import Field

from devflow.model.change import Affected, Case, SuiteResult
from devflow.model.checks import Check
from devflow.model.wording import plural
from devflow.model.values import Limit, Value

NAMED: Final = (
    100  # passed tests of a suite that get a line of their own; more would bury what matters
)
_JUNIT: Final = "JUnit report"


class SuiteRules(Value):
    """``rerun_failed``: at most so many failed tests run once more, 0 none. The ``min_`` limits are
    per cent, and 0 or null asks for nothing; ``min_coverage_change_pct`` is held against the base
    branch, and may be negative.
    """

    rerun_failed: int = Field(
        default=10, ge=0
    )  # tests; where more fail at once, the change is the likelier cause
    max_flaky: Limit[int] = Field(default=0, ge=0)
    min_coverage_pct: Limit[float] = Field(default=0.0, ge=0, le=100)
    min_coverage_change_pct: Limit[float | None] = Field(default=None, ge=-100, le=100)


def result_checks(result: SuiteResult, rules: SuiteRules) -> tuple[Check, ...]:
    """The suite's own line, then what failed, what was flaky or not run, what passed, and the
    coverage.

    A suite without a single passed test has not passed.
    """
    flaky = f"{result.flaky} flaky, " if result.flaky else ""
    counted = f"{result.passed} passed, {result.failed} failed, {flaky}{result.skipped} skipped"
    well = (
        result.passed > 0
        and not result.failed
        and result.flaky <= rules.max_flaky
        and not result.problem
    )
    allowed = f"at most {rules.max_flaky}" if rules.max_flaky else "0"
    own = Check(
        label=result.suite,
        ok=well,
        measured=result.problem or f"{counted} in {result.duration_s:.1f} s",
        limit=f"0 failed, {allowed} flaky, at least 1 passed",
        source=f"pytest on {result.tree[:7]}",
    )
    return (
        own,
        *_order(result),
        *_attempts(result),
        *_cases(result, rules),
        *_coverage(result, rules),
    )


def _order(result: SuiteResult) -> list[Check]:
    it = result.affected
    if it is None or result.problem:
        return []
    label, source = f"{result.suite}, affected first", f"order in the {_JUNIT}"
    if not it.tests or it.late:
        said = (
            f"{it.late} other tests ran before"
            if it.late
            else "none of the affected files holds a test of this suite"
        )
        return [Check(label=label, ok=None, measured=said, source=source, needed=False)]
    return [
        Check(
            label=label,
            ok=True,
            measured=_in_order(it, len(result.cases)),
            source=source,
            needed=False,
        )
    ]


def _in_order(it: Affected, of: int) -> str:
    """``12 of 58 tests in 3 files, all passed after 2.1 s``."""
    ended = f"{it.failed} failed" if it.failed else "none failed"
    return f"{it.tests} of {of} tests in {plural(it.files, 'file')}, {ended} in {it.ran_s:.1f} s of test time"


def _attempts(result: SuiteResult) -> list[Check]:
    second, label = result.second, f"{result.suite}, second attempt"
    if second is None:
        return []
    if second.problem:
        return [Check(label=label, ok=None, measured=second.problem, source=_JUNIT, needed=False)]
    said = f"{second.passed} of {second.tests} failed tests passed when run again, in {second.duration_s:.1f} s"
    # a test that passes later is not one that passed: the line is never a tick
    return [Check(label=label, ok=None, measured=said, source=f"second {_JUNIT}", needed=False)]


def _cases(result: SuiteResult, rules: SuiteRules) -> list[Check]:
    def of(outcome: str) -> list[Case]:
        return [case for case in result.cases if case.outcome == outcome]

    checks = [
        Check(label=case.name, ok=False, measured=case.message or "failed", source=case.at)
        for case in of("failed")
    ]
    for case in of("flaky"):
        too_many = False if result.flaky > rules.max_flaky else None
        said = f"flaky: {case.message}; passed when run again"
        checks.append(
            Check(label=case.name, ok=too_many, measured=said, source=case.at, needed=False)
        )
    for case in of("skipped"):
        said = f"skipped: {case.message}" if case.message else "skipped"
        checks.append(Check(label=case.name, ok=None, measured=said, source=case.at, needed=False))
    for case in of("passed")[:NAMED]:
        checks.append(
            Check(
                label=case.name,
                ok=True,
                measured=f"{case.duration_s * 1000:.0f} ms",
                source=case.at,
            )
        )
    return checks


def _coverage(result: SuiteResult, rules: SuiteRules) -> list[Check]:
    label, source = f"{result.suite} coverage", "coverage.json"
    asked = rules.min_coverage_pct > 0 or rules.min_coverage_change_pct is not None
    limit = f"at least {rules.min_coverage_pct:g} %" if rules.min_coverage_pct else ""
    if result.coverage_pct is None:
        why = f": {result.coverage_problem}" if result.coverage_problem else ""
        said = (
            f"nothing of {result.coverage_of} was measured{why}"
            if result.coverage_of
            else "coverage_of is not set"
        )
        missing = Check(
            label=label, ok=None, measured=said, limit=limit, source="project: suites", needed=asked
        )
        return [missing] if asked or result.coverage_of else []
    enough = result.coverage_pct >= rules.min_coverage_pct
    total = Check(
        label=label, ok=enough, measured=f"{result.coverage_pct:.1f} %", limit=limit, source=source
    )
    by_path = [
        Check(label=path, ok=True, measured=f"{pct:.1f} %", source=source)
        for path, pct in sorted(result.coverage_by_path.items())
    ]
    return [total, *_change(result, rules, result.coverage_pct), *by_path]


def _change(result: SuiteResult, rules: SuiteRules, now_pct: float) -> list[Check]:
    label, minimum, base = (
        f"{result.suite} coverage change",
        rules.min_coverage_change_pct,
        result.baseline,
    )
    limit = "" if minimum is None else f"at least {minimum:+g} %"
    if base is None or base.coverage_pct is None:
        on = f" for {base.on}" if base else ""
        said = base.problem if base and base.problem else f"no baseline stored{on}"
        needed = minimum is not None
        return [
            Check(
                label=label,
                ok=None,
                measured=said,
                limit=limit,
                source="journal, results on the base branch",
                needed=needed,
            )
        ]
    # as it is shown, so that +0.04 does not miss a limit of +0.0 by what nobody sees
    change = round(now_pct - base.coverage_pct, 1)
    said = f"{change:+.1f} % (from {base.coverage_pct:.1f} % on {base.on})"
    total = Check(
        label=label,
        ok=minimum is None or change >= minimum,
        measured=said,
        limit=limit,
        source="journal, coverage.json",
    )
    drops = [
        Check(
            label=f"less of {path}",
            ok=True,
            measured=f"{result.coverage_by_path.get(path, 0.0) - before:+.1f} % (from {before:.1f} %)",
            source="journal, coverage.json",
            needed=False,
        )
        for path, before in base.drops.items()
    ]
    return [total, *drops]
