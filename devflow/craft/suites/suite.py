"""What every step that runs a suite shares: one measured result of one suite on one tree, whatever
it takes to get it.

The first attempt is what counts. Tests that failed run once more only to tell a flaky test from a
broken one; neither of them has passed.
"""

from collections import Counter
from dataclasses import replace
from typing import Any, Callable, Iterator, Mapping

from devflow.craft.suites import junit
from devflow.craft.suites.pytest_run import Asked, Attempt, forget_second, run, run_again
from devflow.model.change import Affected, Case, SecondAttempt, SuiteResult
from devflow.model.errors import PipelineInvalid
from devflow.model.project import Project, Suite
from devflow.ports.shell import ShellReads

__all__ = ["Asked", "measured", "suite_of", "results_in"]


def suite_of(project: Project, name: str) -> Suite:
    """The suite of that name. Raises ``PipelineInvalid`` where the project has none."""
    if name not in project.suites:
        known = ", ".join(project.suites) or "none"
        raise PipelineInvalid(
            f'the project has no suite "{name}"',
            hint=f"suites under project: {known}",
            where="pipeline.yaml",
        )
    return project.suites[name]


def results_in(product: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Every suite result in a recorded product, as it was written: of step 8, of 17 to 19, of
    ``uses: suite``."""
    held = (
        product.get("result"),
        *(product.get("suites") or ()),
        *(product.get("base_suites") or ()),
    )
    for one in held:
        if isinstance(one, Mapping) and SuiteResult.model_fields.keys() >= one.keys() >= {
            "suite",
            "tree",
            "cases",
        }:
            yield one


def measured(shell: ShellReads, asked: Asked, say: Callable[..., None]) -> SuiteResult:
    """The suite's result. Raises ``Unavailable`` where pytest or pytest-cov is not installed."""
    first = run(shell, asked, say)
    second, passed_then = _second(shell, asked, first, say)
    settled = (_settled(first, entry, passed_then) for entry in first.report.entries)
    cases = tuple(
        entry.case.model_copy(update={"criteria": _criteria(asked, entry)}) for entry in settled
    )
    count = Counter(case.outcome for case in cases)
    return SuiteResult(
        suite=asked.name,
        tree=asked.tree,
        interpreter=first.interpreter,
        passed=count["passed"],
        failed=count["failed"],
        skipped=count["skipped"],
        flaky=count["flaky"],
        cases=cases,
        coverage_of=asked.suite.coverage_of,
        coverage_pct=first.coverage.total_pct,
        coverage_by_path=dict(first.coverage.by_path),
        coverage_problem=first.coverage.problem if asked.suite.coverage_of else "",
        duration_s=first.ran.duration_s + (second.duration_s if second else 0.0),
        facts=first.report.facts,
        problem=first.problem,
        affected=_affected(asked, first),
        second=second,
    )


def _second(
    shell: ShellReads, asked: Asked, first: Attempt, say: Callable[..., None]
) -> tuple[SecondAttempt | None, frozenset[str]]:
    """How the failed tests did when run once more, and which of them passed."""
    failed = len(first.failed)
    if first.problem or not failed or failed > asked.rerun_failed or not first.last_failed:
        forget_second(shell, asked)
        why = _not_run_again(asked, first)
        return (SecondAttempt(tests=failed, problem=why) if why else None), frozenset()
    again = run_again(shell, asked, first, say)
    told = SecondAttempt(tests=failed, duration_s=again.ran.duration_s)
    ran = {entry.id for entry in again.report.entries}
    problem = again.problem or (
        "" if ran == {one.id for one in first.failed} else "other tests ran than those that failed"
    )
    if problem:
        return told.model_copy(update={"problem": problem}), frozenset()
    passed = frozenset(entry.id for entry in again.report.entries if entry.case.outcome == "passed")
    return told.model_copy(update={"passed": len(passed)}), passed


def _not_run_again(asked: Asked, first: Attempt) -> str:
    failed = len(first.failed)
    if first.problem or not failed or not asked.rerun_failed:
        return ""
    if failed > asked.rerun_failed:
        return f"{failed} tests failed, more than the {asked.rerun_failed} that are run again"
    return "pytest kept no note of what failed: its cacheprovider is switched off"


def _settled(
    first: Attempt, entry: junit.ReportedCase, passed_then: frozenset[str]
) -> junit.ReportedCase:
    """The case as it counts: flaky where it failed and passed later, in the second attempt or by
    the project's own plugin."""
    case = entry.case
    if case.outcome == "failed" and entry.id in passed_then:
        return replace(entry, case=_flaky(case, case.message or "failed"))
    if case.outcome == "passed" and first.reran(entry):
        return replace(entry, case=_flaky(case, f"pytest-rerunfailures ran it {entry.times} times"))
    return entry


def _flaky(case: Case, message: str) -> Case:
    return case.model_copy(update={"outcome": "flaky", "message": message})


def _criteria(asked: Asked, entry: junit.ReportedCase) -> tuple[str, ...]:
    """The criteria of this ticket that the case names: ``SCRUM-95 AC-1``, or ``AC-1`` in a file
    that the ticket changed.

    Every ticket has an AC-1, so that a bare one of an older test proves nothing here. Where it is
    not known what the ticket changed, each bare one counts.
    """
    own = not asked.changed or _is_among(asked.changed, entry)
    named = (name.rpartition(" ") for name in entry.case.criteria)
    return tuple(
        dict.fromkeys(bare for key, _, bare in named if (key == asked.ticket if key else own))
    )


def _affected(asked: Asked, first: Attempt) -> Affected | None:
    """What the report's order says: whether the affected tests ran before all others, and how they
    did."""
    if not asked.affected:
        return None
    entries = first.report.entries
    hit = [entry.file for entry in entries if _is_among(asked.affected, entry)]
    places = [place for place, entry in enumerate(entries) if _is_among(asked.affected, entry)]
    mine = [entries[place].case for place in places]
    return Affected(
        tests=len(mine),
        files=len(set(hit)),
        failed=sum(case.outcome == "failed" for case in mine),
        ran_s=sum(case.duration_s for case in mine),
        late=max(places, default=-1) + 1 - len(mine),
    )


def _is_among(paths: tuple[str, ...], entry: junit.ReportedCase) -> bool:
    # pytest names a file from its own root, which a pytest.ini may put below the tree's top folder
    return bool(entry.file) and any(
        path == entry.file or path.endswith(f"/{entry.file}") for path in paths
    )
