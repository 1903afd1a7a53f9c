"""What the changelogs of finished tickets tell: which ways lead to an end, and with which
resolution.

JIRA shows a workflow to its admins only, and to everybody else what is offered from where an issue
is. So a status is believed to lead on where somebody has gone on from it.
"""

from collections import Counter, deque
from dataclasses import dataclass
from typing import Collection, Final, Iterable, Iterator, Mapping

from devflow.adapters.jira.answers import FoundIssue, HistoryItem
from devflow.adapters.jira.workflow import way

MOST_FINISHED: Final = 20  # tickets; the newest finished ones of a type, half a sprint's or more

# tickets; an end that fewer have is no habit, nor is one that others have more than half as often
LEAST_USUAL: Final = 3


@dataclass(frozen=True)
class Ways:
    """The ways of finished tickets as status ids, and each ticket's end with its resolution."""

    paths: tuple[tuple[str, ...], ...] = ()
    ends: tuple[tuple[str, str], ...] = ()

    @classmethod
    def of(cls, issues: Iterable[FoundIssue], histories: Iterable[Iterable[HistoryItem]]) -> "Ways":
        """What a search for finished tickets answered, and each one's changes, oldest first."""
        paths = [way(changes) for changes in histories]
        ends: list[tuple[str, str]] = []
        for issue in issues:
            if issue.fields.status:
                resolution = issue.fields.resolution
                ends.append((issue.fields.status.id, resolution.id if resolution else ""))
        return cls(tuple(path for path in paths if path), tuple(ends))

    @property
    def passed(self) -> frozenset[str]:
        """Every status that was gone through or reached."""
        return frozenset(one for path in self.paths for one in path)

    @property
    def backwards(self) -> "Ways":
        """The same ways, gone back: whoever returns a ticket goes where it came from."""
        return Ways(tuple(path[::-1] for path in self.paths), self.ends)

    def after(self, status_id: str) -> frozenset[str]:
        """The statuses that somebody went on to."""
        following: set[str] = set()
        for path in self.paths:
            following.update(after for before, after in zip(path, path[1:]) if before == status_id)
        return frozenset(following)

    def usual_end(self, ids: Collection[str]) -> str:
        """The one of these statuses in which tickets mostly end, empty where none stands out: a few
        that were rejected do not make that the usual end."""
        counts = Counter(end for end, _ in self.ends if end in ids).most_common(2)
        most = counts[0][1] if counts else 0
        second = counts[1][1] if len(counts) > 1 else 0
        return counts[0][0] if most >= max(LEAST_USUAL, 2 * second) else ""

    def usual_resolution(self, ids: Collection[str]) -> str:
        """The id of the resolution that most tickets have in one of these statuses."""
        found = [resolution for end, resolution in self.ends if end in ids and resolution]
        return Counter(found).most_common(1)[0][0] if found else ""


@dataclass(frozen=True)
class Search:
    """The shortest known way from where an issue is.

    ``offered`` are the statuses that JIRA offers from there, ``via`` those that a person has named,
    ``shut`` those that the issue came from; ``ends`` says of each status of the workflow of now
    whether it is of the category done, ``gone`` are steps that are offered no more.
    """

    ways: Ways
    offered: tuple[str, ...]
    targets: frozenset[str]
    via: tuple[str, ...]
    shut: frozenset[str]
    ends: Mapping[str, bool]
    gone: frozenset[tuple[str, str]] = frozenset()

    def path(self) -> tuple[str, ...]:
        """The statuses on the way, the last one a target; empty where no way is known.

        One through another end is taken only where there is no other.
        """
        return self._shortest(through_ends=False) or self._shortest(through_ends=True)

    def _shortest(self, through_ends: bool) -> tuple[str, ...]:
        came_from: dict[str, str] = {}
        waiting: deque[str] = deque()
        for status_id in self.offered:
            if self._may_enter(status_id, through_ends):
                came_from.setdefault(status_id, "")
                waiting.append(status_id)
        while waiting:
            here = waiting.popleft()
            if here in self.targets:
                return tuple(reversed(tuple(_back(came_from, here))))
            for following in self._following(here):
                if following not in came_from and self._may_enter(following, through_ends):
                    came_from[following] = here
                    waiting.append(following)
        return ()

    def _may_enter(self, status_id: str, through_ends: bool) -> bool:
        if status_id in self.targets or status_id in self.via:
            return True
        if status_id in self.shut or status_id not in self.ends:
            return False
        return through_ends or not self.ends[status_id]

    def _following(self, here: str) -> tuple[str, ...]:
        """Where finished tickets went on to; a person's word leads from such a status, and to the
        end."""
        following = [one for one in sorted(self.ways.after(here)) if (here, one) not in self.gone]
        if here in self.via:
            following += [*self.via, *sorted(self.targets)]
        elif here in self.ways.passed:
            following += self.via
        return tuple(following)


def _back(came_from: Mapping[str, str], status_id: str) -> Iterator[str]:
    while status_id:
        yield status_id
        status_id = came_from[status_id]
