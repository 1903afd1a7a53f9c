"""Step 8: every suite of the project on the developer's tree, and which tests prove which acceptance criterion.

The suites run in the working tree where it still is the tree of step 7, else on a clean export of that tree.
"""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from devflow.craft.commit_suite import criteria_of
from devflow.craft.proofs import proof_text, proving
from devflow.craft.suites import Asked, measured, result_checks
from devflow.model.change import Coding, LocalTests, SuiteResult
from devflow.model.checks import Check
from devflow.model.outcomes import Absent, Foreseen
from devflow.model.planning import Ticket
from devflow.model.project import Project
from devflow.model.values import Value
from devflow.step import Step, Tools, Turn


class Params(Value):
    """Nothing to say: which suites there are stands under ``project: suites``."""


@dataclass(frozen=True)
class Needs:
    """The tree, what has to be proved, and the suites."""

    coding: Coding
    ticket: Ticket | Absent
    project: Project


def make(tools: Tools, turn: Turn, params: Params, needs: Needs) -> LocalTests:
    """Runs the suites side by side, as steps 17 to 19 do. Raises ``Unavailable`` without pytest."""
    tree = needs.coding.tree
    here = tools.repository.work_tree() == tree

    def run(name: str) -> SuiteResult:
        asked = Asked(name, needs.project.suites[name], tree, export="" if here else tree, log=f"{turn.entry}-{name}")
        return measured(tools.shell, asked, lambda text, *bar: turn.say(f"{name} {text}"))

    with ThreadPoolExecutor(max(1, len(needs.project.suites))) as pool:
        results = list(pool.map(run, needs.project.suites))
    after = tools.repository.work_tree() if here else tree
    moved_to = after if after != tree else ""
    return LocalTests(tree=tree, suites=tuple(results), criteria=criteria_of(needs.ticket), moved_to=moved_to)


def judge(params: Params, product: LocalTests) -> tuple[Check, ...]:
    """Every suite passed on one and the same tree; a criterion is proved by passed tests that name it."""
    checks = [check for result in product.suites for check in result_checks(result)]
    if not product.suites:
        checks.append(Check(label="suites", ok=None, measured="the project names none", source="project: suites"))
    checks += [_proof(product, criterion) for criterion in product.criteria]
    if product.moved_to:
        said = f"the working tree moved while it was tested: it is {product.moved_to[:7]} now"
        checks.append(Check(label="tree", ok=False, measured=said, limit=product.tree[:7], source="git write-tree"))
    return tuple(checks)


def _proof(product: LocalTests, criterion: str) -> Check:
    outcomes = {case.outcome for case in proving(product, criterion)}
    if not outcomes:
        return Check(label=criterion, ok=None, measured=f"no test names {criterion}", source="JUnit reports", needed=False)
    ok = False if "failed" in outcomes else True if outcomes == {"passed"} else None
    return Check(label=criterion, ok=ok, measured=proof_text(product, criterion), source="JUnit reports", needed=False)


def foresee(params: Params, needs: Needs) -> Foreseen:
    """Nothing is written."""
    return Foreseen(known={"tree": needs.coding.tree})


STEP = Step("local_tests", "Local tests", Params, Needs, LocalTests, make, judge, foresee, number=8)
