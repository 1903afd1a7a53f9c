"""What a person sees who opens an address of the sandbox in a browser; clients are told what they
always were."""

import re
from datetime import datetime, timedelta, timezone
from typing import Any

import httpx
import pytest
from github.PullRequest import PullRequest

BROWSER = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
SAID = {
    "type": "doc",
    "version": 1,
    "content": [{"type": "paragraph", "content": [{"type": "text", "text": "said"}]}],
}


@pytest.mark.parametrize("path", ("/", "/acme/carprice", "/acme/carprice/pulls"))
def test_a_browser_is_shown_the_pull_requests_and_a_client_what_it_was_told(
    path: str, world: Any, pull: PullRequest
) -> None:
    pull.edit(title="<b>Eleven</b>")
    url = world.described["github"]["url"] + path
    page = httpx.get(url, headers=BROWSER)
    assert page.status_code == 200 and page.headers["content-type"].startswith("text/html")
    assert f"/acme/carprice/pull/{pull.number}'>#{pull.number}</a>" in page.text
    assert f"<td>&lt;b&gt;Eleven&lt;/b&gt;</td><td>open</td><td>{pull.head.ref}</td>" in page.text
    client = httpx.get(url, headers={"Accept": "application/vnd.github+json"})
    assert (client.status_code, client.json()["message"]) == (404, "Not Found")


def test_a_browser_is_told_that_another_repository_is_not_here(world: Any) -> None:
    url = world.described["github"]["url"]
    for path, missing in (("", "repository"), ("/pull/1", "pull request")):
        page = httpx.get(f"{url}/acme/other{path}", headers=BROWSER)
        assert page.status_code == 404 and f"There is no such {missing}." in page.text
    api = httpx.get(f"{url}/repos/acme/other", headers=BROWSER)
    assert api.headers["content-type"].startswith("application/json")


def test_a_browser_is_shown_the_tickets_and_a_client_what_it_was_told(
    world: Any, ticket: str
) -> None:
    world.jira().issue(ticket).update(summary="<b>New</b>")
    url = world.described["jira"]["url"]
    page = httpx.get(url, headers=BROWSER)
    assert page.status_code == 200 and page.headers["content-type"].startswith("text/html")
    cells = "</a></td><td>&lt;b&gt;New&lt;/b&gt;</td><td>To Do</td>"
    assert f'href="/browse/{ticket}">{ticket}{cells}' in page.text
    client = httpx.get(url, headers={"Accept": "*/*"})
    assert (client.status_code, client.json()["errorMessages"]) == (404, ["No endpoint /"])


def test_the_page_of_a_ticket_shows_times_as_the_other_pages_do(world: Any, ticket: str) -> None:
    world.jira().add_comment(ticket, SAID)
    started = datetime(2026, 1, 5, 9, 30, tzinfo=timezone(timedelta(hours=2)))
    world.jira().add_worklog(ticket, timeSpent="2m", started=started)
    world.jira().issue(ticket).update(summary="Another summary")
    page = world.raw("jira", "GET", f"/browse/{ticket}").text
    assert "started 2026-01-05T07:30:00Z" in page
    assert len(re.findall(r", \d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ<", page)) >= 2
    assert "+0000" not in page
