"""What GitHub's objects are in the model's words, and the shapes of the answers that the library
has no class for.

A list shows a pull request without ``merged``: asking for it would cost a request each, so
``merged_at`` decides.
"""

from typing import Final, Literal, Protocol, cast

from github.IssueComment import IssueComment
from github.PullRequest import PullRequest
from github.PullRequestReview import PullRequestReview
from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from devflow.model.ids import Sha
from devflow.model.marks import SECTION_END, Hands, Mark
from devflow.model.review import HostComment, HostPull, HostReview, ReviewState, Thread

THREADS: Final = """
query Threads($owner: String!, $name: String!, $number: Int!, $after: String) {
  repository(owner: $owner, name: $name) {
    pullRequest(number: $number) {
      reviewThreads(first: 100, after: $after) {
        nodes {
          id
          isResolved
          path
          line
          comments(first: 1) { nodes { author { login } body url } }
        }
        pageInfo { hasNextPage endCursor }
      }
    }
  }
}
"""
VIEWER: Final = "query Viewer { viewer { login } }"
RESOLVE: Final = """
mutation Resolve($id: ID!) {
  resolveReviewThread(input: {threadId: $id}) { thread { id isResolved } }
}
"""


class _Account(Protocol):
    @property
    def login(self) -> str: ...


def login(account: _Account | None) -> str:
    """An account's name; GitHub shows a deleted one as nobody, whom its pages call ghost."""
    return account.login if account else "ghost"


def plain(text: str | None) -> str:
    """A text with line ends as Python has them."""
    # what is written on GitHub's pages comes with CRLF
    return (text or "").replace("\r\n", "\n")


def with_section(text: str, body: str, mark: Mark) -> str:
    """A text with our section in it: in the place where it stood, else at the end.

    What a person wrote around it stays.
    """
    begin = mark.section_begin
    content = plain(body).replace(SECTION_END, "").strip()
    section = f"{begin}\n{content}\n{SECTION_END}"
    before, separator, rest = text.partition(begin)
    if not separator:
        return f"{text.rstrip()}\n\n{section}".strip()
    # without its end, nobody knows which of the rest is ours: better said twice than lost
    after = rest.partition(SECTION_END)[2] if SECTION_END in rest else rest
    return before + section + after


def pull_of(pull: PullRequest, hands: Hands) -> HostPull:
    """A pull request in the model's words."""
    merged = pull.merged_at is not None
    # an open one's is a trial merge that GitHub makes
    merge_sha = pull.merge_commit_sha or "" if merged else ""
    labels = tuple(label.name for label in pull.labels)
    reviewers = tuple(login(reviewer) for reviewer in pull.requested_reviewers)
    # a team that may review belongs to the organisation that owns the repository
    owner = pull.base.repo.owner.login
    teams = tuple(f"{owner}/{team.slug}" for team in pull.requested_teams)
    return HostPull(
        number=pull.number,
        title=pull.title,
        body=plain(pull.body),
        url=pull.html_url,
        author=login(pull.user),
        head=pull.head.ref,
        head_sha=Sha(pull.head.sha),
        base=pull.base.ref,
        state=cast(Literal["open", "closed"], pull.state),
        merged=merged,
        merge_sha=Sha(merge_sha),
        draft=bool(pull.draft),
        labels=labels,
        reviewers=reviewers,
        teams=teams,
        created=pull.created_at,
        hand=hands.hand(login(pull.user)),
    )


def review_of(review: PullRequestReview) -> HostReview:
    """A submitted review in the model's words."""
    return HostReview(
        id=review.id,
        author=login(review.user),
        state=cast(ReviewState, review.state.lower()),
        sha=Sha(review.commit_id),
        body=plain(review.body),
        at=review.submitted_at,
    )


def comment_of(comment: IssueComment, hands: Hands) -> HostComment:
    """A comment in the model's words."""
    author = login(comment.user)
    return HostComment(
        id=comment.id,
        author=author,
        body=plain(comment.body),
        created=comment.created_at,
        edited=comment.updated_at != comment.created_at,
        url=comment.html_url,
        hand=hands.hand(author),
        updated=comment.updated_at,
    )


class GithubShape(BaseModel):
    """Part of an answer; what else it holds is left unread."""

    model_config = ConfigDict(frozen=True, defer_build=True)


class GraphqlShape(BaseModel):
    """Part of a GraphQL answer."""

    model_config = ConfigDict(frozen=True, alias_generator=to_camel, defer_build=True)


class Author(GraphqlShape):
    """An account."""

    login: str


class ThreadComment(GraphqlShape):
    """A thread's comment."""

    author: Author | None = None
    body: str
    url: str = ""


class ThreadComments(GraphqlShape):
    """A thread's comments."""

    nodes: tuple[ThreadComment, ...]


class ThreadNode(GraphqlShape):
    """A review thread."""

    id: str
    is_resolved: bool
    path: str = ""
    line: int | None = None
    comments: ThreadComments = Field(default_factory=lambda: ThreadComments(nodes=()))

    @property
    def read(self) -> Thread:
        """The thread in the model's words."""
        first = self.comments.nodes[0] if self.comments.nodes else ThreadComment(body="")
        return Thread(
            id=self.id,
            author=login(first.author),
            path=self.path,
            line=self.line,
            body=plain(first.body),
            resolved=self.is_resolved,
            url=first.url,
        )


class PageInfo(GraphqlShape):
    """Whether there is more, and from where."""

    has_next_page: bool
    end_cursor: str | None = None


class ThreadPage(GraphqlShape):
    """A page of review threads."""

    nodes: tuple[ThreadNode, ...]
    page_info: PageInfo


class ThreadPull(GraphqlShape):
    """The pull request around the threads."""

    review_threads: ThreadPage


class ThreadRepository(GraphqlShape):
    """The repository around the pull request."""

    pull_request: ThreadPull


class ThreadsAnswer(GraphqlShape):
    """The answer to ``THREADS``."""

    repository: ThreadRepository


class ViewerAnswer(GraphqlShape):
    """The answer to ``VIEWER``."""

    viewer: Author


class ResolvedThread(GraphqlShape):
    """What the mutation gives back."""

    thread: ThreadNode


class ResolveAnswer(GraphqlShape):
    """The answer to ``RESOLVE``."""

    resolve_review_thread: ResolvedThread


class RequiredReviews(GithubShape):
    """How many approvals a branch asks for."""

    required_approving_review_count: int = 0


class RequiredChecks(GithubShape):
    """The checks that a branch asks for."""

    contexts: tuple[str, ...] = ()


class ProtectionAnswer(GithubShape):
    """A branch's protection; its switches are read by their names."""

    model_config = ConfigDict(frozen=True, extra="allow")

    required_pull_request_reviews: RequiredReviews = Field(default_factory=RequiredReviews)
    required_status_checks: RequiredChecks = Field(default_factory=RequiredChecks)

    @property
    def switched_on(self) -> tuple[str, ...]:
        """The names of the rules that are on."""
        names: list[str] = []
        for name, value in (self.model_extra or {}).items():
            if isinstance(value, dict) and value.get("enabled") is True:
                names.append(name)
        return tuple(names)


class BranchAnswer(GithubShape):
    """A branch."""

    protected: bool


class RuleCheck(GithubShape):
    """A check that a rule asks for."""

    context: str


class RuleParameters(GithubShape):
    """What a rule asks for in figures."""

    required_approving_review_count: int = 0
    required_status_checks: tuple[RuleCheck, ...] = ()


class Rule(GithubShape):
    """A rule of a ruleset that holds for a branch."""

    type: str
    parameters: RuleParameters = Field(default_factory=RuleParameters)
