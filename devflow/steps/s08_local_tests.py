"""Step 8: every suite of the project on the developer's tree, and which tests prove which
acceptance criterion.

The suites run in the working tree where it still is the tree of step 7, else on a clean export of
that tree; test files that the change reaches run first, in the same run, so that nothing is tested
twice.
"""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Callable

from devflow.craft.suites import baselines
from devflow.craft.tree import impact
from devflow.craft.suites.proofs import proof_check
from devflow.craft.suites.checks import SuiteRules, result_checks
from devflow.craft.suites.suite import Asked, measured
from devflow.model.change import Coding, LocalTests, SuiteResult
from devflow.model.checks import Check
from devflow.model.outcomes import Absent, Foreseen
from devflow.model.planning import Ticket
from devflow.model.project import Project
from devflow.step import Step, Tools, Turn


class Params(SuiteRules):
    """Which suites there are stands under ``project: suites``. At most ``rerun_failed`` failed
    tests run once more, to tell which are flaky; the ``min_`` limits are per cent, and 0 or null
    asks for nothing.

    ``measure_baseline`` runs the suites on the base branch too where the journal has no coverage of
    it: off, since that doubles the time of this step, and each ticket leaves the next one's
    baseline behind.
    """

    measure_baseline: bool = False


@dataclass(frozen=True)
class Needs:
    """The tree, what has to be proved, and the suites."""

    coding: Coding
    ticket: Ticket | Absent
    project: Project


def make(tools: Tools, turn: Turn, params: Params, needs: Needs) -> LocalTests:
    """Runs the suites side by side, as steps 17 to 19 do. Raises ``Unavailable`` without pytest."""
    tree, suites = needs.coding.tree, needs.project.suites
    here = tools.repository.work_tree() == tree
    changed = tuple(file.path for file in needs.coding.files)
    affected = tuple(impact.read(tools.repository, tree, changed).tests) if suites else ()

    together = _Together(turn)

    def run(name: str) -> SuiteResult:
        mine = tuple(path for path in affected if impact.is_in(path, suites[name].path))
        export = "" if here else tree
        asked = Asked(
            name,
            suites[name],
            tree,
            export,
            turn.entry,
            mine,
            params.rerun_failed,
            ticket=turn.run,
            changed=changed,
        )
        return measured(tools.shell, asked, together.of(name))

    results = _side_by_side(run, tuple(suites))
    after = tools.repository.work_tree() if here else tree
    stored = baselines.read(tools.history, tools.repository, needs.project.base, needs.coding.base)
    base_suites = (
        _on_base(tools, turn, needs, stored.missing(results)) if params.measure_baseline else ()
    )
    stored = stored.with_results(base_suites)
    return LocalTests(
        tree=tree,
        suites=tuple(
            result.model_copy(update={"baseline": stored.of(result)}) for result in results
        ),
        criteria=() if isinstance(needs.ticket, Absent) else needs.ticket.criteria,
        moved_to=after if after != tree else "",
        base_suites=base_suites,
    )


def _on_base(
    tools: Tools, turn: Turn, needs: Needs, names: tuple[str, ...]
) -> tuple[SuiteResult, ...]:
    """The suites on a clean export of the base commit, without their cases: only their coverage is
    asked for later."""
    tree = tools.repository.tree_of(needs.coding.base)

    together = _Together(turn)

    def run(name: str) -> SuiteResult:
        asked = Asked(
            name, needs.project.suites[name], tree, export=tree, entry=f"{turn.entry}-base"
        )
        result = measured(tools.shell, asked, together.of(f"{name} on {needs.project.base}"))
        return result.model_copy(update={"cases": (), "facts": ()})

    return _side_by_side(run, names) if tree else ()


def _side_by_side(
    run: Callable[[str], SuiteResult], names: tuple[str, ...]
) -> tuple[SuiteResult, ...]:
    with ThreadPoolExecutor(max(1, len(names))) as pool:
        return tuple(pool.map(run, names))


class _Together:
    """Several suites share one line: the newest of them, and before it every other one that a test
    has failed in."""

    def __init__(self, turn: Turn) -> None:
        self._turn = turn
        self._newest: dict[str, str] = {}

    def of(self, name: str) -> Callable[..., None]:
        """The ``say`` of one suite; it has no bar, since there is one for all of them or none."""

        def say(text: str, *bar: int | None) -> None:
            self._newest[name] = f"{name} {text}"
            others = [
                said
                for suite, said in sorted(self._newest.items())
                if suite != name and " · 0 failed" not in said
            ]
            self._turn.say(" | ".join([*others, self._newest[name]]))

        return say


def judge(params: Params, product: LocalTests) -> tuple[Check, ...]:
    """Every suite passed on one and the same tree; a criterion is proved by passed tests that name
    it."""
    checks = [check for result in product.suites for check in result_checks(result, params)]
    if not product.suites:
        checks.append(
            Check(
                label="suites", ok=None, measured="the project names none", source="project: suites"
            )
        )
    checks += [proof_check(product, criterion) for criterion in product.criteria]
    if product.moved_to:
        said = f"the working tree moved while it was tested: it is {product.moved_to[:7]} now"
        checks.append(
            Check(
                label="tree",
                ok=False,
                measured=said,
                limit=product.tree[:7],
                source="git write-tree",
            )
        )
    return tuple(checks)


def foresee(params: Params, needs: Needs) -> Foreseen:
    """Nothing is written."""
    return Foreseen(known={"tree": needs.coding.tree})


STEP = Step(
    name="local_tests",
    title="Local tests",
    params=Params,
    needs=Needs,
    makes=LocalTests,
    make=make,
    judge=judge,
    foresee=foresee,
    number=8,
    project_parts=("base", "suites"),
)
