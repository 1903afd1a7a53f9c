"""Servers that are set up to behave in another way: small pages, answers made to order, another
workflow; and what is no behaviour is refused."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.behaviour import CLASSIC, GERMAN, asking_for_a_team, behaving

ISSUE = "/rest/api/3/issue/SCRUM-81"
STATUSES = "/rest/api/3/project/SCRUM/statuses"


@pytest.fixture(autouse=True)
def as_before(world: Any) -> Iterator[None]:
    """The usual behaviour for whoever comes next."""
    with behaving(world.described, "jira"), behaving(world.described, "github"):
        yield


@pytest.mark.parametrize(
    "wanted",
    [
        [],
        {"page_size": 0},
        {"page_size": "2"},
        {"answers": 5},
        {"answers": [{"path": "("}]},
        {"answers": [{"path": "x"}]},
        {"answers": [{"path": "x", "status": "200"}]},
        {"answers": [{"path": "x", "status": 200, "times": "1"}]},
        {"answers": [{"path": "x", "status": 200, "headers": 1}]},
    ],
)
def test_what_is_no_behaviour_is_refused(world: Any, wanted: Any) -> None:
    answer = world.raw("jira", "PUT", "/_sandbox/behaviour", json=wanted)
    assert answer.status_code == 400 and "no behaviour" in answer.json()["message"]
    assert world.raw("jira", "GET", "/_sandbox/behaviour").json() == {}


def test_an_answer_to_order_is_given_as_often_as_it_is_said(world: Any) -> None:
    paused = {"path": "/myself$", "status": 429, "headers": {"Retry-After": "7"}, "times": 2}
    with behaving(world.described, "jira", answers=[paused]):
        answers = [world.raw("jira", "GET", "/rest/api/3/myself") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [429, 429, 200]
    assert answers[0].headers["retry-after"] == "7"


def test_a_page_is_no_larger_than_the_server_wants_and_says_that_there_is_more(world: Any) -> None:
    every = world.raw("jira", "GET", f"{ISSUE}/changelog").json()
    with behaving(world.described, "jira", page_size=2):
        page = world.raw("jira", "GET", f"{ISSUE}/changelog").json()
        rest = world.raw("jira", "GET", f"{ISSUE}/changelog", params={"startAt": 2}).json()
        shown = world.raw("jira", "GET", ISSUE, params={"expand": "changelog"}).json()
    assert len(every["values"]) == 4 and every["isLast"]
    assert page["values"] == every["values"][:2] and not page["isLast"]
    assert rest["values"] == every["values"][2:] and rest["isLast"]
    assert (shown["changelog"]["total"], len(shown["changelog"]["histories"])) == (4, 2)
    with behaving(world.described, "github", page_size=2):
        answer = world.raw("github", "GET", "/repos/acme/carprice/branches")
        assert len(answer.json()) <= 2


def test_a_search_shows_changes_where_it_is_asked_to(world: Any) -> None:
    query = {"jql": "status = Done", "fields": "status", "expand": "changelog", "maxResults": 2}
    found = world.raw("jira", "GET", "/rest/api/3/search/jql", params=query).json()
    assert [len(issue["changelog"]["histories"]) for issue in found["issues"]] == [4, 4]


def test_another_workflow_has_its_own_names_ways_and_screens(world: Any) -> None:
    names = [one["name"] for one in world.raw("jira", "GET", STATUSES).json()[0]["statuses"]]
    assert names[-1] == "Done"
    with behaving(world.described, "jira", workflow=asking_for_a_team(GERMAN, "11")):
        shown = world.raw("jira", "GET", "/rest/api/3/issue/SCRUM-95/transitions", params=FIELDS)
        (ended, started) = shown.json()["transitions"]
        assert (ended["name"], ended["to"]["statusCategory"]["name"]) == ("Ablehnen", "Fertig")
        options = started["fields"]["customfield_10050"]["allowedValues"]
        assert [option["value"] for option in options] == ["Blue", "Red"]
        body = {"transition": {"id": "11"}}
        refused = world.raw("jira", "POST", "/rest/api/3/issue/SCRUM-95/transitions", json=body)
        assert refused.json()["errors"] == {"customfield_10050": "Team is required."}
    with behaving(world.described, "jira", workflow=CLASSIC):
        kinds = world.raw("jira", "GET", STATUSES).json()
        assert "Rejected" in [one["name"] for one in kinds[0]["statuses"]]


FIELDS = {"expand": "transitions.fields"}
