"""A new ticket on Data Center: its type by the id that the project has, its text in wiki markup."""

import json
from typing import Any

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from devflow.adapters.http.retry import Retry
from devflow.adapters.jira.client import JiraAuth
from devflow.adapters.jira.tracker import JiraTracker
from devflow.model.errors import StepFailed
from devflow.model.marks import Mark
from devflow.model.planning import NewTicket

QUICK = Retry(first_wait_s=0.01)
ONCE = Mark(run="new", entry="ticket", verb="create", slot="Roman")


TYPES = [
    {"id": "7", "name": "Story", "statuses": []},
    {"id": "9", "name": "Bug", "statuses": []},
]
ANSWERS = {
    "/rest/api/2/serverInfo": {
        "baseUrl": "https://jira.example.org",
        "versionNumbers": [9, 12, 0],
        "deploymentType": "Server",
    },
    "/rest/api/2/myself": {"name": "jose", "displayName": "Jose"},
    "/rest/api/2/project/SHOP/statuses": TYPES,
}


class DataCenter:
    """A site that has no ticket yet; ``sent`` are the fields of each that was created.

    ``lost`` is the status that a creation is answered with after its effect; a search finds what
    was created the second time that it is asked.
    """

    def __init__(self, server: HTTPServer, lost: int = 0) -> None:
        self.sent: list[dict[str, Any]] = []
        self.searches = 0
        self._lost = lost
        server.expect_request("/rest/api/2/search").respond_with_handler(self._search)
        for path, answer in ANSWERS.items():
            server.expect_request(path).respond_with_json(answer)
        address = "/rest/api/2/issue"
        server.expect_request(address, method="POST").respond_with_handler(self._make)
        server.expect_request(f"{address}/SHOP-1").respond_with_handler(self._show)

    def _make(self, request: Request) -> Response:
        self.sent.append(json.loads(request.data)["fields"])
        return _json({}, self._lost) if self._lost else _json({"key": "SHOP-1"}, 201)

    def _search(self, request: Request) -> Response:
        self.searches += len(self.sent)
        found = [{"key": "SHOP-1", "fields": {"creator": ANSWERS["/rest/api/2/myself"]}}]
        issues = found if self.searches > 1 else []
        return _json({"issues": issues, "total": len(issues)})

    def _show(self, request: Request) -> Response:
        status = {"id": "1", "name": "Open", "statusCategory": {"key": "new"}}
        fields = {**self.sent[0], "issuetype": {"name": "Bug"}, "status": status}
        return _json({"key": "SHOP-1", "fields": fields})


def _json(body: object, status: int = 200) -> Response:
    return Response(json.dumps(body), status, content_type="application/json")


@pytest.fixture
def tracker(httpserver: HTTPServer) -> JiraTracker:
    return JiraTracker(httpserver.url_for(""), JiraAuth("secret"), "SHOP", retry=QUICK)


def test_on_data_center_a_new_ticket_is_written_in_wiki_markup(
    httpserver: HTTPServer, tracker: JiraTracker
) -> None:
    site = DataCenter(httpserver)
    text = "## Acceptance Criteria\n\n- **one**\n  1. two {x}\n"
    tracker.create(NewTicket(summary="Roman", type="bug", description=text), mark=ONCE)
    httpserver.check()
    (fields,) = site.sent
    assert fields["issuetype"] == {"id": "9"}
    assert fields["description"] == "h2. Acceptance Criteria\n\n* *one*\n*# two \\{x}"


@pytest.mark.parametrize("lost", [502, 504])
def test_what_may_have_been_created_is_looked_for_until_a_search_finds_it(
    httpserver: HTTPServer, tracker: JiraTracker, lost: int
) -> None:
    site = DataCenter(httpserver, lost)
    tracker.create(NewTicket(summary="Roman"), mark=ONCE)
    assert len(site.sent) == 1 and site.searches > 1
    assert tracker.created(ONCE) == "SHOP-1"


def test_a_type_that_the_project_lacks_is_told_with_those_that_it_has(
    httpserver: HTTPServer, tracker: JiraTracker
) -> None:
    site = DataCenter(httpserver)
    with pytest.raises(StepFailed, match="no tickets of the type") as refused:
        tracker.create(NewTicket(summary="Roman", type="Saga"), mark=ONCE)
    assert refused.value.hint == "--type is one of: Story, Bug"
    assert site.sent == []
