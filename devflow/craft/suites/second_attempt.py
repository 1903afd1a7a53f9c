"""What failed, once more on the same tree: only to tell a flaky test from a broken one.

pytest runs the failed tests alone. A suite's own command cannot be told which tests to run: all of
it runs once more, and the two reports are compared by what their tests are called.
"""

from dataclasses import dataclass, field
from typing import Callable, Iterator, Mapping

from devflow.craft.reports import junit
from devflow.craft.suites import command_run, pytest_run
from devflow.craft.suites.command_run import changed_files
from devflow.craft.suites.pytest_run import Asked, Attempt, forget_second
from devflow.model.change import SecondAttempt
from devflow.ports.shell import ShellReads

_Name = tuple[str, ...]
_Named = dict[_Name, list[junit.ReportedCase]]


@dataclass(frozen=True)
class Again:
    """How the failed tests did when run once more, if they were, and the ids in the first report of
    those that passed; ``then_failed`` are the messages of those that had passed, by the same
    ids."""

    attempt: SecondAttempt | None = None
    passed_ids: frozenset[str] = frozenset()
    then_failed: Mapping[str, str] = field(default_factory=dict)


def again(shell: ShellReads, asked: Asked, first: Attempt, say: Callable[..., None]) -> Again:
    """Runs what failed once more, where so few failed that it is worth it."""
    tests = len(first.failed)
    has_names = bool(asked.suite.run or first.last_failed)
    is_sound = not (first.problem or first.contradiction)
    if not (is_sound and has_names and 0 < tests <= asked.rerun_failed):
        forget_second(shell, asked)
        reason = _not_run_again(asked, first) if is_sound else ""
        return Again(SecondAttempt(tests=tests, problem=reason) if reason else None)
    run_again = command_run.run_again if asked.suite.run else pytest_run.run_again
    second = run_again(shell, asked, first, say)
    duration_s = second.ran.duration_s
    problem = _problem(asked, first, second)
    if problem:
        problem = second.ran.in_tree(problem)
        return Again(SecondAttempt(tests=tests, duration_s=duration_s, problem=problem))
    passed_ids = frozenset(_passed(first, second))
    then_failed = dict(_then_failed(first, second))
    attempt = SecondAttempt(
        tests=tests,
        duration_s=duration_s,
        passed=len(passed_ids),
        then_failed=len(then_failed),
    )
    return Again(attempt, passed_ids, then_failed)


def _not_run_again(asked: Asked, first: Attempt) -> str:
    """Why failed tests were not run once more though that was asked for."""
    failed = len(first.failed)
    limit = asked.rerun_failed
    if not failed or not limit:
        return ""
    if failed > limit:
        return f"{failed} tests failed, more than the {limit} that are run again"
    if first.ended.has_cache:
        return "pytest kept no note of what failed"
    return "pytest kept no note of what failed: its cacheprovider is switched off"


def _problem(asked: Asked, first: Attempt, second: Attempt) -> str:
    """Why the second attempt tells nothing of the first one's failures, empty where it does."""
    problem = second.problem or second.contradiction or changed_files(asked, second)
    if problem:
        return problem
    failed = _named(first, first.failed).keys()
    ran = _named(second, second.report.entries).keys()
    if not asked.suite.run:
        return "" if ran == failed else "other tests ran than those that failed"
    for name in sorted(failed - ran):
        return f"{name[-1]} did not run again"
    return _failed_anew(first, second)


def _failed_anew(first: Attempt, second: Attempt) -> str:
    """What failed in the second attempt and did not run in the first: who takes flaky tests must
    not take that too."""
    known = _named(first, tuple(e for e in first.report.entries if e.case.outcome != "skipped"))
    names = [name[-1] for name in _named(second, second.failed) if name not in known]
    others = {other.name for other in first.report.others if other.outcome == "failed"}
    for other in second.report.others:
        if other.outcome == "failed" and other.name not in others:
            names.append(other.name)
    return f"{names[0]} failed, which had not failed before" if names else ""


def _passed(first: Attempt, second: Attempt) -> Iterator[str]:
    """The ids of the failed tests that passed; of several tests of one name nobody can tell which
    is which, so that all of them have to pass."""
    before = _named(first, first.report.entries)
    after = _named(second, second.report.entries)
    for name, entries in _named(first, first.failed).items():
        outcomes = [entry.case.outcome for entry in after[name]]
        if outcomes == ["passed"] * len(before[name]):
            yield from (entry.id for entry in entries)


def _then_failed(first: Attempt, second: Attempt) -> Iterator[tuple[str, str]]:
    """The ids of the tests that passed before, each with why it failed then; of several of one name
    as many as failed."""
    failed_before = _named(first, first.failed)
    before = _named(first, first.report.entries)
    for name, entries in _named(second, second.failed).items():
        if name not in failed_before:
            for earlier, later in zip(before[name], entries):
                yield earlier.id, second.ran.in_tree(later.case.message)


def _named(attempt: Attempt, entries: tuple[junit.ReportedCase, ...]) -> _Named:
    """The cases by what they are called in every checkout: there are runners that name a file by
    its whole path."""
    here = f"{attempt.ran.ran_in}/"
    named: _Named = {}
    for entry in entries:
        words = (entry.file, entry.classname, entry.case.name)
        name = tuple(word.replace(here, "") for word in words)
        named.setdefault(name, []).append(entry)
    return named
