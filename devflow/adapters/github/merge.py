"""Merging a pull request on GitHub, and what stands in the way of it.

GitHub works out in the background whether it can be merged, and says ``None`` until then: neither
yes nor no.
"""

from github.GithubException import GithubException
from github.PullRequest import PullRequest

from devflow.adapters.github.client import explained, whole
from devflow.adapters.http.retry import Fault
from devflow.model.command_line import command_line
from devflow.model.errors import StepFailed
from devflow.model.wording import short_sha


def squash_merge(pull: PullRequest, sha: str, title: str, body: str) -> None:
    """Merges if the head is ``sha``; a merged one stays merged.

    Raises ``StepFailed`` where a person has to act, ``Fault`` where GitHub only needs time.
    """
    if pull.merged:
        return
    if pull.state != "open":
        problem = f"pull request #{pull.number} is closed"
        hint = "reopen it, or begin the ticket anew"
        raise StepFailed(problem, hint=hint, where=pull.html_url)
    if pull.head.sha != sha:
        way = f"from {short_sha(sha)} to {short_sha(pull.head.sha)}"
        problem = f"the head of pull request #{pull.number} moved {way}"
        raise StepFailed(problem, hint=command_line("ship"), where=pull.html_url)
    if pull.mergeable is None:
        problem = f"GitHub has not yet worked out whether pull request #{pull.number} can be merged"
        raise Fault("refused", problem)
    if not pull.mergeable:
        problem = f"pull request #{pull.number} conflicts with {pull.base.ref}"
        hint = f"merge {pull.base.ref} into the branch, then: {command_line('ship')}"
        raise StepFailed(problem, hint=hint, where=pull.html_url)
    try:
        answer = pull.merge(commit_message=body, commit_title=title, merge_method="squash", sha=sha)
        whole(answer, "merged")
    except GithubException as error:
        if error.status == 405 and "base branch was modified" in explained(error).lower():
            raise Fault("refused", explained(error)) from error
        if error.status == 405:
            raise _held_back(pull, explained(error)) from error
        raise


def _held_back(pull: PullRequest, reason: str) -> StepFailed:
    """What the rules of the base ask for and the pull request has not."""
    problem = f"GitHub does not merge pull request #{pull.number} yet: {reason}"
    hint = f"see to it on its page, then: {command_line('ship')}"
    return StepFailed(problem, hint=hint, where=pull.html_url)
