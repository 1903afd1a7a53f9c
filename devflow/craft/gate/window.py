"""When production may be brought: between two times of day on some weekdays, as the clocks of a
place show them.

A window belongs to the day on which it opens, and may end on the next. Where clocks are put
forward, a time in the missing hour is the moment of the jump; where they are put back, a window
opens at the first of two equal times and closes at the second: it is open at every moment at which
the clock on the wall shows a time in it.
"""

from datetime import UTC, date, datetime, time, timedelta
from typing import Final, Iterator
from zoneinfo import ZoneInfo

from pydantic import Field

from devflow.model.bounds.times import WEEKDAYS, EndOfDay, TimeOfDay, Weekdays, Zone
from devflow.model.bounds.words import NameOrNone
from devflow.model.errors import PipelineInvalid
from devflow.model.values import Value

# a window opens once a week at least, but for one that lies in a missing hour, which is not missing
# a week later; a zone that changes sides of the date line loses a day
_LOOK_AHEAD_DAYS: Final = 16
_DAY: Final = timedelta(days=1)


class Window(Value):
    """On which weekdays, from when to when, by the clocks of which zone."""

    days: tuple[Weekdays, ...] = Field(
        default=("mon-fri",), min_length=1, description="weekdays on which it opens"
    )
    from_: TimeOfDay = Field(default="00:00", alias="from", description="when it opens")
    to: EndOfDay = Field(
        default="24:00", description="when it closes; before `from` it is on the next day"
    )
    zone: Zone = Field(default="UTC", description="the time zone, as Europe/Berlin")
    override: NameOrNone = Field(
        default="", description="the role of who may say that it need not be waited for"
    )

    def __str__(self) -> str:
        return f"{', '.join(self.days)} {self.from_}-{self.to} {self.zone}"

    def refuse_empty(self) -> None:
        """Raises ``PipelineInvalid`` for one that closes when it opens."""
        if self.from_ == self.to:
            problem = f"the window opens and closes at {self.to}, so that it is never open"
            hint = 'a whole day is {from: "00:00", to: "24:00"}'
            raise PipelineInvalid(problem, hint=hint, parameter=("window", "to"))

    def is_open(self, now: datetime) -> bool:
        """Whether a moment lies within."""
        moment = now.astimezone(UTC)
        return any(start <= moment < end for start, end in self._around(moment))

    def opens(self, now: datetime) -> datetime:
        """When it opens next after a moment, by the clocks of its zone."""
        moment = now.astimezone(UTC)
        start = min(start for start, _ in self._around(moment) if start > moment)
        return start.astimezone(self._place)

    @property
    def _place(self) -> ZoneInfo:
        return ZoneInfo(self.zone)

    def _around(self, moment: datetime) -> Iterator[tuple[datetime, datetime]]:
        """Every opening and closing near a moment, in UTC."""
        chosen = frozenset(day for days in self.days for day in _weekdays(days))
        today = moment.astimezone(self._place).date()
        ends_after = _DAY if self.to < self.from_ else timedelta()
        for offset in range(-2, _LOOK_AHEAD_DAYS):
            day = today + offset * _DAY
            if day.weekday() not in chosen:
                continue
            start = _moment(_on(day, self.from_), self._place, last=False)
            end = _moment(_on(day + ends_after, self.to), self._place, last=True)
            if start < end:
                yield start, end


def _weekdays(days: str) -> Iterator[int]:
    """The weekdays of ``mon-thu``, and of ``sat-mon``."""
    first, _, last = days.partition("-")
    begin = WEEKDAYS.index(first)
    length = (WEEKDAYS.index(last or first) - begin) % 7
    for number in range(begin, begin + length + 1):
        yield number % 7


def _on(day: date, told: str) -> datetime:
    """A time of day on a day, as a wall clock shows it; 24:00 is the next day's beginning."""
    hours, minutes = told.split(":")
    return datetime.combine(day, time()) + timedelta(hours=int(hours), minutes=int(minutes))


def _moment(wall: datetime, place: ZoneInfo, *, last: bool) -> datetime:
    """When the clocks of a place show a time, in UTC; the first or the ``last`` of two, and where
    they never show it, when they jump over it."""
    # fold picks the offset before a change of the clocks, or the one after it
    before = wall.replace(tzinfo=place, fold=0).astimezone(UTC)
    after = wall.replace(tzinfo=place, fold=1).astimezone(UTC)
    if before <= after:
        return after if last else before
    return _jump(after, before, place)


def _jump(early: datetime, late: datetime, place: ZoneInfo) -> datetime:
    """The first second after ``early``, and not after ``late``, with another offset."""
    offset = early.astimezone(place).utcoffset()
    before = 0
    after = int((late - early).total_seconds())
    while after - before > 1:
        middle = (before + after) // 2
        if (early + timedelta(seconds=middle)).astimezone(place).utcoffset() == offset:
            before = middle
        else:
            after = middle
    return early + timedelta(seconds=after)
