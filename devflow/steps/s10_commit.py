"""Step 10, commit: exactly the tree that was tested and checked, with a message made from evidence.

What must not be committed (secrets, keys, oversized files, conflict markers) and what breaks an API
that the ticket wants kept is refused before anything is written; a commit made by hand is held to
the same.
"""

from dataclasses import dataclass, replace
from typing import Any, Collection, Final

from pydantic import Field

from devflow.craft.api import change as api_change
from devflow.craft.api.describing import Sight
from devflow.craft.commit.checks import COMMIT_EVIDENCE, commit_checks
from devflow.craft.commit.made_by_git import claim_of
from devflow.craft.commit.message import (
    Content,
    MessageRules,
    Style,
    faults,
    is_ours,
    kind_of,
    message,
    rework_summary,
    says_breaking,
)
from devflow.craft.commit.message import subject as subject_of
from devflow.craft.commit.message_hooks import (
    Place,
    has_hooks,
    managers_of_messages,
    seen_by_hooks,
)
from devflow.craft.evidence import plan_write
from devflow.craft.tree.guards import Refusals, refused_in
from devflow.craft.tree.ticket_branch import checked_out, way_back
from devflow.model.bounds.numbers import Mebibytes
from devflow.model.bounds.words import CommitType, Line, Paragraph, Pattern
from devflow.model.change import Branch, Coding, Commit, FileChange, Hooks, LocalTests
from devflow.model.checks import Check
from devflow.model.declared.project import Project
from devflow.model.errors import UsageError
from devflow.model.ids import Sha
from devflow.model.outcomes import Absent, Foreseen, TakenUp
from devflow.model.planning import Requirements, Ticket
from devflow.model.tree import Base, Tree
from devflow.model.values import Limit, Value
from devflow.model.wording import first_of, one_line
from devflow.ports.repository import RepositoryReads
from devflow.step import See, Step, Tools, Turn

NAMED: Final = 2  # files that a subject names; a third would seldom fit


class Params(Value):
    """What a commit says, and what must not be in it."""

    style: Style = Field(
        default="conventional",
        description="how a subject begins: conventional (fix: KEY text) or plain (KEY text)",
    )
    types: dict[Line, CommitType] = Field(
        default={},
        description="the Conventional Commits type by issue type, before the usual ones: "
        "{Task: feat}",
    )
    breaking: Paragraph = Field(default="", description="what no longer works after this commit")
    forbidden: tuple[Pattern, ...] = Field(
        default=(), description="more names of files that must not be committed"
    )
    max_file_mib: Mebibytes = Field(
        default=5.0, description="MiB a file; a tenth of the size at which GitHub warns"
    )
    enforce_message: Limit[bool] = Field(
        default=False,
        description="a message made by hand fails too where it breaks a rule; without it that is "
        "only shown",
    )


@dataclass(frozen=True)
class Needs:
    """The tree, what was measured of it, and what the ticket forbids."""

    tree: Tree
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
    for sha in heads:
        if sha and repository.tree_of(sha) == tree:
            return sha
    return ""


def _measure(see: See | Tools, turn: Turn, params: Params, needs: Needs) -> Commit:
    """What the tree adds to its base, before there is a commit of it."""
    repository = see.repository
    project = needs.project
    base = needs.coding.base
    tree = needs.tree.id
    sight = Sight(repository, see.shell, Base(base), needs.tree)
    api = api_change.remembered(see.history, (turn.run, turn.entry), sight, project)
    if api is None:
        api = api_change.changes(sight, project)
    refusals = Refusals(params.max_file_mib, params.forbidden)
    requirements = needs.requirements
    compatible = ""
    if not isinstance(requirements, Absent):
        compatible = api_change.forbidding(requirements.constraints)
    return Commit(
        sha=Sha(""),
        tree=tree,
        files=repository.changes(base, tree),
        refused=refused_in(repository, base, tree, refusals),
        breaking=bool(params.breaking),
        api=api,
        compatible=compatible,
        proofs=_proofs(needs),
    )


def _proofs(needs: Needs) -> tuple[str, ...]:
    """What passed on this very tree: only what passes is handed on."""
    proofs = []
    tests = needs.local_tests
    hooks = needs.pre_commit
    if not isinstance(tests, Absent) and tests.tree == needs.tree.id:
        proofs.append("tested")
    if not isinstance(hooks, Absent) and hooks.tree == needs.tree.id:
        proofs.append("checked")
    return tuple(proofs)


def _read_back(
    repository: RepositoryReads, params: Params, needs: Needs, sha: str, content: Commit
) -> Commit:
    """The commit as it is, with what was measured of its tree."""
    text = repository.message_of(sha)
    breaks = bool(params.breaking or api_change.breaks_of(content.api))
    rules = MessageRules(needs.ticket.key, tuple(params.types.values()), breaks, params.style)
    first_line = text.partition("\n")[0]
    claim = claim_of(repository, needs.coding.base, sha, text)
    told = faults(text, rules)
    if claim is not None:
        told = (claim.fault,) if claim.fault else ()
    message_fields: dict[str, Any] = {
        "sha": sha,
        "subject": one_line(first_line),
        "breaking": says_breaking(text),
        "by_hand": not is_ours(text),
        "faults": told,
        "by_git": claim is not None and not claim.fault,
        "hooked": has_hooks(repository, needs.tree.id),
        "managers": managers_of_messages(repository, needs.tree.id),
    }
    return content.model_copy(update=message_fields)


def look(see: See, turn: Turn, params: Params, needs: Needs) -> Commit | None:
    """The branch's head where it has exactly the judged tree, whoever made it."""
    repository = see.repository
    branch = needs.branch
    sha = _commit_of_tree(repository, branch, needs.tree.id)
    if not sha:
        return None
    base = needs.coding.base
    # a branch that has just begun has the tree of its base, and no commit of its own
    if sha == base:
        return None
    content = _measure(see, turn, params, needs)
    return _read_back(repository, params, needs, sha, content)


def _content(
    turn: Turn, params: Params, needs: Needs, commit: Commit, earlier: Collection[str]
) -> Content:
    """What the message is made of: a later round's commit says what it mends, and one more commit
    of a round what it changes; ``earlier`` are the subjects of those before it."""
    ticket = needs.ticket
    kind = kind_of(ticket, params.types)
    summary = ticket.summary
    # the first commit is the ticket's, even where an earlier round was sent back before it
    if earlier and turn.sent_back is not None:
        kind = "fix"
        summary = rework_summary(turn.sent_back)
    tests = None if isinstance(needs.local_tests, Absent) else needs.local_tests
    content = Content(
        kind=kind,
        key=ticket.key,
        summary=summary,
        breaking=params.breaking,
        files=commit.files,
        criteria=ticket.criteria,
        tests=tests,
        breaks=api_change.breaks_of(commit.api),
        style=params.style,
    )
    if subject_of(content) not in earlier:
        return content
    changed = first_of([file.path for file in commit.files], NAMED)
    return replace(content, summary=f"change {changed}")


def make(tools: Tools, turn: Turn, params: Params, needs: Needs) -> Commit:
    """Commits, or answers what keeps it from being made. Raises ``UsageError`` where another branch
    is checked out."""
    repository = tools.repository
    branch = needs.branch
    name = branch.name
    tree = needs.tree.id
    commit = _measure(tools, turn, params, needs)
    if commit.refused or api_change.keeps_from_committing(commit):
        return commit
    if checked_out(repository) != name:
        message_text = f"{name} is not checked out, so nothing can be committed on it"
        hint = way_back(repository, name, turn.run)
        raise UsageError(message_text, hint=hint, where=name)
    earlier = repository.subjects(needs.coding.base, name)
    # the message of a later commit lists what that commit adds, not what the ticket does
    since_head = commit
    if earlier:
        changes = repository.changes(repository.sha_of(name), tree)
        since_head = commit.model_copy(update={"files": changes})
    content = _content(turn, params, needs, since_head, earlier)
    return _committed(tools, turn, params, needs, (commit, message(content)))


def _committed(
    tools: Tools, turn: Turn, params: Params, needs: Needs, made: tuple[Commit, str]
) -> Commit:
    """Commits with the message as the project's hooks leave it, or answers that one refuses it."""
    commit, text = made
    repository = tools.repository
    tree = needs.tree.id
    trailer = f"Devflow-Run: {turn.mark('commit').once(tree)}"
    place = Place(repository, tools.shell, needs.tree, turn.say)
    seen = seen_by_hooks(place, f"{text}\n{trailer}\n")
    heard = {"hooks": seen.hooks, "hook_problem": seen.problem}
    commit = commit.model_copy(update=heard)
    if seen.is_refused:
        return commit
    repository.commit(needs.branch.name, tree, seen.text)
    sha = _commit_of_tree(repository, needs.branch, tree)
    return _read_back(repository, params, needs, sha, commit)


def judge(params: Params, product: Commit) -> tuple[Check, ...]:
    """Nothing refused, no API broken against the ticket, and a commit of exactly the judged tree
    with a message in order."""
    # what the project's own hooks made of our message is the project's word
    is_ours_alone = not (product.by_hand or product.hooked)
    enforced = params.enforce_message or is_ours_alone
    return commit_checks(product, params.style, enforced=enforced)


def foresee(params: Params, needs: Needs) -> Foreseen:
    """One commit."""
    ticket = needs.ticket
    subject = f"{ticket.key} {ticket.summary}"
    if isinstance(ticket, Ticket):
        kind = kind_of(ticket, params.types)
        content = Content(kind, ticket.key, ticket.summary, params.breaking, style=params.style)
        subject = subject_of(content)
    return _foreseen(needs, subject)


def foresee_here(see: See, turn: Turn, params: Params, needs: Needs) -> Foreseen:
    """The same with the subject that the branch as it is and the round make of it, and with the
    files that are added to it."""
    branch = needs.branch
    is_known = isinstance(branch, Branch) and isinstance(needs.ticket, Ticket)
    if not is_known or not isinstance(needs.tree, Tree):
        return foresee(params, needs)
    tree = needs.tree.id
    changes = see.repository.changes(see.repository.sha_of(branch.name), tree)
    takes = _taken_up(see.repository, branch, changes)
    earlier = see.repository.subjects(branch.base_sha, branch.name)
    if not earlier:
        return replace(foresee(params, needs), takes=takes)
    commit = Commit(sha=Sha(""), tree=tree, files=changes)
    content = _content(turn, params, needs, commit, earlier)
    return replace(_foreseen(needs, subject_of(content)), takes=takes)


def _taken_up(
    repository: RepositoryReads, branch: Branch, changes: tuple[FileChange, ...]
) -> tuple[TakenUp, ...]:
    """The files of the commit; where the branch is checked out git may not keep one yet."""
    is_here = checked_out(repository) == branch.name
    untracked = set(repository.untracked()) if is_here else set()
    return tuple(TakenUp(path=one.path, is_untracked=one.path in untracked) for one in changes)


def _foreseen(needs: Needs, subject: str) -> Foreseen:
    write = plan_write("repository", "commit", f'{needs.branch.name} "{subject}"')
    return Foreseen((write,), {"tree": needs.tree.id, "subject": subject})


STEP = Step(
    name="commit",
    title="Commit",
    params=Params,
    needs=Needs,
    makes=Commit,
    make=make,
    judge=judge,
    foresee=foresee,
    foresee_here=foresee_here,
    look=look,
    number=10,
    evidence={**COMMIT_EVIDENCE, **api_change.API_EVIDENCE},
    project_parts=("services",),
)
