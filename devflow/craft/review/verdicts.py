"""What people said of a pull request: their latest verdicts on a head commit, and what they want to
be mended.

A verdict counts by the permission that its author has now: anybody may review a public repository.
"""

from dataclasses import dataclass
from typing import Final, Iterable

from devflow.model.command_line import command_line
from devflow.model.errors import AccessDenied, StepFailed
from devflow.model.ids import Sha
from devflow.model.outcomes import Waiting
from devflow.model.review import HostPull, HostReview, Review, ReviewState, Thread
from devflow.model.wording import one_line, plural, short_sha
from devflow.ports.code_host import CodeHost, CodeHostReads

MAY: Final = ("write", "admin")  # the permissions with which the code host counts a verdict


def on_head(reviews: Iterable[HostReview], author: str, sha: str) -> tuple[HostReview, ...]:
    """The latest verdict of each person but the author, where it was given on this head; a mere
    comment takes nothing back."""
    latest = {
        item.author: item
        for item in reviews
        if item.state not in ("commented", "pending") and item.author != author
    }
    return tuple(item for item in latest.values() if item.sha == sha)


@dataclass(frozen=True)
class Verdicts:
    """The verdicts on a head that count, and who gave one that does not."""

    counted: tuple[HostReview, ...]
    unheard: tuple[str, ...]

    def authors(self, state: ReviewState) -> tuple[str, ...]:
        """Who gave this verdict."""
        return tuple(item.author for item in self.counted if item.state == state)


def verdicts(host: CodeHostReads, pull: HostPull, sha: str) -> Verdicts:
    """What was said of a head commit, by the permission of each author."""
    counted = []
    unheard = []
    for item in on_head(host.reviews(pull.number), pull.author, sha):
        if host.permission(item.author) in MAY:
            counted.append(item)
        elif item.state != "dismissed":
            unheard.append(item.author)
    return Verdicts(tuple(counted), tuple(unheard))


def to_dos(threads: Iterable[Thread], reviews: Iterable[HostReview]) -> tuple[str, ...]:
    """``path:line author: text`` of each open thread, then what reviews that ask for changes say
    beyond their threads."""
    hanging = [
        (f"{item.path}:{item.line or 1} ", f"{item.author}: {one_line(item.body)}")
        for item in threads
        if not item.resolved
    ]
    asked = [
        f"{item.author}: {one_line(item.body)}"
        for item in reviews
        if item.state == "changes_requested" and item.body.strip()
    ]
    said = {text for _, text in hanging}
    return (
        *(place + text for place, text in hanging),
        *(text for text in asked if text not in said),
    )


@dataclass(frozen=True)
class Said:
    """A review's text and the line that it is about."""

    text: str = ""
    at: tuple[str, int] | None = None


def give(host: CodeHost, pull: HostPull, sha: Sha, verdict: ReviewState, said: Said) -> None:
    """Gives my review of a head commit, and reads back that it counts; an approval resolves my own
    open threads.

    Raises ``AccessDenied`` for an account whose verdict would not count, ``StepFailed`` where the
    head has moved or the review does not count.
    """
    me = host.me()
    _refuse_unheard(host, pull, me)
    if pull.head_sha != sha:
        moved = f"{pull.head} is at {short_sha(pull.head_sha)}, and the run at {short_sha(sha)}"
        raise StepFailed(moved, where=pull.url, hint=command_line("ship"))
    if verdict == "approved":
        for thread in host.threads(pull.number):
            if thread.author == me and not thread.resolved:
                host.resolve(thread.id)
    words = f"{verdict.replace('_', ' ')} by devflow's command"
    host.review(pull.number, sha, verdict, said.text or words, said.at)
    if me not in verdicts(host, pull, sha).authors(verdict):
        problem = f"the review of {me} does not count on {short_sha(sha)}"
        raise StepFailed(problem, where=pull.url, hint="look at the reviews, then say it again")


def _refuse_unheard(host: CodeHostReads, pull: HostPull, login: str) -> None:
    """Raises ``AccessDenied`` with who may."""
    others = [one for one in pull.reviewers if one != login]
    may = f"who may: {', '.join(others) or 'an account with write access'}, not {pull.author}"
    if login == pull.author:
        problem = f"{login} may not review their own pull request"
        raise AccessDenied(problem, where=pull.url, hint=may)
    if host.permission(login) not in MAY:
        problem = f"{login} has no write access, so a review of theirs does not count"
        raise AccessDenied(problem, where=pull.url, hint=may)


def still_wanted(review: Review, pull: HostPull, reviewers: tuple[str, ...], entry: str) -> Waiting:
    """Whom a pending review waits for, and what to type; ``entry`` is the gate as the pipeline
    calls it."""
    wants = []
    by = _who_resolves(review)
    not_by: tuple[str, ...] = ()
    approvals = len(review.approved_by)
    if approvals < review.required:
        not_by = (pull.author, *review.approved_by)
        by = tuple(login for login in reviewers if login not in review.approved_by)
        who = ", ".join(by) or f"a reviewer with write access other than {pull.author}"
        wants.append(f"approval by {who} ({approvals} of {review.required}){_unheard(review)}")
    if review.open_threads:
        wants.append(f"{plural(len(review.open_threads), 'open thread')} to be resolved")
    if pull.head_sha != review.head_sha:
        head = short_sha(review.head_sha)
        wants.append(f"{head} to be the head again (now {short_sha(pull.head_sha)})")
    merged = f" of pull request #{pull.number}, which is merged already" if pull.merged else ""
    return Waiting(
        for_=", ".join(wants) + merged,
        by=by,
        not_by=() if by else not_by,
        look_at=pull.url,
        type_next=(command_line("approve", entry), command_line("ship")),
    )


def _who_resolves(review: Review) -> tuple[str, ...]:
    """An approval resolves the threads of who gives it."""
    return tuple(dict.fromkeys(thread.author for thread in review.open_threads))


def _unheard(review: Review) -> str:
    if not review.unheard:
        return ""
    return f"; without write access, and so not counted: {', '.join(review.unheard)}"
