"""What every step that runs a suite shares: one measured result of one suite on one tree, whatever
it takes to get it.

The first attempt is what counts. Tests that failed run once more only to tell a flaky test from a
broken one; neither of them has passed.
"""

from collections import Counter, defaultdict
from typing import Any, Callable, Collection, Final, Iterator, Mapping, Sequence

from devflow.craft.reports import junit
from devflow.craft.reports.failed_at import Places
from devflow.craft.suites import command_run, pytest_run
from devflow.craft.suites.claims import Ticket, claims, is_among
from devflow.craft.suites.command_run import changed_files
from devflow.craft.suites.comments import ENDINGS
from devflow.craft.suites.coverage import Coverage
from devflow.craft.suites.imports import has_loaded, loaded_elsewhere
from devflow.craft.suites.pytest_run import Asked, Attempt
from devflow.craft.suites.second_attempt import Again, again
from devflow.craft.suites.setups import folders_of_code, unfit
from devflow.model.bounds.commands import text_of
from devflow.model.change import Affected, Case, SuiteResult
from devflow.model.declared.project import Project, Suite
from devflow.model.errors import PipelineInvalid
from devflow.model.wording import one_line
from devflow.ports.shell import ShellReads

__all__ = ["Asked", "measured", "suite_of", "results_in", "without"]

_RUNNER_CHARS: Final = 60  # characters of a command beside its suite; the page has it whole
# what tells a suite's result from any other mapping of a product
_RESULT_KEYS: Final = {"suite", "tree", "cases"}


def suite_of(project: Project, name: str) -> Suite:
    """The suite of that name. Raises ``PipelineInvalid`` where the project has none."""
    suite = project.suites.get(name)
    if suite is None:
        names = ", ".join(project.suites) or "none"
        message = f'the project has no suite "{name}"'
        hint = f"suites under project: {names}"
        raise PipelineInvalid(message, hint=hint, where="pipeline.yaml")
    return suite


def results_in(product: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Every suite result in a recorded product, as it was written: of step 8, of 17 to 19, of
    ``uses: suite``."""
    candidates = [product.get("result")]
    candidates += product.get("suites") or ()
    candidates += product.get("base_suites") or ()
    for one in candidates:
        if isinstance(one, Mapping) and _is_result(one):
            yield one


def _is_result(candidate: Mapping[str, Any]) -> bool:
    keys = candidate.keys()
    return SuiteResult.model_fields.keys() >= keys >= _RESULT_KEYS


def measured(shell: ShellReads, asked: Asked, say: Callable[..., None]) -> SuiteResult:
    """The suite's result, by its own command or by pytest. Raises ``Unavailable`` where either is
    not installed."""
    problem = unfit(asked.suite, asked.paths)
    if problem:
        return without(asked.name, asked.tree, problem)
    run = command_run.run if asked.suite.run else pytest_run.run
    first = run(shell, asked, say)
    return _result(asked, first, again(shell, asked, first, say))


def without(name: str, tree: str, problem: str) -> SuiteResult:
    """Of a suite that could not be run on this tree."""
    return SuiteResult(
        suite=name,
        tree=tree,
        interpreter="",
        passed=0,
        failed=0,
        skipped=0,
        cases=(),
        problem=problem,
    )


def _result(asked: Asked, first: Attempt, second: Again) -> SuiteResult:
    suite = asked.suite
    cases = tuple(_cases(asked, first, second))
    outcomes = Counter(case.outcome for case in cases)
    command = suite.setup if first.ran.in_setup else suite.run
    duration_s = first.ran.duration_s
    if second.attempt:
        duration_s += second.attempt.duration_s
    return SuiteResult(
        suite=asked.name,
        tree=asked.tree,
        interpreter=first.interpreter,
        passed=outcomes["passed"],
        failed=outcomes["failed"],
        skipped=outcomes["skipped"],
        flaky=outcomes["flaky"],
        cases=cases,
        **_coverage(suite, asked.paths, first.coverage),
        duration_s=duration_s,
        facts=first.report.facts,
        problem=first.ran.in_tree(first.problem),
        unmeasured=_unmeasured(asked, first),
        affected=_affected(asked, first),
        second=second.attempt,
        python=first.ran_in,
        runner=one_line(text_of(command), _RUNNER_CHARS),
        exit_only=first.exit_only,
        exit_code=first.ran.exit_code if suite.run else None,
        said=first.said,
        others=_others(first),
        contradiction=first.ran.in_tree(first.contradiction),
        repaired=first.report.repaired,
        set_up=first.ran.set_up,
    )


def _coverage(suite: Suite, paths: Collection[str], found: Coverage) -> dict[str, Any]:
    """The fields of a result that tell what of the code ran."""
    return {
        "coverage_of": suite.coverage_of or ("." if suite.coverage else ""),
        "coverage_pct": found.total_pct,
        "coverage_by_path": dict(found.by_path),
        "coverage_problem": found.problem if suite.has_coverage else "",
        "coverage_from": suite.coverage,
        "coverage_folders": folders_of_code(suite, paths) if suite.coverage else (),
        "covered": found.covered,
        "covered_changed": found.changed,
    }


def _others(first: Attempt) -> tuple[Case, ...]:
    """What failed and is no test."""
    found = []
    for other in first.report.others:
        if other.outcome == "failed":
            name = other.name or "a suite without a name"
            case = Case(name=name, outcome="failed", duration_s=0.0, message=other.message)
            found.append(_in_tree(first, case))
    return tuple(found)


def _in_tree(attempt: Attempt, case: Case) -> Case:
    """The case, told without the checkout that it ran in: each attempt has another one."""
    told = {name: attempt.ran.in_tree(getattr(case, name)) for name in ("name", "message", "at")}
    return case.model_copy(update=told)


def _unmeasured(asked: Asked, first: Attempt) -> str:
    """Why tests that pass say nothing of the tree, empty where they do."""
    elsewhere = changed_files(asked, first) or loaded_elsewhere(first.loaded)
    code = asked.suite.coverage_of
    if elsewhere or not code or first.problem:
        return elsewhere
    if asked.suite.run and first.coverage.total_pct is None:
        return ""
    if first.coverage.total_pct is None:
        is_loaded = not asked.paths or has_loaded(first.loaded, code)
        return "" if is_loaded else f"nothing of {code} was loaded"
    return "" if first.coverage.total_pct else f"0 % of {code} ran"


def _cases(asked: Asked, first: Attempt, second: Again) -> Iterator[Case]:
    ticket = Ticket(asked.ticket, asked.changed)
    claimed = claims(ticket, asked.claimed, first.report.entries)
    places = Places(asked.paths, asked.suite.cwd)
    entries = first.report.entries
    for entry, name in zip(entries, _told_apart(entries)):
        case = _in_tree(first, _case(claimed, first, entry, second, name))
        place = places.failed_at(entry)
        yield case.model_copy(update={"at": f"{place.path}:{place.line}"}) if place else case


def _told_apart(entries: Sequence[junit.ReportedCase]) -> Iterator[str]:
    """The names of the tests, with the class before one that tests of several classes have:
    ``PriceTest.testNet``, since a failure says where it is and not whose."""
    classes: dict[str, set[str]] = defaultdict(set)
    for entry in entries:
        classes[entry.case.name].add(entry.classname)
    # two of one last word in different packages are told by the whole
    whole = {
        name for name, every in classes.items() if len({*map(_short_class, every)}) < len(every)
    }
    for entry in entries:
        name = entry.case.name
        class_ = entry.classname if name in whole else _short_class(entry.classname)
        yield f"{class_}.{name}" if len(classes[name]) > 1 and class_ else name


def _short_class(classname: str) -> str:
    """The last word of ``shop.price.CasesTest`` and of ``App\\Tests\\CasesTest``; a file whole."""
    if "/" in classname or classname.endswith(ENDINGS):
        return classname
    return classname.replace("\\", ".").rpartition(".")[2]


def _case(
    claimed: Mapping[str, tuple[str, ...]],
    first: Attempt,
    entry: junit.ReportedCase,
    second: Again,
    name: str,
) -> Case:
    """The case as it counts, under this name: flaky where it failed and passed later, in the second
    attempt or by the project's own plugin, and no less where it passed and failed later."""
    case = entry.case
    changes: dict[str, object] = {"name": name, "criteria": claimed[entry.id]}
    if case.outcome == "failed" and entry.id in second.passed_ids:
        changes["outcome"] = "flaky"
        changes["message"] = case.message or "failed"
    elif entry.id in second.then_failed:
        changes["outcome"] = "flaky"
        changes["message"] = second.then_failed[entry.id] or "failed"
        changes["then_failed"] = True
    elif case.outcome in ("passed", "flaky") and first.reran(entry):
        attempts = first.ended.attempts(entry) or entry.times
        changes["outcome"] = "flaky"
        changes["message"] = f"a plugin of pytest ran it at least {attempts} times"
    return case.model_copy(update=changes)


def _affected(asked: Asked, first: Attempt) -> Affected | None:
    """What the report's order says: whether the affected tests ran before all others, and how they
    did."""
    if not asked.affected:
        return None
    files = set()
    tests = 0
    failed = 0
    ran_s = 0.0
    end = 0
    for place, entry in enumerate(first.report.entries, start=1):
        if not is_among(asked.affected, entry):
            continue
        files.add(entry.file)
        tests += 1
        failed += entry.case.outcome == "failed"
        ran_s += entry.case.duration_s
        end = place
    return Affected(tests=tests, files=len(files), failed=failed, ran_s=ran_s, late=end - tests)
