"""Merges what was approved, and nothing else: the deployed folder after the merge has to be the one
that was looked at.

It is compared twice, before the merge with what the base has become, and after it with what the
merge made.
"""

from devflow.craft.deploy.landed import merged_at
from devflow.model.change import Push
from devflow.model.command_line import command_line
from devflow.model.declared.project import Project
from devflow.model.errors import StepFailed
from devflow.model.ids import Sha
from devflow.model.review import HostPull
from devflow.model.wording import short_sha, short_version
from devflow.ports.code_host import CodeHost, CodeHostReads
from devflow.ports.repository import Repository, RepositoryReads


def pull_of(host: CodeHostReads, push: Push) -> HostPull:
    """The pull request of the pushed branch. Raises ``StepFailed`` where there is none."""
    pull = host.pull_for(push.branch)
    if pull is None:
        message = f"{push.branch} has no pull request"
        raise StepFailed(message, where=push.branch, hint=command_line("ship"))
    return pull


def merge_as_approved(
    host: CodeHost, repository: Repository, push: Push, project: Project, key: str
) -> Sha:
    """Squash-merges the branch of ticket ``key`` where that is still to do, and answers the commit
    by which the base holds it.

    Raises ``StepFailed`` where the base changed the deployed folder since the branch was cut:
    nobody approved that outcome.
    """
    pull = pull_of(host, push)
    repository.fetch(pull.base)
    known_sha = merged_at(repository, pull, push)
    if known_sha:
        return known_sha
    _refuse_changed_base(repository, pull, push, project.version_path)
    title = f"{pull.title} (#{pull.number})"
    host.merge(pull.number, push.sha, title, f"Closes {key}")
    merged = pull_of(host, push)
    if not merged.merged:
        message = f"#{pull.number} was not merged"
        hint = f"look at its page, then: {command_line('ship')}"
        raise StepFailed(message, where=pull.url, hint=hint)
    repository.fetch(pull.base)
    return merged.merge_sha


def _refuse_changed_base(
    repository: RepositoryReads, pull: HostPull, push: Push, path: str
) -> None:
    base = repository.remote_sha(pull.base)
    branched_at = repository.merge_base(base, push.sha)
    # trees and not commits: what the base changed elsewhere does not change what is deployed
    before = repository.tree_of(branched_at, path)
    approved = repository.tree_of(push.sha, path)
    if repository.tree_of(base, path) in (before, approved):
        return
    changed = f"{pull.base} changed {path or 'the project'} since the branch was cut"
    hint = (
        f"git merge --no-edit {short_sha(base)},"
        f" then: {command_line('ship')} (it asks for the approvals again)"
    )
    raise StepFailed(f"{changed}: the merge is not what was approved", where=pull.url, hint=hint)


def refuse_other(repository: Repository, merge_sha: Sha, project: Project, version: str) -> None:
    """Raises ``StepFailed`` where the merge does not hold the approved version."""
    merged = repository.tree_of(merge_sha, project.version_path)
    if merged == version:
        return
    merge = f"{short_sha(merge_sha)} on {project.base}"
    content = short_version(merged) or "nothing"
    message = f"{merge} holds {content}, and {short_version(version)} was approved"
    hint = f"bring what {project.base} holds through a ticket of its own"
    raise StepFailed(message, where=merge_sha, hint=hint)
