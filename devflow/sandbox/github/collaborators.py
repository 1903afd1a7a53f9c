"""Who may write to the repository: every person here, until somebody takes it from them."""

from typing import Final

from devflow.sandbox.common.store import Json
from devflow.sandbox.common.web import Call, Refused, Reply, Route
from devflow.sandbox.github.answers import missing, ok, person, repository_data, user
from devflow.sandbox.github.repository import PERMISSIONS

COLLABORATOR: Final = "/repos/{owner}/{repo}/collaborators/{username}"


def permission(call: Call) -> Reply:
    repository_data(call)
    login = person(call, call.path["username"])["name"]
    body = user(call, login)
    role = "none" if _is_removed(call, login) else "write"
    body["permissions"] = PERMISSIONS
    if role == "none":
        body["permissions"] = dict.fromkeys(PERMISSIONS, False)
    body["role_name"] = role
    return ok({"permission": role, "user": body, "role_name": role})


def is_collaborator(call: Call) -> Reply:
    repository_data(call)
    if _is_removed(call, person(call, call.path["username"])["name"]):
        raise Refused(missing())
    return Reply(204)


def add_collaborator(call: Call) -> Reply:
    """Gives somebody back what was taken from them; here without an invitation."""
    repository_data(call)
    call.records.delete("removed", person(call, call.path["username"])["name"])
    return Reply(204)


def remove_collaborator(call: Call) -> Reply:
    """What they said stays where it stands; they are not asked for reviews any more."""
    repository_data(call)
    login = person(call, call.path["username"])["name"]
    removed: Json = {"name": login}
    call.records.put("removed", login, removed)
    return Reply(204)


def _is_removed(call: Call, login: str) -> bool:
    return call.records.get("removed", login) is not None


ROUTES: Final = (
    Route("GET", f"{COLLABORATOR}/permission", permission),
    Route("GET", COLLABORATOR, is_collaborator),
    Route("PUT", COLLABORATOR, add_collaborator),
    Route("DELETE", COLLABORATOR, remove_collaborator),
)
