"""Searching by JQL, as Cloud does it now: pages by token, no total, only ids unless fields are
asked for.

The old `/search` was removed from Cloud and answers 410.
"""

from typing import Any, Final

from devflow.sandbox.common.store import Json
from devflow.sandbox.common.web import Call, Reply, Route
from devflow.sandbox.jira.answers import fields_of, ok, refuse
from devflow.sandbox.jira.issues import changelog_shown, link_to, shown
from devflow.sandbox.jira.jql import matching

REMOVED: Final = (
    "The requested API has been removed. Please migrate to the /rest/api/3/search/jql API."
)
UNBOUNDED: Final = (
    "Unbounded JQL queries are not allowed here. Please add a search restriction to your query."
)


def search_by_query(call: Call) -> Reply:
    return _search(call, {**call.query, "fields": call.query.get("fields", "id").split(",")})


def search_by_body(call: Call) -> Reply:
    return _search(call, _without_nulls(call))


def _without_nulls(call: Call) -> Json:
    given = fields_of(call, fields=list).items()
    return {"fields": ["id"], **{name: value for name, value in given if value is not None}}


def _search(call: Call, asked: Json) -> Reply:
    jql = str(asked.get("jql") or "")
    fields = ",".join(str(name) for name in asked["fields"])
    if not jql.strip() or jql.strip().lower().startswith("order by"):
        refuse(400, UNBOUNDED)
    start = _whole(asked.get("nextPageToken") or 0)
    most = call.page_size(min(_whole(asked.get("maxResults") or 50), 5000))
    found = matching(call, jql)
    end = start + most
    more = {"nextPageToken": str(end)} if end < len(found) else {}
    issues = [shown(call, issue, fields) for issue in found[start:end]]
    if "changelog" in str(asked.get("expand") or ""):
        for issue in issues:
            issue["changelog"] = changelog_shown(call, issue["key"])
    elif fields == "id":
        issues = [link_to(call, issue) for issue in found[start:end]]
    return ok({"issues": issues, "isLast": not more, **more})


def _whole(value: Any) -> int:
    if not str(value).isdecimal():
        refuse(400, f"'{value}' is not a valid page token or number.")
    return int(value)


def approximate_count(call: Call) -> Reply:
    return ok({"count": len(matching(call, str(fields_of(call).get("jql", ""))))})


def removed(call: Call) -> Reply:
    refuse(410, REMOVED)


ROUTES: Final = (
    Route("GET", "/rest/api/3/search/jql", search_by_query),
    Route("POST", "/rest/api/3/search/jql", search_by_body),
    Route("POST", "/rest/api/3/search/approximate-count", approximate_count),
    Route("GET", "/rest/api/3/search", removed),
    Route("POST", "/rest/api/3/search", removed),
)
