"""What one linter says of one commit, before anything is compared."""

from dataclasses import dataclass
from datetime import datetime
from typing import Callable

from devflow.model.ci import LinterResult


@dataclass(frozen=True)
class Row:
    """``unread`` are the lines of its output that nobody could read, ``failed`` that it ended
    otherwise than with 0. ``kept_at`` is when an earlier command has measured it."""

    result: LinterResult
    unread: tuple[str, ...] = ()
    failed: bool = False
    kept_at: datetime | None = None


Job = Callable[[], tuple[Row, ...]]
"""Asks one linter, or all under one Python."""
