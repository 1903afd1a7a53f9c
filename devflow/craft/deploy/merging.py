"""Merges what was approved, and nothing else: the deployed folder after the merge has to be the one
that was looked at.

It is compared twice, before the merge with what the base has become, and after it with what the
merge made.
"""

from devflow.craft.deploy.environments import SHORT
from devflow.model.change import Push
from devflow.model.errors import StepFailed
from devflow.model.project import Project
from devflow.model.review import HostPull
from devflow.ports.code_host import CodeHost, CodeHostReads
from devflow.ports.repository import Repository


def pull_of(host: CodeHostReads, push: Push) -> HostPull:
    """The pull request of the pushed branch. Raises ``StepFailed`` where there is none."""
    pull = host.pull_for(push.branch)
    if pull is None:
        raise StepFailed(
            f"{push.branch} has no pull request", where=push.branch, hint="devflow ship"
        )
    return pull


def merge_as_approved(
    host: CodeHost, repository: Repository, push: Push, project: Project, key: str
) -> str:
    """Squash-merges the branch of ticket ``key`` where that is still to do, and answers the merge's
    commit.

    Raises ``StepFailed`` where the base changed the deployed folder since the branch was cut:
    nobody approved that outcome.
    """
    pull, path = pull_of(host, push), project.version_path
    repository.fetch(pull.base)
    if pull.merged:
        return pull.merge_sha
    base = repository.remote_sha(pull.base)
    if repository.tree_of(base, path) != repository.tree_of(
        repository.merge_base(base, push.sha), path
    ):
        message = f"{pull.base} changed {path or 'the project'} since the branch was cut: the merge is not what was approved"
        hint = f"git merge --no-edit {base[:SHORT]}, then: devflow ship (it asks for the approvals again)"
        raise StepFailed(message, where=pull.url, hint=hint)
    host.merge(pull.number, push.sha, f"{pull.title} (#{pull.number})", f"Closes {key}")
    merged = pull_of(host, push)
    if not merged.merged:
        raise StepFailed(
            f"#{pull.number} was not merged",
            where=pull.url,
            hint="look at its page, then: devflow ship",
        )
    repository.fetch(pull.base)
    return merged.merge_sha


def refuse_other(repository: Repository, merge_sha: str, project: Project, version: str) -> None:
    """Raises ``StepFailed`` where the merge does not hold the approved version."""
    merged = repository.tree_of(merge_sha, project.version_path)
    if merged != version:
        message = f"{merge_sha[:7]} on {project.base} holds {merged[:SHORT] or 'nothing'}, and {version[:SHORT]} was approved"
        raise StepFailed(
            message,
            where=merge_sha,
            hint=f"bring what {project.base} holds through a ticket of its own",
        )
