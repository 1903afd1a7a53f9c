"""What is shown of a suite's result, and when it has passed."""

import re
from typing import Final

from pydantic import Field

from devflow.craft.evidence import distinct
from devflow.model.bounds.numbers import Percent, PercentChange, WholeNumber
from devflow.model.change import Affected, Baseline, Case, SuiteResult
from devflow.model.checks import (
    Check,
    Measure,
    at_least,
    fact,
    held,
    measure,
    missing,
    note,
    shown,
    wanted,
)
from devflow.model.figures import (
    Bound,
    Count,
    Figure,
    Finding,
    absent,
    change,
    count,
    finding,
    quantity,
    text,
)
from devflow.model.values import Limit, Value
from devflow.model.wording import duration, figure, plural, short_sha

SUITE_EVIDENCE: Final = {
    "suite": "how a suite ended, about its name",
    "suite_passed": "how many of its tests passed",
    "suite_failed": "how many failed",
    "suite_flaky": "how many passed only when run again, where any did",
    "suite_skipped": "how many were skipped",
    "suite_duration": "how long it took",
    "interpreter": "which Python it ran in, about the suite",
    "affected": "how many tests that the change reaches ran before all others, about the suite",
    "unaffected": "how many others ran before them, about the suite",
    "second_attempt": "how many failed tests passed when run again, about the suite",
    "case": "one test, about its suite and name",
    "coverage": "per cent of the code that a suite ran, about the suite",
    "coverage_change": "per cent that it has gained on the base branch, about the suite",
    "coverage_lost": "per cent that a path has lost, about suite and path",
    "coverage_by_path": "per cent of a path that ran, about suite and path",
}
"""Which evidence there is of a suite, by id."""

# passed tests of a suite that get a line of their own; more would bury what matters
NAMED: Final = 100
_JUNIT: Final = "JUnit report"
_COVERAGE: Final = "coverage.json"
_BASE: Final = "journal, results on the base branch"
_CHANGE: Final = "journal, coverage.json"
_PLACE: Final = re.compile(r"(?P<path>\S+\.\w+):(?P<line>\d+)")


class SuiteRules(Value):
    """What a suite's result is held against. A ``min_`` limit of 0 or null asks for nothing."""

    rerun_failed: WholeNumber = Field(
        # where more fail at once, the change is the likelier cause
        default=10,
        description="At most so many failed tests run once more, 0 for none.",
    )
    max_flaky: Limit[WholeNumber] = Field(
        default=0, description="So many flaky tests do not fail the suite."
    )
    min_coverage_pct: Limit[Percent] = Field(
        default=0.0, description="Per cent of the code that the suite has to run."
    )
    min_coverage_change_pct: Limit[PercentChange | None] = Field(
        default=None,
        description="Per cent that the coverage has to gain on the base branch; may be negative.",
    )


def result_checks(result: SuiteResult, rules: SuiteRules) -> tuple[Check, ...]:
    """The suite's own line, then what failed, what was flaky or not run, what passed, and the
    coverage.

    A suite without a single passed test has not passed.
    """
    return (
        _own(result, rules),
        *_parts(result),
        *_order(result),
        *_attempts(result),
        *_cases(result, rules),
        *_coverage(result, rules),
    )


def outcomes(result: SuiteResult) -> dict[str, Count]:
    """How many tests passed, failed, were flaky (where any were) and skipped."""
    counts = {"passed": result.passed, "failed": result.failed}
    if result.flaky:
        counts["flaky"] = result.flaky
    counts["skipped"] = result.skipped
    return {how: count(n, where=how) for how, n in counts.items()}


def _own(result: SuiteResult, rules: SuiteRules) -> Check:
    whole = result.passed > 0 and not result.failed and not result.problem
    has_passed = whole and result.flaky <= rules.max_flaky
    # what passed has not passed on this tree; what failed is red wherever it was loaded from
    verdict = None if has_passed and result.unmeasured else has_passed
    allowed = f"at most {rules.max_flaky}" if rules.max_flaky else "0"
    bound = wanted(f"0 failed, {allowed} flaky, at least 1 passed")
    suite = result.suite
    source = f"pytest on {short_sha(result.tree)}"
    return fact(measure("suite", suite, _ended(result), source, about=suite), verdict, bound)


def _ended(result: SuiteResult) -> Figure:
    """How the suite ended: the words of its counts, each of which is a figure too."""
    if result.problem:
        return absent(result.problem, "")
    counts = ", ".join(figure(one) for one in outcomes(result).values())
    words = f"{counts} in {duration(result.duration_s)}"
    if result.unmeasured:
        words += f"; not measured: {result.unmeasured}"
    return text(words)


def _parts(result: SuiteResult) -> list[Check]:
    """The figures that the suite's own line is made of."""
    if result.problem:
        return []
    suite = result.suite
    source = f"pytest on {short_sha(result.tree)}"
    figures: dict[str, Figure] = {**outcomes(result)}
    figures["duration"] = quantity(result.duration_s, "s")
    parts = []
    for name, one in figures.items():
        parts.append(note(measure(f"suite_{name}", f"{suite} {name}", one, source, about=suite)))
    if result.python:
        label = f"{suite} interpreter"
        python = measure("interpreter", label, text(result.python), "this machine", about=suite)
        parts.append(note(python))
    return parts


def _order(result: SuiteResult) -> list[Check]:
    affected = result.affected
    if affected is None or result.problem:
        return []
    suite = result.suite
    label = f"{suite}, affected first"
    source = f"order in the {_JUNIT}"
    if affected.late:
        late = count(affected.late, "test", where="that ran before")
        return [note(measure("unaffected", label, late, source, about=suite))]
    first = measure("affected", label, _reached(affected, len(result.cases)), source, about=suite)
    # what no test of this suite reaches is no order that was kept
    return [shown(first, affected.tests > 0)]


def _reached(affected: Affected, of: int) -> Count:
    """``12 of 58 tests in 3 files, none failed in 2.1 s of test time``."""
    if not affected.tests:
        return count(0, "test", of=of, note="none stands in an affected file")
    failed = f"{affected.failed} failed" if affected.failed else "none failed"
    ran = f"{failed} in {duration(affected.ran_s)} of test time"
    files = plural(affected.files, "file")
    return count(affected.tests, "test", of=of, where=f"in {files}", note=ran)


def _attempts(result: SuiteResult) -> list[Check]:
    second = result.second
    if second is None:
        return []
    label = f"{result.suite}, second attempt"
    about = result.suite
    if second.problem:
        why = absent(second.problem, "")
        return [note(measure("second_attempt", label, why, _JUNIT, about=about))]
    passed = count(
        second.passed,
        "failed test",
        of=second.tests,
        where="passed when run again",
        note=f"in {duration(second.duration_s)}",
    )
    # a test that passes later is not one that passed: the line is never a tick
    return [note(measure("second_attempt", label, passed, f"second {_JUNIT}", about=about))]


def _cases(result: SuiteResult, rules: SuiteRules) -> list[Check]:
    """What failed, what was flaky, what was skipped, and the first that passed; what a case is
    about counts tests of one name in the order of the report."""
    too_many = result.flaky > rules.max_flaky
    abouts = distinct(f"{result.suite} {case.name}" for case in result.cases)
    checks: dict[str, list[Check]] = {"failed": [], "flaky": [], "skipped": [], "passed": []}
    for about, case in zip(abouts, result.cases):
        checks[case.outcome].append(_case(case, about, too_many))
    passed = checks["passed"][:NAMED]
    return [*checks["failed"], *checks["flaky"], *checks["skipped"], *passed]


def _case(case: Case, about: str, too_many_flaky: bool) -> Check:
    def of(figure_: Figure) -> Measure:
        return measure("case", case.name, figure_, case.at, about=about)

    match case.outcome:
        case "failed":
            return fact(of(_failure(case, case.message or "failed")), False)
        case "flaky":
            flaky = of(_failure(case, f"flaky: {case.message}; passed when run again"))
            return fact(flaky, False) if too_many_flaky else note(flaky)
        case "skipped":
            return note(of(absent(case.message, "skipped")))
        case "passed":
            return fact(of(quantity(round(case.duration_s * 1000, 3), "ms")), True)


def _failure(case: Case, words: str) -> Finding:
    place = _PLACE.fullmatch(case.at)
    if place is None:
        return finding(words)
    return finding(words, place["path"], int(place["line"]))


def _coverage(result: SuiteResult, rules: SuiteRules) -> list[Check]:
    total_pct = result.coverage_pct
    if total_pct is None:
        return _no_coverage(result, rules)
    suite = result.suite
    figure_ = quantity(total_pct, "%")
    total = measure("coverage", f"{suite} coverage", figure_, _COVERAGE, about=suite)
    minimum = _minimum(rules)
    checks = [held(total, minimum) if minimum else fact(total, True)]
    checks += _change(result, rules, total_pct)
    for path, pct in sorted(result.coverage_by_path.items()):
        about = f"{suite} {path}"
        one = measure("coverage_by_path", path, quantity(pct, "%"), _COVERAGE, about=about)
        checks.append(fact(one, True))
    return checks


def _no_coverage(result: SuiteResult, rules: SuiteRules) -> list[Check]:
    is_needed = rules.min_coverage_pct > 0 or rules.min_coverage_change_pct is not None
    if not is_needed and not result.coverage_of:
        return []
    why = absent("coverage_of is not set")
    if result.coverage_of:
        words = f"nothing of {result.coverage_of} was measured"
        if result.coverage_problem:
            words += f": {result.coverage_problem}"
        why = absent(words, "")
    label = f"{result.suite} coverage"
    none = measure("coverage", label, why, "project: suites", about=result.suite)
    minimum = _minimum(rules)
    return [missing(none, bound=minimum) if is_needed else note(none, minimum)]


def _minimum(rules: SuiteRules) -> Bound | None:
    return at_least(rules.min_coverage_pct, "%") if rules.min_coverage_pct else None


def _change(result: SuiteResult, rules: SuiteRules, now_pct: float) -> list[Check]:
    suite = result.suite
    label = f"{suite} coverage change"
    minimum = rules.min_coverage_change_pct
    bound = None if minimum is None else at_least(minimum, "%")
    base = result.baseline
    if base is None or base.coverage_pct is None:
        why = absent(_no_baseline(base), "")
        unknown = measure("coverage_change", label, why, _BASE, about=suite)
        return [missing(unknown, bound=bound) if bound else note(unknown)]
    base_pct = base.coverage_pct
    # as it is shown, so that +0.04 does not miss a limit of +0.0 by what nobody sees
    gained = change(round(now_pct - base_pct, 1), "%", was=base_pct, at=f"on {base.on}")
    gain = measure("coverage_change", label, gained, _CHANGE, about=suite)
    checks = [held(gain, bound) if bound else fact(gain, True)]
    for path, before_pct in base.drops.items():
        lost = result.coverage_by_path.get(path, 0.0) - before_pct
        figure_ = change(round(lost, 1), "%", was=before_pct)
        about = f"{suite} {path}"
        less = measure("coverage_lost", f"less of {path}", figure_, _CHANGE, about=about)
        checks.append(shown(less))
    return checks


def _no_baseline(base: Baseline | None) -> str:
    if base is None:
        return "no baseline stored"
    return base.problem or f"no baseline stored for {base.on}"
