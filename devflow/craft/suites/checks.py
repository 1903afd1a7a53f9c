"""What is shown of a suite's result, and when it has passed."""

from typing import Final

from pydantic import Field

from devflow.model.change import Affected, Case, SuiteResult
from devflow.model.checks import Check, worded
from devflow.model.values import Limit, Value
from devflow.model.wording import duration, plural, short_sha

# passed tests of a suite that get a line of their own; more would bury what matters
NAMED: Final = 100
_JUNIT: Final = "JUnit report"
_COVERAGE: Final = "coverage.json"
_BASE: Final = "journal, results on the base branch"
_CHANGE: Final = "journal, coverage.json"


class SuiteRules(Value):
    """What a suite's result is held against. A ``min_`` limit of 0 or null asks for nothing."""

    rerun_failed: int = Field(
        # where more fail at once, the change is the likelier cause
        default=10,
        ge=0,
        description="At most so many failed tests run once more, 0 for none.",
    )
    max_flaky: Limit[int] = Field(
        default=0, ge=0, description="So many flaky tests do not fail the suite."
    )
    min_coverage_pct: Limit[float] = Field(
        default=0.0, ge=0, le=100, description="Per cent of the code that the suite has to run."
    )
    min_coverage_change_pct: Limit[float | None] = Field(
        default=None,
        ge=-100,
        le=100,
        description="Per cent that the coverage has to gain on the base branch; may be negative.",
    )


def result_checks(result: SuiteResult, rules: SuiteRules) -> tuple[Check, ...]:
    """The suite's own line, then what failed, what was flaky or not run, what passed, and the
    coverage.

    A suite without a single passed test has not passed.
    """
    return (
        _own(result, rules),
        *_order(result),
        *_attempts(result),
        *_cases(result, rules),
        *_coverage(result, rules),
    )


def _own(result: SuiteResult, rules: SuiteRules) -> Check:
    flaky = f"{result.flaky} flaky, " if result.flaky else ""
    counts = f"{result.passed} passed, {result.failed} failed, {flaky}{result.skipped} skipped"
    whole = result.passed > 0 and not result.failed and not result.problem
    has_passed = whole and result.flaky <= rules.max_flaky
    # what passed has not passed on this tree; what failed is red wherever it was loaded from
    verdict = None if has_passed and result.unmeasured else has_passed
    allowed = f"at most {rules.max_flaky}" if rules.max_flaky else "0"
    return worded(
        label=result.suite,
        ok=verdict,
        measured=_said(result, f"{counts} in {duration(result.duration_s)}"),
        limit=f"0 failed, {allowed} flaky, at least 1 passed",
        source=f"pytest on {short_sha(result.tree)}",
    )


def _said(result: SuiteResult, counts: str) -> str:
    if result.problem:
        return result.problem
    return f"{counts}; not measured: {result.unmeasured}" if result.unmeasured else counts


def _shown(label: str, measured: str, source: str, ok: bool | None = None) -> Check:
    """A line that decides nothing where it has no verdict."""
    return worded(label=label, ok=ok, measured=measured, source=source, needed=False)


def _order(result: SuiteResult) -> list[Check]:
    affected = result.affected
    if affected is None or result.problem:
        return []
    label = f"{result.suite}, affected first"
    source = f"order in the {_JUNIT}"
    if affected.late:
        text = f"{affected.late} other tests ran before"
        return [_shown(label, text, source)]
    if not affected.tests:
        return [_shown(label, "none of the affected files holds a test of this suite", source)]
    text = _in_order(affected, len(result.cases))
    return [_shown(label, text, source, ok=True)]


def _in_order(affected: Affected, of: int) -> str:
    """``12 of 58 tests in 3 files, none failed in 2.1 s of test time``."""
    tests = f"{affected.tests} of {of} tests in {plural(affected.files, 'file')}"
    failed = f"{affected.failed} failed" if affected.failed else "none failed"
    return f"{tests}, {failed} in {duration(affected.ran_s)} of test time"


def _attempts(result: SuiteResult) -> list[Check]:
    second = result.second
    if second is None:
        return []
    label = f"{result.suite}, second attempt"
    if second.problem:
        return [_shown(label, second.problem, _JUNIT)]
    passed = f"{second.passed} of {second.tests} failed tests passed when run again"
    text = f"{passed}, in {duration(second.duration_s)}"
    # a test that passes later is not one that passed: the line is never a tick
    return [_shown(label, text, f"second {_JUNIT}")]


def _cases(result: SuiteResult, rules: SuiteRules) -> list[Check]:
    too_many = result.flaky > rules.max_flaky
    checks = []
    for case in _of(result, "failed"):
        text = case.message or "failed"
        checks.append(worded(label=case.name, ok=False, measured=text, source=case.at))
    for case in _of(result, "flaky"):
        text = f"flaky: {case.message}; passed when run again"
        checks.append(_shown(case.name, text, case.at, ok=False if too_many else None))
    for case in _of(result, "skipped"):
        text = f"skipped: {case.message}" if case.message else "skipped"
        checks.append(_shown(case.name, text, case.at))
    passed = _of(result, "passed")
    for case in passed[:NAMED]:
        text = f"{case.duration_s * 1000:.0f} ms"
        checks.append(worded(label=case.name, ok=True, measured=text, source=case.at))
    return checks


def _of(result: SuiteResult, outcome: str) -> list[Case]:
    return [case for case in result.cases if case.outcome == outcome]


def _coverage(result: SuiteResult, rules: SuiteRules) -> list[Check]:
    total_pct = result.coverage_pct
    if total_pct is None:
        return _no_coverage(result, rules)
    total = worded(
        label=_coverage_label(result),
        ok=total_pct >= rules.min_coverage_pct,
        measured=f"{total_pct:.1f} %",
        limit=_coverage_limit(rules),
        source=_COVERAGE,
    )
    checks = [total]
    checks += _change(result, rules, total_pct)
    for path, pct in sorted(result.coverage_by_path.items()):
        text = f"{pct:.1f} %"
        checks.append(worded(label=path, ok=True, measured=text, source=_COVERAGE))
    return checks


def _no_coverage(result: SuiteResult, rules: SuiteRules) -> list[Check]:
    needed = rules.min_coverage_pct > 0 or rules.min_coverage_change_pct is not None
    if not needed and not result.coverage_of:
        return []
    text = "coverage_of is not set"
    if result.coverage_of:
        text = f"nothing of {result.coverage_of} was measured"
        if result.coverage_problem:
            text += f": {result.coverage_problem}"
    missing = worded(
        label=_coverage_label(result),
        ok=None,
        measured=text,
        limit=_coverage_limit(rules),
        source="project: suites",
        needed=needed,
    )
    return [missing]


def _coverage_label(result: SuiteResult) -> str:
    return f"{result.suite} coverage"


def _coverage_limit(rules: SuiteRules) -> str:
    minimum_pct = rules.min_coverage_pct
    return f"at least {minimum_pct:g} %" if minimum_pct else ""


def _change(result: SuiteResult, rules: SuiteRules, now_pct: float) -> list[Check]:
    label = f"{result.suite} coverage change"
    minimum = rules.min_coverage_change_pct
    limit = "" if minimum is None else f"at least {minimum:+g} %"
    base = result.baseline
    if base is None or base.coverage_pct is None:
        reason = "no baseline stored"
        if base is not None:
            reason = base.problem or f"{reason} for {base.on}"
        needed = minimum is not None
        unknown = worded(
            label=label, ok=None, measured=reason, limit=limit, source=_BASE, needed=needed
        )
        return [unknown]
    base_pct = base.coverage_pct
    # as it is shown, so that +0.04 does not miss a limit of +0.0 by what nobody sees
    change = round(now_pct - base_pct, 1)
    enough = minimum is None or change >= minimum
    text = f"{change:+.1f} % (from {base_pct:.1f} % on {base.on})"
    checks = [worded(label=label, ok=enough, measured=text, limit=limit, source=_CHANGE)]
    for path, before_pct in base.drops.items():
        lost = result.coverage_by_path.get(path, 0.0) - before_pct
        text = f"{lost:+.1f} % (from {before_pct:.1f} %)"
        checks.append(_shown(f"less of {path}", text, _CHANGE, ok=True))
    return checks
