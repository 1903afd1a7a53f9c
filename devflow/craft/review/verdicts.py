"""What people said of a pull request: their latest verdicts on a head commit, and what they want to
be mended."""

from typing import Iterable

from devflow.model.command_line import command_line
from devflow.model.ids import Sha
from devflow.model.outcomes import Waiting
from devflow.model.review import HostPull, HostReview, Review, ReviewState, Thread
from devflow.model.wording import one_line, plural, short_sha
from devflow.ports.code_host import CodeHost


def on_head(reviews: Iterable[HostReview], author: str, sha: str) -> tuple[HostReview, ...]:
    """The latest verdict of each person but the author, where it was given on this head; a mere
    comment takes nothing back."""
    latest = {
        item.author: item
        for item in reviews
        if item.state not in ("commented", "pending") and item.author != author
    }
    return tuple(item for item in latest.values() if item.sha == sha)


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


def give(
    host: CodeHost,
    number: int,
    sha: Sha,
    verdict: ReviewState,
    said: tuple[str, tuple[str, int] | None],
) -> None:
    """Gives my review of a head commit with its text and the line it is about; an approval resolves
    my own open threads."""
    text, at = said
    if verdict == "approved":
        me = host.me()
        for thread in host.threads(number):
            if thread.author == me and not thread.resolved:
                host.resolve(thread.id)
    host.review(
        number, sha, verdict, text or f"{verdict.replace('_', ' ')} by devflow's command", at
    )


def still_wanted(review: Review, pull: HostPull, reviewers: tuple[str, ...], entry: str) -> Waiting:
    """Whom a pending review waits for, and what to type; ``entry`` is the gate as the pipeline
    calls it."""
    wants = []
    approvals = len(review.approved_by)
    if approvals < review.required:
        people = [login for login in reviewers if login not in review.approved_by]
        who = ", ".join(people) or "a reviewer"
        wants.append(f"approval by {who} ({approvals} of {review.required})")
    if review.open_threads:
        wants.append(f"{plural(len(review.open_threads), 'open thread')} to be resolved")
    if pull.head_sha != review.head_sha:
        head = short_sha(review.head_sha)
        wants.append(f"{head} to be the head again (now {short_sha(pull.head_sha)})")
    merged = f" of pull request #{pull.number}, which is merged already" if pull.merged else ""
    return Waiting(
        for_=", ".join(wants) + merged,
        look_at=pull.url,
        type_next=(command_line("approve", entry), command_line("ship")),
    )
