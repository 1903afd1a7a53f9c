"""The order of a workflow, and the ways that finished tickets tell of."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest

from devflow.adapters.jira.answers import FoundIssue, HistoryItem
from devflow.adapters.jira.ways import Search, Ways
from devflow.adapters.jira.workflow import Workflow, way
from devflow.model.workflow import Status

START = datetime(2026, 1, 5, tzinfo=UTC)
WORDS = {"new": "Zu erledigen", "indeterminate": "In Arbeit", "done": "Fertig"}


def status(number: str, name: str, category: str) -> Status:
    return Status(id=number, name=name, category=category, category_name=WORDS[category])


TODO = status("1", "Open", "new")
DOING = status("2", "Doing", "indeterminate")
REVIEW = status("3", "Review", "indeterminate")
BLOCKED = status("4", "Blocked", "indeterminate")
CLOSED = status("5", "Closed", "done")
DROPPED = status("6", "Dropped", "done")
RESOLVED = status("7", "Resolved", "done")
ALL = (TODO, DOING, REVIEW, BLOCKED, CLOSED, DROPPED, RESOLVED)
ENDS = {"5", "6", "7"}


def board(*columns: str) -> Workflow:
    return Workflow(ALL, tuple(frozenset(column.split()) for column in columns))


BOARD = board("1", "4", "2", "3", "5")
BARE = Workflow(ALL)


def moved(*numbers: str) -> list[HistoryItem]:
    changes = []
    for place, (before, after) in enumerate(zip(numbers, numbers[1:])):
        item = {"field": "status", "from": before, "to": after}
        created = START + timedelta(hours=place)
        changes.append(HistoryItem.model_validate({"created": created, "items": [item]}))
    return changes


@dataclass(frozen=True)
class Finished:
    """A finished ticket: the statuses that it went through, and its resolution."""

    path: tuple[str, ...]
    resolution: str = ""

    def read(self) -> FoundIssue:
        end = next(one for one in ALL if one.id == self.path[-1])
        category = {"key": end.category, "name": end.category_name}
        status = {"id": end.id, "name": end.name, "statusCategory": category}
        fields: dict[str, object] = {"status": status}
        if self.resolution:
            fields["resolution"] = {"id": self.resolution, "name": "?"}
        return FoundIssue.model_validate({"key": "A-1", "fields": fields})


def finished(*numbers: str, resolution: str = "") -> Finished:
    return Finished(numbers, resolution)


def ways_of(*tickets: Finished) -> Ways:
    found = [one.read() for one in tickets]
    return Ways.of(found, [moved(*one.path) for one in tickets])


@pytest.mark.parametrize(
    ("word", "ids"),
    [
        ("3", "3"),
        ("review", "3"),
        ("done", "5"),
        ("Done", "5"),
        ("Fertig", "5"),
        ("In Progress", "4 2 3"),
        ("in arbeit", "4 2 3"),
        ("indeterminate", "4 2 3"),
        ("Shipped", ""),
    ],
)
def test_a_status_is_meant_by_id_name_or_category_in_english_or_in_the_sites_language(
    word: str, ids: str
) -> None:
    assert {one.id for one in BOARD.meant(word)} == set(ids.split())


def test_without_a_board_a_category_means_all_of_its_statuses() -> None:
    assert {one.id for one in BARE.meant("done")} == ENDS


def test_a_name_comes_before_a_category() -> None:
    named = Workflow((*ALL, status("8", "Done", "indeterminate")))
    assert [one.id for one in named.meant("Done")] == ["8"]


def test_the_way_forgets_what_lies_beyond_a_step_back() -> None:
    assert way(moved("1", "2", "3", "2")) == ("1", "2")
    assert way(moved("1", "2", "3")) == ("1", "2", "3")
    assert way([]) == ()


def test_a_later_column_or_category_is_past_an_earlier_one() -> None:
    assert BOARD.reached(REVIEW, (DOING,), [])
    assert BARE.reached(CLOSED, (REVIEW,), [])
    assert not BOARD.reached(DOING, (REVIEW,), moved("1", "2", "3", "2"))


def test_nothing_is_past_an_end() -> None:
    assert not board("1", "2", "5", "6").reached(DROPPED, (CLOSED,), [])
    assert board("1", "2", "5 6").reached(CLOSED, (CLOSED,), [])


def test_where_the_board_does_not_order_two_statuses_the_way_decides() -> None:
    same = board("1", "2 3", "5")
    for unordered in (BARE, same):
        assert unordered.reached(REVIEW, (DOING,), moved("1", "2", "3"))
        assert not unordered.reached(DOING, (REVIEW,), moved("1", "2"))


def test_being_past_is_not_said_of_a_ticket_that_went_back_to_the_start() -> None:
    assert not BARE.reached(TODO, (DOING,), moved("2", "1"))


def found(
    ways: Ways, offered: str, target: str = "5", via: str = "", shut: str = ""
) -> tuple[str, ...]:
    return Search(
        ways=ways,
        offered=tuple(offered.split()),
        targets=frozenset(target.split()),
        via=tuple(via.split()),
        shut=frozenset(shut.split()),
        ends={one.id: one.id in ENDS for one in ALL},
    ).path()


CHAIN = ways_of(finished("1", "2", "3", "5"))
CLASSIC = ways_of(finished("1", "2", "7", "5", resolution="11"))
CASES = {
    "straight there": (CHAIN, "2 5", "", ("5",)),
    "over what others went through": (CHAIN, "2", "", ("2", "3", "5")),
    "the classic way through Resolved": (CLASSIC, "6 7", "", ("7", "5")),
    "never through another end that nobody went on from": (CHAIN, "6", "", ()),
    "never into what nobody went on from": (CHAIN, "4", "", ()),
    "nothing is known without history": (Ways(), "2 4 6", "", ()),
    "through another end where a person names it": (CHAIN, "6", "6", ("6", "5")),
    "from a known status to the named one": (CHAIN, "2", "7", ("2", "3", "5")),
    "a named status opens no unnamed one": (Ways(), "4", "7", ()),
    "not through an end where there is another way": (
        ways_of(finished("1", "6", "2", "5"), finished("1", "2", "3", "5")),
        "6 2",
        "",
        ("2", "5"),
    ),
}


@pytest.mark.parametrize(("ways", "offered", "via", "path"), CASES.values(), ids=CASES.keys())
def test_a_status_is_entered_only_where_somebody_is_known_to_have_gone_on(
    ways: Ways, offered: str, via: str, path: tuple[str, ...]
) -> None:
    assert found(ways, offered, via=via) == path


def test_a_status_that_the_ticket_came_from_is_not_entered_again() -> None:
    assert found(CHAIN, "2", shut="2") == ()


def test_a_ticket_goes_back_the_way_that_others_came() -> None:
    assert found(CHAIN.backwards, "3 4", target="1", shut="5") == ("3", "2", "1")
    assert found(CHAIN, "3 4", target="1", shut="5") == ()


def test_a_status_that_the_workflow_has_no_more_is_on_no_way() -> None:
    assert found(ways_of(finished("1", "2", "99", "5")), "2") == ()


def test_most_finished_tickets_tell_the_end_and_its_resolution() -> None:
    done = [finished("1", "5", resolution="11"), finished("2", "5", resolution="11")]
    rejected = finished("1", "6", resolution="13")
    ways = ways_of(finished("1", "5", resolution="12"), *done, rejected)
    assert ways.usual_end({"5", "6"}) == "5"
    assert ways.usual_resolution({"5"}) == "11"
    tie = ways_of(finished("1", "5"), finished("1", "6"))
    assert tie.usual_end({"5", "6"}) == ""
    assert tie.usual_resolution({"5"}) == ""
    assert Ways().usual_end({"5"}) == ""
    # few tickets, all of them rejected, say nothing of where the others end
    assert ways_of(rejected, rejected).usual_end({"5", "6"}) == ""
