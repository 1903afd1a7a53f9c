"""The order of a workflow, and the way through it."""

from datetime import UTC, datetime

import pytest

from devflow.adapters.jira.answers import HistoryItem, IssueStatus, Transition
from devflow.adapters.jira.workflow import Workflow, screen_values, way
from devflow.model.errors import StepFailed


def status(number: str, name: str, category: str) -> IssueStatus:
    words = {"new": "To Do", "indeterminate": "In Progress", "done": "Done"}
    return IssueStatus.model_validate(
        {"id": number, "name": name, "statusCategory": {"key": category, "name": words[category]}}
    )


TODO = status("1", "Open", "new")
DOING = status("2", "Doing", "indeterminate")
REVIEW = status("3", "Review", "indeterminate")
BLOCKED = status("4", "Blocked", "indeterminate")
CLOSED = status("5", "Closed", "done")
DROPPED = status("6", "Dropped", "done")
ALL = (TODO, DOING, REVIEW, BLOCKED, CLOSED, DROPPED)
BOARD = Workflow(ALL, columns=("1", "4", "2", "3", "5"))
BARE = Workflow(ALL)


def moved(*numbers: str) -> list[HistoryItem]:
    pairs = zip(numbers, numbers[1:])
    items = [{"field": "status", "from": before, "to": after} for before, after in pairs]
    return [
        HistoryItem.model_validate({"created": datetime(2026, 1, 5, tzinfo=UTC), "items": [item]})
        for item in items
    ]


def offer(to: IssueStatus) -> Transition:
    return Transition.model_validate(
        {"id": f"1{to.id}", "name": f"Go to {to.name}", "to": to.model_dump(by_alias=True)}
    )


def test_a_category_means_its_statuses_on_the_board() -> None:
    assert BOARD.status_ids("done") == {"5"}
    assert BARE.status_ids("done") == {"5", "6"}
    assert BOARD.status_ids("in progress") == {"2", "3", "4"}


def test_a_name_comes_before_a_category() -> None:
    named = Workflow((*ALL, status("7", "Done", "indeterminate")))
    assert named.status_ids("Done") == {"7"}


def test_the_way_forgets_what_lies_beyond_a_step_back() -> None:
    assert way(moved("1", "2", "3", "2")) == ("1", "2")
    assert way(moved("1", "2", "3")) == ("1", "2", "3")
    assert way([]) == ()


def test_a_later_column_or_category_is_past_an_earlier_one() -> None:
    assert BOARD.reached(REVIEW, frozenset({"2"}), [])
    assert BARE.reached(CLOSED, frozenset({"3"}), [])
    assert not BOARD.reached(DOING, frozenset({"3"}), moved("1", "2", "3", "2"))


def test_without_a_board_the_way_decides_within_a_category() -> None:
    assert BARE.reached(REVIEW, frozenset({"2"}), moved("1", "2", "3"))
    assert not BARE.reached(DOING, frozenset({"3"}), moved("1", "2"))


def test_being_past_is_not_said_of_a_ticket_that_went_back_to_the_start() -> None:
    assert not BARE.reached(TODO, frozenset({"2"}), moved("2", "1"))


def test_the_transition_that_comes_nearest_is_taken_and_none_that_leads_away() -> None:
    chosen = BOARD.towards(
        TODO, frozenset({"3"}), [offer(BLOCKED), offer(DOING), offer(CLOSED)], {"1"}
    )
    assert chosen is not None and chosen.to.id == "2"
    assert BOARD.towards(REVIEW, frozenset({"3"}), [offer(DOING), offer(TODO)], {"3"}) is None


def test_the_way_back_stops_before_it_goes_too_far() -> None:
    chosen = BOARD.towards(
        CLOSED, frozenset({"4"}), [offer(TODO), offer(REVIEW), offer(DOING)], {"5"}
    )
    assert chosen is not None and chosen.to.id == "2"


def screen(**fields: object) -> Transition:
    return Transition.model_validate(
        {"id": "1", "name": "Close", "to": CLOSED.model_dump(by_alias=True), "fields": fields}
    )


def test_a_resolution_that_means_done_is_chosen_and_no_other() -> None:
    allowed = [{"name": "Won't Do"}, {"name": "Fixed"}]
    asked = screen(resolution={"required": True, "name": "Resolution", "allowedValues": allowed})
    assert screen_values(asked, {}) == {"resolution": {"name": "Fixed"}}
    assert screen_values(asked, {"Resolution": "Won't Do"}) == {"resolution": {"name": "Won't Do"}}
    with pytest.raises(StepFailed, match="allowed: Won't Do"):
        screen_values(
            screen(
                resolution={"required": True, "name": "Resolution", "allowedValues": allowed[:1]}
            ),
            {},
        )


def test_an_unknown_required_field_is_named_and_an_optional_one_left_out() -> None:
    assert screen_values(screen(customfield_1={"name": "Team"}), {}) == {}
    assert screen_values(screen(customfield_1={"name": "Team", "required": True}), {"Team": 7}) == {
        "customfield_1": 7
    }
    with pytest.raises(StepFailed, match="asks for 'Team'"):
        screen_values(screen(customfield_1={"name": "Team", "required": True}), {})
