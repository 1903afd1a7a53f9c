"""Acceptance criteria in a field of their own: found by its name, or as pipeline.yaml names it."""

from typing import Any

import pytest
from pytest_httpserver import HTTPServer

from devflow.adapters.http.retry import Retry
from devflow.adapters.jira.client import JiraAuth
from devflow.adapters.jira.tracker import JiraTracker
from devflow.model.errors import StepFailed

CUSTOM = "com.atlassian.jira.plugin.system.customfieldtypes"
TEXT = {"type": "string", "custom": f"{CUSTOM}:textarea"}
CHECKLIST = {"type": "array", "custom": "com.okapya.jira.checklist:checklist"}
SITE = {
    "baseUrl": "https://jira.example.org",
    "versionNumbers": [9, 12, 0],
    "deploymentType": "Server",
}
FIELDS = [
    {"id": "customfield_1", "name": "Acceptance criteria", "schema": {"type": "number"}},
    {"id": "customfield_2", "name": "Critères d'acceptation", "schema": TEXT},
    {"id": "customfield_3", "name": "Done when", "schema": CHECKLIST},
]
ISSUE = {
    "summary": "Roman",
    "description": "h2. Story\nAs a reader",
    "issuetype": {"name": "Story"},
    "status": {"id": "1", "name": "Open", "statusCategory": {"key": "new"}},
    "customfield_1": 7,
    "customfield_2": "# one\n# *two*",
    "customfield_3": [{"name": "three", "checked": True}, {"name": "four"}],
}


@pytest.fixture
def server(httpserver: HTTPServer) -> HTTPServer:
    answers: dict[str, Any] = {
        "/rest/api/2/serverInfo": SITE,
        "/rest/api/2/field": FIELDS,
        "/rest/api/2/issue/SHOP-1": {"key": "SHOP-1", "fields": ISSUE},
        "/rest/agile/1.0/board": {"values": []},
    }
    for path, answer in answers.items():
        httpserver.expect_request(path).respond_with_json(answer)
    return httpserver


def tracker(server: HTTPServer, field: str = "") -> JiraTracker:
    quick = Retry(first_wait_s=0.01)
    place = (server.url_for(""), JiraAuth("secret"), "SHOP")
    return JiraTracker(*place, retry=quick, criteria_field=field)


@pytest.mark.parametrize(
    "named, criteria, source",
    [
        ("", "1. one\n1. **two**", "Critères d'acceptation (customfield_2)"),
        ("done when", "- three\n- four", "Done when (customfield_3)"),
        ("customfield_3", "- three\n- four", "Done when (customfield_3)"),
    ],
)
def test_the_field_is_found_by_its_name_or_as_it_is_named(
    server: HTTPServer, named: str, criteria: str, source: str
) -> None:
    issue = tracker(server, named).issue("SHOP-1")
    assert (issue.criteria, issue.criteria_source) == (criteria, source)
    assert issue.description == "## Story\nAs a reader"


def test_a_named_field_that_is_not_there_is_told(server: HTTPServer) -> None:
    with pytest.raises(StepFailed, match="has no field Conditions") as refused:
        tracker(server, "Conditions").issue("SHOP-1")
    assert refused.value.where == "project.tracker.criteria_field"
