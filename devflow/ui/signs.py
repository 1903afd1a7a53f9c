"""The mark and the word that each status and each check is shown by.

The style only repeats what mark and word say; their ASCII twins stand in ``words``. Without a
verdict a check is a note where it tells something, else not measured; neither is ever green.
"""

import re
from dataclasses import dataclass
from typing import Final

from devflow.model.checks import Check, Status


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
# how a text begins that says why there is no value; "no rules" is a value
_WHY_NOT = re.compile(r"(not|nothing|unavailable|unobserved|skipped|deferred)\b")


def check_sign(check: Check) -> Sign:
    """How a check is shown; what an entry needs and nobody measured is never a note."""
    if check.ok is True:
        return OK
    if check.ok is False:
        return NOT_OK
    if check.needed or not check.measured or says_why_not(check.measured):
        return NOT_MEASURED
    return NOTE


def says_why_not(measured: str) -> bool:
    """True for a text that says why there is no value, such as ``skipped: no browser``."""
    return _WHY_NOT.match(measured) is not None
