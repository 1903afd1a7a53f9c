"""The coverage and the number of tests that a suite had on the base branch, out of the journal: no
second store, so nothing can disagree with it.

A squash merge has the tree that steps 17 to 19 measured, so a ticket leaves behind the baseline of
the next one.
"""

import re
from dataclasses import dataclass, field
from typing import Any, Collection, Final, Iterable, Iterator, Mapping

from devflow.craft.suites.suite import results_in
from devflow.model.change import Baseline, Before, SuiteResult
from devflow.model.declared.project import Suite
from devflow.model.events import Recorded
from devflow.model.wording import short_sha
from devflow.ports.journal import History
from devflow.ports.repository import RepositoryReads

# runs, the newest; reading one costs some milliseconds, and an older result is of an older base
# branch
RUNS: Final = 20
# first parents of the base commit; where none of them was measured, a figure would say little of
# today
COMMITS: Final = 50
DROPS: Final = 3  # paths; more would hide the one that lost most
_LEAST_PCT: Final = 0.05  # per cent; less is shown as 0.0
# of the tests that ran when the suite last passed: fewer are not known to be all of them
FEWEST_PCT: Final = 90
# what stands in the names of test files and their folders in every language
_TEST_WORDS: Final = frozenset(("test", "tests", "spec", "specs"))
_WORD: Final = re.compile(r"[A-Z]?[a-z]+|[A-Z]+")

# fields of a result that did not end well
_NOT_WHOLE: Final = ("problem", "failed", "others", "contradiction")

_Key = tuple[str, str, str]
_Result = Mapping[str, Any]


@dataclass(frozen=True)
class Baselines:
    """``trees`` are (commit, tree) of the base branch, the newest first; ``stored`` the results by
    suite, code and tree; ``problems`` why a suite has none although it was run; ``tests`` how many
    ran when a suite passed, by suite and tree."""

    base: str
    trees: tuple[tuple[str, str], ...]
    stored: Mapping[_Key, _Result]
    problems: Mapping[str, str] = field(default_factory=dict)
    tests: Mapping[tuple[str, str], int] = field(default_factory=dict)

    def of(self, result: SuiteResult) -> Baseline | None:
        """What this result is compared with; ``None`` where it has no coverage that could be
        compared."""
        if result.coverage_pct is None or not self.trees:
            return None
        for behind, (sha, tree) in enumerate(self.trees):
            before = self.stored.get((result.suite, result.coverage_of, tree))
            if before is None:
                continue
            on = f"{self.base} {short_sha(sha)}"
            if behind:
                on += f", {behind} before the base"
            drops = _drops(before["coverage_by_path"], result.coverage_by_path)
            return Baseline(on=on, coverage_pct=before["coverage_pct"], drops=drops)
        newest_sha = self.trees[0][0]
        on = f"{self.base} {short_sha(newest_sha)}"
        problem = self.problems.get(result.suite, "")
        if problem:
            problem = f"not measured on {on}: {problem}"
        return Baseline(on=on, problem=problem)

    def compared(self, result: SuiteResult, suite: Suite, deleted: Collection[str]) -> SuiteResult:
        """The result beside what was there before; fewer tests than ``FEWEST_PCT`` per cent of
        those that ran then are no measurement, unless the ticket ``deleted`` test files or the
        suite allows it."""
        before = self._before(result)
        update: dict[str, Any] = {"baseline": self.of(result), "before": before}
        if before is None or result.ran * 100 >= before.tests * FEWEST_PCT:
            return result.model_copy(update=update)
        tests_deleted = [path for path in deleted if _is_of_tests(path)]
        if suite.allow_fewer:
            update["fewer_because"] = "allow_fewer"
        elif tests_deleted:
            update["fewer_because"] = f"the ticket deletes {tests_deleted[0]}"
        elif not result.unmeasured:
            fewer = f"{result.ran} tests ran, fewer than {FEWEST_PCT} % of the {before.tests}"
            update["unmeasured"] = f"{fewer} that ran on {before.on}"
        return result.model_copy(update=update)

    def _before(self, result: SuiteResult) -> Before | None:
        """What the suite was when it last passed; ``None`` where nothing is known."""
        if result.problem or result.exit_only:
            return None
        for sha, tree in self.trees:
            tests = self.tests.get((result.suite, tree))
            if tests is not None:
                return Before(tests=tests, on=f"{self.base} {short_sha(sha)}")
        return None

    def missing(self, results: tuple[SuiteResult, ...]) -> tuple[str, ...]:
        """The suites whose coverage cannot be compared with anything."""
        suites = []
        for result in results:
            baseline = self.of(result)
            if baseline is not None and baseline.coverage_pct is None:
                suites.append(result.suite)
        return tuple(suites)

    def with_results(self, results: tuple[SuiteResult, ...]) -> "Baselines":
        """These, with results that were just measured on the base branch."""
        measured = _by_key(result.model_dump() for result in results)
        problems = {}
        for one in results:
            if one.problem or one.red:
                problems[one.suite] = one.problem or one.red
        stored = {**self.stored, **measured}
        tests = {**self.tests, **_tests(result.model_dump() for result in results)}
        return Baselines(self.base, self.trees, stored, problems, tests)


def read(history: History, repository: RepositoryReads, base: str, sha: str) -> Baselines:
    """What is stored for commit ``sha`` of branch ``base`` and the first parents before it; bounded
    in runs and commits."""
    trees = repository.history_trees(sha, COMMITS) if sha else ()
    results = tuple(_recorded(history)) if trees else ()
    return Baselines(base, trees, _by_key(results), tests=_tests(results))


def deleted(
    changed: Iterable[str], paths: Collection[str], renamed: Mapping[str, str]
) -> tuple[str, ...]:
    """Of the changed paths those that the tree no longer has, under another name either."""
    known = {*paths, *renamed.values()}
    return tuple(path for path in changed if path not in known)


def _is_of_tests(path: str) -> bool:
    return any(word.lower() in _TEST_WORDS for word in _WORD.findall(path))


def _recorded(history: History) -> Iterator[_Result]:
    """Every result of a suite in the newest runs, the newest last."""
    runs = history.runs()
    for run in runs[-RUNS:]:
        for event in history.events(run):
            if isinstance(event, Recorded) and event.product:
                yield from results_in(event.product)


def _by_key(results: Iterable[_Result]) -> dict[_Key, _Result]:
    """The newest result of each suite and tree whose coverage can be believed: all of its tests ran
    well."""
    by_key = {}
    for one in results:
        if _is_whole(one) and one.get("coverage_pct") is not None:
            key = (one["suite"], one["coverage_of"], one["tree"])
            by_key[key] = one
    return by_key


def _is_whole(one: _Result) -> bool:
    return not any(one.get(name) for name in _NOT_WHOLE)


def _tests(results: Iterable[_Result]) -> dict[tuple[str, str], int]:
    """How many tests ran where a suite passed, by suite and tree."""
    tests = {}
    for one in results:
        if _is_whole(one) and not one.get("unmeasured") and one["passed"]:
            tests[one["suite"], one["tree"]] = one["passed"] + one.get("flaky", 0)
    return tests


def _drops(before: Mapping[str, float], now: Mapping[str, float]) -> dict[str, float]:
    """The paths that lost most, with their share before; a path that is gone lost nothing."""
    lost_pct = {}
    for path, before_pct in before.items():
        if path in now and before_pct - now[path] >= _LEAST_PCT:
            lost_pct[path] = before_pct - now[path]
    most = sorted(lost_pct, key=lambda path: -lost_pct[path])
    return {path: before[path] for path in most[:DROPS]}
