"""What is shown of the code that ran under a suite: the share of all of it, of the lines that the
change adds, by path, and beside what it was on the base branch."""

from typing import Final, Iterator

from devflow.craft.suites.rules import SuiteRules
from devflow.model.change import Baseline, Covered, SuiteResult
from devflow.model.checks import Check, at_least, fact, held, measure, missing, note
from devflow.model.figures import Bound, Count, absent, change, quantity, text

COVERAGE_EVIDENCE: Final = {
    "coverage": "per cent of the code that a suite ran, about the suite",
    "coverage_of": "which of two folders that coverage_of may mean counts, about the suite",
    "coverage_total": "of how many lines or statements how many ran, and of how many branches, "
    "about suite and unit",
    "coverage_changed": "how many of the lines that the change adds and that have code ran, about "
    "the suite",
    "coverage_change": "per cent that it has gained on the base branch, about the suite",
    "coverage_lost": "per cent that a path has lost, about suite and path",
    "coverage_by_path": "per cent of a path that ran, about suite and path",
}
"""Which evidence there is of a suite's coverage, by id."""

_COVERAGE: Final = "coverage.json"
_BASE: Final = "journal, results on the base branch"
_EVERYTHING: Final = "."
# one of what reports count
_NOUNS: Final = {"lines": "line", "statements": "statement", "branches": "branch"}


def coverage_checks(result: SuiteResult, rules: SuiteRules) -> list[Check]:
    """The share, what it is made of, what it has gained, and the paths; why there is none, where it
    was asked for."""
    total_pct = result.coverage_pct
    if total_pct is None:
        return _no_coverage(result, rules)
    suite = result.suite
    source = _source(result)
    figure_ = quantity(total_pct, "%")
    total = measure("coverage", f"{suite} coverage", figure_, source, about=suite)
    minimum = _minimum(rules)
    checks = [held(total, minimum) if minimum else fact(total, True)]
    checks += _counts(result)
    checks += _folder(result)
    checks += _change(result, rules, total_pct)
    for path, pct in sorted(result.coverage_by_path.items()):
        about = f"{suite} {path}"
        one = measure("coverage_by_path", path, quantity(pct, "%"), source, about=about)
        # nobody has said what is enough for one path: 0 % of it with a tick would look well
        checks.append(note(one))
    return checks


def _source(result: SuiteResult) -> str:
    return result.coverage_from or _COVERAGE


def _counts(result: SuiteResult) -> Iterator[Check]:
    """What the share is made of; each unit by itself, since two of them have no sum."""
    suite = result.suite
    source = _source(result)
    for one in result.covered:
        about = f"{suite} {one.unit}"
        label = f"{suite} {one.unit} covered"
        yield note(measure("coverage_total", label, _covered(one), source, about=about))
    if result.covered_changed is not None:
        of_change = _covered(result.covered_changed)
        label = f"{suite} changed lines covered"
        yield note(measure("coverage_changed", label, of_change, source, about=suite))


def _folder(result: SuiteResult) -> Iterator[Check]:
    """Where the tree has two folders of one name, which of them was meant."""
    if len(result.coverage_folders) > 1:
        meant, other = result.coverage_folders
        folder = text(f"{meant}, which counts before {other}")
        label = f"{result.suite} coverage_of"
        yield note(measure("coverage_of", label, folder, "project: suites", about=result.suite))


def _covered(one: Covered) -> Count:
    return Count(
        kind="count",
        n=one.covered,
        of=one.valid,
        noun=_NOUNS.get(one.unit, one.unit),
        many=one.unit,
    )


def _no_coverage(result: SuiteResult, rules: SuiteRules) -> list[Check]:
    is_needed = rules.min_coverage_pct > 0 or rules.min_coverage_change_pct is not None
    if not is_needed and not result.coverage_of:
        return []
    why = absent("coverage_of is not set")
    if result.coverage_of:
        of = "the code" if result.coverage_of == _EVERYTHING else result.coverage_of
        words = f"nothing of {of} was measured"
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
    source = f"journal, {_source(result)}"
    gain = measure("coverage_change", label, gained, source, about=suite)
    checks = [held(gain, bound) if bound else fact(gain, True)]
    for path, before_pct in base.drops.items():
        lost = result.coverage_by_path.get(path, 0.0) - before_pct
        figure_ = change(round(lost, 1), "%", was=before_pct)
        about = f"{suite} {path}"
        less = measure("coverage_lost", f"less of {path}", figure_, source, about=about)
        checks.append(note(less))
    return checks


def _no_baseline(base: Baseline | None) -> str:
    if base is None:
        return "no baseline stored"
    return base.problem or f"no baseline stored for {base.on}"
