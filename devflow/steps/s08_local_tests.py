"""Step 8: every suite of the project on the developer's tree, and which tests prove which
acceptance criterion.

The suites run in a checkout of the tree of step 7, which an editor that saves meanwhile does not
reach; test files that the change reaches run first, in the same run, so that nothing is tested
twice.
"""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Callable, Final, Iterator

from pydantic import Field

from devflow.craft.examine.suites import suite_needs
from devflow.craft.imports import reach
from devflow.craft.imports.paths import is_in
from devflow.craft.suites import baselines
from devflow.craft.suites.checks import SUITE_EVIDENCE, SuiteRules, result_checks
from devflow.craft.suites.claims import texts_naming
from devflow.craft.suites.coverage import added_lines
from devflow.craft.suites.proofs import PROOF_EVIDENCE, proof_check
from devflow.craft.suites.suite import Asked, measured, without
from devflow.craft.suites.taken import measured_to_take
from devflow.model.change import Coding, LocalTests, SuiteResult
from devflow.model.checks import Check, measure, missing
from devflow.model.declared.project import Project
from devflow.model.errors import Unavailable
from devflow.model.figures import absent
from devflow.model.outcomes import Absent, Foreseen, Needed
from devflow.model.planning import Ticket
from devflow.model.tree import Base, Tree
from devflow.model.wording import one_line
from devflow.ports.around import Around
from devflow.step import Step, Tools, Turn

NO_SUITES: Final = "the project names none"
NAME_A_SUITE: Final = "name one: project: {suites: {NAME: {path: FOLDER}}}, or {run: COMMAND}"


class Params(SuiteRules):
    """Which suites there are stands under ``project: suites``. At most ``rerun_failed`` failed
    tests run once more, to tell which are flaky; the ``min_`` limits are per cent, and 0 or null
    asks for nothing."""

    measure_baseline: bool = Field(
        default=False,
        description="runs the suites on the base branch too where the journal has no coverage of "
        "it; off, since that doubles the time of this step, and each ticket leaves the next one's "
        "baseline behind",
    )


@dataclass(frozen=True)
class Needs:
    """The tree, what has to be proved, and the suites."""

    tree: Tree
    coding: Coding
    ticket: Ticket | Absent
    project: Project


def make(tools: Tools, turn: Turn, params: Params, needs: Needs) -> LocalTests:
    """Runs the suites side by side, as steps 17 to 19 do. Raises ``Unavailable`` without pytest."""
    tree = needs.tree.id
    paths = tools.repository.paths(tree)
    results = _on_tree(tools, turn, params, needs, paths)
    base = needs.project.base
    base_coverage = baselines.read(tools.history, tools.repository, base, needs.coding.base)
    base_results: tuple[SuiteResult, ...] = ()
    if params.measure_baseline:
        base_results = _on_base(tools, turn, needs, base_coverage.missing(results))
        base_coverage = base_coverage.with_results(base_results)
    changed = tuple(file.path for file in needs.coding.files)
    renamed = tools.repository.renamed(needs.coding.base, tree) if needs.coding.base else {}
    deleted = baselines.deleted(changed, paths, renamed)
    suites = []
    for result in results:
        suite = needs.project.suites[result.suite]
        suites.append(base_coverage.compared(result, suite, deleted))
    criteria = () if isinstance(needs.ticket, Absent) else needs.ticket.criteria
    return LocalTests(
        tree=tree,
        suites=tuple(suites),
        criteria=criteria,
        base_suites=base_results,
        named_in=needs.coding.named_in,
    )


def _on_tree(
    tools: Tools, turn: Turn, params: Params, needs: Needs, paths: tuple[str, ...]
) -> tuple[SuiteResult, ...]:
    """Every suite on the tree, the test files that the change reaches first."""
    tree = needs.tree.id
    suites = needs.project.suites
    changed = tuple(file.path for file in needs.coding.files)
    # without a suite nothing has to be read to tell what it proves, and what reaches it
    claimed = texts_naming(tools.repository, tree, paths, turn.run) if suites else {}
    reached = reach.read(tools.repository, tree, changed).tests if suites else {}
    has_coverage = any(suite.has_coverage for suite in suites.values())
    added = added_lines(tools.repository, needs.coding.base, tree) if has_coverage else {}
    live_line = SharedLine(turn)

    def run(name: str) -> SuiteResult:
        suite = suites[name]
        affected = tuple(path for path in reached if is_in(path, suite.path))
        request = Asked(
            name,
            suite,
            tree,
            needs.tree,
            turn.entry,
            paths,
            affected,
            params.rerun_failed,
            ticket=turn.run,
            # as steps 17 to 19 read them off the commit
            changed=(*changed, *needs.coding.documents),
            added=added if suite.has_coverage else {},
            claimed=claimed,
        )
        return measured_to_take(tools.shell, request, live_line.of(name))

    return _side_by_side(run, tuple(suites), tree)


def _on_base(
    tools: Tools, turn: Turn, needs: Needs, names: tuple[str, ...]
) -> tuple[SuiteResult, ...]:
    """The suites in a checkout of the base commit, without their cases: only their coverage is
    asked for later."""
    project = needs.project
    entry = f"{turn.entry}-base"
    base = needs.coding.base
    tree = tools.repository.tree_of(base)
    if not tree:
        return ()
    live_line = SharedLine(turn)
    paths = tools.repository.paths(tree)

    def run(name: str) -> SuiteResult:
        request = Asked(name, project.suites[name], tree, Base(base), entry, paths)
        say = live_line.of(f"{name} on {project.base}")
        result = measured(tools.shell, request, say)
        return result.model_copy(update={"cases": (), "facts": ()})

    return _side_by_side(run, names, tree)


def _side_by_side(
    run: Callable[[str], SuiteResult], names: tuple[str, ...], tree: str
) -> tuple[SuiteResult, ...]:
    """Raises ``Unavailable`` where none of them can be run; one alone has no result."""
    workers = max(1, len(names))  # a pool refuses to have none
    with ThreadPoolExecutor(workers) as pool:
        started = [pool.submit(run, name) for name in names]
    results = []
    reasons = []
    for name, one in zip(names, started):
        try:
            results.append(one.result())
        except Unavailable as error:
            reasons.append(error)
            results.append(without(name, tree, one_line(f"{error}; {error.hint}")))
    if reasons and len(reasons) == len(names):
        raise reasons[0]
    return tuple(results)


class SharedLine:
    """Several suites share one line: the newest of them, and before it every other one that a test
    has failed in."""

    def __init__(self, turn: Turn) -> None:
        self._turn = turn
        self._newest: dict[str, str] = {}

    def of(self, name: str) -> Callable[..., None]:
        """The ``say`` of one suite; it has no bar, since there is one for all of them or none."""

        def say(text: str, *bar: int | None) -> None:
            own = f"{name} {text}"
            self._newest[name] = own
            texts = []
            for suite, newest in sorted(self._newest.items()):
                # the counts that the pytest plugin says; one without a failure may be overwritten
                has_failed = " · 0 failed" not in newest
                if suite != name and has_failed:
                    texts.append(newest)
            self._turn.say(" | ".join((*texts, own)))

        return say


def judge(params: Params, product: LocalTests) -> tuple[Check, ...]:
    """Every suite passed on one and the same tree; a criterion is proved by passed tests that name
    it."""
    lines: list[Check] = []
    for result in product.suites:
        lines += result_checks(result, params)
    if not product.suites:
        none = absent(NO_SUITES)
        lines.append(missing(measure("suites", "suites", none, "project: suites")))
    for criterion in product.criteria:
        lines.append(proof_check(product, criterion))
    return tuple(lines)


def examine(around: Around, params: Params) -> Iterator[Needed]:
    """Every suite's interpreter or command, and that there is one."""
    if not around.project.suites:
        yield Needed(about="suites", here=False, found=NO_SUITES, remedy=NAME_A_SUITE)
    for name in around.project.suites:
        yield from suite_needs(around, name)


def foresee(params: Params, needs: Needs) -> Foreseen:
    """Nothing is written."""
    return Foreseen(known={"tree": needs.tree.id})


STEP = Step(
    name="local_tests",
    title="Local tests",
    params=Params,
    needs=Needs,
    makes=LocalTests,
    make=make,
    judge=judge,
    foresee=foresee,
    examine=examine,
    number=8,
    evidence={
        "suites": "that the project names none",
        **SUITE_EVIDENCE,
        **PROOF_EVIDENCE,
    },
    project_parts=("base", "suites"),
    runs_every_suite=True,
)
