"""The machine's time, written as each of the two services writes it.

JIRA's offset has no colon (`+0000`), which is not RFC 3339; GitHub's times end in `Z` and have no
fraction.
"""

from contextlib import suppress
from datetime import UTC, datetime, timedelta


def jira_time(days: float = 0.0) -> str:
    """Now, moved by `days`, as JIRA writes it: `2026-01-05T09:00:00.000+0000`."""
    moment = datetime.now(UTC) + timedelta(days=days)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03d}+0000"


def github_time() -> str:
    """Now, as GitHub writes it: `2026-01-05T09:00:00Z`."""
    return _github(datetime.now(UTC))


def shown(written: str) -> str:
    """A time that JIRA wrote, as a page shows it: like GitHub's; what is none stays as it is."""
    with suppress(ValueError):
        return _github(datetime.strptime(written, "%Y-%m-%dT%H:%M:%S.%f%z"))
    return written


def _github(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def day(days: float = 0.0) -> str:
    """Today's date, moved by `days`: `2026-01-05`."""
    return f"{datetime.now(UTC) + timedelta(days=days):%Y-%m-%d}"
