"""Where a status stands in an issue's workflow, and which offered transition leads towards another
one.

JIRA tells only what is offered from where the issue is, so the order comes from the status
categories and, within one, from the board's columns and from the way that the issue has come.
"""

from dataclasses import dataclass
from typing import Any, Final, Iterable, Mapping, Sequence

from devflow.adapters.jira.answers import HistoryItem, IssueStatus, ScreenField, Transition
from devflow.model.errors import StepFailed

CATEGORIES: Final = ("new", "indeterminate", "done")
# what JIRA sites call "finished as asked"
RESOLVED: Final = ("Done", "Fixed", "Resolved", "Completed")


@dataclass(frozen=True)
class Workflow:
    """The site's statuses, and the ids of those on the board from left to right."""

    statuses: tuple[IssueStatus, ...]
    columns: tuple[str, ...] = ()

    def status_ids(self, status: str) -> frozenset[str]:
        """The ids of the statuses that an id, a name or else a category means.

        Raises ``StepFailed`` where none is.
        """
        name = status.casefold()
        for names in (_names, _categories):
            ids = frozenset(item.id for item in self.statuses if name in names(item))
            if ids:
                # a site may have a status of this name in another project's workflow
                return ids & frozenset(self.columns) or ids
        raise StepFailed(f"JIRA knows no status '{status}'", hint=f"use one of: {self.listed()}")

    def listed(self) -> str:
        """Every status name, once."""
        return ", ".join(dict.fromkeys(status.name for status in self.statuses))

    def rank(self, status: IssueStatus) -> tuple[int, int]:
        """How far a status is: its category, then its column.

        What stands on no board comes first in its category.
        """
        key = status.status_category.key
        category = CATEGORIES.index(key) if key in CATEGORIES else 0
        column = self.columns.index(status.id) if status.id in self.columns else -1
        return category, column

    def target(self, targets: frozenset[str]) -> tuple[int, int]:
        """The rank of the nearest of several meant statuses."""
        return min(self.rank(status) for status in self.statuses if status.id in targets)

    def reached(
        self, here: IssueStatus, targets: frozenset[str], changes: Iterable[HistoryItem]
    ) -> bool:
        """Whether the issue is at or past a status.

        Its way decides only where the board does not order the two.
        """
        if here.id in targets:
            return True
        rank = self.rank(here)
        target = self.target(targets)
        if rank[0] == target[0] and min(rank[1], target[1]) < 0:
            return bool(targets & set(way(changes)))
        return rank > target

    def towards(
        self,
        here: IssueStatus,
        targets: frozenset[str],
        offered: Sequence[Transition],
        passed: set[str],
    ) -> Transition | None:
        """The transition to take: straight to the target, else the one that ends nearest before it.

        None without one.
        """
        for item in offered:
            if item.to.id in targets:
                return item
        begin = self.rank(here)
        end = self.target(targets)
        low = min(begin, end)
        high = max(begin, end)
        between: list[Transition] = []
        for item in offered:
            if item.to.id not in passed and low <= self.rank(item.to) <= high:
                between.append(item)
        between.sort(key=lambda item: self.rank(item.to), reverse=end > begin)
        return between[0] if between else None


def _names(status: IssueStatus) -> tuple[str, ...]:
    return status.id, status.name.casefold()


def _categories(status: IssueStatus) -> tuple[str, ...]:
    return status.status_category.key.casefold(), status.status_category.name.casefold()


def way(changes: Iterable[HistoryItem]) -> tuple[str, ...]:
    """The ids of the statuses that the issue came through to where it is.

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


def screen_values(transition: Transition, configured: Mapping[str, Any]) -> dict[str, Any]:
    """What to send for the fields on a transition's screen.

    Those are the fields configured by id or name, and a required resolution. What the screen does
    not offer is left out, since JIRA would drop or refuse it. Raises ``StepFailed`` naming a
    required field for which nothing is known.
    """
    values: dict[str, Any] = {}
    for field_id, field in transition.fields.items():
        value = configured.get(field_id, configured.get(field.name))
        if value is None and field_id == "resolution" and field.required:
            value = _resolution(field)
        if value is not None:
            choice = field.allowed_values and isinstance(value, str)
            values[field_id] = {"name": value} if choice else value
        elif field.required and not field.has_default_value:
            problem = (
                f"the transition '{transition.name}' asks for '{field.name or field_id}', "
                f"and nothing is known to put there{_allowed(field)}"
            )
            hint = "move the ticket in JIRA by hand, or configure transition_fields"
            raise StepFailed(problem, hint=hint)
    return values


def _resolution(field: ScreenField) -> str | None:
    names = [str(allowed.get("name", "")) for allowed in field.allowed_values]
    return next((name for name in RESOLVED if name in names), None)


def _allowed(field: ScreenField) -> str:
    names: list[str] = []
    for allowed in field.allowed_values:
        names.append(str(allowed.get("name") or allowed.get("value") or ""))
    return f"; allowed: {', '.join(names)}" if any(names) else ""
