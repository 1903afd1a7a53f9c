"""What hangs on an issue beside its fields: its properties and its watchers."""

from typing import Final

from devflow.sandbox.common.web import Call, Reply, Route
from devflow.sandbox.jira.answers import ok, refuse, user
from devflow.sandbox.jira.issues import require


def get_properties(call: Call) -> Reply:
    key = require(call)["key"]
    site = f"{call.base}{call.resource}"
    return ok(
        {
            "keys": [
                {"self": f"{site}/{item['key']}", "key": item["key"]}
                for item in call.records.all("property", key)
            ]
        }
    )


def get_property(call: Call) -> Reply:
    found = call.records.get("property", f"{require(call)['key']}/{call.path['propertyKey']}")
    if found is None:
        refuse(404, f"The property with key '{call.path['propertyKey']}' does not exist.")
    return ok(found)


def put_property(call: Call) -> Reply:
    """Any JSON value under a key of one's own: 201 when new, 200 when replaced."""
    issue = require(call)
    name = call.path["propertyKey"]
    key = f"{issue['key']}/{name}"
    status = 200 if call.records.get("property", key) else 201
    call.records.put("property", key, {"key": name, "value": call.body}, issue["key"])
    return Reply(status, {})


def get_watchers(call: Call) -> Reply:
    issue = require(call)
    people = [
        user(call, person)
        for name in issue["watchers"]
        if (person := call.records.get("person", name))
    ]
    watching = call.user["name"] in issue["watchers"]
    site = f"{call.base}{call.resource}"
    return ok({"self": site, "isWatching": watching, "watchCount": len(people), "watchers": people})


ROUTES: Final = (
    Route("GET", "/rest/api/3/issue/{issueIdOrKey}/properties", get_properties),
    Route("GET", "/rest/api/3/issue/{issueIdOrKey}/properties/{propertyKey}", get_property),
    Route("PUT", "/rest/api/3/issue/{issueIdOrKey}/properties/{propertyKey}", put_property),
    Route("GET", "/rest/api/3/issue/{issueIdOrKey}/watchers", get_watchers),
)
