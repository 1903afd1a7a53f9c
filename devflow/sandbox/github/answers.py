"""GitHub's answers: error bodies with the exact texts that clients match, pages with `Link`, users
and the repository.

Every url begins with what the client itself put before the documented path: PyGithub refuses other
hosts and paths.
"""

from collections.abc import Mapping
from typing import Final, NoReturn

from devflow.sandbox.store import Json, Records
from devflow.sandbox.web import Call, Refused, Reply

DOCS: Final = "https://docs.github.com/rest"
LIMIT: Final = 5000  # requests an hour for an authenticated user


def ok(body: object) -> Reply:
    return Reply(200, body)


def refuse(status: int, message: str, errors: list[Json | str] | None = None) -> NoReturn:
    """Raises GitHub's error: `message`, the documentation's address, and what is wrong in detail."""
    detail = {} if errors is None else {"errors": errors}
    raise Refused(
        Reply(
            status, {"message": message, **detail, "documentation_url": DOCS, "status": str(status)}
        )
    )


def missing(path: str = "") -> Reply:
    return Reply(404, {"message": "Not Found", "documentation_url": DOCS, "status": "404"})


def invalid(resource: str, field: str, code: str, message: str | None = None) -> NoReturn:
    """Raises the 422 for one field that is `missing_field`, `invalid`, `already_exists` or (with a
    message) `custom`."""
    entry: Json = {"resource": resource, "code": code, "field": field}
    refuse(422, "Validation Failed", [{**entry, "message": message} if message else entry])


MALFORMED: Final = Reply(
    400, {"message": "Problems parsing JSON", "documentation_url": DOCS, "status": "400"}
)


def authenticate(records: Records, authorization: str) -> Json:
    """The person behind `token X` or `Bearer X`; raises Refused with GitHub's 401."""
    scheme, _, token = authorization.partition(" ")
    if not authorization:
        refuse(401, "Requires authentication")
    for person in records.all("person"):
        if scheme.lower() in ("token", "bearer") and token.strip() == person["github_token"]:
            return person
    refuse(401, "Bad credentials")


def headers(call: Call, answer: Reply) -> Mapping[str, str]:
    return {
        "x-github-media-type": "github.v3; format=json",
        "x-ratelimit-limit": str(LIMIT),
        "x-ratelimit-remaining": str(max(0, LIMIT - call.used)),
        "x-ratelimit-used": str(call.used),
        "x-ratelimit-reset": str(call.resets_at),
        "x-ratelimit-resource": "core",
    }


def fields_of(call: Call, **kinds: type) -> Json:
    """The body as an object whose fields, where given, are of these types. Raises Refused with 400
    or 422."""
    if not isinstance(call.body, dict):
        refuse(400, "Body should be a JSON object")
    for name, kind in kinds.items():
        if not isinstance(call.body.get(name), kind | None):
            words: dict[type, str] = {list: "an array", dict: "an object", str: "a string"}
            refuse(
                422,
                f"Invalid request.\n\nFor 'properties/{name}', {call.body[name]!r} is not {words[kind]}.",
            )
    return call.body


def required(call: Call, resource: str, *names: str, **kinds: type) -> Json:
    """The body, which must have these fields; raises Refused with 422 naming the first that is
    absent."""
    given = fields_of(call, **kinds)
    for name in names:
        if given.get(name) in (None, ""):
            invalid(resource, name, "missing_field")
    return given


def node_id(kind: str, number: object) -> str:
    return f"{kind}_{number}"


def repository_data(call: Call) -> Json:
    """The stored repository; raises Refused with 404 where the path names another."""
    data = call.records.all("repository")[0]
    named = (
        call.path.get("owner", data["owner"]).lower(),
        call.path.get("repo", data["name"]).lower(),
    )
    if named != (data["owner"], data["name"]):
        raise Refused(missing())
    return data


def full_name(call: Call) -> str:
    data = repository_data(call)
    return f"{data['owner']}/{data['name']}"


def repo_api(call: Call) -> str:
    """The address of the repository in the API, as the client reaches it."""
    return f"{call.api}/repos/{full_name(call)}"


def repo_html(call: Call) -> str:
    return f"{call.base}/{full_name(call)}"


def page(call: Call, items: list[Json], key: str | None = None) -> Reply:
    """One page of `items` by `per_page` and `page`, with the Link header; under `key` with the
    total, where named."""
    size, current = min(_whole(call, "per_page", 30), 100) or 30, _whole(call, "page", 1) or 1
    last = max(1, -(-len(items) // size))
    pages = {"prev": current - 1, "next": current + 1, "last": last, "first": 1}
    kept = "".join(f"{name}={value}&" for name, value in call.query.items() if name != "page")
    links = [
        f'<{call.api}{call.resource}?{kept}page={number}>; rel="{rel}"'
        for rel, number in pages.items()
        if 1 <= number <= last and number != current
    ]
    part = items[(current - 1) * size : current * size]
    body = part if key is None else {"total_count": len(items), key: part}
    return Reply(200, body, {"link": ", ".join(links)} if links else {})


def _whole(call: Call, name: str, default: int) -> int:
    value = call.query.get(name, "")
    return int(value) if value.isdecimal() else default


def person(call: Call, login: str) -> Json:
    """The stored person; raises Refused with 404 for a login that nobody has."""
    found = call.records.get("person", login)
    if found is None:
        raise Refused(missing())
    return found


def user(call: Call, login: str) -> Json:
    """A user as other objects show it (`simple-user`)."""
    data = person(call, login)
    return {**_account(call, login, data["id"]), "type": "User"}


def _account(call: Call, login: str, number: int) -> Json:
    site = f"{call.api}/users/{login}"
    lists = ("followers", "subscriptions", "orgs", "repos", "received_events")
    names = {"orgs": "organizations"}
    return {
        "login": login,
        "id": number,
        "node_id": node_id("U", number),
        "avatar_url": f"{call.base}/avatars/u/{number}",
        "gravatar_id": "",
        "url": site,
        "html_url": f"{call.base}/{login}",
        **{f"{names.get(name, name)}_url": f"{site}/{name}" for name in lists},
        "following_url": f"{site}/following{{/other_user}}",
        "gists_url": f"{site}/gists{{/gist_id}}",
        "starred_url": f"{site}/starred{{/owner}}{{/repo}}",
        "events_url": f"{site}/events{{/privacy}}",
        "site_admin": False,
        "user_view_type": "public",
    }


def user_or_none(call: Call, login: str | None) -> Json | None:
    return user(call, login) if login else None


def owner(call: Call) -> Json:
    return {**_account(call, repository_data(call)["owner"], 1000), "type": "Organization"}
