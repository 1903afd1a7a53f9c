"""What is known of the review: the pull request as the code host has it, and the products of steps
12 to 14.

A verdict is bound to the head commit that it was given on; on any other head it is stale.
"""

from datetime import datetime
from typing import Literal

from pydantic import Field

from devflow.model.ci import FunctionComplexity
from devflow.model.ids import Sha
from devflow.model.marks import Hand
from devflow.model.outcomes import Moved
from devflow.model.values import Fact, Value

ReviewState = Literal["approved", "changes_requested", "commented", "dismissed", "pending"]


class HostPull(Value):
    """A pull request as it was read; ``hand`` is that of whoever opened it, ``teams`` are asked to
    review, as ``org/team``."""

    number: int
    title: str
    body: str
    url: str
    author: str
    head: str
    head_sha: Sha
    base: str
    state: Literal["open", "closed"]
    merged: bool = False
    merge_sha: Sha = Sha("")
    draft: bool = False
    labels: tuple[str, ...] = ()
    reviewers: tuple[str, ...] = ()
    teams: tuple[str, ...] = ()
    created: datetime | None = None
    hand: Hand = "stranger"


class HostReview(Value):
    """One review as it was read."""

    id: int
    author: str
    state: ReviewState
    sha: Sha
    body: str
    at: datetime


class Thread(Value):
    """A review thread: where it hangs, what was said first, and whether it is resolved."""

    id: str
    author: str
    path: str
    line: int | None
    body: str
    resolved: bool
    url: str = ""


class HostComment(Value):
    """A comment of the pull request's conversation; ``edited`` voids an approval."""

    id: int
    author: str
    body: str
    created: datetime
    edited: bool
    url: str = ""
    hand: Hand = "stranger"
    updated: datetime | None = None

    @property
    def at(self) -> datetime:
        """When it was last written."""
        return self.updated or self.created


Service = Literal["github", "jira"]
"""Where a person's word at a gate can be written."""


class Statement(Value):
    """What a person wrote where a gate listens: ``by`` is who as pipeline.yaml names them,
    ``account`` as the ``service`` does; ``edited`` voids an approval, and so does an account that
    is not ``active``."""

    service: Service
    id: int
    by: str
    account: str
    body: str
    created: datetime
    edited: bool
    url: str = ""
    active: bool = True


class Protection(Value):
    """A branch's protection as it was read back; ``None`` stands for "no rules"."""

    required_approvals: int = 0
    required_checks: tuple[str, ...] = ()
    rules: tuple[str, ...] = ()


class CommitStatus(Value):
    """One status of a commit: ``context`` is its name, ``state`` is success, failure, error or
    pending."""

    context: str
    state: str
    description: str = ""


class Screenshot(Value):
    """A picture of a page at one size, in pixels."""

    name: str
    width_px: int
    height_px: int
    url: str


class PullRequest(Moved):
    """Step 12: the pull request for the pushed commit; ``text_url`` is the comment that carries the
    evidence where somebody else opened it.

    ``not_asked`` are code owners and why they are not asked; ``owners_source`` names the file that
    says who they are, and ``owners_problem`` what of it was not read. ``conflicts`` is ``None``
    where the code host has not said whether it can be merged; ``remote`` has the base. One that is
    ``merged_elsewhere`` was not merged by this run.
    """

    number: int
    head_sha: Sha
    base: str
    url: Fact[str] = ""
    title: Fact[str] = ""
    author: Fact[str] = ""
    state: Fact[str] = "open"
    labels: Fact[tuple[str, ...]] = ()
    reviewers: Fact[tuple[str, ...]] = ()
    evidence: Fact[tuple[str, ...]] = ()
    screenshots: Fact[tuple[Screenshot, ...]] = ()
    no_screenshots: Fact[str] = ""
    merged: Fact[bool] = False
    merged_elsewhere: Fact[bool] = False
    conflicts: Fact[bool | None] = None
    remote: Fact[str] = ""
    text_url: Fact[str] = ""
    strangers: Fact[tuple[str, ...]] = ()
    not_asked: Fact[dict[str, str]] = {}
    owners_source: Fact[str] = ""
    owners_problem: Fact[str] = ""

    @property
    def standing(self) -> str:
        """See ``Moved``: what the run has merged itself, its own entry tells."""
        return "merged elsewhere" if self.merged_elsewhere else ""


class Findings(Value):
    """What programs say of the Python lines that a commit adds to its base.

    ``security`` are ``path:line: text``; ``complexities`` those of every function that the added
    lines touch, whatever any limit says; ``missing`` is why a tool has measured nothing; ``unread``
    are the endings of the other files with added lines, which no tool reads.
    """

    sha: Sha = Sha("")
    files: int = 0
    security: tuple[str, ...] = ()
    complexities: tuple[FunctionComplexity, ...] = ()
    missing: tuple[str, ...] = ()
    unread: tuple[str, ...] = ()


class Review(Value):
    """Step 13: the verdict on one head commit; ``unheard`` gave one without the permission that
    makes it count."""

    head_sha: Sha
    verdict: Literal["approved", "changes_requested", "pending", "closed"]
    approved_by: Fact[tuple[str, ...]] = ()
    changes_by: Fact[tuple[str, ...]] = ()
    unheard: Fact[tuple[str, ...]] = ()
    strangers: Fact[tuple[str, ...]] = ()
    open_threads: Fact[tuple[Thread, ...]] = ()
    resolved_threads: Fact[int] = 0
    findings: Fact[Findings] = Field(default_factory=Findings)
    required: Fact[int] = 1
    merged: Fact[bool] = False


class JiraSync(Value):
    """Step 14: what the ticket says of the pull request, read back."""

    key: str
    pull: int
    status: Fact[str] = ""
    status_skipped: Fact[str] = ""
    flow: Fact[tuple[str, ...]] = ()
    linked: Fact[bool] = False
    commented: Fact[bool] = False
    told: Fact[tuple[str, ...]] = ()
    spent_s: Fact[int | None] = None
    events: Fact[tuple[str, ...]] = ()
    strangers: Fact[tuple[str, ...]] = ()
