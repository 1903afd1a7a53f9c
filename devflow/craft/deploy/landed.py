"""Whether the base holds what a branch brings, by whomever and however it came there.

A merge whose reply was lost, and the same squash pushed by a colleague, leave a pull request that
looks open and a base with nothing left to merge.
"""

from typing import Final

from devflow.model.change import FileChange, Push
from devflow.model.ids import Sha
from devflow.model.review import HostPull
from devflow.ports.repository import RepositoryReads

# commits of the base that are looked through; a busy repository merges about 50 a day
MOST: Final = 500


def merged_at(repository: RepositoryReads, pull: HostPull, push: Push) -> Sha:
    """The commit of the base by which it holds everything of the pushed commit; empty where
    something is left to merge."""
    if pull.merged:
        return pull.merge_sha
    base = repository.remote_sha(pull.base)
    if repository.is_ancestor(push.sha, base):
        return push.sha
    if not _holds(repository, base, push.sha, repository.merge_base(base, push.sha)):
        return Sha("")
    return first_holding(repository, pull.base, push.sha)


def first_holding(repository: RepositoryReads, branch: str, sha: Sha) -> Sha:
    """The first commit of a branch, since ``sha`` left it, that holds what ``sha`` brings; empty
    where none does."""
    tip = repository.remote_sha(branch)
    branched_at = repository.merge_base(tip, sha)
    first = Sha("")
    for commit, _ in repository.history_trees(tip, MOST):
        if commit == branched_at:
            break
        if _holds(repository, commit, sha, branched_at):
            first = Sha(commit)
    return first


def _holds(repository: RepositoryReads, commit: str, sha: Sha, branched_at: Sha) -> bool:
    """Whether each file that was changed up to ``sha`` is the same in the commit."""
    if not commit or not branched_at:
        return False
    ours = _paths(repository.changes(branched_at, sha))
    # a branch without a change is held by anything, and has brought nothing
    return bool(ours) and ours.isdisjoint(_paths(repository.changes(commit, sha)))


def _paths(changes: tuple[FileChange, ...]) -> frozenset[str]:
    return frozenset(change.path for change in changes)
