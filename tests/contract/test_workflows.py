"""The tracker port on JIRA sites that are not like the reference's: other workflows, other
languages, screens that ask for more."""

from collections.abc import Iterator
from typing import Any

import pytest

from devflow.adapters.http.retry import Retry
from devflow.adapters.jira.tracker import JiraAuth, JiraTracker
from devflow.adapters.jira.walk import Words
from devflow.model.errors import AccessDenied, StepFailed
from tests.behaviour import (
    CLASSIC,
    GERMAN,
    WAY,
    JiraHands,
    asking_for_a_team,
    behaving,
)
from tests.sandbox_process import running_sandbox

RESOLVED = {"resolution": {"id": "10000"}}


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    with running_sandbox(tmp_path_factory.mktemp("sandbox")) as described:
        yield described


@pytest.fixture(scope="module")
def hands(sandbox: dict[str, Any]) -> JiraHands:
    return JiraHands(sandbox)


def tracker_of(sandbox: dict[str, Any], *via: str, **fields: Any) -> JiraTracker:
    user = sandbox["users"][0]
    auth = JiraAuth(user["jira_token"], user["email"])
    words = Words(via, fields)
    url = sandbox["jira"]["url"]
    return JiraTracker(url, auth, "SCRUM", retry=Retry(first_wait_s=0.01), words=words)


def in_testing(hands: JiraHands) -> str:
    key = hands.ticket()
    hands.move(key, "11", "21", "31")
    return key


def test_a_ticket_is_neither_rejected_nor_parked_where_done_is_not_offered(
    sandbox: dict[str, Any], hands: JiraHands
) -> None:
    with behaving(sandbox, "jira", workflow=CLASSIC):
        key = in_testing(hands)
        tracker = tracker_of(sandbox)
        with pytest.raises(StepFailed, match="cannot come from 'Testing' to 'Done'") as caught:
            tracker.transition(key, "Done")
        assert "Rejected (10006), On Hold (10007), Resolved (10005)" in caught.value.message
        assert "via: [...]" in caught.value.hint
        assert tracker.issue(key).status == "Testing"
        assert not tracker.way(key, "Done").is_known
        # what is named is gone through, and nothing else
        tracker_of(sandbox, "Resolved").transition(key, "Done")
        assert tracker.issue(key).status == "Done"


def test_what_finished_tickets_went_through_is_gone_through(
    sandbox: dict[str, Any], hands: JiraHands
) -> None:
    with behaving(sandbox, "jira", workflow=CLASSIC):
        hands.move(hands.ticket(), *WAY, **RESOLVED)
        tracker = tracker_of(sandbox)
        key = hands.ticket()
        assert tracker.way(key, "Done").is_known
        tracker.transition(key, "10004")
        names = [change.to_status for change in tracker.history(key)]
        assert names == ["In Progress", "Code Review", "Testing", "Resolved", "Done"]
        assert tracker.issue(key).resolution == "Done"


def test_a_ticket_that_somebody_rejected_is_not_closed_over_their_head(
    sandbox: dict[str, Any], hands: JiraHands
) -> None:
    workflow = {**CLASSIC, "transitions": {**CLASSIC["transitions"], "99": ["", "*", "10004", []]}}
    with behaving(sandbox, "jira", workflow=workflow):
        key = hands.ticket()
        hands.move(key, "91")
        tracker = tracker_of(sandbox)
        with pytest.raises(StepFailed, match="it ended as 'Rejected'"):
            tracker.transition(key, "Done")
        assert tracker.issue(key).status == "Rejected"


def test_a_site_in_another_language_passes_with_the_defaults(
    sandbox: dict[str, Any], hands: JiraHands
) -> None:
    with behaving(sandbox, "jira", workflow=GERMAN):
        tracker = tracker_of(sandbox)
        key = hands.ticket()
        tracker.transition(key, "In Progress")
        assert tracker.issue(key).status == "In Arbeit"
        assert tracker.way(key, "Code Review").meant == ()
        assert "Wird geprüft (10002)" in tracker.way(key, "Code Review").problem
        tracker.transition(key, "Im Test")
        tracker.transition(key, "Done")
        issue = tracker.issue(key)
        assert (issue.status, issue.resolution) == ("Fertig", "Erledigt")
        names = [change.to_status for change in tracker.history(key)]
        assert names == ["In Arbeit", "Wird geprüft", "Im Test", "Fertig"]
        assert [one.id for one in tracker.meant(key, "Done")] == ["10004"]


def test_several_ends_without_history_are_told_and_none_is_chosen(
    sandbox: dict[str, Any], hands: JiraHands
) -> None:
    statuses = {**GERMAN["statuses"], "10008": ["Erledigt", "done"]}
    del statuses["10004"]
    transitions = {**GERMAN["transitions"], "41": ["", "10003", "10008", []]}
    columns = [["10006", "10008"]]
    changed = {"statuses": statuses, "transitions": transitions, "columns": columns}
    with behaving(sandbox, "jira", workflow={**GERMAN, **changed}):
        key = in_testing(hands)
        with pytest.raises(StepFailed, match=r"Abgelehnt \(10006\), Erledigt \(10008\)"):
            tracker_of(sandbox).transition(key, "Done")
        tracker_of(sandbox).transition(key, "10008")
        assert hands.status(key) == "Erledigt"


def test_a_required_field_is_seen_before_the_ticket_stands_there_and_given_by_a_person(
    sandbox: dict[str, Any], hands: JiraHands
) -> None:
    with behaving(sandbox, "jira", workflow=asking_for_a_team(GERMAN, "41")):
        in_testing(hands)
        key = hands.ticket()
        asks = tracker_of(sandbox).way(key, "Done", screens=True).asks
        assert [(one.name, one.allowed) for one in asks] == [("Team", ("Blue", "Red"))]
        told = tracker_of(sandbox, Team="Red")
        assert told.way(key, "Done", screens=True).asks == ()
        told.transition(key, "Im Test")
        with pytest.raises(StepFailed, match="asks for 'Team'.*allowed: Blue, Red"):
            tracker_of(sandbox).transition(key, "Done")
        told.transition(key, "Done")
        answer = hands.send("GET", f"issue/{key}")["fields"]
        assert answer["customfield_10050"] == {"id": "2", "value": "Red"}


def test_a_step_that_a_ticket_standing_there_is_not_offered_is_on_no_way_ahead(
    sandbox: dict[str, Any], hands: JiraHands
) -> None:
    with behaving(sandbox, "jira", workflow=CLASSIC):
        in_testing(hands)
        # most finished tickets went from Testing to Done, as the workflow of now does not offer
        way = tracker_of(sandbox).way(hands.ticket(), "Done", screens=True)
        assert [one.name for one in way.path][-3:] == ["Testing", "Resolved", "Done"]


def test_a_jira_of_the_other_kind_is_said_to_be_that(sandbox: dict[str, Any]) -> None:
    user = sandbox["users"][0]
    url = sandbox["jira"]["url"]
    with pytest.raises(AccessDenied, match="is a JIRA Cloud") as caught:
        JiraTracker(url, JiraAuth(user["jira_token"]), "SCRUM").me()
    assert "JIRA_EMAIL" in caught.value.hint
    gone = [{"path": "^/rest/api/3/", "status": 404}]
    with behaving(sandbox, "jira", deployment="Server", answers=gone):
        with pytest.raises(AccessDenied, match="is a JIRA Data Center") as caught:
            JiraTracker(url, JiraAuth(user["jira_token"], user["email"]), "SCRUM").me()
        assert "JIRA_PAT" in caught.value.hint
