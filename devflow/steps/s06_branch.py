"""Step 6, branch: the ticket's branch, with the documents of steps 4 and 5 in its working tree.

A local branch that names the ticket is adopted whatever the rest of its name; only its base commit
is pushed here, since what was committed by hand has not been looked at yet.
"""

from dataclasses import dataclass

from devflow.craft.ticket.naming import branch_name, first_match, is_of_ticket
from devflow.craft.tree.ticket_branch import branch_point, checked_out
from devflow.model.change import Branch
from devflow.model.checks import Check
from devflow.model.errors import AccessDenied
from devflow.model.outcomes import Absent, Foreseen, Write
from devflow.model.planning import Design, Document, Requirements, Ticket
from devflow.model.project import Project
from devflow.model.values import Value
from devflow.ports.code_host import CodeHostReads
from devflow.ports.repository import RepositoryReads
from devflow.step import Headline, See, Step, Tools, Turn


class Params(Value):
    """``prefix`` stands before the name; in ``patterns`` the key's project stands for
    ``{project}``."""

    prefix: str = ""
    patterns: tuple[str, ...] = ("feature/*", "{project}-*")


@dataclass(frozen=True)
class Needs:
    """The ticket names the branch; what 4 and 5 wrote goes into it."""

    ticket: Ticket
    requirements: Requirements | Absent
    architecture: Design | Absent
    project: Project


def _documents(needs: Needs) -> tuple[Document, ...]:
    wanted = [None if isinstance(needs.requirements, Absent) else needs.requirements.document]
    wanted.append(None if isinstance(needs.architecture, Absent) else needs.architecture.document)
    return tuple(document for document in wanted if document is not None)


def _local(repository: RepositoryReads, key: str) -> str:
    """The local branch of the ticket, the one that is checked out first; empty where there is none."""
    here = checked_out(repository)
    ours = [name for name in repository.branches() if is_of_ticket(name, key)]
    return here if here in ours else next(iter(ours), "")


def _protection(host: CodeHostReads, base: str) -> str:
    try:
        rules = host.protection(base)
    except AccessDenied as error:
        return f"not readable: {error.message}"
    if rules is None:
        return ""
    wanted = [
        f"{rules.required_approvals} approvals",
        *(f"check {name}" for name in rules.required_checks),
        *rules.rules,
    ]
    return ", ".join(wanted)


def _missing(see: See, name: str, merged: bool, documents: tuple[Document, ...]) -> tuple[str, ...]:
    """Only where they could be written now: on another branch, or after the merge, nobody misses
    them."""
    if merged or checked_out(see.repository) != name:
        return ()
    return tuple(
        document.path for document in documents if see.repository.read("", document.path) is None
    )


def look(see: See, turn: Turn, params: Params, needs: Needs) -> Branch | None:
    """The local branch of the ticket, else the remote's of the name that it would get."""
    repository, key = see.repository, needs.ticket.key
    name = _local(repository, key) or branch_name(key, needs.ticket.summary, params.prefix)
    pushed = repository.remote_sha(name)
    pull = None if pushed else see.host.pull_for(name)
    merged = pull is not None and pull.merged
    if not pushed and not merged and not repository.sha_of(name):
        return None
    documents = _documents(needs)
    patterns = [pattern.replace("{project}", key.partition("-")[0]) for pattern in params.patterns]
    return Branch(
        name=name,
        base=needs.project.base,
        base_sha=branch_point(repository, needs.project.base, repository.sha_of(name) or pushed),
        pattern=first_match(name, patterns),
        upstream=repository.upstream(name),
        documents=tuple(document.path for document in documents),
        missing=_missing(see, name, merged, documents),
        protection=_protection(see.host, needs.project.base),
        pushed_sha=pushed or (pull.head_sha if pull is not None and merged else ""),
    )


def make(tools: Tools, turn: Turn, params: Params, needs: Needs) -> None:
    """Makes or checks out the branch, writes the documents, and pushes the commit that it begins
    at."""
    repository, base = tools.repository, needs.project.base
    key, summary = needs.ticket.key, needs.ticket.summary
    name = _local(repository, key) or branch_name(key, summary, params.prefix)
    repository.create_branch(name, base)
    for document in _documents(needs):
        repository.write_file(document.path, document.text)
    if not repository.remote_sha(name):
        repository.push(name, branch_point(repository, base, name))


def judge(params: Params, product: Branch) -> tuple[Check, ...]:
    """Named by the rule, on the remote, and holding its documents."""
    name, base = product.name, product.base
    rules = ", ".join(params.patterns)
    fits = (
        f"{name} matches {product.pattern}"
        if product.pattern
        else f"{name}; type: git branch -m NEW-NAME"
    )
    checks = [
        Check(
            label="name", ok=bool(product.pattern), measured=fits, limit=rules, source="git branch"
        ),
        Check(
            label="base",
            ok=bool(product.base_sha),
            measured=f"{base} at {product.base_sha[:7]}",
            source="git merge-base",
        ),
        Check(
            label="pushed",
            ok=bool(product.pushed_sha),
            measured=product.pushed_sha[:7] or "no",
            source="git ls-remote",
        ),
    ]
    if product.upstream:
        checks.append(
            Check(label="upstream", ok=True, measured=product.upstream, source="git config")
        )
    for path in product.documents:
        here = path not in product.missing
        checks.append(
            Check(
                label="document",
                ok=here,
                measured=path if here else f"{path} is missing",
                source=path,
            )
        )
    ruled = (
        True if product.protection and not product.protection.startswith("not readable") else None
    )
    said = product.protection or "no rules"
    checks.append(
        Check(
            label=f"protection of {base}",
            ok=ruled,
            measured=said,
            source=f"branch {base}",
            needed=False,
        )
    )
    return tuple(checks)


def foresee(params: Params, needs: Needs) -> Foreseen:
    """The branch, its documents and its push."""
    key = needs.ticket.key
    real = isinstance(needs.ticket, Ticket)
    name = (
        branch_name(key, needs.ticket.summary, params.prefix)
        if real
        else f"{params.prefix}{key}-‹slug›"
    )
    base = needs.project.base
    writes = [Write(port="repository", verb="create_branch", target=f"{name} from {base}")]
    writes += [
        Write(port="repository", verb="write_file", target=f"{item.path}")
        for item in _documents(needs)
    ]
    writes.append(Write(port="repository", verb="push", target=f"{name} with upstream"))
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
    look=look,
    number=6,
    project_parts=("base",),
    headline=headline,
)
