"""GitHub's answers: error bodies with the exact texts that clients match, pages with `Link`, users
and the repository.

Every url begins with what the client itself put before the documented path: PyGithub refuses other
hosts and paths.
"""

import math
from collections.abc import Mapping
from typing import Final, NoReturn

from devflow.sandbox.common.bodies import WORDS, Misfit
from devflow.sandbox.common.store import Json, Records
from devflow.sandbox.common.web import Call, Refused, Reply

REPO: Final = "/repos/{owner}/{repo}"  # where the path of almost every call begins
DOCS: Final = "https://docs.github.com/rest"
LIMIT: Final = 5000  # requests an hour for an authenticated user
# https://docs.github.com/rest/using-the-rest-api/using-pagination-in-the-rest-api
PAGE_SIZE: Final = 30  # items
MAX_PAGE_SIZE: Final = 100  # items
SHOWN_CHARS: Final = 200  # of a value that is refused
ACCOUNT_LINKS: Final = {
    "followers": "/followers",
    "following": "/following{/other_user}",
    "gists": "/gists{/gist_id}",
    "starred": "/starred{/owner}{/repo}",
    "subscriptions": "/subscriptions",
    "organizations": "/orgs",
    "repos": "/repos",
    "events": "/events{/privacy}",
    "received_events": "/received_events",
}


def ok(body: object) -> Reply:
    return Reply(200, body)


def created(body: object) -> Reply:
    return Reply(201, body)


def pick(record: Json, *names: str) -> Json:
    """The fields of a record that an answer has under the same names."""
    return {name: record[name] for name in names}


def refuse(status: int, message: str, errors: list[Json | str] | None = None) -> NoReturn:
    """Raises GitHub's error: `message`, the documentation's address, and what is wrong."""
    body: Json = {"message": message}
    if errors is not None:
        body["errors"] = errors
    body["documentation_url"] = DOCS
    body["status"] = str(status)
    raise Refused(Reply(status, body))


def missing(path: str = "") -> Reply:
    return Reply(404, {"message": "Not Found", "documentation_url": DOCS, "status": "404"})


def invalid(resource: str, field: str, code: str, message: str | None = None) -> NoReturn:
    """Raises the 422 for one field that is `missing_field`, `invalid`, `already_exists` or (with a
    message) `custom`."""
    entry: Json = {"resource": resource, "code": code, "field": field}
    if message:
        entry["message"] = message
    refuse(422, "Validation Failed", [entry])


MALFORMED: Final = Reply(
    400, {"message": "Problems parsing JSON", "documentation_url": DOCS, "status": "400"}
)


def misshapen(problem: Misfit) -> Reply:
    """GitHub's answer to a value of another type, by its place."""
    status = 422
    shown = repr(problem.value)[:SHOWN_CHARS]
    place = "/".join(problem.place)
    message = (
        f"Invalid request.\n\nFor 'properties/{place}', {shown} is not {WORDS[problem.meant]}."
    )
    if not problem.place:
        status = 400
        message = "Body should be a JSON object"
    return Reply(status, {"message": message, "documentation_url": DOCS, "status": str(status)})


IMPOSSIBLE: Final = Reply(
    422, {"message": "Validation Failed", "documentation_url": DOCS, "status": "422"}
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
    """The body as an object whose fields, where present, are of these types. Raises Refused with
    400 or 422."""
    if not isinstance(call.body, dict):
        refuse(400, "Body should be a JSON object")
    for name, kind in kinds.items():
        value = call.body.get(name)
        if not isinstance(value, kind | None):
            problem = f"For 'properties/{name}', {value!r} is not {WORDS[kind]}."
            refuse(422, f"Invalid request.\n\n{problem}")
    return call.body


def required(call: Call, resource: str, *names: str, **kinds: type) -> Json:
    """The body, which must have these fields; raises Refused with 422 naming the first that is
    absent."""
    fields = fields_of(call, **kinds)
    for name in names:
        if fields.get(name) in (None, ""):
            invalid(resource, name, "missing_field")
    return fields


def node_id(kind: str, number: object) -> str:
    return f"{kind}_{number}"


def repository_data(call: Call) -> Json:
    """The repository's record; raises Refused with 404 where the path names another."""
    data = call.records.all("repository")[0]
    owner_name = call.path.get("owner", data["owner"])
    name = call.path.get("repo", data["name"])
    if not is_called(f"{owner_name}/{name}", data):
        raise Refused(missing())
    return data


def is_called(name: str, data: Json) -> bool:
    """Whether this is the repository's whole name, in whatever case: GitHub asks for none."""
    return name.lower() == f"{data['owner']}/{data['name']}".lower()


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
    size = min(_whole(call, "per_page", PAGE_SIZE), MAX_PAGE_SIZE) or PAGE_SIZE
    size = call.page_size(size)
    current = _whole(call, "page", 1) or 1
    part = items[(current - 1) * size : current * size]
    links = _links(call, current, last=max(1, math.ceil(len(items) / size)))
    link_header = {"link": ", ".join(links)} if links else {}
    if key is None:
        return Reply(200, part, link_header)
    return Reply(200, {"total_count": len(items), key: part}, link_header)


def _links(call: Call, current: int, last: int) -> list[str]:
    query = ""
    for name, value in call.query.items():
        if name != "page":
            query += f"{name}={value}&"
    links = []
    pages = {"prev": current - 1, "next": current + 1, "last": last, "first": 1}
    for relation, number in pages.items():
        if 1 <= number <= last and number != current:
            address = f"{call.api}{call.resource}?{query}page={number}"
            links.append(f'<{address}>; rel="{relation}"')
    return links


def _whole(call: Call, name: str, default: int) -> int:
    value = call.query.get(name, "")
    return int(value) if value.isdecimal() else default


def person(call: Call, login: str) -> Json:
    """The person's record; raises Refused with 404 for a login that nobody has."""
    record = call.records.get("person", login)
    if record is None:
        raise Refused(missing())
    return record


def user(call: Call, login: str) -> Json:
    """A user as other objects show it (`simple-user`)."""
    data = person(call, login)
    return {**_account(call, login, data["id"]), "type": "User"}


def _account(call: Call, login: str, number: int) -> Json:
    site = f"{call.api}/users/{login}"
    account = {
        "login": login,
        "id": number,
        "node_id": node_id("U", number),
        "avatar_url": f"{call.base}/avatars/u/{number}",
        "gravatar_id": "",
        "url": site,
        "html_url": f"{call.base}/{login}",
        "site_admin": False,
        "user_view_type": "public",
    }
    for name, template in ACCOUNT_LINKS.items():
        account[f"{name}_url"] = site + template
    return account


def user_or_none(call: Call, login: str | None) -> Json | None:
    return user(call, login) if login else None


def owner(call: Call) -> Json:
    return {**_account(call, repository_data(call)["owner"], 1000), "type": "Organization"}
