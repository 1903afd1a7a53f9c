"""JIRA's answers: its error bodies and its user, in the shapes of the official description.

Cloud names people by `accountId` only; an e-mail address or a login is no identifier anywhere.
"""

import base64
import binascii
from collections.abc import Mapping
from typing import NoReturn

from devflow.sandbox.common.bodies import WORDS, Misfit
from devflow.sandbox.common.store import Json, Records
from devflow.sandbox.common.web import Call, Refused, Reply

NOT_FOUND_ISSUE = "Issue does not exist or you do not have permission to see it."


def ok(body: object) -> Reply:
    return Reply(200, body)


def refuse(status: int, *messages: str, **fields: str) -> NoReturn:
    """Raises the official error collection: general messages, and messages by field."""
    raise Refused(Reply(status, {"errorMessages": list(messages), "errors": fields}))


def unknown(path: str) -> Reply:
    return Reply(404, {"errorMessages": [f"No endpoint {path}"], "errors": {}})


MALFORMED = Reply(
    400,
    {"errorMessages": ["There was an error parsing JSON. Check that your request body is valid."]},
)
UNAUTHENTICATED = Reply(
    401,
    "Client must be authenticated to access this resource.",
    {"www-authenticate": 'OAuth realm="sandbox"', "x-seraph-loginreason": "AUTHENTICATED_FAILED"},
    media="text/plain",
)


def misshapen(problem: Misfit) -> Reply:
    """JIRA's answer to a value of another type, by its field."""
    if not problem.place:
        return MALFORMED
    words: dict[type, str] = {
        dict: "Operation value must be an object",
        list: "data was not an array",
    }
    meant = words.get(problem.meant, f"data was not {WORDS[problem.meant]}")
    first, *rest = problem.place
    field = rest[0] if rest and first in ("fields", "update") else first
    return Reply(400, {"errorMessages": [], "errors": {field: meant}})


IMPOSSIBLE = Reply(400, {"errorMessages": ["The request is not possible."], "errors": {}})


def authenticate(records: Records, authorization: str) -> Json:
    """The person behind `Basic base64(email:token)` or `Bearer token`; raises Refused with JIRA's
    401."""
    scheme, _, value = authorization.partition(" ")
    email = ""
    token = value.strip()
    if scheme.lower() == "basic":
        try:
            email, _, token = base64.b64decode(value, validate=True).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError) as error:
            raise Refused(UNAUTHENTICATED) from error
    for person in records.all("person"):
        named = scheme.lower() == "bearer" or email == person["email"]
        if token and named and token == person["jira_token"]:
            return person
    raise Refused(UNAUTHENTICATED)


def headers(call: Call, answer: Reply) -> Mapping[str, str]:
    return {
        "x-aaccountid": str(call.user.get("account_id", "")),
        "cache-control": "no-cache, no-store",
    }


def fields_of(call: Call, **kinds: type) -> Json:
    """The body as an object, its fields, if any, of these types. Raises Refused with 400."""
    if not isinstance(call.body, dict):
        raise Refused(MALFORMED)
    for name, kind in kinds.items():
        if not isinstance(call.body.get(name), kind | None):
            refuse(
                400,
                **{
                    name: (
                        "Operation value must be an object"
                        if kind is dict
                        else "data was not an array"
                    )
                },
            )
    return call.body


def user(call: Call, person: Json) -> Json:
    account = person["account_id"]
    return {
        "self": f"{call.base}/rest/api/3/user?accountId={account}",
        "accountId": account,
        "accountType": "atlassian",
        "emailAddress": person["email"],
        "displayName": person["display_name"],
        "active": True,
        "timeZone": "Etc/UTC",
        "avatarUrls": {
            f"{n}x{n}": f"{call.base}/avatar/{account}?size={n}" for n in (16, 24, 32, 48)
        },
    }


def user_or_none(call: Call, name: str | None) -> Json | None:
    """The user of a sandbox name, as JIRA shows a field that may be empty."""
    person = call.records.get("person", name) if name else None
    return user(call, person) if person else None


def person_by_account(call: Call, account: str) -> Json:
    """Raises Refused with 404 for an account that nobody has."""
    for person in call.records.all("person"):
        if person["account_id"] == account:
            return person
    refuse(404, f"User '{account}' does not exist or you do not have permission to view it.")


def page(call: Call, key: str, items: list[Json], default: int = 50) -> Json:
    """A page of `items` by `startAt` and `maxResults`, with the total, as JIRA's older collections
    have it."""
    start = number(call, "startAt", 0)
    most = call.page_size(number(call, "maxResults", default))
    return {
        "startAt": start,
        "maxResults": most,
        "total": len(items),
        key: items[start : start + most],
    }


def number(call: Call, name: str, default: int) -> int:
    """A whole number of the query; raises Refused with 400 for text."""
    value = call.query.get(name, str(default))
    if not value.isdecimal():
        refuse(400, f"The value '{value}' of the parameter '{name}' is not a number.")
    return int(value)
