"""Reviews of a pull request on GitHub: reading them and their threads, asking for one, and giving
one."""

from contextlib import suppress
from typing import Final, Sequence

from github.Commit import Commit
from github.GithubException import GithubException, IncompletableObject
from github.PullRequest import PullRequest, ReviewComment

from devflow.adapters.github import answers
from devflow.adapters.github.answers import login, plain
from devflow.adapters.github.client import GithubClient, missing, whole
from devflow.adapters.http.retry import WrongAnswer
from devflow.model.review import HostReview, Thread

VERDICTS: Final = {"approved": "APPROVE", "changes_requested": "REQUEST_CHANGES"}


def reviews_of(pull: PullRequest) -> tuple[HostReview, ...]:
    """Every review that was submitted, oldest first."""
    submitted = [review for review in pull.get_reviews() if review.state != "PENDING"]
    return tuple(answers.review_of(review) for review in submitted)


def authors_of(pull: PullRequest) -> tuple[str, ...]:
    """Who opened a pull request, then who wrote its commits (of which GitHub lists the first 250),
    each account once."""
    found = [login(pull.user)]
    for commit in pull.get_commits():
        with suppress(IncompletableObject):  # GitHub may answer an empty object for nobody
            if commit.author:
                found.append(commit.author.login)
    return tuple(dict.fromkeys(found))


def threads_of(client: GithubClient, number: int) -> tuple[Thread, ...]:
    """Every review thread."""
    threads: list[Thread] = []
    read = client.connection(
        answers.ThreadsAnswer, answers.THREADS, number, lambda one: _page(one).page_info
    )
    for answer in read:
        threads.extend(node.read for node in _page(answer).nodes)
    return tuple(threads)


def _page(answer: answers.ThreadsAnswer) -> answers.ThreadPage:
    return answer.repository.pull_request.review_threads


def resolve_thread(client: GithubClient, thread_id: str) -> None:
    """Resolves a thread; a resolved one stays so. Raises ``Fault`` where it is open after that."""
    variables = {"id": thread_id}
    answer = client.graphql(answers.ResolveAnswer, answers.RESOLVE, variables)
    if not answer.resolve_review_thread.thread.is_resolved:
        raise WrongAnswer("a thread that is open after it was resolved")


def ask_for_review(pull: PullRequest, logins: Sequence[str]) -> None:
    """Asks teams (``org/team``), and people who are neither the author nor have judged this head,
    one by one where GitHub refuses them together; whom it refuses alone is not asked."""
    judges = [one.author for one in reviews_of(pull) if one.sha == pull.head.sha]
    people = [login(pull.user), *map(login, pull.requested_reviewers), *judges]
    owner = pull.base.repo.owner.login
    people += [f"{owner}/{team.slug}" for team in pull.requested_teams]
    left_out = {name.casefold() for name in people}
    reviewers = [name for name in logins if name.casefold() not in left_out]
    if reviewers and not _request(pull, reviewers):
        for name in reviewers:
            _request(pull, [name])


def _request(pull: PullRequest, logins: list[str]) -> bool:
    """Asks for reviews; false where GitHub refuses one of them."""
    try:
        people = [name for name in logins if "/" not in name]
        teams = [name.partition("/")[2] for name in logins if "/" in name]
        pull.create_review_request(reviewers=people, team_reviewers=teams)
    except GithubException as error:
        if error.status == 422:
            return False
        raise
    return True


class GivenReview:
    """A review that is to be given once; the same verdict, text and commit of one account is one.

    It knows what it has given over all attempts: a list may lag behind, and must not lead to a
    second one.
    """

    def __init__(self, verdict: str, body: str, at: tuple[str, int] | None) -> None:
        self._verdict = verdict
        self._body = body
        self._at = at
        self._given = 0  # the review's id; 0 before it was given

    def ensure(self, pull: PullRequest, commit: Commit, me: str) -> None:
        """Gives the review unless it is there, and reads it back. Raises ``Fault`` where it is not
        as it was given."""
        if not self._given:
            same = (me, self._verdict, commit.sha, plain(self._body).strip())
            for one in reviews_of(pull):
                if (one.author, one.state, one.sha, one.body.strip()) == same:
                    return
            self._given = self._give(pull, commit)
        if self._read_back(pull) != (self._verdict, commit.sha):
            raise WrongAnswer("a review that is not there after it was given")

    def _read_back(self, pull: PullRequest) -> tuple[str, str]:
        """Verdict and commit of the review that was given, empty where it is not there (yet)."""
        try:
            review = pull.get_review(self._given)
        except GithubException as error:
            if missing(error):
                return "", ""
            raise
        return review.state.lower(), review.commit_id

    def _give(self, pull: PullRequest, commit: Commit) -> int:
        threads: list[ReviewComment] = []
        if self._at:
            path, line = self._at
            threads.append({"path": path, "line": line, "side": "RIGHT", "body": self._body})
        event = VERDICTS[self._verdict]
        review = pull.create_review(commit=commit, body=self._body, event=event, comments=threads)
        return whole(review, "id").id
