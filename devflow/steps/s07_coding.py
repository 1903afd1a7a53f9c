"""Step 7, coding: the developer's gate; ``devflow ship`` is the act that says coding is done.

The tree is the working tree only where the ticket's branch is checked out and unmerged; elsewhere
it is what was pushed, and after the merge what was merged.
"""

from dataclasses import dataclass
from typing import Any, NamedTuple

from pydantic import Field

from devflow.craft.imports.paths import is_test
from devflow.craft.imports.reach import reached, sources
from devflow.craft.suites.proofs import named_in
from devflow.craft.tree.impact import IMPACT_EVIDENCE, impact_checks, summed_up
from devflow.craft.tree.lines import FILE_EVIDENCE, LINE_EVIDENCE, all_files, one_file
from devflow.craft.tree.ticket_branch import base_of, checked_out, way_back
from devflow.model.change import Branch, Coding
from devflow.model.checks import Check, fact, measure, note
from devflow.model.command_line import command_line
from devflow.model.declared.project import Project
from devflow.model.errors import UsageError
from devflow.model.figures import text
from devflow.model.outcomes import Absent, Foreseen, Waiting
from devflow.model.planning import Criterion, Design, Ticket
from devflow.model.tree import WORKING_TREE
from devflow.model.values import Value
from devflow.model.wording import short_sha
from devflow.ports.repository import RepositoryReads
from devflow.step import See, Step, Tools, Turn


class Params(Value):
    """Where the work is read."""

    as_pushed: bool = Field(
        default=False, description="leaves the working tree alone, and takes what was pushed"
    )


@dataclass(frozen=True)
class Needs:
    """The branch that is worked on; the plan that drift is measured against."""

    branch: Branch
    ticket: Ticket
    architecture: Design | Absent
    project: Project


class _Work(NamedTuple):
    """The tree, the revision that it belongs to, and where it was read."""

    tree: str
    tip: str
    read_from: str
    merged: bool = False


def _work(see: See | Tools, params: Params, name: str) -> _Work:
    repository = see.repository
    pull = see.host.pull_for(name)
    if pull is not None and pull.merged:
        head_sha = pull.head_sha
        read_from = f"merged pull request #{pull.number}"
        return _Work(repository.tree_of(head_sha), head_sha, read_from, merged=True)
    # on another branch the working tree is another ticket's
    if not params.as_pushed:
        repository.require_finished(name)
    is_here = checked_out(repository) == name
    if is_here and not params.as_pushed:
        return _Work(repository.work_tree(), name, WORKING_TREE)
    pushed_sha = repository.remote_sha(name)
    tree = repository.tree_of(pushed_sha) if pushed_sha else ""
    return _Work(tree, pushed_sha, f"{name} at {short_sha(pushed_sha)} on the remote")


def _read(see: See | Tools, params: Params, needs: Needs) -> Coding | None:
    repository = see.repository
    branch = needs.branch
    work = _work(see, params, branch.name)
    if not work.tree:
        return None
    base = base_of(repository, branch, work.tip)
    # pushed to the base as it was: nothing is between them
    if work.merged and base == work.tip:
        base = branch.base_sha
    documents = []
    files = []
    for file in repository.changes(base, work.tree):
        if file.path in branch.documents:
            documents.append(file.path)
        else:
            files.append(file)
    coding = Coding(
        tree=work.tree,
        files=tuple(files),
        documents=tuple(documents),
        criteria=needs.ticket.criteria,
        read_from=work.read_from,
        base=base,
        branch=branch.name,
    )
    drift = _drift(needs.architecture, coding)
    # what is merged reaches nothing any more that anybody would look at
    reach = {} if work.merged else _reach(repository, needs, coding)
    return coding.model_copy(update={**drift, **reach})


def _drift(architecture: Design | Absent, coding: Coding) -> dict[str, Any]:
    """The fields on what was changed and not planned, and the other way round."""
    if isinstance(architecture, Absent) or not architecture.files:
        return {}
    planned = architecture.files
    changed = {file.path for file in coding.files}
    unplanned = sorted(changed - set(planned))
    untouched = [path for path in planned if path not in changed]
    return {"unplanned": tuple(unplanned), "untouched": tuple(untouched)}


def _reach(repository: RepositoryReads, needs: Needs, coding: Coding) -> dict[str, Any]:
    """The fields on what imports the change, and which changed tests name which criterion."""
    paths = {file.path for file in coding.files}
    texts = sources(repository, coding.tree)
    tests = named_in(needs.ticket, _changed_tests(repository, coding.tree, sorted(paths)))
    if not paths:
        return {"named_in": tests}
    impact = summed_up(reached(texts, paths), needs.project.suites)
    return {"named_in": tests, "impact": impact}


def _changed_tests(repository: RepositoryReads, tree: str, paths: list[str]) -> dict[str, str]:
    """The texts of the changed files that a test runner would collect, in any language."""
    texts = {}
    for path in paths:
        text = repository.read(tree, path) if is_test(path) else None
        if text is not None:
            texts[path] = text
    return texts


def look(see: See, turn: Turn, params: Params, needs: Needs) -> Coding | None:
    """What is there now, whether or not it is enough."""
    return _read(see, params, needs)


def make(tools: Tools, turn: Turn, params: Params, needs: Needs) -> Coding | Waiting:
    """Takes the tree up. Raises ``UsageError`` where neither the working tree nor the remote has
    this ticket's work."""
    repository = tools.repository
    name = needs.branch.name
    here = checked_out(repository)
    # what somebody pushed from elsewhere has to be here before its tree can be read
    if here != name and repository.remote_sha(name):
        repository.fetch(name)
    coding = _read(tools, params, needs)
    if coding is not None and coding.files:
        return coding
    if here != name:
        stands = f"{here} is checked out" if here else "no branch is checked out"
        message = f"{stands}, and {name} has no change on the remote"
        raise UsageError(message, hint=way_back(repository, name, turn.run), where=name)
    developer = f"the developer: nothing is changed against {needs.branch.base}"
    return Waiting(for_=developer, type_next=(command_line("ship"),))


def judge(params: Params, product: Coding) -> tuple[Check, ...]:
    """Something was changed; the rest is shown."""
    files = product.files
    where = product.read_from
    changed, parts = all_files("changed", files, f"git diff, {where}")
    lines = [fact(changed, bool(files)), *parts]
    for file in files:
        one, parts = one_file(file)
        lines += [fact(one, True), *parts]
    for path in product.documents:
        lines.append(fact(measure("document", "document", text(path), path, about=path), True))
    if product.impact:
        lines += impact_checks(product.impact, where)
    for path in product.unplanned:
        lines.append(_drift_check("unplanned", path, f"{path} not planned"))
    for path in product.untouched:
        lines.append(_drift_check("untouched", path, f"{path} planned, not changed"))
    for criterion in product.criteria:
        lines.append(_criterion(product, criterion))
    return tuple(lines)


def _drift_check(id_: str, path: str, words: str) -> Check:
    return note(measure(id_, "drift", text(words), "architecture", about=path))


def _criterion(product: Coding, criterion: Criterion) -> Check:
    """What is asked, and which changed tests are meant to prove it; whether they do is seen when
    they run."""
    tests = ", ".join(product.named_in.get(criterion.id, ()))
    words = text(f"{criterion.text} <- {tests}" if tests else criterion.text)
    id_ = criterion.id
    return note(measure("criterion", id_, words, f"ticket {id_}", about=id_))


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
    evidence={
        **LINE_EVIDENCE,
        **FILE_EVIDENCE,
        "document": "a document of the branch that is in the tree, about its path",
        **IMPACT_EVIDENCE,
        "unplanned": "a changed file that was not planned, about its path",
        "untouched": "a planned file that was not changed, about its path",
        "criterion": "one acceptance criterion and the tests that name it, about its id",
    },
    project_parts=("suites",),
    as_pushed=take_pushed,
)
