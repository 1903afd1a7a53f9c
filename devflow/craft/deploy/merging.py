"""Merges what was approved, and nothing else: the deployed folder after the merge has to be the one
that was looked at.

It is compared with what the base has become before anybody is asked and before the merge, and after
that with what the merge made.
"""

from dataclasses import dataclass

from devflow.craft.deploy.landed import merged_at
from devflow.craft.imports.paths import is_in
from devflow.craft.tree.trial_merge import NAMED, conflict_words
from devflow.model.change import Push
from devflow.model.command_line import command_line
from devflow.model.declared.project import Project
from devflow.model.errors import StepFailed
from devflow.model.ids import Sha
from devflow.model.review import HostPull
from devflow.model.wording import first_of, short_sha, short_version
from devflow.ports.code_host import CodeHost, CodeHostReads
from devflow.ports.repository import Repository


def pull_of(host: CodeHostReads, push: Push) -> HostPull:
    """The pull request of the pushed branch. Raises ``StepFailed`` where there is none."""
    pull = host.pull_for(push.branch)
    if pull is None:
        message = f"{push.branch} has no pull request"
        raise StepFailed(message, where=push.branch, hint=command_line("ship"))
    return pull


@dataclass(frozen=True)
class Merging:
    """The squash merge of a pushed branch into the base of its pull request."""

    host: CodeHost
    repository: Repository
    push: Push
    project: Project

    def refuse_unmergeable(self) -> None:
        """Raises ``StepFailed`` where what is still to be merged would conflict, or the base
        changed the deployed folder since the branch was cut: nobody approves that outcome."""
        pull = pull_of(self.host, self.push)
        # while people are waited for, a look writes nothing unless the base moved
        if not self.repository.tree_of(self.repository.remote_sha(pull.base)):
            self.repository.fetch(pull.base)
        if not merged_at(self.repository, pull, self.push):
            self._refuse_other_outcome(pull)

    def as_approved(self, key: str) -> Sha:
        """Merges the branch of ticket ``key`` where that is still to do, and answers the commit by
        which the base holds it. Raises ``StepFailed`` as ``refuse_unmergeable`` does."""
        pull = pull_of(self.host, self.push)
        self.repository.fetch(pull.base)
        known_sha = merged_at(self.repository, pull, self.push)
        if known_sha:
            return known_sha
        self._refuse_other_outcome(pull)
        title = f"{pull.title} (#{pull.number})"
        self.host.merge(pull.number, self.push.sha, title, f"Closes {key}")
        merged = pull_of(self.host, self.push)
        if not merged.merged:
            message = f"#{pull.number} was not merged"
            hint = f"look at its page, then: {command_line('ship')}"
            raise StepFailed(message, where=pull.url, hint=hint)
        self.repository.fetch(pull.base)
        return merged.merge_sha

    def refuse_other(self, merge_sha: Sha, version: str) -> None:
        """Raises ``StepFailed`` where the merge does not hold the approved version."""
        base = self.project.base
        merged = self.repository.tree_of(merge_sha, self.project.version_path)
        if merged == version:
            return
        content = short_version(merged) or "nothing"
        merge = f"{short_sha(merge_sha)} on {base} holds {content}"
        message = f"{merge}, and {short_version(version)} was approved"
        hint = f"bring what {base} holds through a ticket of its own"
        raise StepFailed(message, where=merge_sha, hint=hint)

    def _refuse_other_outcome(self, pull: HostPull) -> None:
        base_sha = self.repository.remote_sha(pull.base)
        problem = self._changed_base(pull, base_sha)
        if not problem and self.host.conflicts(pull.number):
            problem = conflict_words(self.repository, pull, self.push.sha)
        if problem:
            then = f"{command_line('ship')} (another commit is approved anew)"
            hint = f"git merge --no-edit {short_sha(base_sha)}, then: {then}"
            raise StepFailed(problem, where=pull.url, hint=hint)

    def _changed_base(self, pull: HostPull, base_sha: Sha) -> str:
        path = self.project.version_path
        tree_of = self.repository.tree_of
        begun = self.repository.merge_base(base_sha, self.push.sha)
        # trees and not commits: what the base changed elsewhere does not change what is deployed
        if tree_of(base_sha, path) in (tree_of(begun, path), tree_of(self.push.sha, path)):
            return ""
        files = [one.path for one in self.repository.changes(begun, base_sha)]
        named = first_of([file for file in files if not path or is_in(file, path)], NAMED)
        changed = f"{pull.base} changed {path or 'the project'} since the branch was cut"
        return f"{changed} ({named}): the merge would not be what is approved"
