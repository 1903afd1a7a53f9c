"""What is written under a mark: a comment and a work log on an issue, each once however often it is
said.

They know what they have written over all attempts: a list may lag behind, and must not lead to a
second one. Another account's text is never edited; a stranger's mark is passed over.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Callable, Sequence

from jira.exceptions import JIRAError

from devflow.adapters.http.retry import WrongAnswer
from devflow.adapters.jira import answers
from devflow.adapters.jira.adf import to_markdown
from devflow.adapters.jira.client import JiraClient, issue_path
from devflow.model.marks import Hand, Hands, mine_of, newest
from devflow.model.planning import Person
from devflow.model.wording import same_words


def must_be(is_so: bool, what: str) -> None:
    """Raises ``Fault`` where a write, read back, has not had its effect."""
    if not is_so:
        raise WrongAnswer(f"{what} that is not there after it was written")


@dataclass(frozen=True)
class Accounts:
    """Who runs devflow here: this token's account, and those that the project names."""

    hands: Hands
    is_cloud: bool

    def hand(self, person: Person) -> Hand:
        """Whose account it is, by its id.

        On Cloud also by its e-mail address, which Atlassian has verified; on Data Center people
        write their own.
        """
        return self.hands.hand(person.id, person.email if self.is_cloud else "")


@dataclass(frozen=True)
class _Text:
    """A comment as the rule of the hands wants it."""

    id: str
    hand: Hand
    at: datetime
    markdown: str


class MarkedComment:
    """A comment that is to stand on an issue; ``text`` is as JIRA takes it and ends in the sign."""

    def __init__(self, client: JiraClient, key: str, text: object, sign: str) -> None:
        self._client = client
        self._key = key
        self._text = text
        self._sign = sign
        self._written = ""  # the comment's id; empty before it was written

    def ensure(self, comments: Callable[[], Sequence[answers.Comment]], accounts: Accounts) -> None:
        """Writes the comment, or edits mine, unless what holds says it already; reads it back.

        Raises ``Fault`` where it does not say what was written.
        """
        if not self._written:
            self._written = self._write(comments(), accounts)
        if self._written:
            # JIRA may keep another document of the same words
            is_so = same_words(self._read_back(), to_markdown(self._text))
            must_be(is_so, "a comment with the text")

    def _read_back(self) -> str:
        """What the comment that was written says, empty where it is not there (yet)."""
        path = issue_path(self._key, "comment", self._written)
        try:
            return to_markdown(self._client.get(answers.Comment, path).body)
        except JIRAError as error:
            if error.status_code != 404:
                raise
            return ""

    def _write(self, comments: Sequence[answers.Comment], accounts: Accounts) -> str:
        """The id of what was written, empty where nothing had to be."""
        texts: list[_Text] = []
        for comment in comments:
            markdown = to_markdown(comment.body)
            if markdown.endswith(self._sign):
                hand = accounts.hand(comment.author.person)
                texts.append(_Text(comment.id, hand, comment.updated, markdown))
        wanted = to_markdown(self._text)
        if any(text.markdown == wanted for text in newest(texts)):
            return ""
        mine = mine_of(texts)
        path = issue_path(self._key, "comment", *([mine.id] if mine else []))
        method = "PUT" if mine else "POST"
        return str(self._client.send(method, path, {"body": self._text}, answers.Made).id)


class MarkedWork:
    """Working time that is to be logged on an issue once, by whichever runner."""

    def __init__(self, client: JiraClient, key: str, body: dict[str, object], sign: str) -> None:
        self._client = client
        self._path = issue_path(key, "worklog")
        self._body = body
        self._sign = sign
        self._is_sent = False

    def ensure(self, accounts: Accounts) -> None:
        """Logs the time unless it is logged; reads it back. Raises ``Fault`` where it is not
        there."""
        if self._is_logged(accounts):
            return
        if not self._is_sent:
            self._client.send("POST", self._path, self._body, answers.Made)
            self._is_sent = True
        must_be(self._is_logged(accounts), "logged work")

    def _is_logged(self, accounts: Accounts) -> bool:
        logs: list[answers.Worklog] = []
        for page in self._client.pages(answers.Worklogs, "worklogs", self._path):
            logs.extend(page.worklogs)
        for log in logs:
            is_marked = to_markdown(log.comment).endswith(self._sign)
            if is_marked and log.author and accounts.hand(log.author.person) != "stranger":
                return True
        return False
