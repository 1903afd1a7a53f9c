"""The rules of planning: due dates, working time, complexity, risk and the way through statuses."""

from datetime import date, datetime, timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from devflow.craft.ticket import sprint
from devflow.model.planning import IssueLink, StatusChange
from devflow.model.workflow import Status

# a loaded machine may take its time over one example
UNHURRIED = settings(deadline=None, max_examples=50)
UTC = timezone.utc
REVIEW = Status(id="Code Review", name="Code Review", category="indeterminate")
MONDAY = datetime(2024, 1, 15, 9, 0, tzinfo=UTC)


def test_sixteen_hours_from_monday_are_due_on_wednesday_as_in_the_reference() -> None:
    assert sprint.due_date(date(2024, 1, 15), 16, sprint.HOURS_PER_DAY) == date(2024, 1, 17)


@UNHURRIED
@given(
    start=st.dates(date(2020, 1, 1), date(2030, 1, 1)),
    hours=st.floats(0, 400),
    more=st.floats(0, 40),
)
def test_a_due_date_is_a_working_day_and_never_earlier_for_more_work(
    start: date, hours: float, more: float
) -> None:
    due = sprint.due_date(start, hours, 6.0)
    assert due >= start and due.weekday() < 5
    assert sprint.due_date(start, hours + more, 6.0) >= due


@UNHURRIED
@given(
    st.datetimes(datetime(2024, 1, 1), datetime(2024, 3, 1)),
    st.timedeltas(timedelta(0), timedelta(days=40)),
)
def test_working_time_is_never_more_than_what_went_by_or_the_cap_of_each_day(
    since: datetime, gone: timedelta
) -> None:
    begin = since.replace(tzinfo=UTC)
    days = ((begin + gone).date() - begin.date()).days + 1
    assert (
        0
        <= sprint.working_s(begin, begin + gone, 6.0)
        <= min(gone.total_seconds(), days * 6 * 3600)
    )


def test_a_night_and_a_weekend_are_no_working_time() -> None:
    friday = MONDAY + timedelta(days=4, hours=7)
    assert sprint.working_s(friday, friday + timedelta(days=3, hours=-6, minutes=-30), 6.0) == int(
        1.5 * 3600
    )


def test_working_time_counts_in_the_zone_where_work_began() -> None:
    elsewhere = (MONDAY + timedelta(hours=2)).astimezone(timezone(timedelta(hours=9)))
    assert sprint.working_s(MONDAY, elsewhere, 6.0) == 2 * 3600


@pytest.mark.parametrize(
    ("points", "word"),
    [(None, "unknown"), (1, "Low"), (4.9, "Low"), (5, "Medium"), (8, "Medium"), (13, "High")],
)
def test_complexity_follows_its_thresholds(points: float | None, word: str) -> None:
    assert sprint.complexity(points, sprint.MEDIUM_FROM_POINTS, sprint.HIGH_FROM_POINTS) == word


def test_risk_rises_with_open_blockers_complexity_and_missing_points() -> None:
    assert sprint.risk(8, "Medium", 0) == ("Low", ())
    assert sprint.risk(13, "High", 0) == ("Medium", ("high complexity",))
    assert sprint.risk(8, "Medium", 1) == ("High", ("1 open blocker",))
    assert sprint.risk(None, "unknown", 2)[1] == ("2 open blockers", "no story points")


def test_only_what_has_to_be_done_first_is_a_dependency() -> None:
    links = (
        IssueLink(relation="blocks", key="A-1"),
        IssueLink(relation="Is blocked by", key="A-2"),
    )
    assert [link.key for link in sprint.dependencies(links)] == ["A-2"]


def test_a_status_path_ends_where_the_asked_status_was_first_reached() -> None:
    hops = ["To Do", "In Progress", "Code Review", "In Progress"]
    changes = [
        StatusChange(from_status=a, to_status=b, from_id=a, to_id=b, at=MONDAY, by="x")
        for a, b in zip(hops, hops[1:])
    ]
    assert sprint.status_path(changes) == tuple(hops)
    assert sprint.status_path(changes, (REVIEW,)) == ("To Do", "In Progress", "Code Review")


@pytest.mark.parametrize("text", ["", "yesterday", "2024-01-15T09:00:00"])
def test_a_time_without_form_or_zone_is_unknown(text: str) -> None:
    assert sprint.moment(text) is None
