"""The machine's time, written as each of the two services writes it.

JIRA's offset has no colon (`+0000`), which is not RFC 3339; GitHub's times end in `Z` and have no
fraction.
"""

from datetime import UTC, datetime, timedelta
from typing import Final

GITHUB_FORM: Final = "%Y-%m-%dT%H:%M:%SZ"


def jira_time(days: float = 0.0) -> str:
    """Now, moved by `days`, as JIRA writes it: `2026-01-05T09:00:00.000+0000`."""
    moment = datetime.now(UTC) + timedelta(days=days)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03d}+0000"


def github_time() -> str:
    """Now, as GitHub writes it: `2026-01-05T09:00:00Z`."""
    return datetime.now(UTC).strftime(GITHUB_FORM)


def github_time_after(created: str) -> str:
    """Now, as GitHub writes it, at least a second after something was made: who reads the two times
    has to see an edit, and no person is as quick as a program."""
    second_later = datetime.strptime(created, GITHUB_FORM) + timedelta(seconds=1)
    return max(github_time(), second_later.strftime(GITHUB_FORM))


def day(days: float = 0.0) -> str:
    """Today's date, moved by `days`: `2026-01-05`."""
    return f"{datetime.now(UTC) + timedelta(days=days):%Y-%m-%d}"
