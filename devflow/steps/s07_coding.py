"""Step 7, coding: the developer's gate; ``devflow ship`` is the act that says coding is done.

The tree is the working tree only where the ticket's branch is checked out and unmerged; elsewhere
it is what was pushed, and after the merge what was merged.
"""

from dataclasses import dataclass
from typing import NamedTuple

from devflow.craft.tree.impact import impact_checks, reached, summed_up
from devflow.craft.suites.proofs import named_in
from devflow.craft.tree.ticket_branch import base_of, checked_out, plus_minus, totals
from devflow.model.change import Branch, Coding
from devflow.model.checks import Check
from devflow.model.errors import UsageError
from devflow.model.outcomes import Absent, Foreseen, Waiting
from devflow.model.planning import Criterion, Design, Ticket
from devflow.model.project import Project
from devflow.model.values import Value
from devflow.step import See, Step, Tools, Turn


class Params(Value):
    """``as_pushed`` leaves the working tree alone, and takes what was pushed."""

    as_pushed: bool = False


@dataclass(frozen=True)
class Needs:
    """The branch that is worked on; the plan that drift is measured against."""

    branch: Branch
    ticket: Ticket
    architecture: Design | Absent
    project: Project


class _Taken(NamedTuple):
    """The tree, the revision that it belongs to, and where it was read."""

    tree: str
    tip: str
    read_from: str
    merged: bool = False


def _taken(see: See | Tools, params: Params, name: str) -> _Taken:
    pull = see.host.pull_for(name)
    if pull is not None and pull.merged:
        return _Taken(
            see.repository.tree_of(pull.head_sha),
            pull.head_sha,
            f"merged pull request #{pull.number}",
            merged=True,
        )
    if checked_out(see.repository) == name and not params.as_pushed:
        return _Taken(see.repository.work_tree(), name, "the working tree")
    pushed = see.repository.remote_sha(name)
    return _Taken(
        see.repository.tree_of(pushed) if pushed else "",
        pushed,
        f"{name} at {pushed[:7]} on the remote",
    )


def _read(see: See | Tools, params: Params, needs: Needs) -> Coding | None:
    tree, tip, read_from, merged = _taken(see, params, needs.branch.name)
    if not tree:
        return None
    documents = set(needs.branch.documents)
    base = base_of(see.repository, needs.branch, tip)
    changed = see.repository.changes(base, tree)
    files = tuple(file for file in changed if file.path not in documents)
    paths = {file.path for file in files}
    # what is merged reaches nothing any more that anybody would look at
    texts = {} if merged else see.repository.texts(tree, ".py")
    planned = () if isinstance(needs.architecture, Absent) else needs.architecture.files
    return Coding(
        tree=tree,
        files=files,
        documents=tuple(file.path for file in changed if file.path in documents),
        criteria=needs.ticket.criteria,
        unplanned=tuple(sorted(paths - set(planned))) if planned else (),
        untouched=tuple(path for path in planned if path not in paths),
        read_from=read_from,
        base=base,
        impact=(
            summed_up(reached(texts, paths), needs.project.suites) if paths and not merged else None
        ),
        named_in=named_in(
            needs.ticket.criteria, {path: texts[path] for path in sorted(paths & texts.keys())}
        ),
    )


def look(see: See, turn: Turn, params: Params, needs: Needs) -> Coding | None:
    """What is there now, whether or not it is enough."""
    return _read(see, params, needs)


def make(tools: Tools, turn: Turn, params: Params, needs: Needs) -> Coding | Waiting:
    """Takes the tree up. Raises ``UsageError`` where neither the working tree nor the remote has
    this ticket's work."""
    name = needs.branch.name
    here = checked_out(tools.repository)
    if here != name and tools.repository.remote_sha(name):
        tools.repository.fetch(name)
    coding = _read(tools, params, needs)
    if coding is not None and coding.files:
        return coding
    if here != name:
        stands = f"{here} is checked out" if here else "no branch is checked out"
        raise UsageError(
            f"{stands}, and {name} has no change on the remote",
            hint=f"git switch {name}",
            where=name,
        )
    return Waiting(
        for_=f"the developer: nothing is changed against {needs.branch.base}",
        type_next=("devflow ship",),
    )


def judge(params: Params, product: Coding) -> tuple[Check, ...]:
    """Something was changed; the rest is shown."""
    where = f"git diff, {product.read_from}"
    checks = [
        Check(label="changed", ok=bool(product.files), measured=totals(product.files), source=where)
    ]
    checks += [
        Check(label=file.path, ok=True, measured=plus_minus(file), source=file.path)
        for file in product.files
    ]
    checks += [
        Check(label="document", ok=True, measured=path, source=path) for path in product.documents
    ]
    checks += (
        impact_checks(product.impact, f"imports, {product.read_from}") if product.impact else ()
    )
    drift = (("not planned", product.unplanned), ("planned, not changed", product.untouched))
    checks += [
        Check(
            label="drift", ok=None, measured=f"{path} {said}", source="architecture", needed=False
        )
        for said, paths in drift
        for path in paths
    ]
    checks += [_criterion(product, item) for item in product.criteria]
    return tuple(checks)


def _criterion(product: Coding, item: Criterion) -> Check:
    """What is asked, and which changed tests are meant to prove it; whether they do is seen when
    they run."""
    named = ", ".join(product.named_in.get(item.id, ()))
    said = f"{item.text} <- {named}" if named else item.text
    return Check(label=item.id, ok=None, measured=said, source=f"ticket {item.id}", needed=False)


def foresee(params: Params, needs: Needs) -> Foreseen:
    """Nothing is written: the work is a person's."""
    return Foreseen()


def take_pushed(params: Params) -> Params:
    """The parameters of a run that leaves the working tree alone."""
    return params.model_copy(update={"as_pushed": True})


STEP = Step(
    name="coding",
    title="Coding",
    params=Params,
    needs=Needs,
    makes=Coding,
    make=make,
    judge=judge,
    foresee=foresee,
    look=look,
    hands_over=True,
    number=7,
    project_parts=("suites",),
    as_pushed=take_pushed,
)
