"""A mapping that is never changed and cheap to change a copy of: a board of 10,000 entries hears
20,000 events, and each makes a new one."""

from collections.abc import Mapping
from typing import Iterator, Self, TypeVar

V = TypeVar("V")


class Layered(Mapping[str, V]):
    """The newest values over older ones, in the order in which the names first came."""

    def __init__(self, older: dict[str, V], newer: dict[str, V]) -> None:
        self._older = older
        self._newer = newer

    @classmethod
    def of(cls, values: Mapping[str, V], changes: Mapping[str, V]) -> Self:
        """The values with these changes; both stay as they are."""
        older, newer = _layers(values)
        newer = {**newer, **changes}
        # one more change then costs about the square root of all of them
        if len(newer) ** 2 > len(older):
            return cls({**older, **newer}, {})
        return cls(older, newer)

    def __getitem__(self, name: str) -> V:
        if name in self._newer:
            return self._newer[name]
        return self._older[name]

    def __iter__(self) -> Iterator[str]:
        yield from self._older
        for name in self._newer:
            if name not in self._older:
                yield name

    def __len__(self) -> int:
        return len(self._older.keys() | self._newer.keys())


def _layers(values: Mapping[str, V]) -> tuple[dict[str, V], dict[str, V]]:
    if isinstance(values, Layered):
        return values._older, values._newer
    return dict(values), {}
