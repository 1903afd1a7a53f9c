"""How what a change reaches is shown: how many modules and tests, which way it was found, and some
of the ways there."""

from typing import Final, Mapping

from devflow.craft.evidence import numbered
from devflow.craft.imports.paths import is_in, is_test, module_name
from devflow.craft.imports.reach import Reached
from devflow.model.checks import Check, measure, note, shown
from devflow.model.declared.project import Suite
from devflow.model.figures import absent, count
from devflow.model.planning import Impact
from devflow.model.wording import figure, first_of

IMPACT_EVIDENCE: Final = {
    "reach": "how many modules a change reaches over imports",
    "reach_tests": "how many test files it reaches",
    "chain": "one of the ways there, about its number",
}
"""Which evidence there is of what a change reaches, by id."""
SHOWN: Final = 2  # chains of each kind; the counts say how many there are


def summed_up(found: Reached, suites: Mapping[str, Suite]) -> Impact:
    """The counts, and the first few chains in words; ``suites`` are the project's, by name."""
    tests_by_suite = {}
    for name, suite in suites.items():
        count = sum(is_in(path, suite.path) for path in found.tests)
        if count:
            tests_by_suite[name] = count
    chains = list(found.modules.values())[:SHOWN]
    # a changed test is its own chain, and says nothing
    chains += [chain for chain in found.tests.values() if len(chain) > 1][:SHOWN]
    return Impact(
        modules=len(found.modules),
        tests=len(found.tests),
        tests_by_suite=tests_by_suite,
        chains=tuple(_in_short(chain) for chain in chains),
        unread=found.unread,
        ways=found.ways,
        partly=found.partly,
    )


def impact_checks(impact: Impact, source: str) -> tuple[Check, ...]:
    """How much is reached, then some of the ways there; nothing keeps an entry from passing.

    ``source`` is where it was read, such as "on the base branch".
    """
    # devflow 0.3.0 knew Python alone
    ways = " and ".join(impact.ways) or "imports"
    of = f"{ways}, {source}"
    checks = _counts(impact, of)
    for chain in numbered("chain", "reached", impact.chains, of):
        checks.append(shown(chain))
    return tuple(checks)


def _counts(impact: Impact, source: str) -> list[Check]:
    unread = f"imports of {', '.join(impact.unread)} are not read, so all tests count as reached"
    if impact.unread and not (impact.modules or impact.tests):
        return [note(measure("reach", "reaches", absent(unread), source))]
    tests = count(impact.tests, "test file")
    words = figure(tests)
    by_suite = [f"{name} {number}" for name, number in impact.tests_by_suite.items()]
    if by_suite:
        words += f": {', '.join(by_suite)}"
    if impact.partly:
        words += f"; read by lines alone: {first_of(impact.partly, SHOWN)}"
    if impact.unread:
        words += f"; {unread}"
    modules = count(impact.modules, "module", note=words)
    return [
        shown(measure("reach", "reaches", modules, source), not impact.unread),
        note(measure("reach_tests", "reaches tests", tests, source)),
    ]


def _in_short(chain: tuple[str, ...]) -> str:
    """``services.frontend.app <- tests/frontend/test_page.py``; of a long chain the ends, and how
    many stand between."""
    names = []
    for path in chain:
        is_module = path.endswith(".py") and not is_test(path)
        names.append(module_name(path) if is_module else path)
    if len(names) > 4:
        names = [*names[:2], f"{len(names) - 3} more", names[-1]]
    return " <- ".join(names)
