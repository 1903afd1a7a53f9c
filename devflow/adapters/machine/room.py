"""What the system refuses, told with its place: a full disk above all, whoever meets it."""

import os
import re
import shlex
from contextlib import contextmanager
from pathlib import Path
from typing import Iterator

from devflow.model.errors import StorageFailed, as_no_room, no_room, system_words


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


def refused(error: OSError, work: Path) -> str:
    """What the system refused a command, and what to type to see it: by its path in the repository
    where it lies in the checkout below ``work``. Raises ``StorageFailed`` for a full disk."""
    full = as_no_room(error, str(work))
    if full is not None:
        raise full from error
    if not error.filename:
        return system_words(error)
    # the folder of the checkout is called like the working tree
    path = re.sub(rf"^{re.escape(str(work))}/tree/[^/]+/", "", str(error.filename))
    return f"{path}: {system_words(error)}, see: ls -ld {shlex.quote(path)}"


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
