"""What the tests say of the acceptance criteria, in the words of commits and pull requests.

A criterion is proved by passed cases that name it, never by a flaky one; a criterion that no test
names is said to have none, never left out.
"""

import re
from typing import Mapping

from devflow.craft.tree.impact import is_test
from devflow.model.wording import one_line
from devflow.model.change import Case, LocalTests, SuiteResult
from devflow.model.checks import Check
from devflow.model.planning import Criterion


def proving(tests: LocalTests, criterion: str) -> tuple[Case, ...]:
    """The cases, whatever their outcome, that claim a criterion such as ``AC-1``."""
    return tuple(
        case for suite in tests.suites for case in suite.cases if criterion in case.criteria
    )


def proof_text(tests: LocalTests, criterion: str, names: int = 3) -> str:
    """``test_tabs, test_forms``, with the outcome of whatever did not pass; at most ``names`` of
    them, and how many more."""
    cases = proving(tests, criterion)
    shown = [
        case.name if case.outcome == "passed" else f"{case.name} ({case.outcome})"
        for case in cases[:names]
    ]
    if len(cases) > names:
        shown.append(f"and {len(cases) - names} more")
    return ", ".join(shown) or "no test"


def named_in(
    criteria: tuple[Criterion, ...], texts: Mapping[str, str]
) -> dict[str, tuple[str, ...]]:
    """The test files among ``texts`` (path to text) that name each criterion; one that none names
    is left out."""
    tests = {path: text for path, text in texts.items() if is_test(path)}
    patterns = {one.id: re.compile(rf"\b{re.escape(one.id)}\b") for one in criteria}
    found = {
        name: tuple(path for path, text in tests.items() if pattern.search(text))
        for name, pattern in patterns.items()
    }
    return {name: paths for name, paths in found.items() if paths}


def proof_check(tests: LocalTests, criterion: Criterion) -> Check:
    """One row of the table: what is asked, and the tests that name it, each with its outcome unless
    it passed."""
    outcomes = {case.outcome for case in proving(tests, criterion.id)}
    proof = proof_text(tests, criterion.id) if outcomes else f"no test names {criterion.id}"
    # neither a skipped nor a flaky test proves anything, and neither says that the criterion is not
    # met
    ok = False if "failed" in outcomes else True if outcomes == {"passed"} else None
    said = f"{one_line(criterion.text, 80)} <- {proof}"
    return Check(label=criterion.id, ok=ok, measured=said, source="JUnit reports", needed=False)


def suite_text(suite: SuiteResult) -> str:
    """``58 passed, 0 failed, 1 skipped, coverage 91 %``, or why there is no result."""
    if suite.problem:
        return f"not measured: {suite.problem}"
    coverage = "" if suite.coverage_pct is None else f", coverage {suite.coverage_pct:.0f} %"
    flaky = f", {suite.flaky} flaky" if suite.flaky else ""
    return f"{suite.passed} passed, {suite.failed} failed{flaky}, {suite.skipped} skipped{coverage}"
