"""The page of a ticket, at the address that people know from JIRA: `/browse/KEY`, and that of all
tickets for whoever opens the server in a browser.

They need no token, so that a printed link opens in any browser on this machine.
"""

from typing import Final

from devflow.sandbox.common import clock
from devflow.sandbox.common.page import frame, listing, rows, section, text
from devflow.sandbox.common.store import Json
from devflow.sandbox.common.web import Call, Reply, Route
from devflow.sandbox.jira import adf, catalogue
from devflow.sandbox.jira.answers import user_or_none
from devflow.sandbox.jira.durations import pretty
from devflow.sandbox.jira.issues import shown

LINK_SCHEMES: Final = ("http://", "https://")


def tickets_page(call: Call) -> Reply:
    heading = "Tickets"
    lines = [_ticket_line(call, issue) for issue in reversed(call.records.all("issue"))]
    table = listing(("Key", "Summary", "Status"), lines)
    return Reply(200, frame(heading, f"<h1>{heading}</h1>{table}"), media="text/html")


def _ticket_line(call: Call, issue: Json) -> tuple[str, ...]:
    status = shown(call, issue)["fields"]["status"]["name"]
    return (_ticket_link(issue["key"]), text(issue["summary"]), text(status))


def browse(call: Call) -> Reply:
    issue = call.records.get("issue", call.path["issueKey"].upper())
    if issue is None:
        return Reply(
            404, frame("Not found", "<h1>There is no such ticket.</h1>"), media="text/html"
        )
    fields = shown(call, issue)["fields"]
    key = issue["key"]
    body = (
        f"<h1>{text(key)} {text(issue['summary'])}</h1>"
        + _facts(fields)
        + section("Description", [adf.html(issue["description"])])
        + section("Links", [_links(call, key, fields)])
        + section(
            "Comments",
            [
                _entry(call, item, adf.html(item["body"]))
                for item in call.records.all("comment", key)
            ],
        )
        + section("Work log", [_log(call, item) for item in call.records.all("worklog", key)])
        + section(
            "History", [_history(call, item) for item in reversed(call.records.all("history", key))]
        )
    )
    return Reply(200, frame(f"{key} {issue['summary']}", body), media="text/html")


def _facts(fields: Json) -> str:
    sprints = ", ".join(sprint["name"] for sprint in fields[catalogue.SPRINT] or [])
    time = fields["timetracking"]
    points = fields[catalogue.POINTS]
    named = [
        ("Status", fields["status"]["name"]),
        ("Resolution", (fields["resolution"] or {}).get("name")),
        ("Type", fields["issuetype"]["name"]),
        ("Priority", fields["priority"]["name"]),
        ("Assignee", (fields["assignee"] or {"displayName": "nobody"})["displayName"]),
        ("Reporter", (fields["reporter"] or {"displayName": "nobody"})["displayName"]),
        ("Sprint", sprints),
        ("Story points", None if points is None else f"{points:g}"),
        ("Start date", fields[catalogue.START_DATE]),
        ("Due date", fields["duedate"]),
        ("Original estimate", time.get("originalEstimate")),
        ("Time spent", time.get("timeSpent")),
        ("Remaining", time.get("remainingEstimate")),
        ("Labels", ", ".join(fields["labels"])),
        ("Fix versions", ", ".join(version["name"] for version in fields["fixVersions"])),
        ("Watchers", str(fields["watches"]["watchCount"])),
    ]
    return rows((name, text(value)) for name, value in named)


def _links(call: Call, key: str, fields: Json) -> str:
    pairs = []
    for link in call.records.all("remotelink", key):
        target = link["object"]
        words = text(target["title"])
        safe = target["url"].startswith(LINK_SCHEMES)
        shown_link = f'<a href="{text(target["url"])}">{words}</a>' if safe else words
        pairs.append((link.get("relationship") or "links to", shown_link))
    for link in fields["issuelinks"]:
        side = "outwardIssue" if "outwardIssue" in link else "inwardIssue"
        words = link["type"]["outward" if side == "outwardIssue" else "inward"]
        pairs.append((words, _ticket(link[side])))
    pairs += [("sub-task", _ticket(child)) for child in fields["subtasks"]]
    return rows(pairs) if pairs else ""


def _ticket(issue: Json) -> str:
    summary = text(issue["fields"]["summary"])
    return f"{_ticket_link(issue['key'])} {summary}"


def _ticket_link(key: str) -> str:
    return f'<a class="short" href="/browse/{text(key)}">{text(key)}</a>'


def _who(call: Call, name: str) -> str:
    return text((user_or_none(call, name) or {"displayName": name})["displayName"])


def _entry(call: Call, item: Json, inner: str) -> str:
    author = _who(call, item["author"])
    created = text(clock.shown(item["created"]))
    return f"<p class='note'>{author}, {created}</p><div class='body'>{inner}</div>"


def _log(call: Call, item: Json) -> str:
    spent = text(pretty(item["timeSpentSeconds"]))
    author = _who(call, item["author"])
    started = text(clock.shown(item["started"]))
    return f"<p>{spent} by {author}, started {started}</p>"


def _history(call: Call, item: Json) -> str:
    changes = [
        f"{change['field']}: {change['fromString'] or '-'} to {change['toString'] or '-'}"
        for change in item["items"]
    ]
    author = _who(call, item["author"])
    created = text(clock.shown(item["created"]))
    items = text("; ".join(changes))
    return f"<p><span class='note'>{author}, {created}</span> {items}</p>"


ROUTES: Final = (
    Route("GET", "/", tickets_page, public=True, browsers_only=True),
    Route("GET", "/browse/{issueKey}", browse, public=True),
)
