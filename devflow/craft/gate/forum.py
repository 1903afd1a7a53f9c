"""Where a gate asks and hears: in the pull request, in the ticket, or in both.

A word counts by the same rules on either side: what a comment says is read in `craft/review`.
"""

from typing import Protocol, Sequence

from devflow.craft.gate.people import People
from devflow.model.planning import IssueComment
from devflow.model.review import HostComment, HostPull, Service, Statement
from devflow.model.values import Value
from devflow.ports.code_host import CodeHost, CodeHostReads
from devflow.ports.tracker import Tracker, TrackerReads


class Reads(Protocol):
    """What is asked of the world."""

    @property
    def host(self) -> CodeHostReads:
        """The pull request's conversation."""
        ...

    @property
    def tracker(self) -> TrackerReads:
        """The ticket's comments."""
        ...


class Writes(Protocol):
    """Where a word is written."""

    @property
    def host(self) -> CodeHost:
        """The pull request's conversation."""
        ...

    @property
    def tracker(self) -> Tracker:
        """The ticket's comments."""
        ...


class Speaker(Value):
    """Who this token lets write on a service, and the account that they do it by."""

    service: Service
    account: str
    person: str


class Forum(Value):
    """Where a gate asks, and whom: ``key`` is the ticket."""

    people: People
    pull: HostPull
    key: str

    def heard(self, see: Reads) -> tuple[Statement, ...]:
        """Everything that was written there."""
        heard: list[Statement] = []
        if "github" in self.people.asked:
            comments = see.host.comments(self.pull.number)
            heard += [self._of_host(comment) for comment in comments]
        if "jira" in self.people.asked:
            heard += [self._of_tracker(comment) for comment in see.tracker.comments(self.key)]
        return tuple(heard)

    def _of_host(self, comment: HostComment) -> Statement:
        return Statement(
            service="github",
            id=comment.id,
            by=self.people.by("github", comment.author),
            account=comment.author,
            body=comment.body,
            created=comment.created,
            edited=comment.edited,
            url=comment.url,
        )

    def _of_tracker(self, comment: IssueComment) -> Statement:
        account = comment.author.id
        return Statement(
            service="jira",
            id=int(comment.id),
            by=self.people.by("jira", account),
            account=account,
            # what Markdown does not show of a document stands around it
            body=comment.body if comment.is_plain else f"> {comment.body}",
            created=comment.created,
            edited=comment.edited,
            url=comment.url,
            active=comment.author.active,
        )

    def speaker(self, see: Reads, service: Service) -> Speaker:
        """Whose token it is there."""
        account = see.host.me() if service == "github" else see.tracker.me().id
        person = self.people.by(service, account)
        return Speaker(service=service, account=account, person=person)

    def place(self, see: Reads, service: Service | None = None) -> str:
        """The page where people write: of the first service that is asked, or of this one."""
        if (service or self.people.asked[0]) == "github":
            return self.pull.url
        return see.tracker.issue(self.key).url

    def write(self, tools: Writes, service: Service, body: str, slot: str) -> None:
        """Writes a comment, once a slot."""
        if service == "github":
            tools.host.comment(self.pull.number, body, slot=slot)
        else:
            tools.tracker.comment(self.key, body, slot=slot)


def has_left(see: Reads, said: Statement) -> bool:
    """Whether the account has no word any more: the repository was taken from it, or JIRA's
    administrators closed it."""
    if said.service == "github":
        # GitHub takes a login in any case
        return see.host.permission(said.account.lower()) == "none"
    return not said.active


def newest(heard: Sequence[Statement], service: Service) -> int:
    """The number of the newest comment there, 0 without one."""
    return max((said.id for said in heard if said.service == service), default=0)
