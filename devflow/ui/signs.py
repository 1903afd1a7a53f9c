"""The mark and the word that each status and each check is shown by.

The style only repeats what mark and word say; their ASCII twins stand in ``words``. Without a
verdict a check is a note where it tells something, else not measured; neither is ever green.
"""

from dataclasses import dataclass
from typing import Final

from devflow.model.checks import Check, Status
from devflow.model.figures import Missing


@dataclass(frozen=True)
class Sign:
    """How a status is shown: a mark, a word, and a style that never carries the meaning alone."""

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
OK: Final = Sign("✔", "ok", "green")
NOT_OK: Final = Sign("✘", "NOT OK", "bold red")
NOT_MEASURED: Final = Sign("⊘", "not measured", "magenta")
NOTE: Final = Sign("·", "note", "dim")


def check_sign(check: Check) -> Sign:
    """How a check is shown; what an entry needs and nobody measured is never a note."""
    if check.ok is True:
        return OK
    if check.ok is False:
        return NOT_OK
    if check.needed or isinstance(check.figure, Missing):
        return NOT_MEASURED
    return NOTE
