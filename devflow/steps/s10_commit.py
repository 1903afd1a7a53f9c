"""Step 10, commit: exactly the tree that was tested and checked, with a message made from evidence.

What must not be committed (secrets, keys, oversized files, conflict markers) is refused before anything is written; a commit
made by hand is held to the same.
"""

from dataclasses import dataclass

from devflow.craft.commit_message import Content, is_conventional, kind_of, message, rework_summary
from devflow.craft.commit_message import subject as subject_of
from devflow.craft.guards import refused_files, refused_lines
from devflow.craft.one_line import one_line
from devflow.craft.ticket_branch import base_of, checked_out, totals
from devflow.model.change import Branch, Coding, Commit, FileChange, Hooks, LocalTests
from devflow.model.checks import Check
from devflow.model.errors import UsageError
from devflow.model.outcomes import Absent, Foreseen, Write
from devflow.model.planning import Ticket
from devflow.model.project import Project
from devflow.model.values import Limit, Value
from devflow.ports.repository import RepositoryReads
from devflow.step import See, Step, Tools, Turn


class Params(Value):
    """``types``: Conventional Commits type by issue type. ``breaking``: what no longer works. ``forbidden``: more names."""

    types: dict[str, str] = {}
    breaking: str = ""
    forbidden: Limit[tuple[str, ...]] = ()
    max_file_mib: Limit[float] = 5.0  # MiB; a tenth of the size at which GitHub warns


@dataclass(frozen=True)
class Needs:
    """The tree, and what was measured of it."""

    coding: Coding
    pre_commit: Hooks | Absent
    local_tests: LocalTests | Absent
    ticket: Ticket
    branch: Branch
    project: Project


def _refused(repository: RepositoryReads, params: Params, base: str, tree: str) -> tuple[str, ...]:
    present = set(repository.paths(tree))
    paths = [file.path for file in repository.changes(base, tree) if file.path in present]
    sizes_bytes = {path: repository.size_bytes(tree, path) for path in paths}
    files = refused_files(sizes_bytes, params.max_file_mib, params.forbidden)
    return files + refused_lines(repository.added_lines(base, tree))


def _commit_of_tree(repository: RepositoryReads, branch: Branch, tree: str) -> str:
    """The head of the local or the remote branch that has exactly this tree, empty where neither has."""
    heads = (repository.sha_of(branch.name), repository.remote_sha(branch.name))
    return next((sha for sha in heads if sha and repository.tree_of(sha) == tree), "")


def look(see: See, turn: Turn, params: Params, needs: Needs) -> Commit | None:
    """The branch's head where it has exactly the judged tree, whoever made it."""
    repository, tree = see.repository, needs.coding.tree
    sha = _commit_of_tree(repository, needs.branch, tree)
    base = base_of(repository, needs.branch, sha) if sha else ""
    if not sha or sha == base:
        return None
    text = repository.message_of(sha)
    subject = one_line(text.partition("\n")[0])
    return Commit(
        sha=sha,
        tree=tree,
        subject=subject,
        files=repository.changes(base, sha),
        breaking="BREAKING CHANGE:" in text or "!" in subject.partition(":")[0],
        refused=_refused(repository, params, base, tree),
    )


def _content(turn: Turn, params: Params, needs: Needs, files: tuple[FileChange, ...], begun: bool) -> Content:
    kind = kind_of(needs.ticket.type, params.types)
    mends = begun and turn.sent_back is not None
    return Content(
        kind="fix" if mends else kind,
        key=needs.ticket.key,
        summary=rework_summary(turn.sent_back) if mends and turn.sent_back else needs.ticket.summary,
        breaking=params.breaking,
        files=files,
        criteria=needs.ticket.criteria,
        tests=None if isinstance(needs.local_tests, Absent) else needs.local_tests,
    )


def make(tools: Tools, turn: Turn, params: Params, needs: Needs) -> Commit | None:
    """Commits, or answers what is refused. Raises ``UsageError`` where another branch is checked out."""
    repository, name, tree = tools.repository, needs.branch.name, needs.coding.tree
    base = base_of(repository, needs.branch, name)
    files = repository.changes(base, tree)
    refused = _refused(repository, params, base, tree)
    if refused:
        return Commit(sha="", tree=tree, files=files, refused=refused)
    if checked_out(repository) != name:
        raise UsageError(
            f"{name} is not checked out, so nothing can be committed on it", hint=f"git switch {name}", where=name
        )
    begun = bool(repository.subjects(base, name))
    since = repository.changes(name, tree) if begun else files
    repository.commit(name, tree, message(_content(turn, params, needs, since, begun)))
    return None


def judge(params: Params, product: Commit) -> tuple[Check, ...]:
    """Nothing refused, and a commit of exactly the judged tree."""
    refused = [
        Check(label="refused", ok=False, measured=f"{found}; take it out, then: devflow ship", source=found.split(" ")[0])
        for found in product.refused
    ]
    if not product.sha:
        return (*refused, Check(label="commit", ok=False, measured="none made", source=f"tree {product.tree[:7]}"))
    conventional = True if is_conventional(product.subject) else None
    checks = [
        Check(label="commit", ok=True, measured=f"{product.sha[:7]} {product.subject}", source="git log -1"),
        Check(
            label="tree", ok=True, measured=f"{product.tree[:7]}, as tested and checked", source="git rev-parse HEAD^{tree}"
        ),
        Check(label="Conventional Commits", ok=conventional, measured=product.subject, source="git log -1", needed=False),
        Check(label="files", ok=True, measured=totals(product.files), source="git diff against the base"),
    ]
    if product.breaking:
        checks.append(Check(label="breaking change", ok=None, measured="said so", source="git log -1", needed=False))
    return (*refused, *checks)


def foresee(params: Params, needs: Needs) -> Foreseen:
    """One commit."""
    ticket, subject = needs.ticket, f"{needs.ticket.key} {needs.ticket.summary}"
    if isinstance(ticket, Ticket):
        subject = subject_of(Content(kind_of(ticket.type, params.types), ticket.key, ticket.summary, params.breaking))
    write = Write(port="repository", verb="commit", target=f'{needs.branch.name} "{subject}"')
    return Foreseen((write,), {"tree": needs.coding.tree, "subject": subject})


STEP = Step("commit", "Commit", Params, Needs, Commit, make, judge, foresee, look, number=10)
