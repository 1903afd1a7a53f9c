"""Pages of the GraphQL API's lists."""

from typing import Final

from devflow.sandbox.common.store import Json
from devflow.sandbox.common.web import Call

MAX_PAGE: Final = 100  # GitHub's most for `first` and `last`


class QueryRefused(Exception):
    """The query cannot be answered; `type` is GitHub's word for the reason."""

    def __init__(self, message: str, type: str = "NOT_FOUND") -> None:
        super().__init__(message)
        self.type = type


def connection(
    call: Call,
    items: list[Json],
    *,
    first: int | None = None,
    last: int | None = None,
    after: str | None = None,
) -> Json:
    """One page of a list, with where it goes on. A cursor is the number of an item, from 1."""
    start = _position(after)
    if first is None and last is not None:
        start = max(start, len(items) - last)
    end = min(start + call.page_size(first or MAX_PAGE), len(items))
    edges = []
    for number in range(start + 1, end + 1):
        edges.append({"cursor": str(number), "node": items[number - 1]})
    page_info = {
        "hasNextPage": end < len(items),
        "hasPreviousPage": start > 0,
        "endCursor": str(end) if edges else None,
        "startCursor": str(start + 1) if edges else None,
    }
    return {
        "totalCount": len(items),
        "nodes": items[start:end],
        "edges": edges,
        "pageInfo": page_info,
    }


def _position(cursor: str | None) -> int:
    if not cursor:
        return 0
    if not cursor.isdecimal():
        raise QueryRefused(
            f"`{cursor}` does not appear to be a valid cursor.", "INVALID_CURSOR_ARGUMENTS"
        )
    return int(cursor)
