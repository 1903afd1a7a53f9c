"""Who there is: the caller, and searches by part of a name or e-mail address.

A search finds by prefix and may find several people: it never says who was meant.
"""

from typing import Final

from devflow.sandbox.common.store import Json
from devflow.sandbox.common.web import Call, Reply, Route
from devflow.sandbox.jira.answers import number, ok, refuse, user


def myself(call: Call) -> Reply:
    groups = {"size": 1, "items": []}
    roles = {"size": 1, "items": []}
    return ok(
        {**user(call, call.user), "locale": "en_GB", "groups": groups, "applicationRoles": roles}
    )


def one(call: Call) -> Reply:
    """By `accountId`."""
    account = call.query.get("accountId")
    if account is None:
        refuse(400, "The accountId query parameter needs to be provided.")
    for person in call.records.all("person"):
        if person["account_id"] == account:
            return ok(user(call, person))
    refuse(404, "Specified user does not exist or you do not have required permissions")


def search(call: Call) -> Reply:
    """By `query` (prefix of a word of the display name, or of the address) or `accountId`; one of
    them is required."""
    query = call.query.get("query")
    account = call.query.get("accountId")
    if query is None and account is None:
        refuse(400, "The query parameters 'query' or 'accountId' must be specified.")
    found = [person for person in call.records.all("person") if _matches(person, query, account)]
    start = number(call, "startAt", 0)
    return ok(
        [user(call, person) for person in found[start : start + number(call, "maxResults", 50)]]
    )


def assignable(call: Call) -> Reply:
    query = call.query.get("query", "")
    account = call.query.get("accountId")
    found = [person for person in call.records.all("person") if _matches(person, query, account)]
    return ok([user(call, person) for person in found])


def _matches(person: Json, query: str | None, account: str | None) -> bool:
    if account is not None:
        return bool(person["account_id"] == account)
    wanted = (query or "").lower()
    words = [person["display_name"], *person["display_name"].split(), person["email"]]
    # not documented, but Cloud finds a whole account id too, and the client's assign_issue lives on
    # it
    return wanted == person["account_id"] or any(word.lower().startswith(wanted) for word in words)


ROUTES: Final = (
    Route("GET", "/rest/api/3/myself", myself),
    Route("GET", "/rest/api/3/user", one),
    Route("GET", "/rest/api/3/user/search", search),
    Route("GET", "/rest/api/3/user/assignable/search", assignable),
)
