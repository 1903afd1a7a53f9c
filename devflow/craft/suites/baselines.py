"""The coverage that a suite had on the base branch, out of the journal: no second store, so nothing
can disagree with it.

A squash merge has the tree that steps 17 to 19 measured, so a ticket leaves behind the baseline of
the next one.
"""

from dataclasses import dataclass, field
from typing import Any, Final, Iterable, Mapping

from devflow.craft.suites.suite import results_in
from devflow.model.change import Baseline, SuiteResult
from devflow.model.events import Recorded
from devflow.ports.journal import History
from devflow.ports.repository import RepositoryReads

RUNS: Final = (
    # runs, the newest; reading one costs some milliseconds, and an older result is of an older base
    # branch
    20
)
COMMITS: Final = (
    # first parents of the base commit; where none of them was measured, a figure would say little
    # of today
    50
)
DROPS: Final = 3  # paths

_Key = tuple[str, str, str]


@dataclass(frozen=True)
class Baselines:
    """``trees`` are (commit, tree) of the base branch, the newest first; ``stored`` the results by
    suite, code and tree; ``problems`` why a suite has none although it was run."""

    base: str
    trees: tuple[tuple[str, str], ...]
    stored: Mapping[_Key, Mapping[str, Any]]
    problems: Mapping[str, str] = field(default_factory=dict)

    def of(self, result: SuiteResult) -> Baseline | None:
        """What this result is compared with; ``None`` where it has no coverage that could be
        compared."""
        if result.coverage_pct is None or not self.trees:
            return None
        for behind, (sha, tree) in enumerate(self.trees):
            found = self.stored.get((result.suite, result.coverage_of, tree))
            if found is not None:
                older = f", {behind} before the base" if behind else ""
                return Baseline(
                    on=f"{self.base} {sha[:7]}{older}",
                    coverage_pct=found["coverage_pct"],
                    drops=_drops(found, result),
                )
        on = f"{self.base} {self.trees[0][0][:7]}"
        why = self.problems.get(result.suite, "")
        return Baseline(on=on, problem=f"not measured on {on}: {why}" if why else "")

    def missing(self, results: tuple[SuiteResult, ...]) -> tuple[str, ...]:
        """The suites whose coverage cannot be compared with anything."""
        known = ((result, self.of(result)) for result in results)
        return tuple(
            result.suite for result, base in known if base is not None and base.coverage_pct is None
        )

    def with_results(self, results: tuple[SuiteResult, ...]) -> "Baselines":
        """These, with results that were just measured on the base branch."""
        stored = {**self.stored, **_by_key(result.model_dump() for result in results)}
        problems = {
            one.suite: one.problem or f"{one.failed} failed"
            for one in results
            if one.problem or one.failed
        }
        return Baselines(self.base, self.trees, stored, problems)


def read(history: History, repository: RepositoryReads, base: str, sha: str) -> Baselines:
    """What is stored for commit ``sha`` of branch ``base`` and the first parents before it; bounded
    in runs and commits."""
    trees = repository.history_trees(sha, COMMITS) if sha else ()
    newest = history.runs()[-RUNS:] if trees else ()
    recorded = (
        event
        for run in newest
        for event in history.events(run)
        if isinstance(event, Recorded) and event.product
    )
    return Baselines(
        base, trees, _by_key(one for event in recorded for one in results_in(event.product or {}))
    )


def _by_key(results: Iterable[Mapping[str, Any]]) -> dict[_Key, Mapping[str, Any]]:
    """The newest result of each suite and tree whose coverage can be believed: all of its tests ran
    well."""
    return {
        (one["suite"], one["coverage_of"], one["tree"]): one
        for one in results
        if one.get("coverage_pct") is not None and not one.get("problem") and not one.get("failed")
    }


def _drops(before: Mapping[str, Any], result: SuiteResult) -> dict[str, float]:
    """The paths that lost most, with their share before; a path that is gone lost nothing."""
    known = {
        path: pct
        for path, pct in before["coverage_by_path"].items()
        if path in result.coverage_by_path
    }
    lost = {path: pct - result.coverage_by_path[path] for path, pct in known.items()}
    most = sorted((path for path, pct in lost.items() if pct >= 0.05), key=lambda path: -lost[path])
    return {path: known[path] for path in most[:DROPS]}
