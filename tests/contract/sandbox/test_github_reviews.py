"""Reviews and their threads, by the real PyGithub client and by GraphQL."""

from collections.abc import Callable
from typing import Any

import pytest
from github.PullRequest import PullRequest

from tests.contract.sandbox.github_refusals import refusal

THREADS = """query($owner: String!, $name: String!, $number: Int!) {
  repository(owner: $owner, name: $name) { pullRequest(number: $number) { reviewThreads(first: 50) {
    nodes {
      id isResolved isOutdated path line
      comments(first: 20) { nodes { author { login } body url createdAt } }
    }
  } } } }"""


def threads(world: Any, pull: PullRequest) -> list[dict[str, Any]]:
    variables = {"owner": "acme", "name": "carprice", "number": pull.number}
    _, answer = world.repository()._requester.graphql_query(THREADS, variables)
    return list(answer["data"]["repository"]["pullRequest"]["reviewThreads"]["nodes"])


def test_nobody_approves_or_is_asked_to_review_their_own_pull_request(pull: PullRequest) -> None:
    status, body = refusal(lambda: pull.create_review(event="APPROVE"))
    assert (status, body["errors"]) == (422, ["Can not approve your own pull request"])
    status, body = refusal(lambda: pull.create_review_request(["jose"]))
    assert (status, body["message"]) == (
        422,
        "Review cannot be requested from pull request author.",
    )


def test_a_verdict_stays_bound_to_the_commit_that_was_reviewed(
    world: Any, pull: PullRequest, lines: Callable[..., str]
) -> None:
    pull.create_review_request(["tech-lead", "frontend-dev"])
    review = world.repository("tech-lead").get_pull(pull.number).create_review(event="APPROVE")
    assert [user.login for user in pull.get_review_requests()[0]] == ["frontend-dev"]
    world.push(pull.head.ref, "fix: later", a_txt=lines(line_11="later"))
    (again,) = world.repository().get_pull(pull.number).get_reviews()
    assert (again.state, again.commit_id, again.id) == ("APPROVED", pull.head.sha, review.id)


def test_a_thread_is_answered_outdated_by_a_push_and_resolved(
    world: Any, pull: PullRequest, lines: Callable[..., str]
) -> None:
    comments = [{"path": "a.txt", "line": 11, "body": "Consider adding loading states"}]
    world.repository("tech-lead").get_pull(pull.number).create_review(
        event="REQUEST_CHANGES", body="See.", comments=comments
    )
    (comment,) = pull.get_review_comments()
    pull.create_review_comment_reply(comment.id, "Done.")
    (thread,) = threads(world, pull)
    assert (thread["isResolved"], thread["isOutdated"], thread["line"]) == (False, False, 11)
    assert [item["author"]["login"] for item in thread["comments"]["nodes"]] == [
        "tech-lead",
        "jose",
    ]
    world.push(pull.head.ref, "fix: above", a_txt="0\n" + lines(line_11=pull.title))
    (moved,) = threads(world, pull)
    assert (moved["isOutdated"], moved["line"]) == (True, None)
    requester = world.repository()._requester
    _, answer = requester.graphql_named_mutation(
        "resolveReviewThread", {"threadId": thread["id"]}, "thread { id isResolved }"
    )
    assert answer["thread"] == {"id": thread["id"], "isResolved": True}
    assert threads(world, pull)[0]["isResolved"]


def test_a_thread_follows_its_line_when_only_lines_above_change(
    world: Any, pull: PullRequest, lines: Callable[..., str], request: pytest.FixtureRequest
) -> None:
    pull.create_review_comment(
        "here", world.repository().get_commit(pull.head.sha), "a.txt", line=11
    )
    world.push(pull.head.ref, "fix: above", a_txt="new\n" + lines(line_11=request.node.name))
    (thread,) = threads(world, pull)
    assert (thread["isOutdated"], thread["line"]) == (False, 12)


def test_a_comment_on_a_line_that_the_diff_does_not_show_is_refused(
    world: Any, pull: PullRequest
) -> None:
    status, body = refusal(
        lambda: pull.create_review(
            event="COMMENT", comments=[{"path": "a.txt", "line": 29, "body": "x"}]
        )
    )
    assert (status, body["errors"]) == (422, ["Line could not be resolved"])
    commit = world.repository().get_commit(pull.head.sha)
    status, body = refusal(lambda: pull.create_review_comment("x", commit, "a.txt", line=29))
    assert (
        body["errors"][0]["message"] == "pull_request_review_thread.line must be part of the diff"
    )
    assert list(pull.get_reviews()) == []


def test_graphql_names_a_field_that_does_not_exist(world: Any) -> None:
    answer = world.raw(
        "github", "POST", "/graphql", json={"query": "{ viewer { login nonsense } }"}
    ).json()
    assert answer["errors"][0]["message"] == "Field 'nonsense' doesn't exist on type 'User'"
    query = "query Me { me: viewer { ...F } } fragment F on User { login }"
    aliased = world.raw("github", "POST", "/api/graphql", json={"query": query})
    assert aliased.json() == {"data": {"me": {"login": "jose"}}}


def graphql(world: Any, query: str, **variables: object) -> dict[str, Any]:
    body = {"query": query, "variables": variables}
    answer = world.raw("github", "POST", "/graphql", json=body)
    assert answer.status_code == 200
    return dict(answer.json())


def test_graphql_says_what_it_did_not_find_and_where(world: Any) -> None:
    query = (
        'query { repository(owner: "acme", name: "carprice") { pullRequest(number: 999) { id } } }'
    )
    (error,) = graphql(world, query)["errors"]
    assert error["message"] == "Could not resolve to a PullRequest with the number of 999."
    assert error["type"] == "NOT_FOUND"
    assert error["path"] == ["repository", "pullRequest"]
    query = "mutation($id: ID!) { resolveReviewThread(input: {threadId: $id}) { thread { id } } }"
    (error,) = graphql(world, query, id="PRRT_1")["errors"]
    assert error["message"] == "Could not resolve to a node with the global id of 'PRRT_1'."
    assert (error["type"], error["path"]) == ("NOT_FOUND", ["resolveReviewThread"])


@pytest.mark.parametrize(
    "query",
    [
        "",
        "{",
        "{ viewer }",
        "{ viewer { login { x } } }",
        "query($id: ID!) { node(id: $id) { id } }",
    ],
)
def test_graphql_refuses_what_the_schema_does_not_allow(world: Any, query: str) -> None:
    answer = graphql(world, query)
    assert answer["data"] is None
    assert len(answer["errors"]) == 1


def test_threads_come_in_pages_that_go_on_at_a_cursor(world: Any, pull: PullRequest) -> None:
    commit = world.repository().get_commit(pull.head.sha)
    for number in range(3):
        pull.create_review_comment(f"comment {number}", commit, "a.txt", line=11)
    query = """query($id: ID!, $after: String) { node(id: $id) { ... on PullRequest {
      reviewThreads(first: 2, after: $after) {
        totalCount
        nodes { comments { nodes { body } } }
        pageInfo { hasNextPage endCursor }
      } } } }"""
    first = graphql(world, query, id=pull.node_id)["data"]["node"]["reviewThreads"]
    assert (first["totalCount"], len(first["nodes"])) == (3, 2)
    assert first["pageInfo"] == {"hasNextPage": True, "endCursor": "2"}
    rest = graphql(world, query, id=pull.node_id, after="2")["data"]["node"]["reviewThreads"]
    assert [node["comments"]["nodes"][0]["body"] for node in rest["nodes"]] == ["comment 2"]
    assert rest["pageInfo"] == {"hasNextPage": False, "endCursor": "3"}
    newest = graphql(world, query.replace("first: 2", "last: 1"), id=pull.node_id)
    assert newest["data"]["node"]["reviewThreads"]["nodes"] == rest["nodes"]
    (error,) = graphql(world, query, id=pull.node_id, after="two")["errors"]
    assert error["type"] == "INVALID_CURSOR_ARGUMENTS"
