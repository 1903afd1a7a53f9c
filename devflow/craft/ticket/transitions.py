"""Moves a ticket to a status where its workflow has it, and says why where it has not.

A status that cannot be reached is an answer, not an error: teams leave Code Review or Testing out.
"""

from devflow.ports.tracker import Tracker, TrackerReads


def why_not(tracker: TrackerReads, key: str, status: str) -> str:
    """Why the ticket cannot go to a status, naming what its workflow offers from here; empty where
    it can."""
    offered = tracker.statuses(key)
    if status.casefold() in (one.casefold() for one in offered):
        return ""
    return f"{status}: skipped, the workflow offers {', '.join(offered) or 'nothing'}"


def move_to(tracker: Tracker, key: str, status: str) -> None:
    """Moves the ticket to a status, unless it cannot go there. Raises what ``transition`` raises."""
    if not why_not(tracker, key, status):
        tracker.transition(key, status)
