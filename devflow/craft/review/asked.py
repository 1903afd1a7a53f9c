"""Which owners of a change CODEOWNERS brings to a pull request, and what is said of the others."""

from typing import Any, Iterable, Iterator

from devflow.craft.review.code_owners import CodeOwners, code_owners, not_asked
from devflow.model.change import Branch, FileChange
from devflow.model.checks import Check, measure, note
from devflow.model.figures import absent
from devflow.model.review import HostPull, PullRequest
from devflow.ports.code_host import CodeHostReads
from devflow.ports.repository import RepositoryReads


def owners_on_base(
    repository: RepositoryReads, branch: Branch, files: Iterable[FileChange]
) -> CodeOwners:
    """Whom the base branch names, as the remote has it, or where it was when the branch was cut if
    the newer commit is not here."""
    rev = repository.remote_sha(branch.base)
    if not rev or not repository.tree_of(rev):
        rev = branch.base_sha
    return code_owners(repository, rev, branch.base, files)


def owners_facts(host: CodeHostReads, named: CodeOwners, pull: HostPull) -> dict[str, Any]:
    """The fields of ``PullRequest`` on code owners."""
    problem = named.problem
    if named.skipped:
        numbers = ", ".join(str(number) for number in named.skipped)
        lines = "line" if len(named.skipped) == 1 else "lines"
        problem = f"{lines} {numbers}: not valid, and skipped as GitHub does"
    return {
        "not_asked": not_asked(host, named.owners, pull),
        "owners_source": named.source,
        "owners_problem": problem,
    }


def owners_checks(product: PullRequest) -> Iterator[Check]:
    """Who owns the change and cannot be asked, and what of the file says nothing."""
    source = product.owners_source
    for owner, why in product.not_asked.items():
        yield note(
            measure("not_asked", f"not asked: {owner}", absent(why, ""), source, about=owner)
        )
    if product.owners_problem:
        problem = absent(product.owners_problem, "")
        yield note(measure("code_owners", "code owners", problem, source))
