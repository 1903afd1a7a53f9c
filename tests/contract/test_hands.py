"""Whose marks count, on both services: a laptop, a CI bot and a stranger write under one mark.

The laptop is Jose's account, the bot is DevOps', the stranger is Security's.
"""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
import requests
from pytest_httpserver import HTTPServer

from devflow.adapters.github.host import GithubHost
from devflow.adapters.jira.adf import to_adf
from devflow.adapters.jira.tracker import JiraAuth, JiraTracker
from devflow.model.ci import CheckReport
from devflow.model.marks import Mark
from devflow.model.planning import NewTicket
from devflow.model.review import HostPull
from tests.contract.code_host_bench import OPEN, QUICK, Bench
from tests.contract.commit_bench import send

TABS = NewTicket(summary="Tabs, please")
ONCE = Mark(run="SCRUM-95", entry="jira_sync", verb="comment")
STARTED = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
GITHUB_RUNNERS = ("Jose", "devops")
JIRA_RUNNERS = ("jose.rubio@example.com", "DevOps@example.com")


def host_of(bench: Bench, name: str) -> GithubHost:
    host = bench.host(name)
    host.runners = GITHUB_RUNNERS
    return host


def tracker_of(bench: Bench, name: str) -> JiraTracker:
    user = next(user for user in bench.sandbox["users"] if user["name"] == name)
    auth = JiraAuth(user["jira_token"], user["email"])
    return JiraTracker(
        bench.sandbox["jira"]["url"], auth, "SCRUM", retry=QUICK, runners=JIRA_RUNNERS
    )


def jira(bench: Bench, name: str, path: str, body: Any) -> Any:
    user = next(user for user in bench.sandbox["users"] if user["name"] == name)
    url = f"{bench.sandbox['jira']['url']}/rest/api/3/{path}"
    login = (user["email"], user["jira_token"])
    return requests.post(url, json=body, auth=login, timeout=10).json()


@pytest.fixture
def key(bench: Bench) -> str:
    fields = {"project": {"key": "SCRUM"}, "issuetype": {"name": "Task"}, "summary": "A ticket"}
    return str(jira(bench, "jose", "issue", {"fields": fields})["key"])


def pull_on(host: GithubHost, name: str) -> HostPull:
    pull = host.pull_for(name)
    assert pull is not None
    return pull


TURNS = (
    ("jose", "one", ["jose: one"]),
    ("devops", "one", ["jose: one"]),
    ("devops", "two", ["jose: one", "devops: two"]),
    ("jose", "two", ["jose: one", "devops: two"]),
    ("jose", "three", ["jose: three", "devops: two"]),
    ("devops", "four", ["jose: three", "devops: four"]),
)


def test_on_github_runners_follow_each_other_and_edit_only_their_own(bench: Bench) -> None:
    number, _, _ = bench.pull()
    path = f"/issues/{number}/comments"
    planted = {"body": f"four\n\n<!-- {ONCE.editable} -->"}
    send(bench, "security", "POST", path, planted)
    for name, text, expected in TURNS:
        for _ in range(2):
            host_of(bench, name).comment(number, text, mark=ONCE)
        comments = host_of(bench, name).comments(number)
        said = [f"{one.author}: {one.body.partition(chr(10))[0]}" for one in comments]
        assert said == ["security: four", *expected], (name, text)
    hands = {one.author: one.hand for one in host_of(bench, "jose").comments(number)}
    assert hands == {"security": "stranger", "jose": "mine", "devops": "runner"}
    assert [one.edited for one in comments] == [False, True, True]


def test_on_jira_runners_follow_each_other_and_edit_only_their_own(bench: Bench, key: str) -> None:
    planted = {"body": to_adf("four", f"[{ONCE.editable}]")}
    jira(bench, "security", f"issue/{key}/comment", planted)
    names = {"Jose Rubio": "jose", "DevOps Team Lead": "devops", "Security Review": "security"}
    for name, text, expected in TURNS:
        for _ in range(2):
            tracker_of(bench, name).comment(key, text, mark=ONCE)
        said = []
        for one in tracker_of(bench, name).comments(key):
            said.append(f"{names[one.author.name]}: {one.body.partition(chr(10))[0]}")
        assert said == ["security: four", *expected], (name, text)


def test_work_is_logged_once_by_whichever_runner_and_a_stranger_s_entry_is_passed_over(
    bench: Bench, key: str
) -> None:
    planted = {"timeSpentSeconds": 600, "comment": to_adf("", f"[{ONCE.editable}]")}
    jira(bench, "security", f"issue/{key}/worklog", planted)
    for name in ("jose", "devops", "jose"):
        tracker_of(bench, name).log_work(key, 3600, STARTED, mark=ONCE)
    assert tracker_of(bench, "jose").issue(key).time.spent_s == 4200


def test_a_ticket_that_a_stranger_created_under_the_label_is_none_of_ours(bench: Bench) -> None:
    mark = Mark(run="new", entry="ticket", verb="create", slot="Tabs, please")
    tracker_of(bench, "security").create(TABS, mark=mark)
    assert tracker_of(bench, "jose").created(mark) == ""
    for name in ("jose", "devops", "jose"):
        tracker_of(bench, name).create(TABS, mark=mark)
    first = tracker_of(bench, "jose").created(mark)
    assert first and first == tracker_of(bench, "devops").created(mark)
    assert first != tracker_of(bench, "security").created(mark)


def test_a_pull_request_of_a_laptop_is_gone_on_with_by_a_bot_and_back(bench: Bench) -> None:
    name, _ = bench.branch()
    for runner, text in (("jose", "one"), ("devops", "two"), ("jose", "three")):
        host_of(bench, runner).open_pull(name, "main", f"Title {text}", text, mark=OPEN)
        pull = pull_on(host_of(bench, runner), name)
        assert (pull.author, pull.title) == ("jose", f"Title {text}")
        assert pull.body.count(OPEN.editable) == 1 and f"\n{text}\n" in pull.body
    assert pull_on(host_of(bench, "devops"), name).hand == "runner"
    assert bench.host("security").comments(pull.number) == ()


def test_what_a_stranger_opened_stays_and_our_text_follows_as_one_comment(bench: Bench) -> None:
    name, _ = bench.branch()
    planted = f"<!-- {OPEN.editable} -->\nplanted\n<!-- /devflow -->"
    opened = {"title": "Mine", "head": name, "base": "main", "body": planted}
    send(bench, "security", "POST", "/pulls", opened)
    for text in ("one", "one", "two"):
        host_of(bench, "jose").open_pull(name, "main", "Title", text, mark=OPEN)
    pull = pull_on(host_of(bench, "jose"), name)
    assert (pull.title, pull.body, pull.hand) == ("Mine", planted, "stranger")
    bodies = [one.body for one in host_of(bench, "jose").comments(pull.number)]
    assert bodies == [f"two\n\n<!-- {OPEN.editable} -->"]


def test_an_edit_within_a_second_is_seen(bench: Bench) -> None:
    number, _, _ = bench.pull()
    made = send(bench, "security", "POST", f"/issues/{number}/comments", {"body": "one"}).json()
    send(bench, "security", "PATCH", f"/issues/comments/{made['id']}", {"body": "two"})
    send(bench, "security", "POST", f"/issues/{number}/comments", {"body": "three"})
    edited = [one.edited for one in bench.host().comments(number)]
    assert edited == [True, False]


@pytest.fixture
def app(httpserver: HTTPServer) -> Iterator[GithubHost]:
    """GitHub for an installation's token, which may not ask who it is as a person does."""
    refused = {"message": "Resource not accessible by integration"}
    httpserver.expect_request("/user").respond_with_json(refused, status=403)
    viewer = {"data": {"viewer": {"login": "github-actions[bot]"}}}
    httpserver.expect_request("/graphql", method="POST").respond_with_json(viewer)
    yield GithubHost(httpserver.url_for("").rstrip("/"), "ghs_token", "acme/carprice", retry=QUICK)


def test_an_app_s_token_knows_its_account(app: GithubHost) -> None:
    assert app.me() == "github-actions[bot]"


def test_a_bot_believes_no_check_run_of_another_app(
    app: GithubHost, httpserver: HTTPServer
) -> None:
    repository = {"full_name": "acme/carprice", "url": httpserver.url_for("/repos/acme/carprice")}
    httpserver.expect_request("/repos/acme/carprice").respond_with_json(repository)
    sha = "a" * 40
    commit = {"sha": sha, "url": httpserver.url_for(f"/repos/acme/carprice/commits/{sha}")}
    httpserver.expect_request(f"/repos/acme/carprice/commits/{sha}").respond_with_json(commit)
    run: dict[str, Any] = {"id": 1, "name": "devflow/quality", "status": "in_progress"}
    mark = Mark(run="SCRUM-95", entry="quality", verb="put_check")
    run |= {"external_id": f"{mark.editable}:0", "app": {"slug": "another"}}
    run |= {"output": {"annotations_count": 0}, "head_sha": sha, "html_url": "http://x"}
    listed = {"total_count": 1, "check_runs": [run]}
    path = f"/repos/acme/carprice/commits/{sha}/check-runs"
    httpserver.expect_request(path).respond_with_json(listed)
    made = {**run, "id": 2, "status": "completed", "app": {"slug": "github-actions"}}
    creates = httpserver.expect_request("/repos/acme/carprice/check-runs", method="POST")
    creates.respond_with_json(made, status=201)
    told = CheckReport(name="devflow/quality", conclusion="success", title="0", summary="s")
    app.put_check(sha, told, mark=mark)
    posted = [one for one, _ in httpserver.log if one.path.endswith("/check-runs")]
    bodies = [json.loads(one.data) for one in posted if one.method == "POST"]
    assert [body["name"] for body in bodies] == ["devflow/quality"]
