"""Step 10, commit: exactly the tree that was tested and checked, with a message made from evidence.

What must not be committed (secrets, keys, oversized files, conflict markers) and what breaks an API
that the ticket wants kept is refused before anything is written; a commit made by hand is held to
the same.
"""

from dataclasses import dataclass
from typing import Annotated

from pydantic import StringConstraints

from devflow.craft.api import change as api_change
from devflow.craft.commit.checks import commit_checks
from devflow.craft.commit.message import (
    Content,
    MessageRules,
    faults,
    is_ours,
    kind_of,
    message,
    rework_summary,
    says_breaking,
)
from devflow.craft.commit.message import subject as subject_of
from devflow.craft.tree.guards import Refusals, refused_in
from devflow.model.wording import one_line
from devflow.craft.tree.ticket_branch import base_of, checked_out
from devflow.model.change import Branch, Coding, Commit, Hooks, LocalTests
from devflow.model.checks import Check
from devflow.model.errors import UsageError
from devflow.model.outcomes import Absent, Foreseen, Write
from devflow.model.planning import Requirements, Ticket
from devflow.model.project import Project
from devflow.model.values import Limit, Value
from devflow.ports.repository import RepositoryReads
from devflow.step import See, Step, Tools, Turn

CommitType = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{0,19}$")]


class Params(Value):
    """``types``: Conventional Commits type by issue type. ``breaking``: what no longer works.
    ``forbidden``: more names.

    ``enforce_message``: a message made by hand fails too where it breaks a rule; without it that is
    only shown.
    """

    types: dict[str, CommitType] = {}
    breaking: str = ""
    forbidden: tuple[str, ...] = ()
    max_file_mib: float = 5.0  # MiB; a tenth of the size at which GitHub warns
    enforce_message: Limit[bool] = False


@dataclass(frozen=True)
class Needs:
    """The tree, what was measured of it, and what the ticket forbids."""

    coding: Coding
    pre_commit: Hooks | Absent
    local_tests: LocalTests | Absent
    ticket: Ticket
    requirements: Requirements | Absent
    branch: Branch
    project: Project


def _commit_of_tree(repository: RepositoryReads, branch: Branch, tree: str) -> str:
    """The head of the local or the remote branch that has exactly this tree, empty where neither
    has."""
    heads = (repository.sha_of(branch.name), repository.remote_sha(branch.name))
    return next((sha for sha in heads if sha and repository.tree_of(sha) == tree), "")


def _measured(see: See | Tools, turn: Turn, params: Params, needs: Needs, base: str) -> Commit:
    """What the tree adds to its base, before there is a commit of it."""
    tree = needs.coding.tree
    sight = api_change.Sight(see.repository, see.shell, see.repository.tree_of(base), tree)
    api = api_change.remembered(see.history, (turn.run, turn.entry), sight, needs.project)
    return Commit(
        sha="",
        tree=tree,
        files=see.repository.changes(base, tree),
        refused=refused_in(
            see.repository, base, tree, Refusals(params.max_file_mib, params.forbidden)
        ),
        breaking=bool(params.breaking),
        api=api_change.changes(sight, needs.project) if api is None else api,
        compatible=(
            ""
            if isinstance(needs.requirements, Absent)
            else api_change.forbidding(needs.requirements.constraints)
        ),
    )


def _read_back(
    repository: RepositoryReads, params: Params, needs: Needs, sha: str, found: Commit
) -> Commit:
    """The commit as it is, with what was measured of its tree."""
    text = repository.message_of(sha)
    said, broken = says_breaking(text), bool(params.breaking or api_change.breaks_of(found.api))
    rules = MessageRules(needs.ticket.key, tuple(params.types.values()), broken)
    told = {
        "subject": one_line(text.partition("\n")[0]),
        "breaking": said,
        "by_hand": not is_ours(text),
    }
    return found.model_copy(update={"sha": sha, **told, "faults": faults(text, rules)})


def look(see: See, turn: Turn, params: Params, needs: Needs) -> Commit | None:
    """The branch's head where it has exactly the judged tree, whoever made it."""
    sha = _commit_of_tree(see.repository, needs.branch, needs.coding.tree)
    base = base_of(see.repository, needs.branch, sha) if sha else ""
    if not sha or sha == base:
        return None
    return _read_back(see.repository, params, needs, sha, _measured(see, turn, params, needs, base))


def _content(turn: Turn, params: Params, needs: Needs, found: Commit, begun: bool) -> Content:
    mends = begun and turn.sent_back is not None
    return Content(
        kind="fix" if mends else kind_of(needs.ticket.type, params.types),
        key=needs.ticket.key,
        summary=(
            rework_summary(turn.sent_back) if mends and turn.sent_back else needs.ticket.summary
        ),
        breaking=params.breaking,
        files=found.files,
        criteria=needs.ticket.criteria,
        tests=None if isinstance(needs.local_tests, Absent) else needs.local_tests,
        breaks=api_change.breaks_of(found.api),
    )


def make(tools: Tools, turn: Turn, params: Params, needs: Needs) -> Commit:
    """Commits, or answers what keeps it from being made. Raises ``UsageError`` where another branch
    is checked out."""
    repository, name, tree = tools.repository, needs.branch.name, needs.coding.tree
    base = base_of(repository, needs.branch, name)
    found = _measured(tools, turn, params, needs, base)
    if found.refused or api_change.keeps_from_committing(found):
        return found
    if checked_out(repository) != name:
        raise UsageError(
            f"{name} is not checked out, so nothing can be committed on it",
            hint=f"git switch {name}",
            where=name,
        )
    begun = bool(repository.subjects(base, name))
    since = found.model_copy(update={"files": repository.changes(name, tree)}) if begun else found
    repository.commit(name, tree, message(_content(turn, params, needs, since, begun)))
    return _read_back(
        repository, params, needs, _commit_of_tree(repository, needs.branch, tree), found
    )


def judge(params: Params, product: Commit) -> tuple[Check, ...]:
    """Nothing refused, no API broken against the ticket, and a commit of exactly the judged tree
    with a message in order."""
    return commit_checks(product, enforced=params.enforce_message or not product.by_hand)


def foresee(params: Params, needs: Needs) -> Foreseen:
    """One commit."""
    ticket, subject = needs.ticket, f"{needs.ticket.key} {needs.ticket.summary}"
    if isinstance(ticket, Ticket):
        subject = subject_of(
            Content(kind_of(ticket.type, params.types), ticket.key, ticket.summary, params.breaking)
        )
    write = Write(port="repository", verb="commit", target=f'{needs.branch.name} "{subject}"')
    return Foreseen((write,), {"tree": needs.coding.tree, "subject": subject})


STEP = Step(
    name="commit",
    title="Commit",
    params=Params,
    needs=Needs,
    makes=Commit,
    make=make,
    judge=judge,
    foresee=foresee,
    look=look,
    number=10,
    project_parts=("services",),
)
