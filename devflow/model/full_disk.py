"""A place without room, told from every other failure: nothing is wrong with what was to be
written, and the same command goes on once there is room."""

import errno
from typing import Final

from devflow.model.command_line import command_line
from devflow.model.errors import StorageFailed

# no block left, no more for this user, no file of that size
NO_ROOM: Final = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
# RFC 4918: what a service answers that has no room itself
INSUFFICIENT_STORAGE: Final = 507


def no_room(place: str, problem: str = "No space left on device") -> StorageFailed:
    """What to raise where a place is full."""
    hint = f"make room there, then: {command_line('ship')}"
    return StorageFailed(f"{place} has no room left: {problem}", where=place, hint=hint)


def as_no_room(error: OSError, place: str) -> StorageFailed | None:
    """What to raise in an error's place; ``None`` where it speaks of something else. ``place`` is
    named where the error does not say its file."""
    if error.errno not in NO_ROOM:
        return None
    return no_room(str(error.filename or place), error.strerror or "")
