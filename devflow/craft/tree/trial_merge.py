"""Whether the base takes a pull request: what conflicts is reviewed, and approved, in vain."""

import shlex
from typing import Final, Iterator

from devflow.model.checks import Check, fact, measure, note
from devflow.model.command_line import command_line
from devflow.model.errors import StepFailed
from devflow.model.figures import absent, text
from devflow.model.ids import Sha
from devflow.model.review import HostPull, PullRequest
from devflow.model.wording import first_of
from devflow.ports.clock import Clock
from devflow.ports.code_host import CodeHostReads
from devflow.ports.repository import Repository, RepositoryReads

NAMED: Final = 3  # files; enough to know whose change it was


def await_trial_merge(host: CodeHostReads, clock: Clock, number: int, within_s: int) -> None:
    """Until the host knows what its trial merge comes to, which it makes when it is asked."""
    for _ in range(within_s):
        if host.conflicts(number) is not None:
            return
        clock.sleep(1)  # s


def trial_merge_checks(product: PullRequest) -> Iterator[Check]:
    """Whether the base takes it; of what is not open there is nothing to say."""
    if not product.state.startswith("open"):
        return
    base = product.base
    if product.conflicts is None:
        unknown = absent("not known yet: the code host has not tried the merge", "")
        yield note(measure("conflicts", f"merge into {base}", unknown, product.url))
        return
    outcome = text("without conflicts")
    if product.conflicts:
        outcome = text(f"conflicts: {_mend(product.remote, base)}")
    yield fact(
        measure("conflicts", f"merge into {base}", outcome, product.url), not product.conflicts
    )


def refuse_conflicting(
    host: CodeHostReads, repository: Repository, pull: HostPull, sha: Sha
) -> None:
    """Raises ``StepFailed`` where the base does not take a pull request at ``sha``: nobody reviews
    it in vain."""
    if not host.conflicts(pull.number):
        return
    if not repository.tree_of(repository.remote_sha(pull.base)):
        repository.fetch(pull.base)
    message = f"{conflict_words(repository, pull, sha)}: there is nothing to approve before that"
    hint = f"{_mend(repository.remote_name(), pull.base)} (another commit is reviewed anew)"
    raise StepFailed(f"{message} is mended", where=pull.url, hint=hint)


def conflict_words(repository: RepositoryReads, pull: HostPull, sha: Sha) -> str:
    """That a pull request conflicts with its base, with the files that both have changed."""
    problem = f"pull request #{pull.number} conflicts with {pull.base}"
    both = _changed_by_both(repository, repository.remote_sha(pull.base), sha)
    return f"{problem} (both changed {first_of(both, NAMED)})" if both else problem


def _changed_by_both(repository: RepositoryReads, base_sha: Sha, sha: Sha) -> list[str]:
    begun = repository.merge_base(base_sha, sha)
    if not begun:
        return []
    theirs = {one.path for one in repository.changes(begun, base_sha)}
    return [one.path for one in repository.changes(begun, sha) if one.path in theirs]


def _mend(remote: str, base: str) -> str:
    pull = f"git pull --no-rebase {shlex.quote(remote)} {base}"
    return f"{pull}, mend and commit, then: {command_line('ship')}"
