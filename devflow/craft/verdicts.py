"""What people said of a pull request: their latest verdicts on a head commit, and what they want to be mended."""

from typing import Iterable

from devflow.craft.one_line import one_line
from devflow.model.review import HostReview, Thread


def on_head(reviews: Iterable[HostReview], author: str, sha: str) -> tuple[HostReview, ...]:
    """The latest verdict of each person but the author, where it was given on this head; a mere comment takes nothing back."""
    latest = {item.author: item for item in reviews if item.state not in ("commented", "pending") and item.author != author}
    return tuple(item for item in latest.values() if item.sha == sha)


def to_dos(threads: Iterable[Thread], reviews: Iterable[HostReview]) -> tuple[str, ...]:
    """``path:line author: text`` of each open thread, then what reviews that ask for changes say beyond their threads."""
    hanging = [
        (f"{item.path}:{item.line or 1} ", f"{item.author}: {one_line(item.body)}") for item in threads if not item.resolved
    ]
    asked = [
        f"{item.author}: {one_line(item.body)}" for item in reviews if item.state == "changes_requested" and item.body.strip()
    ]
    said = {text for _, text in hanging}
    return (*(place + text for place, text in hanging), *(text for text in asked if text not in said))
