"""What a person reads where their token may not do what was asked: the missing permission by its
name, and never that the token is wrong."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from devflow.adapters.github.host import GithubHost
from devflow.adapters.http.retry import Retry
from devflow.adapters.jira.tracker import JiraAuth, JiraTracker
from devflow.model.errors import AccessDenied, RemoteSilent
from tests.behaviour import behaving
from tests.contract.code_host_bench import Bench

KEY = "SCRUM-95"
HIDDEN = {"message": "Not Found"}
MAY_NOT = {"message": "Resource not accessible by personal access token"}


def refusing(path: str, status: int = 403, body: object = MAY_NOT, **headers: str) -> list[object]:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return [{"path": path, "status": status, "body": body, "headers": named}]


@pytest.fixture(scope="module")
def pull(bench: Bench) -> tuple[int, str, str]:
    return bench.pull()


@pytest.fixture(scope="module")
def tracker(bench: Bench) -> Iterator[JiraTracker]:
    user = bench.sandbox["users"][0]
    auth = JiraAuth(user["jira_token"], user["email"])
    yield JiraTracker(bench.sandbox["jira"]["url"], auth, "SCRUM", retry=Retry(first_wait_s=0.01))


HOST_VERBS: dict[str, tuple[str, Callable[[GithubHost, tuple[int, str, str]], Any]]] = {
    "checks: read": ("/check-runs", lambda host, pull: host.checks(pull[2])),
    "commit statuses: write": (
        "/statuses/",
        lambda host, pull: host.set_status(pull[2], "a", "success", "b"),
    ),
    "pull requests: write": ("/labels", lambda host, pull: host.label(pull[0], ("new",))),
    "contents: write": ("/merge", lambda host, pull: host.merge(pull[0], pull[2], "a", "b")),
}


@pytest.mark.parametrize("permission", HOST_VERBS)
def test_github_403_names_the_permission(
    permission: str, bench: Bench, pull: tuple[int, str, str]
) -> None:
    path, verb = HOST_VERBS[permission]
    with behaving(bench.sandbox, "github", answers=refusing(path)):
        with pytest.raises(AccessDenied, match=f"lacks the permission {permission}") as caught:
            verb(bench.host(), pull)
    assert "check GITHUB_TOKEN" not in caught.value.hint
    assert caught.value.hint == f"give the token the permission {permission} for acme/carprice"


def test_what_github_itself_names_comes_first(bench: Bench, pull: tuple[int, str, str]) -> None:
    fine = refusing("/check-runs", x_accepted_github_permissions="checks=write; checks=read")
    with behaving(bench.sandbox, "github", answers=fine):
        with pytest.raises(AccessDenied, match="permission checks: write or checks: read"):
            bench.host().checks(pull[2])
    classic = refusing("/check-runs", x_accepted_oauth_scopes="repo, repo:status")
    with behaving(bench.sandbox, "github", answers=classic):
        with pytest.raises(AccessDenied, match="the scope repo or repo:status"):
            bench.host().checks(pull[2])
    address = "https://github.com/orgs/acme/sso?authorization_request=A"
    sso = refusing("/check-runs", x_github_sso=f"required; url={address}")
    with behaving(bench.sandbox, "github", answers=sso):
        with pytest.raises(AccessDenied, match="authorised for its sign-on") as caught:
            bench.host().checks(pull[2])
    assert caught.value.hint == f"authorise it at {address}"


def test_a_private_repository_is_not_there(bench: Bench) -> None:
    with behaving(bench.sandbox, "github", answers=refusing("^/repos/", 404, HIDDEN)):
        for verb in (lambda: bench.host().page_url(), lambda: bench.host().protection("main")):
            with pytest.raises(AccessDenied, match="no repository acme/carprice") as caught:
                verb()
            assert "scope repo" in caught.value.hint


def test_rules_that_may_not_be_seen_are_rules(bench: Bench) -> None:
    with behaving(bench.sandbox, "github", answers=refusing("/rules/")):
        protection = bench.host().protection("main")
    assert protection is not None
    assert protection.rules == ("rules that this token may not see",)
    with behaving(bench.sandbox, "github", answers=refusing("/rules/", 404, HIDDEN)):
        assert bench.host().protection("main") is None


def test_a_rate_limit_told_as_a_403_is_a_pause_and_no_missing_permission(bench: Bench) -> None:
    limited = refusing("/rules/", x_ratelimit_remaining="0", x_ratelimit_reset="9999999999")
    with behaving(bench.sandbox, "github", answers=limited):
        with pytest.raises(RemoteSilent, match="asks for a pause of .* d .* h, until 2286-11-2"):
            bench.host().protection("main")


JIRA_VERBS: dict[str, tuple[str, Callable[[JiraTracker], Any]]] = {
    "Add Comments": ("/comment", lambda tracker: tracker.comment(KEY, "hello")),
    "Transition Issues": ("/transitions", lambda tracker: tracker.transition(KEY, "In Progress")),
    "Edit Issues": ("/properties/", lambda tracker: tracker.remember(KEY, "a", "b")),
    "View Voters and Watchers": ("/watchers", lambda tracker: tracker.watchers(KEY)),
}


@pytest.mark.parametrize("permission", JIRA_VERBS)
def test_jira_403_names_the_permission(permission: str, bench: Bench, tracker: JiraTracker) -> None:
    path, verb = JIRA_VERBS[permission]
    refused = {"errorMessages": ["You do not have the permission to do this."], "errors": {}}
    reads = permission.startswith("View")
    answer = {"path": path, "status": 403, "body": refused, "method": "GET" if reads else "POST"}
    if permission == "Edit Issues":
        answer["method"] = "PUT"
    with behaving(bench.sandbox, "jira", answers=[answer]):
        with pytest.raises(AccessDenied, match=f"lacks the permission {permission}") as caught:
            verb(tracker)
    assert "JIRA_API_TOKEN" not in caught.value.hint
    assert "You do not have the permission" in caught.value.message
