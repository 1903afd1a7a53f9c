"""What is shown of a suite's result, and when it has passed."""

import re
from datetime import UTC
from typing import Final

from devflow.craft.evidence import distinct
from devflow.craft.suites.coverage_checks import COVERAGE_EVIDENCE, coverage_checks
from devflow.craft.suites.rules import SuiteRules
from devflow.model.change import Affected, Case, SuiteResult, Taken
from devflow.model.checks import Check, Measure, fact, measure, note, shown, wanted
from devflow.model.figures import Count, Figure, Finding, absent, count, finding, quantity, text
from devflow.model.wording import duration, figure, plural, short_sha

__all__ = ["SUITE_EVIDENCE", "SuiteRules", "result_checks", "outcomes", "exit_words"]

SUITE_EVIDENCE: Final = {
    "suite": "how a suite ended, about its name",
    "suite_contradiction": "where its exit code and its report, or the report by itself, do not "
    "agree, about the suite",
    "suite_error": "what failed in it and is no test, such as a hook, about suite and name",
    "suite_fewer": "how many tests ran of those that ran when it last passed on the base branch, "
    "where fewer did and that is allowed, about the suite",
    "suite_repaired": "that its report could be read only after characters in it were replaced",
    "suite_set_up": "how its setup came to be there, about the suite",
    "suite_taken": "which entry measured it, and when, where it was not measured anew, about the "
    "suite",
    "suite_not_taken": "why what an earlier entry measured on this tree was not taken, about the "
    "suite",
    "suite_passed": "how many of its tests passed",
    "suite_failed": "how many failed",
    "suite_flaky": "how many passed only when run again, where any did",
    "suite_skipped": "how many were skipped",
    "suite_duration": "how long it took",
    "interpreter": "which Python it ran in, about the suite",
    "affected": "how many tests that the change reaches ran before all others, about the suite",
    "unaffected": "how many others ran before them, about the suite",
    "second_attempt": "how many failed tests passed when run again, and how many that had passed "
    "failed, about the suite",
    "case": "one test, about its suite and name",
    **COVERAGE_EVIDENCE,
}
"""Which evidence there is of a suite, by id."""

# passed tests of a suite that get a line of their own; more would bury what matters
NAMED: Final = 100
_PASSED_LATER: Final = "{}; passed when run again"
_JUNIT: Final = "JUnit report"
_BASE: Final = "journal, results on the base branch"
_PLACE: Final = re.compile(r"(?P<path>\S+\.\w+):(?P<line>\d+)")


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
        *_beside(result),
        *_notes(result),
        *_cases(result, rules),
        *coverage_checks(result, rules),
    )


def outcomes(result: SuiteResult) -> dict[str, Count]:
    """How many tests passed, failed, were flaky (where any were) and skipped."""
    counts = {"passed": result.passed, "failed": result.failed}
    if result.flaky:
        counts["flaky"] = result.flaky
    counts["skipped"] = result.skipped
    return {how: count(n, where=how) for how, n in counts.items()}


def exit_words(result: SuiteResult) -> str:
    """Of a suite without a report."""
    return f"exit code only: ended with {result.exit_code}"


def _own(result: SuiteResult, rules: SuiteRules) -> Check:
    is_well = not result.red and not result.problem
    has_passed = is_well and (result.exit_only or result.passed > 0)
    has_passed = has_passed and result.flaky <= rules.max_flaky
    # what passed has not passed on this tree; what failed is red wherever it was loaded from
    verdict = None if has_passed and result.unmeasured else has_passed
    allowed = f"at most {rules.max_flaky}" if rules.max_flaky else "0"
    bound = wanted(f"0 failed, {allowed} flaky, at least 1 passed")
    if result.exit_only:
        bound = wanted("ends with 0")
    suite = result.suite
    ended = measure("suite", suite, _ended(result), _source(result), about=suite)
    return fact(ended, verdict, bound)


def _source(result: SuiteResult) -> str:
    return f"{result.runner or 'pytest'} on {short_sha(result.tree)}"


def _ended(result: SuiteResult) -> Figure:
    """How the suite ended: the words of its counts, each of which is a figure too."""
    if result.problem:
        return absent(result.problem, "")
    counts = ", ".join(figure(one) for one in outcomes(result).values())
    if result.exit_only:
        counts = exit_words(result)
    words = f"{counts} in {duration(result.duration_s)}"
    if result.said:
        words += f": {result.said}"
    if result.others:
        words += f"; {plural(len(result.others), 'failure')} beside the tests"
    if result.unmeasured:
        words += f"; not measured: {result.unmeasured}"
    return text(words)


def _parts(result: SuiteResult) -> list[Check]:
    """The figures that the suite's own line is made of."""
    if result.problem:
        return []
    suite = result.suite
    source = _source(result)
    figures: dict[str, Figure] = {}
    if not result.exit_only:
        figures.update(outcomes(result))
    figures["duration"] = quantity(result.duration_s, "s")
    parts = []
    for name, one in figures.items():
        parts.append(note(measure(f"suite_{name}", f"{suite} {name}", one, source, about=suite)))
    if result.python:
        label = f"{suite} interpreter"
        python = measure("interpreter", label, text(result.python), "this machine", about=suite)
        parts.append(note(python))
    return parts


def _beside(result: SuiteResult) -> list[Check]:
    """What failed in the run beside its tests."""
    suite = result.suite
    checks = []
    if result.contradiction:
        words = text(result.contradiction)
        label = f"{suite} contradicts itself"
        own = measure("suite_contradiction", label, words, _source(result), about=suite)
        checks.append(fact(own, False))
    abouts = distinct(f"{suite} {one.name}" for one in result.others)
    for about, one in zip(abouts, result.others):
        failure = finding(one.message or "failed")
        checks.append(fact(measure("suite_error", one.name, failure, _JUNIT, about=about), False))
    return checks


def _notes(result: SuiteResult) -> list[Check]:
    """What else is known of the run as a whole."""
    suite = result.suite
    notes = []
    before = result.before
    if before is not None and result.fewer_because:
        words = f"that ran on {before.on}; {result.fewer_because}"
        fewer = count(result.ran, "test", of=before.tests, where=words)
        notes.append(measure("suite_fewer", f"{suite} tests", fewer, _BASE, about=suite))
    if result.repaired:
        replaced = text("read after characters in it were replaced")
        notes.append(measure("suite_repaired", f"{suite} report", replaced, _JUNIT, about=suite))
    if result.set_up:
        ready = text(result.set_up)
        notes.append(measure("suite_set_up", f"{suite} setup", ready, _source(result), about=suite))
    if result.taken:
        notes.append(_taken(suite, result.taken))
    if result.not_taken:
        why = text(f"not taken from {result.not_taken}")
        source = "journal"
        notes.append(measure("suite_not_taken", f"{suite} result", why, source, about=suite))
    return [note(one) for one in notes]


def _taken(suite: str, by: Taken) -> Measure:
    """What another entry measured keeps its time, and is never shown as measured now."""
    at = f"{by.at.astimezone(UTC):%H:%M UTC on %Y-%m-%d}"
    same = "on the same tree with the same interpreter, packages, environment and declaration"
    words = text(f"measured by {by.entry} at {at}, {same}")
    return measure("suite_taken", f"{suite} result", words, "journal", about=suite)


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
        # the whole of a command may have run for it
        cost = f", in {duration(second.duration_s)}" if second.duration_s else ""
        why = absent(f"{second.problem}{cost}", "")
        return [note(measure("second_attempt", label, why, _JUNIT, about=about))]
    also = f"{second.then_failed} that had passed failed, " if second.then_failed else ""
    passed = count(
        second.passed,
        "failed test",
        of=second.tests,
        where="passed when run again",
        note=f"{also}in {duration(second.duration_s)}",
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
        # a line without a source is shown by no screen
        return measure("case", case.name, figure_, case.at or _JUNIT, about=about)

    match case.outcome:
        case "failed":
            return fact(of(_failure(case, case.message or "failed")), False)
        case "flaky":
            again = "passed, and failed when run again: {}" if case.then_failed else _PASSED_LATER
            flaky = of(_failure(case, f"flaky: {again.format(case.message)}"))
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
