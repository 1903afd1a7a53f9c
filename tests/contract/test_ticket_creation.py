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


def test_on_data_center_a_new_ticket_is_written_in_wiki_markup(httpserver: HTTPServer) -> None:
    site = {
        "baseUrl": "https://jira.example.org",
        "versionNumbers": [9, 12, 0],
        "deploymentType": "Server",
    }
    types = [
        {"id": "7", "name": "Story", "statuses": []},
        {"id": "9", "name": "Bug", "statuses": []},
    ]
    me = {"name": "jose", "displayName": "Jose"}
    answered = {
        "/rest/api/2/serverInfo": site,
        "/rest/api/2/myself": me,
        "/rest/api/2/search": {"issues": [], "total": 0},
        "/rest/api/2/project/SHOP/statuses": types,
    }
    for path, answer in answered.items():
        httpserver.expect_request(path).respond_with_json(answer)
    sent: list[dict[str, Any]] = []

    def make(request: Request) -> Response:
        sent.append(json.loads(request.data)["fields"])
        return Response(json.dumps({"key": "SHOP-1"}), 201, content_type="application/json")

    def show(request: Request) -> Response:
        status = {"id": "1", "name": "Open", "statusCategory": {"key": "new"}}
        fields = {**sent[0], "issuetype": {"name": "Bug"}, "status": status}
        body = {"key": "SHOP-1", "fields": fields}
        return Response(json.dumps(body), content_type="application/json")

    httpserver.expect_request("/rest/api/2/issue", method="POST").respond_with_handler(make)
    httpserver.expect_request("/rest/api/2/issue/SHOP-1").respond_with_handler(show)
    tracker = JiraTracker(httpserver.url_for(""), JiraAuth("secret"), "SHOP", retry=QUICK)
    text = "## Acceptance Criteria\n\n- **one**\n  1. two {x}\n"
    tracker.create(NewTicket(summary="Roman", type="bug", description=text), mark=ONCE)
    httpserver.check()
    (fields,) = sent
    assert fields["issuetype"] == {"id": "9"}
    assert fields["description"] == "h2. Acceptance Criteria\n\n* *one*\n*# two \\{x}"
    with pytest.raises(StepFailed, match="no tickets of the type") as refused:
        tracker.create(NewTicket(summary="Roman", type="Saga"), mark=ONCE)
    assert refused.value.hint == "--type is one of: Story, Bug"
