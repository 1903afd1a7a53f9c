"""The mark and the word that each status and each check is shown by.

The style only repeats what mark and word say; their ASCII twins stand in ``words``.
"""

from dataclasses import dataclass
from typing import Final

from devflow.model.checks import Status


@dataclass(frozen=True)
class Sign:
    """How a status is shown: one mark, one word, and a style that never carries the meaning alone."""

    mark: str
    word: str
    style: str


SIGNS: Final = {
    Status.PENDING: Sign("○", "pending", "dim"),
    Status.RUNNING: Sign("◐", "running", "cyan"),
    Status.WAITING: Sign("⏸", "waiting", "yellow"),
    Status.DEFERRED: Sign("◇", "deferred", "yellow"),
    Status.PASSED: Sign("✔", "passed", "green"),
    Status.FAILED: Sign("✘", "FAILED", "bold red"),
    Status.SKIPPED: Sign("–", "skipped", "dim"),
    Status.UNAVAILABLE: Sign("⊘", "unavailable", "magenta"),
    Status.UNOBSERVED: Sign("⊘", "unobserved", "magenta"),
    Status.REJECTED: Sign("✘", "REJECTED", "bold red"),
    Status.CRASHED: Sign("✘", "CRASHED", "bold red"),
}
CHECK_SIGNS: Final = {
    True: Sign("✔", "ok", "green"),
    False: Sign("✘", "NOT OK", "bold red"),
    None: Sign("⊘", "not measured", "magenta"),
}
