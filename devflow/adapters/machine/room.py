"""Room on the disk: a full one is told with its place, whoever meets it."""

import os
from contextlib import contextmanager
from pathlib import Path
from typing import Iterator

from devflow.model.errors import StorageFailed, as_no_room, no_room


@contextmanager
def room_in(place: Path | str) -> Iterator[None]:
    """Raises ``StorageFailed`` where a block meets a full disk; other errors stay as they are."""
    try:
        yield
    except OSError as error:
        full = as_no_room(error, str(place))
        if full is None:
            raise
        raise full from error


def full_place(*places: Path) -> StorageFailed | None:
    """What to raise where one of the places has no room at all at this moment: what failed there
    may have failed for that alone."""
    for place in places:
        try:
            found = os.statvfs(place)
        except OSError:
            continue
        # some file systems count nothing
        if found.f_blocks and not found.f_bavail:
            return no_room(str(place))
    return None
