"""The ``CodeHost`` port on GitHub, through PyGithub.

Marked texts carry their mark as an HTML comment, which GitHub's pages hide and ``comments`` and
``pull_for`` still answer.
"""

from dataclasses import dataclass, field
from typing import Final
from urllib.parse import quote

from github.Commit import Commit
from github.GithubException import GithubException
from github.PullRequest import PullRequest

from devflow.adapters.github import answers
from devflow.adapters.github.answers import login, plain, with_section
from devflow.adapters.github.checks import checks_on, newest_status, put_check, statuses_on
from devflow.adapters.github.client import GithubClient, explained, missing, whole
from devflow.adapters.github.comments import MarkedComment, read_comments
from devflow.adapters.github.merge import squash_merge
from devflow.adapters.github.protection import protection_of
from devflow.adapters.github.reviews import (
    VERDICTS,
    GivenReview,
    ask_for_review,
    authors_of,
    resolve_thread,
    reviews_of,
    threads_of,
)
from devflow.adapters.http.retry import Fault, Retry, WrongAnswer
from devflow.model.ci import CheckReport, HostCheck
from devflow.model.errors import UsageError
from devflow.model.marks import UNMARKED, Hands, Mark
from devflow.model.review import CommitStatus, HostComment, HostPull, HostReview, Protection, Thread

# characters; GitHub refuses a longer description of a commit status
LONGEST_DESCRIPTION: Final = 140


@dataclass(eq=False)
class GithubHost:
    """``repository`` (``owner/name``) behind ``api_url``, asked nothing before the first call.

    ``runners`` are the logins that run devflow here, beside the token's own: their marks count too.
    """

    api_url: str
    token: str = field(repr=False)
    repository: str
    retry: Retry = field(default_factory=Retry)
    runners: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        self._client = GithubClient(self.api_url, self.token, self.repository, self.retry)

    def me(self) -> str:
        """The login that the token belongs to."""
        return self._client.run(self._client.login)

    def _hands(self) -> Hands:
        return Hands.of((self._client.login(),), self.runners)

    def permission(self, login: str) -> str:
        """admin, write, read or none."""

        def read() -> str:
            try:
                return self._client.repository.get_collaborator_permission(login)
            except GithubException as error:
                if missing(error):
                    return "none"
                raise

        return self._client.run(read, needs="metadata: read")

    def protection(self, branch: str) -> Protection | None:
        """The branch's protection and the rules that hold for it, ``None`` without either."""
        return self._client.run(
            lambda: protection_of(self._client, branch), needs="administration: read"
        )

    def pull_for(self, branch: str) -> HostPull | None:
        """The open pull request of a head branch, else its newest merged or closed one."""

        def read() -> HostPull | None:
            pulls = self._pulls(branch)
            if not pulls:
                return None
            return answers.pull_of(_open_pull(pulls) or pulls[0], self._hands())

        return self._client.run(read, needs="pull requests: read")

    def _pulls(self, branch: str) -> list[PullRequest]:
        """The branch's pull requests, the newest first."""
        head = f"{self._client.owner}:{branch}"
        pulls = self._client.repository.get_pulls(
            state="all", sort="created", direction="desc", head=head
        )
        # some hosts ignore a head that they do not know
        return [pull for pull in pulls if pull.head.ref == branch]

    def reviews(self, number: int) -> tuple[HostReview, ...]:
        """Every review that was submitted, oldest first."""
        return self._client.run(
            lambda: reviews_of(self._client.pull(number)), needs="pull requests: read"
        )

    def threads(self, number: int) -> tuple[Thread, ...]:
        """Every review thread."""
        return self._client.run(
            lambda: threads_of(self._client, number), needs="pull requests: read"
        )

    def comments(self, number: int) -> tuple[HostComment, ...]:
        """The conversation, oldest first."""
        return self._client.run(
            lambda: read_comments(self._client, self._hands(), number), needs="pull requests: read"
        )

    def authors(self, number: int) -> tuple[str, ...]:
        """Who opened the pull request, then who wrote its commits, each account once."""
        return self._client.run(
            lambda: authors_of(self._client.pull(number)), needs="pull requests: read"
        )

    def conflicts(self, number: int) -> bool | None:
        """What GitHub's trial merge of an open pull request came to, ``None`` before it is made."""

        def read() -> bool | None:
            pull = self._client.pull(number)
            if pull.state != "open" or pull.mergeable is None:
                return None
            return not pull.mergeable

        return self._client.run(read, needs="pull requests: read")

    def commit_statuses(self, sha: str) -> tuple[CommitStatus, ...]:
        """The newest status of each context."""

        def read() -> tuple[CommitStatus, ...]:
            statuses: list[CommitStatus] = []
            for item in statuses_on(self._client, sha):
                text = item.description or ""
                status = CommitStatus(context=item.context, state=item.state, description=text)
                statuses.append(status)
            return tuple(statuses)

        return self._client.run(read, needs="commit statuses: read")

    def _commit(self, sha: str) -> Commit:
        return self._client.repository.get_commit(sha)

    def checks(self, sha: str) -> tuple[HostCheck, ...]:
        """Every check run and commit status on exactly this commit."""
        return self._client.run(lambda: checks_on(self._client, sha), needs="checks: read")

    def page_url(self) -> str:
        """The repository's own page."""
        return self._page()

    def branch_url(self, branch: str) -> str:
        """A page where a person sees the branch."""
        return f"{self._page()}/tree/{quote(branch)}"

    def file_url(self, ref: str, path: str) -> str:
        """A page where a person sees a file at a ref."""
        return f"{self._page()}/blob/{quote(ref)}/{quote(path)}"

    def _page(self) -> str:
        return self._client.run(lambda: self._client.repository.html_url)

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
        """Opens the pull request of ``head``, the template before our section.

        One that this account or another runner opened gets the title and our marked section; one
        of anybody else stays as it is, and our text follows as a marked comment. Raises
        ``StepFailed`` where there is nothing to merge, or the branch is not there.
        """

        def ensure() -> None:
            pull = _open_pull(self._pulls(head))
            if pull is None:
                text = with_section(plain(template), body, mark)
                number = self._open(head, base, title, text)
                _refuse_other_text(self._client.pull(number), title, text)
            elif self._hands().hand(login(pull.user)) == "stranger":
                MarkedComment(self._client, pull.number, body, mark).ensure(self._hands())
            else:
                self._edit(pull, title, with_section(plain(pull.body), body, mark))

        self._client.run(ensure, needs="pull requests: write")

    def _edit(self, pull: PullRequest, title: str, text: str) -> None:
        if (pull.title, plain(pull.body)) != (title, text):
            pull.edit(title=title, body=text)
            _refuse_other_text(self._client.pull(pull.number), title, text)

    def _open(self, head: str, base: str, title: str, body: str) -> int:
        repository = self._client.repository
        try:
            pull = repository.create_pull(base=base, head=head, title=title, body=body)
            return whole(pull, "number").number
        except GithubException as error:
            if error.status == 422 and "already exists" in explained(error):
                raise Fault("refused", "somebody else has just opened the pull request") from error
            raise

    def label(self, number: int, labels: tuple[str, ...]) -> None:
        """Puts labels on the pull request; those already there stay."""

        def ensure() -> None:
            pull = self._client.pull(number)
            lacking = _lacking(pull, labels)
            if lacking:
                pull.add_to_labels(*lacking)
                if _lacking(self._client.pull(number), labels):
                    raise WrongAnswer("a label that is not there after it was put")

        self._client.run(ensure, needs="pull requests: write")

    def ask_review(self, number: int, logins: tuple[str, ...]) -> None:
        """Asks people for a review.

        The author and those who have already judged this head are left out. One by one where
        GitHub refuses them together; whom it refuses alone is not asked, as ``pull_for`` then
        shows.
        """

        self._client.run(
            lambda: ask_for_review(self._client.pull(number), logins), needs="pull requests: write"
        )

    def comment(self, number: int, body: str, *, slot: str = "", mark: Mark = UNMARKED) -> None:
        """Writes the marked comment, edits mine where it has another text by now, or follows what
        another runner wrote; a stranger's is passed over."""
        comment = MarkedComment(self._client, number, body, mark)
        self._client.run(lambda: comment.ensure(self._hands()), needs="pull requests: write")

    def review(
        self, number: int, sha: str, verdict: str, body: str, at: tuple[str, int] | None = None
    ) -> None:
        """Gives a review on a head commit.

        ``verdict`` is a key of ``VERDICTS``, ``at`` path and line of a thread. The same verdict,
        text and commit of the same account is given once. Raises ``AccessDenied`` on one's own.
        """
        if verdict not in VERDICTS:
            hint = f"say one of: {', '.join(VERDICTS)}"
            raise UsageError(f"'{verdict}' is no verdict", hint=hint)

        review = GivenReview(verdict, body, at)

        def ensure() -> None:
            review.ensure(self._client.pull(number), self._commit(sha), self._client.login())

        self._client.run(ensure, needs="pull requests: write")

    def resolve(self, thread_id: str) -> None:
        """Resolves a review thread; a resolved one stays so."""
        self._client.run(
            lambda: resolve_thread(self._client, thread_id), needs="pull requests: write"
        )

    def set_status(
        self, sha: str, context: str, state: str, description: str, target_url: str = ""
    ) -> None:
        """Sets a commit's status for a context, where it is not already so.

        The description is cut to ``LONGEST_DESCRIPTION`` characters.
        """
        text = description[:LONGEST_DESCRIPTION]
        same = (state, text, target_url)
        link = {"target_url": target_url} if target_url else {}

        def ensure() -> None:
            statuses = statuses_on(self._client, sha)
            now = next((item for item in statuses if item.context == context), None)
            if now and (now.state, now.description or "", now.target_url or "") == same:
                return
            status = self._commit(sha).create_status(
                state=state, description=text, context=context, **link
            )
            made = whole(status, "id").id
            if newest_status(self._client, sha, context) < made:
                raise WrongAnswer("a status that is not there after it was set")

        self._client.run(ensure, needs="commit statuses: write")

    def put_check(self, sha: str, report: CheckReport, *, mark: Mark = UNMARKED) -> None:
        """Puts a check run with its annotations on the commit.

        Raises ``AccessDenied`` where the token may not.
        """
        self._client.run(
            lambda: put_check(self._client, sha, report, mark, self._hands()), needs="checks: write"
        )

    def merge(self, number: int, sha: str, title: str, body: str) -> None:
        """Squash-merges the pull request if its head is ``sha``; a merged one stays merged.

        Raises ``StepFailed`` where the head moved, the pull request is closed, conflicts, or may
        not be merged yet.
        """

        def ensure() -> None:
            squash_merge(self._client.pull(number), sha, title, body)
            if not self._client.pull(number).merged:
                raise WrongAnswer("a pull request that is open after it was merged")

        self._client.run(ensure, needs="contents: write")


def _open_pull(pulls: list[PullRequest]) -> PullRequest | None:
    return next((pull for pull in pulls if pull.state == "open"), None)


def _refuse_other_text(pull: PullRequest, title: str, text: str) -> None:
    """Raises ``Fault`` where the pull request, read back, is not as it was written."""
    there = (pull.title.strip(), plain(pull.body).strip())
    if there != (title.strip(), text.strip()):
        raise WrongAnswer("a pull request whose text is not what was written")


def _lacking(pull: PullRequest, labels: tuple[str, ...]) -> list[str]:
    known = {label.name.casefold() for label in pull.labels}
    return [label for label in labels if label.casefold() not in known]
