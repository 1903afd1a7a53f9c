"""Moves a ticket to a status where its workflow has it, and says why where it has not.

A status that cannot be reached is an answer, not an error: teams leave Code Review or Testing out.
"""

from typing import Collection, Iterable

from devflow.model.planning import StatusChange
from devflow.model.workflow import Status
from devflow.ports.tracker import Tracker, TrackerReads


def why_not(tracker: TrackerReads, key: str, status: str) -> str:
    """Why the ticket cannot go to a status, naming what its workflow has; empty where it can."""
    way = tracker.way(key, status)
    return "" if way.is_known else f"{status}: skipped, {way.problem}"


def move_to(tracker: Tracker, key: str, status: str) -> None:
    """Moves the ticket to a status that it can go to. Raises what ``transition`` raises."""
    if not why_not(tracker, key, status):
        tracker.transition(key, status)


def went_to(changes: Iterable[StatusChange], statuses: Collection[Status]) -> bool:
    """Whether a ticket was brought to one of these statuses, by their ids."""
    ids = {one.id for one in statuses}
    return any(change.to_id in ids for change in changes)
