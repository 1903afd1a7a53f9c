"""A full disk under the sandbox, told to its clients as what it is: 507 and no fault of the
request."""

import errno
import sqlite3
from typing import Final

NO_ROOM: Final = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_WORDS: Final = ("No space left on device", "Disk quota exceeded", "File too large")
STATUS: Final = 507


def is_full(error: BaseException) -> bool:
    """Whether a request failed because there was no room, in the database, a file or git."""
    match error:
        case sqlite3.Error():
            return getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_FULL
        case OSError():
            return error.errno in NO_ROOM
        case _:
            return any(words in str(error) for words in _WORDS)
