"""Where a status stands in a workflow: the order comes from the status categories and, within one,
from the board's columns and from the way that an issue has come.
"""

from dataclasses import dataclass
from typing import Collection, Iterable

from devflow.adapters.jira.answers import HistoryItem
from devflow.model.workflow import CATEGORIES, Status, meant_by


@dataclass(frozen=True)
class Workflow:
    """The statuses of an issue type, and the ids of those on the board, column by column from left
    to right."""

    statuses: tuple[Status, ...]
    columns: tuple[frozenset[str], ...] = ()

    def meant(self, word: str) -> tuple[Status, ...]:
        """The statuses that an id, a name or else a category means; those on the board where there
        are any."""
        found = meant_by(word, self.statuses)
        on_board = tuple(one for one in found if self._column(one.id) >= 0)
        return on_board or found

    def listed(self) -> str:
        """Every status with its id, once a name."""
        ids = {one.name: one.id for one in reversed(self.statuses)}
        names = dict.fromkeys(one.name for one in self.statuses)
        return ", ".join(f"{name} ({ids[name]})" for name in names)

    def by_id(self, status_id: str) -> Status | None:
        """The status with this id, ``None`` where the workflow has it no more."""
        return next((one for one in self.statuses if one.id == status_id), None)

    def rank(self, status: Status) -> tuple[int, int]:
        """How far a status is: its category, then its column.

        What stands on no board comes first in its category.
        """
        places: dict[str, int] = {name: place for place, name in enumerate(CATEGORIES)}
        return places.get(status.category, 0), self._column(status.id)

    def _column(self, status_id: str) -> int:
        for place, column in enumerate(self.columns):
            if status_id in column:
                return place
        return -1

    def reached(
        self, here: Status, targets: Collection[Status], changes: Iterable[HistoryItem]
    ) -> bool:
        """Whether an issue is at or past a status; nothing is past an end, and another end is not
        this one.

        Its way decides only where the board does not order the two.
        """
        ids = {one.id for one in targets}
        if here.id in ids:
            return True
        rank = self.rank(here)
        target = min(self.rank(one) for one in targets)
        if CATEGORIES[target[0]] == "done":
            return False
        is_unordered = min(rank[1], target[1]) < 0 or rank[1] == target[1]
        if rank[0] == target[0] and is_unordered:
            return bool(ids & set(way(changes)))
        return rank > target


def way(changes: Iterable[HistoryItem]) -> tuple[str, ...]:
    """The ids of the statuses that an issue came through to where it is.

    A step back takes what lay beyond off the way.
    """
    path: list[str] = []
    for change in changes:
        for item in change.items:
            if item.field != "status":
                continue
            after = item.to or ""
            path = path or [item.from_ or ""]
            path = path[: path.index(after) + 1] if after in path else [*path, after]
    return tuple(path)
