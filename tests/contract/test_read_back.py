"""A write that a service takes and does not do is no success, on both services: its effect is read
back."""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime

import pytest
import requests

from devflow.adapters.github.host import GithubHost
from devflow.adapters.jira.tracker import JiraAuth, JiraTracker
from devflow.model.errors import RemoteSilent, StepFailed
from devflow.model.marks import Mark
from tests.contract.code_host_bench import OPEN, QUICK, Bench
from tests.contract.fault_proxy import SWALLOWED, FaultProxy, fault_proxy

STARTED = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
ONCE = Mark(run="SCRUM-95", entry="jira_sync", verb="comment")
Pull = tuple[int, str, str]


@pytest.fixture(scope="module")
def jira(bench: Bench) -> Iterator[FaultProxy]:
    with fault_proxy(bench.sandbox["jira"]["url"]) as started:
        yield started


@pytest.fixture(scope="module")
def judged(bench: Bench) -> Pull:
    return bench.pull()


def tracker_at(bench: Bench, url: str) -> JiraTracker:
    user = bench.sandbox["users"][0]
    auth = JiraAuth(user["jira_token"], user["email"])
    return JiraTracker(url, auth, "SCRUM", retry=QUICK)


def new_ticket(bench: Bench) -> str:
    """Another person's, who alone watches it."""
    user = bench.sandbox["users"][1]
    fields = {"project": {"key": "SCRUM"}, "issuetype": {"name": "Task"}, "summary": "A ticket"}
    url = f"{bench.sandbox['jira']['url']}/rest/api/3/issue"
    login = (user["email"], user["jira_token"])
    return str(requests.post(url, json={"fields": fields}, auth=login, timeout=10).json()["key"])


def ends_well(write: Callable[[], None]) -> bool:
    """Whether the write ended as if it were done; else it says that it is not."""
    try:
        write()
    except (RemoteSilent, StepFailed) as told:
        assert "that is not there after it was" in told.message or "instead of" in told.message
        return False
    return True


TICKET: dict[
    str, tuple[Callable[[JiraTracker, str], None], Callable[[JiraTracker, str], object]]
] = {
    "assign": (
        lambda tracker, key: tracker.assign(key, tracker.me()),
        lambda tracker, key: tracker.issue(key).assignee,
    ),
    "watch": (
        lambda tracker, key: tracker.watch(key, tracker.me()),
        lambda tracker, key: len(tracker.watchers(key)) > 1,
    ),
    "schedule": (
        lambda tracker, key: tracker.schedule(key, None, date(2026, 1, 16)),
        lambda tracker, key: tracker.issue(key).due,
    ),
    "comment": (
        lambda tracker, key: tracker.comment(key, "hello", mark=ONCE),
        lambda tracker, key: tracker.comments(key),
    ),
    "log_work": (
        lambda tracker, key: tracker.log_work(key, 3600, STARTED, mark=ONCE),
        lambda tracker, key: tracker.issue(key).time.spent_s,
    ),
    "link": (
        lambda tracker, key: tracker.link(key, "https://host/1", "one", mark=ONCE),
        lambda tracker, key: tracker.links(key),
    ),
    "remember": (
        lambda tracker, key: tracker.remember(key, "devflow", "text"),
        lambda tracker, key: tracker.property(key, "devflow"),
    ),
    "transition": (
        lambda tracker, key: tracker.transition(key, "In Progress"),
        lambda tracker, key: tracker.history(key),
    ),
}


@pytest.mark.parametrize("verb", TICKET)
def test_a_write_that_jira_takes_and_does_not_do_is_no_success(
    verb: str, bench: Bench, jira: FaultProxy
) -> None:
    write, read = TICKET[verb]
    key = new_ticket(bench)
    tracker = tracker_at(bench, jira.url)
    jira.arm(SWALLOWED, -1)
    is_done = ends_well(lambda: write(tracker, key))
    assert jira.fault == "", "nothing was written"
    assert bool(read(tracker, key)) == is_done


def labels_of(host: GithubHost, branch: str) -> tuple[str, ...]:
    pull = host.pull_for(branch)
    return pull.labels if pull else ()


CHANGE: dict[
    str, tuple[Callable[[GithubHost, Pull], None], Callable[[GithubHost, Pull], object]]
] = {
    "comment": (
        lambda host, pull: host.comment(pull[0], "hello", mark=ONCE),
        lambda host, pull: host.comments(pull[0]),
    ),
    "label": (
        lambda host, pull: host.label(pull[0], ("swallowed",)),
        lambda host, pull: labels_of(host, pull[1]),
    ),
    "review": (
        lambda host, pull: host.review(pull[0], pull[2], "approved", "Fine"),
        lambda host, pull: host.reviews(pull[0]),
    ),
    "set_status": (
        lambda host, pull: host.set_status(pull[2], "devflow/tests", "success", "ok"),
        lambda host, pull: host.commit_statuses(pull[2]),
    ),
    "open_pull": (
        lambda host, pull: host.open_pull(pull[1], "main", "Another title", "x", mark=OPEN),
        lambda host, pull: "Another title" in str(host.pull_for(pull[1])),
    ),
}


@pytest.mark.parametrize("verb", CHANGE)
def test_a_write_that_github_takes_and_does_not_do_is_no_success(
    verb: str, bench: Bench, judged: Pull
) -> None:
    write, read = CHANGE[verb]
    name = "jose" if verb == "open_pull" else "tech-lead"
    host = bench.host(name, bench.proxy.url)
    bench.proxy.arm(SWALLOWED, -1)
    is_done = ends_well(lambda: write(host, judged))
    assert bench.proxy.fault == "", "nothing was written"
    assert bool(read(bench.host(), judged)) == is_done
