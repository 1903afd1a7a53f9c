"""What steps may ask of the code host (GitHub).

A pull request is found by its head branch before one is opened; an approval is always bound to the
head commit it was given on.
"""

from typing import Protocol

from devflow.model.ci import CheckReport, HostCheck
from devflow.model.ids import Sha
from devflow.model.marks import UNMARKED, Mark
from devflow.model.review import CommitStatus, HostComment, HostPull, HostReview, Protection, Thread
from devflow.ports.verbs import ensures


class CodeHostReads(Protocol):
    """The reading half. Raises ``StepFailed`` (not found), ``AccessDenied`` or ``RemoteSilent``."""

    def me(self) -> str:
        """The login that the token belongs to."""
        ...

    def permission(self, login: str) -> str:
        """admin, write, read or none."""
        ...

    def protection(self, branch: str) -> Protection | None:
        """The branch's protection rules, or ``None`` where there are none."""
        ...

    def pull_for(self, branch: str) -> HostPull | None:
        """The open pull request of a head branch, else its newest merged or closed one."""
        ...

    def reviews(self, number: int) -> tuple[HostReview, ...]:
        """Every review, oldest first."""
        ...

    def threads(self, number: int) -> tuple[Thread, ...]:
        """Every review thread."""
        ...

    def comments(self, number: int) -> tuple[HostComment, ...]:
        """The conversation, oldest first, each comment with the hand that wrote it."""
        ...

    def authors(self, number: int) -> tuple[str, ...]:
        """Who opened the pull request, then who wrote its commits, each account once; a commit
        whose e-mail address no account has is nobody's."""
        ...

    def conflicts(self, number: int) -> bool | None:
        """Whether an open pull request cannot be merged, for what its base has become; ``None``
        where the host has not worked it out yet, and for one that is not open."""
        ...

    def commit_statuses(self, sha: Sha) -> tuple[CommitStatus, ...]:
        """The newest status of each context."""
        ...

    def checks(self, sha: Sha) -> tuple[HostCheck, ...]:
        """Every check run and commit status on exactly this commit, of every app and name; there
        may be older ones among them."""
        ...

    def page_url(self) -> str:
        """The repository's own page."""
        ...

    def branch_url(self, branch: str) -> str:
        """A page where a person sees the branch."""
        ...

    def file_url(self, ref: str, path: str) -> str:
        """A page where a person sees a file at a ref."""
        ...


class CodeHost(CodeHostReads, Protocol):
    """The writing half: ensure verbs only."""

    @ensures
    def open_pull(
        self,
        head: str,
        base: str,
        title: str,
        body: str,
        template: str = "",
        *,
        mark: Mark = UNMARKED,
    ) -> None:
        """Opens the pull request of ``head`` with the template before our section, or edits
        the title and our marked section of the one that this account or another runner opened;
        anybody else's stays as it is, and our text follows as a marked comment."""
        ...

    @ensures
    def label(self, number: int, labels: tuple[str, ...]) -> None:
        """Puts labels on the pull request; those already there stay."""
        ...

    @ensures
    def ask_review(self, number: int, logins: tuple[str, ...]) -> None:
        """Asks people, and teams as ``org/team``, for a review, without the author, one by one
        where the host refuses them together."""
        ...

    @ensures
    def comment(self, number: int, body: str, *, slot: str = "", mark: Mark = UNMARKED) -> None:
        """Writes the marked comment, or edits this account's where it is already there with another
        text. Another runner's is followed by one of ours, a stranger's is passed over."""
        ...

    @ensures
    def review(
        self, number: int, sha: Sha, verdict: str, body: str, at: tuple[str, int] | None = None
    ) -> None:
        """Gives a review (``approved`` or ``changes_requested``) on a head commit; ``at`` is path
        and line of a thread. The same one twice is one."""
        ...

    @ensures
    def resolve(self, thread_id: str) -> None:
        """Resolves a review thread."""
        ...

    @ensures
    def set_status(
        self, sha: Sha, context: str, state: str, description: str, target_url: str = ""
    ) -> None:
        """Sets a commit's status for a context, where it is not already so."""
        ...

    @ensures
    def put_check(self, sha: Sha, report: CheckReport, *, mark: Mark = UNMARKED) -> None:
        """Puts a check run with its annotations on the commit, where the newest of its name is not
        already this one.

        Raises ``AccessDenied`` where the token may not write check runs, as no person's token may
        on GitHub.
        """
        ...

    @ensures
    def merge(self, number: int, sha: Sha, title: str, body: str) -> None:
        """Squash-merges the pull request if its head is ``sha``; a merged one stays merged. Raises
        ``StepFailed`` where the head moved."""
        ...
