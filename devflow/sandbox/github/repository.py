"""The repository itself, its people, and the caller: `/user`, `/rate_limit`,
`/repos/{owner}/{repo}`, permissions, labels.

There is one repository; any other name is answered 404, as GitHub does for what a caller may not
see.
"""

from typing import Final

from devflow.sandbox.common.store import Json
from devflow.sandbox.common.web import Call, Refused, Reply, Route
from devflow.sandbox.github.answers import (
    LIMIT,
    created,
    full_name,
    invalid,
    missing,
    node_id,
    ok,
    owner,
    page,
    repo_api,
    repo_html,
    repository_data,
    required,
    user,
)

LISTS: Final = (
    "contributors",
    "deployments",
    "downloads",
    "events",
    "forks",
    "hooks",
    "languages",
    "merges",
    "stargazers",
    "subscribers",
    "subscription",
    "tags",
    "teams",
)
TEMPLATES: Final = {
    "archive": "/{archive_format}{/ref}",
    "assignees": "/assignees{/user}",
    "blobs": "/git/blobs{/sha}",
    "branches": "/branches{/branch}",
    "collaborators": "/collaborators{/collaborator}",
    "comments": "/comments{/number}",
    "commits": "/commits{/sha}",
    "compare": "/compare/{base}...{head}",
    "contents": "/contents/{+path}",
    "git_commits": "/git/commits{/sha}",
    "git_refs": "/git/refs{/sha}",
    "git_tags": "/git/tags{/sha}",
    "issue_comment": "/issues/comments{/number}",
    "issue_events": "/issues/events{/number}",
    "issues": "/issues{/number}",
    "keys": "/keys{/key_id}",
    "labels": "/labels{/name}",
    "milestones": "/milestones{/number}",
    "notifications": "/notifications{?since,all,participating}",
    "pulls": "/pulls{/number}",
    "releases": "/releases{/id}",
    "statuses": "/statuses/{sha}",
    "trees": "/git/trees{/sha}",
}
PERMISSIONS: Final = {"admin": False, "maintain": False, "push": True, "triage": True, "pull": True}

MERGING: Final = {
    "allow_squash_merge": True,
    "allow_merge_commit": True,
    "allow_rebase_merge": True,
    "allow_auto_merge": False,
    "delete_branch_on_merge": False,
}
SAME_FOR_ALL: Final[Json] = {  # what is the same for every repository here
    "private": True,
    "visibility": "private",
    "fork": False,
    "default_branch": "main",
    "mirror_url": None,
    "homepage": None,
    "language": None,
    "license": None,
    "topics": [],
    "size": 0,
    "forks": 0,
    "forks_count": 0,
    "stargazers_count": 0,
    "watchers": 0,
    "watchers_count": 0,
    "has_issues": True,
    "has_projects": True,
    "has_wiki": False,
    "has_pages": False,
    "has_discussions": False,
    "has_downloads": False,
    "is_template": False,
    "archived": False,
    "disabled": False,
    "allow_forking": False,
    "web_commit_signoff_required": False,
}
SAME_FOR_ALL_USERS: Final[Json] = {  # what nobody here has, or everybody alike
    "company": None,
    "location": None,
    "bio": None,
    "hireable": None,
    "twitter_username": None,
    "blog": "",
    "user_view_type": "private",
    "public_repos": 0,
    "public_gists": 0,
    "followers": 0,
    "following": 0,
    "private_gists": 0,
    "collaborators": 0,
    "total_private_repos": 1,
    "owned_private_repos": 0,
    "disk_usage": 0,
    "two_factor_authentication": True,
}


def repository(call: Call) -> Json:
    """The repository as other objects show it (`repository`, `minimal-repository`)."""
    data = repository_data(call)
    pulls = call.records.all("pull")
    open_pulls = sum(pull["state"] == "open" for pull in pulls)
    body: Json = {**SAME_FOR_ALL, **_addresses(call)}
    body["id"] = 2000
    body["node_id"] = node_id("R", 2000)
    body["name"] = data["name"]
    body["full_name"] = full_name(call)
    body["owner"] = owner(call)
    body["description"] = data["description"]
    body["created_at"] = data["created_at"]
    body["updated_at"] = data["created_at"]
    body["pushed_at"] = data["created_at"]
    body["open_issues"] = open_pulls
    body["open_issues_count"] = open_pulls
    body["permissions"] = PERMISSIONS
    return body


def _addresses(call: Call) -> Json:
    site = repo_api(call)
    html = repo_html(call)
    remote = call.git.folder.as_uri()
    addresses = {"url": site, "html_url": html, "svn_url": html}
    for name in LISTS:
        addresses[f"{name}_url"] = f"{site}/{name}"
    for name, template in TEMPLATES.items():
        addresses[f"{name}_url"] = site + template
    for protocol in ("clone", "git", "ssh"):
        addresses[f"{protocol}_url"] = remote
    return addresses


def get_repository(call: Call) -> Reply:
    return ok({**repository(call), **MERGING, "network_count": 0, "subscribers_count": 0})


def get_user(call: Call) -> Reply:
    joined = repository_data(call)["created_at"]
    body = {**user(call, call.user["name"]), **SAME_FOR_ALL_USERS}
    body["name"] = call.user["display_name"]
    body["email"] = call.user["email"]
    body["created_at"] = joined
    body["updated_at"] = joined
    return ok(body)


def get_any_user(call: Call) -> Reply:
    return ok(user(call, call.path["username"]))


def rate_limit(call: Call) -> Reply:
    core = {"limit": LIMIT, "used": call.used, "reset": call.resets_at}
    core["remaining"] = max(0, LIMIT - call.used)
    search = {"limit": 30, "used": 0, "remaining": 30, "reset": call.resets_at}
    resources = {"core": core, "search": search, "graphql": core}
    return ok({"resources": resources, "rate": core})


def label_shown(call: Call, label: Json) -> Json:
    body = dict(label)
    body["node_id"] = node_id("LA", label["id"])
    body["url"] = f"{repo_api(call)}/labels/{label['name']}"
    return body


def ensure_label(call: Call, name: str, colour: str = "ededed", description: str = "") -> Json:
    """The label of this name, made where the repository lacks it; case makes no difference."""
    key = name.lower()
    known = call.records.get("label", key)
    if known:
        return known
    label = {
        "id": call.records.number("label", 3001),
        "name": name,
        "color": colour,
        "default": False,
        "description": description,
    }
    return call.records.put("label", key, label)


def get_labels(call: Call) -> Reply:
    repository_data(call)
    labels = call.records.all("label")
    return page(call, [label_shown(call, label) for label in labels])


def get_label(call: Call) -> Reply:
    repository_data(call)
    known = call.records.get("label", call.path["name"].lower())
    if known is None:
        raise Refused(missing())
    return ok(label_shown(call, known))


def post_label(call: Call) -> Reply:
    repository_data(call)
    fields = required(call, "Label", "name", name=str)
    name = fields["name"]
    if call.records.get("label", name.lower()):
        invalid("Label", "name", "already_exists")
    colour = fields.get("color", "ededed")
    label = ensure_label(call, name, colour, fields.get("description") or "")
    return created(label_shown(call, label))


def workflow_runs(call: Call) -> Reply:
    """No workflow runs here: an empty list, which is an answer."""
    repository_data(call)
    return page(call, [], "workflow_runs")


ROUTES: Final = (
    Route("GET", "/user", get_user),
    Route("GET", "/users/{username}", get_any_user),
    Route("GET", "/rate_limit", rate_limit),
    Route("GET", "/repos/{owner}/{repo}", get_repository),
    Route("GET", "/repos/{owner}/{repo}/labels", get_labels),
    Route("POST", "/repos/{owner}/{repo}/labels", post_label),
    Route("GET", "/repos/{owner}/{repo}/labels/{name}", get_label),
    Route("GET", "/repos/{owner}/{repo}/actions/runs", workflow_runs),
)
