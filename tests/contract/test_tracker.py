"""The tracker port on JIRA against a running sandbox: each write said twice is done once, whatever
becomes of its answers."""

import re
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from time import monotonic
from typing import Any

import pytest
import requests
from pytest_httpserver import HTTPServer

from devflow.adapters.http.retry import Retry
from devflow.adapters.jira.tracker import JiraAuth, JiraTracker
from devflow.model.errors import AccessDenied, RemoteSilent, StepFailed, StorageFailed
from devflow.model.marks import Mark
from tests.contract.fault_proxy import FAULTS, FaultProxy, fault_proxy
from tests.sandbox_process import running_sandbox

QUICK = Retry(first_wait_s=0.01)
STARTED = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
ONCE = Mark(run="SCRUM-95", entry="jira_sync", verb="comment")


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    with running_sandbox(tmp_path_factory.mktemp("sandbox")) as described:
        yield described


@pytest.fixture(scope="module")
def proxy(sandbox: dict[str, Any]) -> Iterator[FaultProxy]:
    with fault_proxy(sandbox["jira"]["url"]) as started:
        yield started


def auth(sandbox: dict[str, Any]) -> JiraAuth:
    user = sandbox["users"][0]
    return JiraAuth(user["jira_token"], user["email"])


@pytest.fixture
def tracker(sandbox: dict[str, Any]) -> JiraTracker:
    return JiraTracker(sandbox["jira"]["url"], auth(sandbox), "SCRUM", retry=QUICK)


@pytest.fixture
def shaky(sandbox: dict[str, Any], proxy: FaultProxy) -> JiraTracker:
    return JiraTracker(proxy.url, auth(sandbox), "SCRUM", retry=QUICK)


@pytest.fixture
def key(sandbox: dict[str, Any]) -> str:
    return new_ticket(sandbox)


def new_ticket(sandbox: dict[str, Any]) -> str:
    user = sandbox["users"][0]
    fields = {
        "project": {"key": "SCRUM"},
        "issuetype": {"name": "Story"},
        "summary": "A ticket of its own",
    }
    address = f"{sandbox['jira']['url']}/rest/api/3/issue"
    login = (
        user["email"],
        user["jira_token"],
    )
    return str(
        requests.post(address, json={"fields": fields}, auth=login, timeout=10).json()["key"]
    )


def test_the_ticket_is_read_as_the_board_has_it(
    tracker: JiraTracker, sandbox: dict[str, Any]
) -> None:
    issue = tracker.issue("SCRUM-95")
    assert (issue.type, issue.priority, issue.points) == ("Story", "Medium", 8.0)
    assert (
        issue.points_source
        == "estimation field of board 1: Story point estimate (customfield_10016)"
    )
    assert issue.sprint is not None and issue.sprint.name == "Sprint 12"
    assert issue.time.original_s == 16 * 3600
    assert "## Acceptance Criteria\n\n- Three distinct tabs" in issue.description
    assert issue.url == f"{sandbox['jira']['url']}/browse/SCRUM-95"
    assert "SCRUM-95" in {other.key for other in tracker.sprint_issues(issue.sprint.id)}


def test_a_sub_task_knows_the_type_of_what_it_is_part_of(tracker: JiraTracker) -> None:
    assert tracker.issue("SCRUM-94").parent_type == "Story"
    assert tracker.issue("SCRUM-95").parent_type == ""


def test_the_boards_past_is_read_oldest_first(tracker: JiraTracker) -> None:
    sprints = tracker.closed_sprints()
    assert [sprint.name for sprint in sprints] == ["Sprint 9", "Sprint 10", "Sprint 11"]
    done = [
        issue.points or 0
        for issue in tracker.sprint_issues(sprints[0].id)
        if issue.status_category == "done"
    ]
    assert sum(done) > 0


def test_who_asks_is_known_and_becomes_assignee_and_watcher_once(
    tracker: JiraTracker, key: str
) -> None:
    me = tracker.me()
    for _ in range(2):
        tracker.assign(key, me)
        tracker.watch(key, me)
    assert tracker.issue(key).assignee == me
    assert [person.id for person in tracker.watchers(key)].count(me.id) == 1


def test_a_status_is_reached_over_several_hops_and_never_left_backwards(
    tracker: JiraTracker, key: str
) -> None:
    for _ in range(2):
        tracker.transition(key, "Testing")
    tracker.transition(key, "In Progress")
    assert tracker.issue(key).status == "Testing"
    assert [change.to_status for change in tracker.history(key)] == [
        "In Progress",
        "Code Review",
        "Testing",
    ]


def test_a_ticket_goes_back_only_where_it_is_asked_to_and_forward_again_after(
    tracker: JiraTracker, key: str
) -> None:
    tracker.transition(key, "Code Review")
    tracker.transition(key, "In Progress", backwards=True)
    assert tracker.issue(key).status == "In Progress"
    tracker.transition(key, "Code Review")
    assert tracker.issue(key).status == "Code Review"


def test_the_last_transition_fills_the_required_resolution(tracker: JiraTracker, key: str) -> None:
    tracker.transition(key, "done")
    issue = tracker.issue(key)
    assert (issue.status, issue.resolution) == ("Done", "Done")


def test_a_status_may_be_named_by_its_id(tracker: JiraTracker, key: str) -> None:
    tracker.transition(key, "10001")
    assert tracker.issue(key).status == "In Progress"


def test_an_unknown_status_is_told_with_those_that_exist(tracker: JiraTracker, key: str) -> None:
    with pytest.raises(StepFailed, match="no status 'Shipped'") as caught:
        tracker.transition(key, "Shipped")
    assert "Code Review" in caught.value.hint
    assert tracker.meant(key, "Shipped") == ()
    assert [one.id for one in tracker.meant(key, "in progress")] == ["10001"]
    assert [one.name for one in tracker.way(key, "Done").path][-2:] == ["Testing", "Done"]


def test_dates_are_set_and_read_back(tracker: JiraTracker, key: str) -> None:
    for _ in range(2):
        tracker.schedule(key, date(2026, 1, 5), date(2026, 1, 16))
    issue = tracker.issue(key)
    assert (issue.start, issue.due) == (date(2026, 1, 5), date(2026, 1, 16))


def test_a_remembered_text_stays_the_first_one(tracker: JiraTracker, key: str) -> None:
    assert tracker.property(key, "devflow.started") == ""
    tracker.remember(key, "devflow.started", "monday")
    tracker.remember(key, "devflow.started", "tuesday")
    assert tracker.property(key, "devflow.started") == "monday"


def test_a_comment_is_written_once_and_edited_after(tracker: JiraTracker, key: str) -> None:
    for body in ("Opened [#1](https://host/1)", "Opened [#1](https://host/1)", "**Merged**"):
        tracker.comment(key, body, mark=ONCE)
    tracker.comment(key, "another", mark=ONCE.model_copy(update={"slot": "other"}))
    bodies = [comment.body for comment in tracker.comments(key)]
    assert bodies == [
        "**Merged**\n\n[devflow:SCRUM-95:jira_sync:comment]",
        "another\n\n[devflow:SCRUM-95:jira_sync:comment:other]",
    ]


def test_an_unchanged_comment_is_not_edited(tracker: JiraTracker, key: str) -> None:
    for _ in range(2):
        tracker.comment(
            key, "# Title\n\n- a `b`\n- c\n\n| x | y |\n| --- | --- |\n| 1 | 2 |", mark=ONCE
        )
    assert not tracker.comments(key)[0].edited


def test_a_link_is_hung_once_a_mark(tracker: JiraTracker, key: str) -> None:
    for _ in range(2):
        tracker.link(key, "https://host/pull/1", "Pull request #1", mark=ONCE)
    assert tracker.links(key) == ("https://host/pull/1",)


def test_work_is_logged_once_and_never_under_a_minute(tracker: JiraTracker, key: str) -> None:
    for _ in range(2):
        tracker.log_work(key, 5, STARTED, mark=ONCE)
    assert tracker.issue(key).time.spent_s == 60


def test_an_unknown_ticket_is_named(tracker: JiraTracker, sandbox: dict[str, Any]) -> None:
    with pytest.raises(
        StepFailed, match=f"no ticket SCRUM-999 on {sandbox['jira']['url']}"
    ) as caught:
        tracker.issue("SCRUM-999")
    assert re.search(
        "; the newest of SCRUM are SCRUM-[0-9]+, SCRUM-[0-9]+, SCRUM-", caught.value.hint
    )


def test_a_key_is_never_a_path(tracker: JiraTracker) -> None:
    with pytest.raises(StepFailed):
        tracker.issue("SCRUM-95/../SCRUM-94")


def test_a_wrong_token_says_which_variable_to_check(sandbox: dict[str, Any]) -> None:
    denied = JiraTracker(
        sandbox["jira"]["url"], JiraAuth("wrong", "jose@example.com"), "SCRUM", retry=QUICK
    )
    with pytest.raises(AccessDenied) as caught:
        denied.me()
    assert "JIRA_API_TOKEN" in caught.value.hint


def test_the_token_is_not_shown_by_the_tracker_itself(
    sandbox: dict[str, Any], tracker: JiraTracker
) -> None:
    assert sandbox["users"][0]["jira_token"] not in repr(tracker)


def test_a_server_that_is_down_is_given_up_in_time() -> None:
    begun = monotonic()
    down = JiraTracker(
        "http://127.0.0.1:9", JiraAuth("t", "e"), "SCRUM", retry=Retry(give_up_after_s=1.0)
    )
    with pytest.raises(RemoteSilent, match="http://127.0.0.1:9 did not answer"):
        down.issue("SCRUM-95")
    assert monotonic() - begun < 3


def test_a_site_that_is_no_jira_is_called_so(httpserver: HTTPServer) -> None:
    httpserver.expect_request("/rest/api/3/serverInfo").respond_with_json({"hello": "world"})
    with pytest.raises(RemoteSilent, match="no JIRA site's server information"):
        JiraTracker(httpserver.url_for(""), JiraAuth("t", "e"), "SCRUM", retry=QUICK).me()


def test_many_threads_share_one_tracker(tracker: JiraTracker) -> None:
    with ThreadPoolExecutor(8) as pool:
        assert {issue.key for issue in pool.map(tracker.issue, ["SCRUM-95"] * 16)} == {"SCRUM-95"}


WRITES: dict[
    str, tuple[Callable[[JiraTracker, str], None], Callable[[JiraTracker, str], object], object]
] = {
    "comment": (
        lambda tracker, key: tracker.comment(key, "hello", mark=ONCE),
        lambda tracker, key: [comment.body for comment in tracker.comments(key)],
        ["hello\n\n[devflow:SCRUM-95:jira_sync:comment]"],
    ),
    "log_work": (
        lambda tracker, key: tracker.log_work(key, 3600, STARTED, mark=ONCE),
        lambda tracker, key: tracker.issue(key).time.spent_s,
        3600,
    ),
    "link": (
        lambda tracker, key: tracker.link(key, "https://host/1", "one", mark=ONCE),
        lambda tracker, key: tracker.links(key),
        ("https://host/1",),
    ),
    "remember": (
        lambda tracker, key: tracker.remember(key, "devflow", "text"),
        lambda tracker, key: tracker.property(key, "devflow"),
        "text",
    ),
    "transition": (
        lambda tracker, key: tracker.transition(key, "Code Review"),
        lambda tracker, key: [change.to_status for change in tracker.history(key)],
        ["In Progress", "Code Review"],
    ),
}


LOST = ("lost 502", "lost reset", "another shape")
CASES = [(verb, fault) for verb in WRITES for fault in (FAULTS if verb == "comment" else LOST)]


@pytest.mark.parametrize(("verb", "fault"), CASES)
def test_a_fault_at_any_request_of_a_write_leaves_one_effect(
    verb: str, fault: str, shaky: JiraTracker, sandbox: dict[str, Any], proxy: FaultProxy
) -> None:
    write, read, expected = WRITES[verb]
    proxy.arm()
    shaky.way(new_ticket(sandbox), "Done")
    at = 0
    while True:
        key = new_ticket(sandbox)
        proxy.arm(fault, at)
        write(shaky, key)
        met = len(proxy.calls) > at
        proxy.arm()
        assert read(shaky, key) == expected, f"{fault} at request {at}"
        if not met:
            break
        at += 1
    assert at > 0


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_at_the_very_first_request_is_bridged(
    fault: str, sandbox: dict[str, Any], proxy: FaultProxy
) -> None:
    proxy.arm(fault, 0)
    assert JiraTracker(proxy.url, auth(sandbox), "SCRUM", retry=QUICK).me().name == "Jose Rubio"
    proxy.arm()


def test_a_full_disk_behind_the_site_is_told_at_once(
    shaky: JiraTracker, sandbox: dict[str, Any], proxy: FaultProxy
) -> None:
    key = new_ticket(sandbox)
    proxy.arm()
    shaky.issue(key)
    proxy.arm("full", 0)
    with pytest.raises(StorageFailed, match=f"JIRA at {proxy.url} has no room left"):
        shaky.issue(key)
    assert len(proxy.calls) == 1
    proxy.arm()


def test_data_center_is_spoken_to_in_plain_text_with_a_bearer_token(httpserver: HTTPServer) -> None:
    site = {
        "baseUrl": "https://jira.example.org",
        "versionNumbers": [9, 12, 0],
        "deploymentType": "Server",
    }
    httpserver.expect_request("/rest/api/2/serverInfo").respond_with_json(site)
    httpserver.expect_request("/rest/api/2/issue/SCRUM-1/comment", method="GET").respond_with_json(
        {"comments": []}
    )
    made = httpserver.expect_request(
        "/rest/api/2/issue/SCRUM-1/comment",
        method="POST",
        headers={"Authorization": "Bearer secret"},
        json={"body": "**hello**\n\n[devflow:SCRUM-95:jira_sync:comment]"},
    )
    made.respond_with_json({"id": "1"}, status=201)
    written = {
        "id": "1",
        "author": {"name": "jose", "displayName": "Jose"},
        "body": "**hello**\n\n[devflow:SCRUM-95:jira_sync:comment]",
        "created": "2026-01-05T09:00:00.000+0000",
        "updated": "2026-01-05T09:00:00.000+0000",
    }
    httpserver.expect_request("/rest/api/2/issue/SCRUM-1/comment/1").respond_with_json(written)
    me = {"name": "jose", "displayName": "Jose"}
    httpserver.expect_request("/rest/api/2/myself").respond_with_json(me)
    JiraTracker(httpserver.url_for(""), JiraAuth("secret"), "SCRUM", retry=QUICK).comment(
        "SCRUM-1", "**hello**", mark=ONCE
    )
    httpserver.check()
