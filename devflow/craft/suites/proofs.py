"""What the tests say of the acceptance criteria, in the words of commits and pull requests.

A criterion is proved by passed cases that name it, never by a flaky one; a criterion that no test
names is said to have none, never left out.
"""

from typing import Final, Iterable, Mapping

from devflow.craft.imports.paths import is_test
from devflow.craft.suites import claims
from devflow.craft.suites.checks import exit_words, outcomes
from devflow.model.change import Case, LocalTests, SuiteResult
from devflow.model.checks import Check, fact, measure, note, shown
from devflow.model.figures import text
from devflow.model.planning import Criterion, Ticket
from devflow.model.wording import figure, first_of, one_line

_SHOWN: Final = 3  # files or suites; one is enough to see what happened
PROOF_EVIDENCE: Final = {
    "criterion": "whether the tests that name a criterion passed, about its id"
}
"""Which evidence there is of what tests prove, by id."""


def proving(tests: LocalTests, criterion: str) -> tuple[Case, ...]:
    """The cases, whatever their outcome, that claim a criterion such as ``AC-1``."""
    cases: list[Case] = []
    for suite in tests.suites:
        cases += [case for case in suite.cases if criterion in case.criteria]
    return tuple(cases)


def proof_text(tests: LocalTests, criterion: str, names: int = 3) -> str:
    """``test_tabs, test_forms``, with the outcome of whatever did not pass; at most ``names`` of
    them, and how many more."""
    cases = proving(tests, criterion)
    parts = []
    for case in cases:
        outcome = "" if case.outcome == "passed" else f" ({case.outcome})"
        parts.append(f"{case.name}{outcome}")
    return first_of(parts, names) or "no test"


def nothing_proves(tests: LocalTests | None, criteria: Iterable[Criterion]) -> str:
    """Why no criterion has a test of its own, said once for all of them; empty where one has."""
    if tests is None or not tests.suites:
        return "no test was run before this"
    if any(proving(tests, criterion.id) for criterion in criteria):
        return ""
    return "no test names any of them"


def named_in(ticket: Ticket, texts: Mapping[str, str]) -> dict[str, tuple[str, ...]]:
    """The test files among ``texts`` (path to text) that name each criterion of the ticket; one
    that none names is left out. Another ticket's key before it makes it that ticket's."""
    ids_by_path = {
        path: {*claims.named_in(text, ticket.key), *claims.bare_in(text)}
        for path, text in texts.items()
        if is_test(path)
    }
    paths_by_id = {}
    for criterion in ticket.criteria:
        paths = [path for path, ids in ids_by_path.items() if criterion.id in ids]
        if paths:
            paths_by_id[criterion.id] = tuple(paths)
    return paths_by_id


def proof_check(tests: LocalTests, criterion: Criterion) -> Check:
    """One row of the table: what is asked, and the tests that name it, each with its outcome unless
    it passed."""
    name = criterion.id
    ended = {case.outcome for case in proving(tests, name)}
    asked = one_line(criterion.text, 80)
    proof = proof_text(tests, name) if ended else _unproved(tests, name)
    row = measure("criterion", name, text(f"{asked} <- {proof}"), _source(tests), about=name)
    if "failed" in ended:
        return fact(row, False)
    # neither a skipped nor a flaky test proves anything, and neither says that the criterion is not
    # met
    return shown(row) if ended == {"passed"} else note(row)


def _unproved(tests: LocalTests, criterion: str) -> str:
    """Of a criterion that no case names: a suite without a report has no cases, whatever its files
    name."""
    silent = _without_report(tests)
    files = tests.named_in.get(criterion, ())
    if not silent or not files:
        return f"no test names {criterion}"
    named = f"named in {first_of(files, _SHOWN)}, not proved"
    return f"{named}: {silent[0]} writes no report; name one in project.suites.{silent[0]}.junit"


def _source(tests: LocalTests) -> str:
    """What was read: reports, where any suite has one to write."""
    silent = _without_report(tests)
    if silent and len(silent) == len(tests.suites):
        return f"exit code of {first_of(silent, _SHOWN)}"
    return "JUnit reports"


def _without_report(tests: LocalTests) -> list[str]:
    """The suites that are judged by their exit code alone."""
    return [suite.suite for suite in tests.suites if suite.exit_only]


def suite_text(suite: SuiteResult) -> str:
    """``58 passed, 0 failed, 1 skipped, coverage 91 %``, or why there is no result."""
    reason = suite.problem or suite.unmeasured
    if reason:
        return f"not measured: {reason}"
    parts = [figure(count) for count in outcomes(suite).values()]
    if suite.exit_only:
        parts = [exit_words(suite)]
    elif suite.red and not suite.failed:
        parts.append(suite.red)
    if suite.coverage_pct is not None:
        parts.append(f"coverage {suite.coverage_pct:.0f} %")
    if suite.taken:
        parts.append(f"measured by {suite.taken.entry}")
    return ", ".join(parts)
