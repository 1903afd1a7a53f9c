"""The ``CodeHost`` port on GitHub, through PyGithub.

Marked texts carry their mark as an HTML comment, which GitHub's pages hide and ``comments`` and
``pull_for`` still answer.
"""

from dataclasses import dataclass, field
from functools import partial
from typing import Final
from urllib.parse import quote

from github.Commit import Commit
from github.GithubException import GithubException
from github.PullRequest import PullRequest, ReviewComment

from devflow.adapters.github import answers
from devflow.adapters.github.answers import login, plain, with_section
from devflow.adapters.github.checks import checks_on, put_check, statuses_on
from devflow.adapters.github.client import GithubClient, explained, missing, whole
from devflow.adapters.github.merge import squash_merge
from devflow.adapters.github.protection import protection_of
from devflow.adapters.http.retry import Fault, Retry
from devflow.model.ci import CheckReport, HostCheck
from devflow.model.errors import UsageError
from devflow.model.marks import UNMARKED, Mark
from devflow.model.review import CommitStatus, HostComment, HostPull, HostReview, Protection, Thread

VERDICTS: Final = {"approved": "APPROVE", "changes_requested": "REQUEST_CHANGES"}
# characters; GitHub refuses a longer description of a commit status
LONGEST_DESCRIPTION: Final = 140


@dataclass(eq=False)
class GithubHost:
    """``repository`` (``owner/name``) behind ``api_url``, asked nothing before the first call."""

    api_url: str
    token: str = field(repr=False)
    repository: str
    retry: Retry = field(default_factory=Retry)

    def __post_init__(self) -> None:
        self._client = GithubClient(self.api_url, self.token, self.repository, self.retry)

    def me(self) -> str:
        """The login that the token belongs to."""
        return self._client.run(self._client.login)

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
            return answers.pull_of(_open_pull(pulls) or pulls[0])

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
            lambda: self._reviews(self._client.pull(number)), needs="pull requests: read"
        )

    def _reviews(self, pull: PullRequest) -> tuple[HostReview, ...]:
        submitted = [review for review in pull.get_reviews() if review.state != "PENDING"]
        return tuple(answers.review_of(review) for review in submitted)

    def threads(self, number: int) -> tuple[Thread, ...]:
        """Every review thread."""
        return self._client.run(lambda: self._threads(number), needs="pull requests: read")

    def _threads(self, number: int) -> tuple[Thread, ...]:
        owner, _, name = self.repository.partition("/")
        threads: list[Thread] = []
        after: str | None = None
        while True:
            variables = {"owner": owner, "name": name, "number": number, "after": after}
            answer = self._client.graphql(answers.ThreadsAnswer, answers.THREADS, variables)
            page = answer.repository.pull_request.review_threads
            threads.extend(node.read for node in page.nodes)
            if not page.page_info.has_next_page:
                return tuple(threads)
            after = page.page_info.end_cursor

    def comments(self, number: int) -> tuple[HostComment, ...]:
        """The conversation, oldest first."""

        def read() -> tuple[HostComment, ...]:
            comments = self._client.pull(number).get_issue_comments()
            return tuple(answers.comment_of(comment) for comment in comments)

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
        self, head: str, base: str, title: str, body: str, *, mark: Mark = UNMARKED
    ) -> None:
        """Opens the pull request of ``head``.

        One that is open gets the title and our marked section. Raises ``StepFailed`` where there
        is nothing to merge, or the branch is not there.
        """

        def ensure() -> None:
            pull = _open_pull(self._pulls(head))
            if pull is None:
                self._open(head, base, title, with_section("", body, mark))
                return
            text = with_section(plain(pull.body), body, mark)
            if (pull.title, plain(pull.body)) != (title, text):
                pull.edit(title=title, body=text)

        self._client.run(ensure, needs="pull requests: write")

    def _open(self, head: str, base: str, title: str, body: str) -> None:
        repository = self._client.repository
        try:
            pull = repository.create_pull(base=base, head=head, title=title, body=body)
            whole(pull, "number")
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
                    raise Fault("unknown", "a label that is not there after it was put")

        self._client.run(ensure, needs="pull requests: write")

    def ask_review(self, number: int, logins: tuple[str, ...]) -> None:
        """Asks people for a review.

        The author and those who have already judged this head are left out. One by one where
        GitHub refuses them together; whom it refuses alone is not asked, as ``pull_for`` then
        shows.
        """

        def ensure() -> None:
            pull = self._client.pull(number)
            judges = [one.author for one in self._reviews(pull) if one.sha == pull.head.sha]
            people = [login(pull.user), *map(login, pull.requested_reviewers), *judges]
            left_out = {name.casefold() for name in people}
            reviewers = [name for name in logins if name.casefold() not in left_out]
            if reviewers and not _request(pull, reviewers):
                for name in reviewers:
                    _request(pull, [name])

        self._client.run(ensure, needs="pull requests: write")

    def comment(self, number: int, body: str, *, slot: str = "", mark: Mark = UNMARKED) -> None:
        """Writes the marked comment, or edits it where it has another text by now.

        The oldest with the mark is ours.
        """
        sign = f"<!-- {mark.editable} -->"
        text = f"{plain(body)}\n\n{sign}"

        def ensure() -> None:
            pull = self._client.pull(number)
            comments = pull.get_issue_comments()
            ours = next((one for one in comments if plain(one.body).endswith(sign)), None)
            if ours is None:
                whole(pull.create_issue_comment(text), "id")
            elif plain(ours.body) != text:
                ours.edit(text)

        self._client.run(ensure, needs="pull requests: write")

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

        def ensure() -> None:
            pull = self._client.pull(number)
            same = (self._client.login(), verdict, sha, plain(body).strip())
            for one in self._reviews(pull):
                if (one.author, one.state, one.sha, one.body.strip()) == same:
                    return
            threads: list[ReviewComment] = []
            if at:
                path, line = at
                threads.append({"path": path, "line": line, "side": "RIGHT", "body": body})
            event = VERDICTS[verdict]
            review = pull.create_review(
                commit=self._commit(sha), body=body, event=event, comments=threads
            )
            whole(review, "id")

        self._client.run(ensure, needs="pull requests: write")

    def resolve(self, thread_id: str) -> None:
        """Resolves a review thread; a resolved one stays so."""
        variables = {"id": thread_id}
        self._client.run(
            partial(self._client.graphql, answers.ResolveAnswer, answers.RESOLVE, variables),
            needs="pull requests: write",
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
            whole(status, "id")

        self._client.run(ensure, needs="commit statuses: write")

    def put_check(self, sha: str, report: CheckReport, *, mark: Mark = UNMARKED) -> None:
        """Puts a check run with its annotations on the commit.

        Raises ``AccessDenied`` where the token may not.
        """
        self._client.run(partial(put_check, self._client, sha, report, mark), needs="checks: write")

    def merge(self, number: int, sha: str, title: str, body: str) -> None:
        """Squash-merges the pull request if its head is ``sha``; a merged one stays merged.

        Raises ``StepFailed`` where the head moved, the pull request is closed, conflicts, or may
        not be merged yet.
        """
        self._client.run(
            lambda: squash_merge(self._client.pull(number), sha, title, body),
            needs="contents: write",
        )


def _open_pull(pulls: list[PullRequest]) -> PullRequest | None:
    return next((pull for pull in pulls if pull.state == "open"), None)


def _lacking(pull: PullRequest, labels: tuple[str, ...]) -> list[str]:
    known = {label.name.casefold() for label in pull.labels}
    return [label for label in labels if label.casefold() not in known]


def _request(pull: PullRequest, logins: list[str]) -> bool:
    """Asks for reviews; false where GitHub refuses one of them."""
    try:
        pull.create_review_request(reviewers=logins)
    except GithubException as error:
        if error.status == 422:
            return False
        raise
    return True
