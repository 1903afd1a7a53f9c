"""When a window is open: by the clocks of its zone, also on the days when they are changed."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devflow.craft.gate.window import Window
from devflow.model.bounds.times import WEEKDAYS

BERLIN = ZoneInfo("Europe/Berlin")


def window(**told: Any) -> Window:
    return Window.model_validate({"zone": "Europe/Berlin", **told})


OFFICE = window(days=["mon-thu"], **{"from": "09:00", "to": "16:00"})
NIGHT = window(days=["fri"], **{"from": "22:00", "to": "04:00"})


def at(text: str, zone: ZoneInfo = BERLIN, fold: int = 0) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone, fold=fold)


# 2026-11-30 is a Monday
@pytest.mark.parametrize(
    ("now", "is_open"),
    [
        ("2026-11-30 09:00", True),
        ("2026-11-30 08:59:59", False),
        ("2026-12-03 15:59:59", True),
        ("2026-12-03 16:00", False),
        ("2026-12-04 12:00", False),
    ],
)
def test_it_is_open_from_its_first_minute_until_just_before_its_last(
    now: str, is_open: bool
) -> None:
    assert OFFICE.is_open(at(now)) is is_open
    # whatever clock the machine has
    assert OFFICE.is_open(at(now).astimezone(ZoneInfo("Asia/Kolkata"))) is is_open


@pytest.mark.parametrize(
    ("now", "opens"),
    [
        ("2026-11-30 08:00", "2026-11-30T09:00:00+01:00"),
        ("2026-11-30 09:00", "2026-12-01T09:00:00+01:00"),
        ("2026-12-03 17:00", "2026-12-07T09:00:00+01:00"),
        ("2026-03-27 12:00", "2026-03-30T09:00:00+02:00"),
    ],
)
def test_it_says_when_it_opens_next_in_its_zone(now: str, opens: str) -> None:
    assert OFFICE.opens(at(now)).isoformat() == opens


@pytest.mark.parametrize(
    ("now", "is_open"),
    [
        ("2026-12-04 22:00", True),
        ("2026-12-05 03:59", True),
        ("2026-12-05 04:00", False),
        # the night belongs to the Friday
        ("2026-12-05 22:00", False),
        ("2026-12-04 03:00", False),
    ],
)
def test_one_over_midnight_belongs_to_the_day_on_which_it_opens(now: str, is_open: bool) -> None:
    assert NIGHT.is_open(at(now)) is is_open


def test_in_the_missing_hour_a_time_is_the_moment_of_the_jump() -> None:
    # 2026-03-29, a Sunday: 02:00 CET is 03:00 CEST
    sunday = window(days=["sun"], **{"from": "02:30", "to": "05:00"})
    assert sunday.opens(at("2026-03-28 12:00")).isoformat() == "2026-03-29T03:00:00+02:00"
    assert not sunday.is_open(at("2026-03-29 01:59:59")) and sunday.is_open(at("2026-03-29 03:00"))
    until = window(days=["sun"], **{"from": "01:00", "to": "02:30"})
    assert until.is_open(at("2026-03-29 01:59:59")) and not until.is_open(at("2026-03-29 03:00"))


def test_one_that_lies_in_the_missing_hour_does_not_open_that_day() -> None:
    within = window(days=["sun"], **{"from": "02:15", "to": "02:45"})
    assert within.opens(at("2026-03-28 12:00")).isoformat() == "2026-04-05T02:15:00+02:00"


def test_in_the_doubled_hour_it_is_open_from_the_first_time_to_the_second() -> None:
    # 2026-10-25, a Sunday: 03:00 CEST is 02:00 CET
    sunday = window(days=["sun"], **{"from": "02:30", "to": "02:45"})
    assert sunday.opens(at("2026-10-24 12:00")).isoformat() == "2026-10-25T02:30:00+02:00"
    for now, fold, is_open in (
        ("2026-10-25 02:29", 0, False),
        ("2026-10-25 02:30", 0, True),
        ("2026-10-25 02:10", 1, True),
        ("2026-10-25 02:44", 1, True),
        ("2026-10-25 02:45", 1, False),
    ):
        assert sunday.is_open(at(now, fold=fold)) is is_open, (now, fold)


def test_a_day_that_a_place_never_had_is_stepped_over() -> None:
    # Samoa went from Thursday 2011-12-29 to Saturday
    zone = ZoneInfo("Pacific/Apia")
    friday = window(days=["fri"], zone="Pacific/Apia", **{"from": "09:00", "to": "16:00"})
    opens = friday.opens(datetime(2011, 12, 29, 12, tzinfo=zone))
    assert opens.isoformat() == "2012-01-06T09:00:00+14:00"


def test_a_whole_day_and_days_over_the_end_of_the_week() -> None:
    days = window(days=["sat-mon"], **{"to": "24:00"})
    assert [days.is_open(at(f"2026-12-0{day} 23:59:59")) for day in range(3, 9)] == [
        False,
        False,
        True,
        True,
        True,
        False,
    ]


ZONES = st.sampled_from(
    [
        "UTC",
        "Europe/Berlin",
        "America/St_Johns",
        "Australia/Lord_Howe",
        "Pacific/Apia",
        "Asia/Kathmandu",
        "America/Sao_Paulo",
        "Africa/Casablanca",
    ]
)
TIMES = st.integers(0, 24 * 60 - 1).map(lambda minute: f"{minute // 60:02d}:{minute % 60:02d}")
DAYS = st.lists(st.sampled_from(WEEKDAYS), min_size=1, max_size=3)
MOMENTS = st.datetimes(
    datetime(2005, 1, 1), datetime(2035, 1, 1), timezones=st.just(UTC), allow_imaginary=False
)
WINDOWS = st.builds(
    lambda days, start, end, zone: Window.model_validate(
        {"days": days, "from": start, "to": end, "zone": zone}
    ),
    DAYS,
    TIMES,
    TIMES,
    ZONES,
).filter(lambda one: one.from_ != one.to)


@given(WINDOWS, MOMENTS)
def test_what_is_closed_opens_when_it_says_and_not_before(one: Window, now: datetime) -> None:
    opens = one.opens(now)
    assert opens > now and one.is_open(opens)
    assert opens - now <= timedelta(days=15)
    if not one.is_open(now):
        wait = opens - now
        assert not any(one.is_open(now + wait * part / 97) for part in range(97))
        assert not one.is_open(opens - timedelta(seconds=1))


@given(WINDOWS, MOMENTS)
def test_it_is_open_at_every_moment_at_which_the_wall_clock_shows_a_time_in_it(
    one: Window, now: datetime
) -> None:
    local = now.astimezone(ZoneInfo(one.zone))
    shown = f"{local:%H:%M}"
    today = WEEKDAYS[local.weekday()] in one.days
    yesterday = WEEKDAYS[local.weekday() - 1] in one.days
    if one.from_ < one.to:
        within = today and one.from_ <= shown < one.to
    else:
        within = (today and shown >= one.from_) or (yesterday and shown < one.to)
    a_day = timedelta(days=1)
    offsets = {
        (local + a_day * step / 4).astimezone(UTC).astimezone(local.tzinfo).utcoffset()
        for step in range(-8, 9)
    }
    if len(offsets) == 1:
        assert one.is_open(now) is within
    elif within:
        assert one.is_open(now)
