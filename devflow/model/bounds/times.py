"""Kinds of times: of weekdays, times of day and time zones."""

from typing import Annotated, Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, Field

from devflow.model.bounds.allowed import allowed, quoted

WEEKDAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_DAY: Final = f"({'|'.join(WEEKDAYS)})"
_TIME: Final = "([01][0-9]|2[0-3]):[0-5][0-9]"
# without quotes YAML 1.1 reads 16:00 as 960, to the base of 60
_QUOTES: Final = "in quotes: without them YAML makes a number of it"


def _known(zone: str) -> str:
    """Refuses a zone that this machine's database lacks."""
    try:
        ZoneInfo(zone)
    except (ZoneInfoNotFoundError, OSError) as error:
        raise ValueError("this machine does not know it") from error
    return zone


Weekdays = Annotated[
    str,
    Field(pattern=rf"^{_DAY}(-{_DAY})?$"),
    allowed("a weekday or several, as sat or mon-thu"),
]
TimeOfDay = Annotated[
    str, Field(pattern=f"^{_TIME}$"), quoted(f'a time of day, as "09:00", {_QUOTES}')
]
EndOfDay = Annotated[
    str,
    Field(pattern=f"^({_TIME}|24:00)$"),
    quoted(f'a time of day up to "24:00", as "16:00", {_QUOTES}'),
]
Zone = Annotated[
    str,
    Field(max_length=64, pattern=r"^[A-Za-z][A-Za-z0-9_+-]*(/[A-Za-z0-9_+-]+)*$"),
    AfterValidator(_known),
    allowed(
        "a time zone that this machine knows (it needs the zone database: tzdata), as Europe/Berlin"
    ),
]
