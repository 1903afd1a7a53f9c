"""Step 6, branch: the ticket's branch, with the documents of steps 4 and 5 in its working tree.

A local branch that names the ticket is adopted whatever the rest of its name; only its base commit
is pushed here, since what was committed by hand has not been looked at yet.
"""

from dataclasses import dataclass
from typing import Final

from pydantic import Field

from devflow.craft.evidence import distinct, plan_write
from devflow.craft.ticket.naming import branch_name, first_match
from devflow.craft.tree.ticket_branch import branch_point, checked_out
from devflow.model.bounds.words import GitNameOrNone, Pattern
from devflow.model.change import Branch
from devflow.model.checks import Check, fact, measure, note, shown, wanted
from devflow.model.command_line import command_line
from devflow.model.declared.project import Project
from devflow.model.errors import AccessDenied, StepFailed
from devflow.model.figures import absent, commit, text
from devflow.model.ids import names_ticket
from devflow.model.outcomes import Absent, Foreseen
from devflow.model.planning import Design, Document, Requirements, Ticket
from devflow.model.values import Value
from devflow.model.wording import one_line, plural
from devflow.ports.code_host import CodeHostReads
from devflow.ports.repository import RepositoryReads
from devflow.step import Headline, See, Step, Tools, Turn

_NOT_READABLE: Final = "not readable"


class Params(Value):
    """How a branch is named."""

    prefix: GitNameOrNone = Field(default="", description="what stands before the branch's name")
    patterns: tuple[Pattern, ...] = Field(
        default=("feature/*", "{project}-*"),
        description="the names that are allowed, the key's project in the place of {project}",
    )


@dataclass(frozen=True)
class Needs:
    """The ticket names the branch; what 4 and 5 wrote goes into it."""

    ticket: Ticket
    requirements: Requirements | Absent
    architecture: Design | Absent
    project: Project


def _documents(needs: Needs) -> tuple[Document, ...]:
    documents = []
    for product in (needs.requirements, needs.architecture):
        document = None if isinstance(product, Absent) else product.document
        if document is not None:
            documents.append(document)
    return tuple(documents)


def _name(repository: RepositoryReads, params: Params, ticket: Ticket) -> str:
    """The local branch of the ticket, the one that is checked out first; else the name that it
    would get."""
    here = checked_out(repository)
    ours = [name for name in repository.branches() if names_ticket(name, ticket.key)]
    if here in ours:
        return here
    if ours:
        return ours[0]
    return branch_name(ticket.key, ticket.summary, params.prefix)


def _protection(see: See, base: str) -> str:
    try:
        rules = see.host.protection(base)
    except AccessDenied as error:
        return f"{_NOT_READABLE}: {error.message}"
    except StepFailed as error:
        raise _renamed(see.repository, base) or error from error
    if rules is None:
        return ""
    approvals = f"{rules.required_approvals} approvals"
    checks = [f"check {name}" for name in rules.required_checks]
    return ", ".join((approvals, *checks, *rules.rules))


def _renamed(repository: RepositoryReads, base: str) -> StepFailed | None:
    """Why the base is not to be found, where the remote has none of that name."""
    if repository.remote_sha(base):
        return None
    remote = repository.remote_name()
    way = "where it was renamed: project: {base: NAME} in pipeline.yaml"
    hint = f"{way}, then: {command_line('ship')}"
    return StepFailed(f"{remote} has no branch {base}", where=remote, hint=hint)


def _missing(see: See, name: str, documents: tuple[Document, ...]) -> tuple[str, ...]:
    """Only where they could be written now: on another branch nobody misses them."""
    if checked_out(see.repository) != name:
        return ()
    missing = []
    for document in documents:
        if see.repository.read("", document.path) is None:
            missing.append(document.path)
    return tuple(missing)


def look(see: See, turn: Turn, params: Params, needs: Needs) -> Branch | None:
    """The local branch of the ticket, else the remote's of the name that it would get."""
    repository = see.repository
    key = needs.ticket.key
    base = needs.project.base
    name = _name(repository, params, needs.ticket)
    local_sha = repository.sha_of(name)
    remote_sha = repository.remote_sha(name)
    # the code host deletes the branch of a merged pull request, which has then been pushed too
    merged_sha = "" if remote_sha else _merged_sha(see.host, name)
    if not (local_sha or remote_sha or merged_sha):
        return None
    documents = _documents(needs)
    project = key.partition("-")[0]
    patterns = [pattern.replace("{project}", project) for pattern in params.patterns]
    return Branch(
        name=name,
        base=base,
        base_sha=branch_point(repository, base, local_sha or remote_sha),
        pattern=first_match(name, patterns),
        upstream=repository.upstream(name),
        documents=tuple(document.path for document in documents),
        missing=() if merged_sha else _missing(see, name, documents),
        protection=_protection(see, base),
        pushed_sha=remote_sha or merged_sha,
        left_out=_left_out(repository, base, local_sha or remote_sha),
    )


def _left_out(repository: RepositoryReads, base: str, tip_sha: str) -> tuple[str, ...]:
    """What was committed on the local base and is on neither the remote's nor the branch."""
    local_sha = repository.sha_of(base)
    if not local_sha or repository.merge_base(local_sha, tip_sha) == local_sha:
        return ()
    # the remote is asked last: most branches hold all of the local base
    shared = repository.merge_base(local_sha, repository.remote_sha(base))
    return repository.subjects(shared, local_sha) if shared else ()


def _merged_sha(host: CodeHostReads, name: str) -> str:
    """The head of the branch's merged pull request, empty where there is none."""
    pull = host.pull_for(name)
    if pull is None or not pull.merged:
        return ""
    return pull.head_sha


def make(tools: Tools, turn: Turn, params: Params, needs: Needs) -> None:
    """Makes or checks out the branch, writes the documents, and pushes the commit that it begins
    at."""
    repository = tools.repository
    base = needs.project.base
    name = _name(repository, params, needs.ticket)
    repository.require_finished()
    repository.create_branch(name, base)
    # a clone of one branch only, as CI makes them, has no commit of the base
    if not branch_point(repository, base, name):
        repository.fetch(base)
    # before anything is written into the tree: a shallow clone cannot tell
    begun_at = branch_point(repository, base, name)
    # after the branch, since the documents go into the working tree that it brings
    for document in _documents(needs):
        repository.write_file(document.path, document.text)
    if not repository.remote_sha(name):
        repository.push(name, begun_at)


def judge(params: Params, product: Branch) -> tuple[Check, ...]:
    """Named by the rule, on the remote, and holding its documents."""
    base_sha = product.base_sha
    base = commit(base_sha, f"of {product.base}") if base_sha else text(f"no {product.base}")
    pushed_sha = product.pushed_sha
    pushed = commit(pushed_sha) if pushed_sha else text("no")
    lines = [
        _name_check(params, product),
        fact(measure("base", "base", base, "git merge-base"), bool(base_sha)),
        fact(measure("pushed", "pushed", pushed, "git ls-remote"), bool(pushed_sha)),
    ]
    if product.left_out:
        lines.append(_left_out_check(product))
    if product.upstream:
        upstream = text(product.upstream)
        lines.append(fact(measure("upstream", "upstream", upstream, "git config"), True))
    for about, path in zip(distinct(product.documents), product.documents):
        is_here = path not in product.missing
        words = text(path if is_here else f"{path} is missing")
        lines.append(fact(measure("document", "document", words, path, about=about), is_here))
    lines.append(_protection_check(product))
    return tuple(lines)


def _name_check(params: Params, product: Branch) -> Check:
    name = product.name
    words = f"{name}; type: git branch -m NEW-NAME"
    if product.pattern:
        words = f"{name} matches {product.pattern}"
    rules = wanted(", ".join(params.patterns))
    return fact(measure("name", "name", text(words), "git branch"), bool(product.pattern), rules)


def _left_out_check(product: Branch) -> Check:
    commits = plural(len(product.left_out), "commit")
    which = text(f"{commits} of the local {product.base}: {one_line(product.left_out[0])}")
    return note(measure("left_out", "left out", which, "git log"))


def _protection_check(product: Branch) -> Check:
    label = f"protection of {product.base}"
    source = f"branch {product.base}"
    rules = product.protection
    if rules.startswith(_NOT_READABLE):
        return shown(measure("protection", label, absent(rules, ""), source))
    protection = measure("protection", label, text(rules or "no rules"), source)
    return shown(protection, bool(rules))


def foresee(params: Params, needs: Needs) -> Foreseen:
    """The branch, its documents and its push."""
    ticket = needs.ticket
    # a title that does not exist yet has no slug
    name = f"{params.prefix}{ticket.key}-‹slug›"
    if isinstance(ticket, Ticket):
        name = branch_name(ticket.key, ticket.summary, params.prefix)
    return _foreseen(needs, name, is_there=False, is_pushed=False)


def foresee_here(see: See, turn: Turn, params: Params, needs: Needs) -> Foreseen:
    """The same with the branch of the ticket that is here or on the remote, which is adopted."""
    if not isinstance(needs.ticket, Ticket):
        return foresee(params, needs)
    repository = see.repository
    name = _name(repository, params, needs.ticket)
    is_pushed = bool(repository.remote_sha(name))
    is_there = is_pushed or bool(repository.sha_of(name))
    return _foreseen(needs, name, is_there=is_there, is_pushed=is_pushed)


def _foreseen(needs: Needs, name: str, *, is_there: bool, is_pushed: bool) -> Foreseen:
    base = needs.project.base
    writes = []
    if not is_there:
        writes.append(plan_write("repository", "create_branch", f"{name} from {base}"))
    for document in _documents(needs):
        writes.append(plan_write("repository", "write_file", f"{document.path}"))
    if not is_pushed:
        writes.append(plan_write("repository", "push", f"{name} with upstream"))
    return Foreseen(tuple(writes), {"name": name, "base": base})


def headline(product: Branch) -> Headline:
    """The branch's name stands at the head of every screen."""
    return Headline(branch=product.name)


STEP = Step(
    name="branch",
    title="Branch",
    params=Params,
    needs=Needs,
    makes=Branch,
    make=make,
    judge=judge,
    foresee=foresee,
    foresee_here=foresee_here,
    look=look,
    number=6,
    evidence={
        "name": "the branch's name and the rule that it fits",
        "base": "the commit that it begins at",
        "pushed": "the commit that the remote has",
        "left_out": "commits of the local base that are neither on the remote's nor on the branch",
        "upstream": "what it is pushed to",
        "document": "whether a document is there, about its path",
        "protection": "the rules of the base branch",
    },
    project_parts=("base",),
    headline=headline,
)
