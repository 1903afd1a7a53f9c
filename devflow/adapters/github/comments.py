"""The comments of a pull request's conversation: reading them with the hand of each, and keeping a
marked one as it should be.

A mark in a text is copied as easily as any other word: only those of this token's account and of
the other runners count, and only the own one is edited.
"""

from datetime import datetime
from typing import Final

from github.GithubException import GithubException
from github.PullRequest import PullRequest

from devflow.adapters.github.answers import GraphqlShape, PageInfo, comment_of, plain
from devflow.adapters.github.client import GithubClient, missing, whole
from devflow.adapters.http.retry import WrongAnswer
from devflow.model.marks import Hands, Mark, mine_of, newest
from devflow.model.review import HostComment

EDITS: Final = """
query Edits($owner: String!, $name: String!, $number: Int!, $after: String) {
  repository(owner: $owner, name: $name) {
    pullRequest(number: $number) {
      comments(first: 100, after: $after) {
        nodes { url lastEditedAt }
        pageInfo { hasNextPage endCursor }
      }
    }
  }
}
"""
FRAGMENT: Final = "#issuecomment-"  # what a comment's number follows in its address


class CommentEdit(GraphqlShape):
    """When a comment was last edited."""

    url: str
    last_edited_at: datetime | None = None


class EditPage(GraphqlShape):
    """A page of comments."""

    nodes: tuple[CommentEdit, ...]
    page_info: PageInfo


class EditPull(GraphqlShape):
    """The pull request around the comments."""

    comments: EditPage


class EditRepository(GraphqlShape):
    """The repository around the pull request."""

    pull_request: EditPull


class EditsAnswer(GraphqlShape):
    """The answer to ``EDITS``."""

    repository: EditRepository


def read_comments(client: GithubClient, hands: Hands, number: int) -> tuple[HostComment, ...]:
    """The conversation, oldest first."""
    listed = client.pull(number).get_issue_comments()
    comments = [comment_of(comment, hands) for comment in listed]
    if not comments:
        return ()
    # asked after the texts: what is edited in between counts as edited
    edited = _edited(client, number)
    return tuple(
        one.model_copy(update={"edited": one.edited or f"{one.id}" in edited}) for one in comments
    )


def _edited(client: GithubClient, number: int) -> frozenset[str]:
    """The numbers of the comments that were ever edited.

    The two times of the other API are whole seconds: whoever may edit other people's comments could
    do it within one, unseen.
    """
    edited: set[str] = set()
    read = client.connection(EditsAnswer, EDITS, number, lambda one: _page(one).page_info)
    for answer in read:
        for one in _page(answer).nodes:
            if one.last_edited_at is not None:
                edited.add(one.url.rpartition(FRAGMENT)[2])
    return frozenset(edited)


def _page(answer: EditsAnswer) -> EditPage:
    return answer.repository.pull_request.comments


class MarkedComment:
    """A text that is to stand in a pull request's conversation under a mark.

    It knows what it has written over all attempts: a list may lag behind, and must not lead to a
    second comment.
    """

    def __init__(self, client: GithubClient, number: int, body: str, mark: Mark) -> None:
        self._client = client
        self._number = number
        self._sign = f"<!-- {mark.editable} -->"
        self._text = f"{plain(body)}\n\n{self._sign}"
        self._written = 0  # the comment's id; 0 before it was written

    def ensure(self, hands: Hands) -> None:
        """Writes the comment, or edits mine, unless what holds says it already; reads it back.

        Raises ``Fault`` where it does not say what was written.
        """
        pull = self._client.pull(self._number)
        if not self._written:
            self._written = self._write(pull, hands)
        if self._written and self._read_back(pull) != self._text.strip():
            raise WrongAnswer("a comment that is not there after it was written")

    def _read_back(self, pull: PullRequest) -> str:
        """What the comment that was written says, empty where it is not there (yet)."""
        try:
            return plain(pull.get_issue_comment(self._written).body).strip()
        except GithubException as error:
            if missing(error):
                return ""
            raise

    def _write(self, pull: PullRequest, hands: Hands) -> int:
        """The id of what was written, 0 where nothing had to be."""
        texts = {}
        originals = {}
        for original in pull.get_issue_comments():
            comment = comment_of(original, hands)
            if comment.body.endswith(self._sign):
                texts[comment.id] = comment
                originals[comment.id] = original
        marked = tuple(texts.values())
        if any(comment.body == self._text for comment in newest(marked)):
            return 0
        mine = mine_of(marked)
        if mine is None:
            return whole(pull.create_issue_comment(self._text), "id").id
        originals[mine.id].edit(self._text)
        return mine.id
