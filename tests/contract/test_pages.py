"""Everything that JIRA and GitHub list, in pages of two: each reading verb sees all of it, and each
write finds what it left on the last page."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any, get_type_hints

import pytest
import requests
from pytest_httpserver import HTTPServer

from devflow.adapters.github.host import GithubHost
from devflow.adapters.http.retry import Retry
from devflow.adapters.jira.tracker import JiraAuth, JiraTracker
from devflow.model.errors import RemoteSilent
from devflow.model.marks import Mark
from devflow.ports.code_host import CodeHostReads
from devflow.ports.tracker import TrackerReads
from tests.behaviour import JiraHands, behaving
from tests.contract.code_host_bench import OPEN, Bench

QUICK = Retry(first_wait_s=0.01)
MANY = 5  # items, so that there are three pages
STARTED = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
RULE = {
    "type": "required_status_checks",
    "ruleset_source_type": "Repository",
    "ruleset_source": "acme/carprice",
    "ruleset_id": 1,
}


def slot(number: int) -> Mark:
    return Mark(run="SCRUM-95", entry="pages", verb="comment", slot=str(number))


def rule(number: int) -> dict[str, Any]:
    return {**RULE, "parameters": {"required_status_checks": [{"context": f"check {number}"}]}}


@pytest.fixture(scope="module")
def in_twos(bench: Bench) -> Iterator[Bench]:
    rules = [rule(number) for number in range(MANY)]
    with (
        behaving(bench.sandbox, "jira", page_size=2),
        behaving(bench.sandbox, "github", page_size=2, rules=rules),
    ):
        yield bench


# JIRA


@pytest.fixture(scope="module")
def tracker(in_twos: Bench) -> JiraTracker:
    user = in_twos.sandbox["users"][0]
    auth = JiraAuth(user["jira_token"], user["email"])
    return JiraTracker(in_twos.sandbox["jira"]["url"], auth, "SCRUM", retry=QUICK)


@pytest.fixture(scope="module")
def key(tracker: JiraTracker, in_twos: Bench) -> str:
    """A ticket with many of everything, each written twice."""
    key = JiraHands(in_twos.sandbox).ticket()
    JiraHands(in_twos.sandbox).move(key, "11", "51", "11", "51", "11")
    for _ in range(2):
        for number in range(MANY):
            tracker.comment(key, f"comment {number}", mark=slot(number))
            tracker.log_work(key, 60, STARTED, mark=slot(number))
            tracker.link(key, f"https://host/{number}", f"{number}", mark=slot(number))
    return key


TRACKER_LISTS: dict[str, Callable[[JiraTracker, str], int]] = {
    "history": lambda tracker, key: len(tracker.history(key)),
    "comments": lambda tracker, key: len(tracker.comments(key)),
    "links": lambda tracker, key: len(tracker.links(key)),
    # nobody watches this ticket but its author: JIRA has no pages of watchers, statuses and links
    "watchers": lambda tracker, key: len(tracker.watchers(key)) + MANY - 1,
    "meant": lambda tracker, key: len(tracker.meant(key, "indeterminate")) + MANY - 3,
    # the scenario's: 5 finished tickets in sprint 9, 3 closed sprints
    "sprint_issues": lambda tracker, key: len(tracker.sprint_issues(9)),
    "closed_sprints": lambda tracker, key: len(tracker.closed_sprints()) + MANY - 3,
}


@pytest.mark.parametrize("name", TRACKER_LISTS)
def test_jira_is_read_to_the_last_page(name: str, tracker: JiraTracker, key: str) -> None:
    assert TRACKER_LISTS[name](tracker, key) == MANY


def test_what_stands_on_the_last_page_is_written_once(tracker: JiraTracker, key: str) -> None:
    bodies = [comment.body.partition("\n")[0] for comment in tracker.comments(key)]
    assert bodies == [f"comment {number}" for number in range(MANY)]
    assert tracker.issue(key).time.spent_s == MANY * 60


def test_the_ways_of_every_finished_ticket_are_read(tracker: JiraTracker, key: str) -> None:
    # the scenario's finished stories
    assert tracker.way(key, "Done").finished == 19


# GitHub


@pytest.fixture(scope="module")
def pull(in_twos: Bench) -> tuple[int, str, str]:
    """A pull request with many of everything, each written twice."""
    number, branch, sha = in_twos.pull()
    host = in_twos.host()
    lead = in_twos.host("tech-lead")
    for _ in range(2):
        for one in range(MANY):
            host.comment(number, f"comment {one}", mark=slot(one))
            host.set_status(sha, f"context {one}", "success", "ok")
            lead.review(number, sha, "changes_requested", f"review {one}", (f"{branch}.txt", 1))
    # the branch's older pull requests
    token = in_twos.sandbox["users"][0]["github_token"]
    github = in_twos.sandbox["github"]
    for _ in range(MANY - 1):
        pull = host.pull_for(branch)
        assert pull is not None
        _close(f"{github['url']}/repos/{github['repository']}/pulls/{pull.number}", token)
        host.open_pull(branch, "main", "again", "again", mark=OPEN)
    return number, branch, sha


def _close(url: str, token: str) -> None:
    headers = {"Authorization": f"Bearer {token}"}
    answer = requests.patch(url, json={"state": "closed"}, headers=headers, timeout=10)
    assert answer.ok, answer.text


Pull = tuple[int, str, str]
HOST_LISTS: dict[str, Callable[[GithubHost, Pull], int]] = {
    "reviews": lambda host, pull: len(host.reviews(pull[0])),
    "threads": lambda host, pull: len(host.threads(pull[0])),
    "comments": lambda host, pull: len(host.comments(pull[0])),
    "commit_statuses": lambda host, pull: len(host.commit_statuses(pull[2])),
    "checks": lambda host, pull: len(host.checks(pull[2])),
    # one account wrote the commit
    "authors": lambda host, pull: len(host.authors(pull[0])) + MANY - 1,
}


@pytest.mark.parametrize("name", HOST_LISTS)
def test_github_is_read_to_the_last_page(name: str, in_twos: Bench, pull: Pull) -> None:
    assert HOST_LISTS[name](in_twos.host(), pull) == MANY


def test_the_newest_pull_request_of_a_branch_and_every_rule_are_found(
    in_twos: Bench, pull: Pull
) -> None:
    newest = in_twos.host().pull_for(pull[1])
    assert newest is not None and newest.number == pull[0] + MANY - 1
    protection = in_twos.host().protection("main")
    assert protection is not None
    assert protection.required_checks == tuple(f"check {number}" for number in range(MANY))


def test_check_runs_and_a_status_on_the_last_page_are_put_once(in_twos: Bench, pull: Pull) -> None:
    before = in_twos.host().checks(pull[2])
    in_twos.host().set_status(pull[2], f"context {MANY - 1}", "success", "ok")
    assert in_twos.host().checks(pull[2]) == before


@pytest.mark.parametrize(
    ("port", "lists"), [(TrackerReads, TRACKER_LISTS), (CodeHostReads, HOST_LISTS)]
)
def test_every_list_of_a_port_stands_in_these_tables(
    port: type, lists: dict[str, Callable[..., int]]
) -> None:
    named: set[str] = set()
    for name, method in vars(port).items():
        if callable(method) and not name.startswith("_"):
            answer = get_type_hints(method)["return"]
            if getattr(answer, "__origin__", None) is tuple:
                named.add(name)
    assert named == set(lists)


@pytest.mark.parametrize("cursor", ["again", None])
def test_a_cursor_that_does_not_move_ends_the_reading(
    httpserver: HTTPServer, cursor: str | None
) -> None:
    page = {"nodes": [], "pageInfo": {"hasNextPage": True, "endCursor": cursor}}
    answer = {"data": {"repository": {"pullRequest": {"reviewThreads": page}}}}
    httpserver.expect_request("/graphql").respond_with_json(answer)
    host = GithubHost(httpserver.url_for(""), "t", "acme/carprice", retry=QUICK)
    with pytest.raises(RemoteSilent, match="next page is one that was read"):
        host.threads(1)


def test_a_list_that_leads_back_to_its_first_page_ends_the_reading(httpserver: HTTPServer) -> None:
    path = "/repos/acme/carprice/commits/abc/status"
    query = "?per_page=100"
    links = {query: f"{path}?page=2", "?page=2": f"{path}{query}"}
    for here, onward in links.items():
        headers = {"Link": f'<{httpserver.url_for(onward)}>; rel="next"'}
        httpserver.expect_request(path, query_string=here[1:]).respond_with_json(
            {"statuses": []}, headers=headers
        )
    host = GithubHost(httpserver.url_for(""), "t", "acme/carprice", retry=QUICK)
    with pytest.raises(RemoteSilent, match="next page is one that was read"):
        host.commit_statuses("abc")
