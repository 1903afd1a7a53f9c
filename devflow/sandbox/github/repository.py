"""The repository itself, its people, and the caller: `/user`, `/rate_limit`,
`/repos/{owner}/{repo}`, permissions, labels.

There is one repository; any other name is answered 404, as GitHub does for what a caller may not
see.
"""

from typing import Final

from devflow.sandbox.github.answers import (
    LIMIT,
    full_name,
    invalid,
    missing,
    node_id,
    ok,
    owner,
    page,
    person,
    repo_api,
    repo_html,
    repository_data,
    required,
    user,
)
from devflow.sandbox.store import Json
from devflow.sandbox.web import Call, Refused, Reply, Route

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


def repository(call: Call) -> Json:
    """The repository as other objects show it (`repository`, `minimal-repository`)."""
    data, site, html = repository_data(call), repo_api(call), repo_html(call)
    open_pulls = sum(item["state"] == "open" for item in call.records.all("pull"))
    return {
        "id": 2000,
        "node_id": node_id("R", 2000),
        "name": data["name"],
        "full_name": full_name(call),
        "private": True,
        "owner": owner(call),
        "html_url": html,
        "description": data["description"],
        "fork": False,
        "url": site,
        **{f"{name}_url": f"{site}/{name}" for name in LISTS},
        **{f"{name}_url": f"{site}{template}" for name, template in TEMPLATES.items()},
        "clone_url": call.git.folder.as_uri(),
        "git_url": call.git.folder.as_uri(),
        "ssh_url": call.git.folder.as_uri(),
        "svn_url": html,
        "mirror_url": None,
        "homepage": None,
        "language": None,
        "license": None,
        "topics": [],
        "visibility": "private",
        "default_branch": "main",
        "created_at": data["created_at"],
        "updated_at": data["created_at"],
        "pushed_at": data["created_at"],
        "size": 0,
        **dict.fromkeys(
            ("forks", "forks_count", "stargazers_count", "watchers", "watchers_count"), 0
        ),
        "open_issues": open_pulls,
        "open_issues_count": open_pulls,
        **{
            f"has_{name}": name in ("issues", "projects")
            for name in ("issues", "projects", "wiki", "pages", "discussions")
        },
        "has_downloads": False,
        "is_template": False,
        "archived": False,
        "disabled": False,
        "allow_forking": False,
        "web_commit_signoff_required": False,
        "permissions": PERMISSIONS,
    }


def get_repository(call: Call) -> Reply:
    merging = {
        "allow_squash_merge": True,
        "allow_merge_commit": True,
        "allow_rebase_merge": True,
        "allow_auto_merge": False,
    }
    merging["delete_branch_on_merge"] = False
    return ok({**repository(call), **merging, "network_count": 0, "subscribers_count": 0})


def get_user(call: Call) -> Reply:
    joined = repository_data(call)["created_at"]
    nothing = dict.fromkeys(("company", "location", "bio", "hireable", "twitter_username"))
    numbers = dict.fromkeys(
        (
            "public_repos",
            "public_gists",
            "followers",
            "following",
            "private_gists",
            "collaborators",
        ),
        0,
    )
    private = {
        "total_private_repos": 1,
        "owned_private_repos": 0,
        "disk_usage": 0,
        "two_factor_authentication": True,
    }
    named = {
        "name": call.user["display_name"],
        "email": call.user["email"],
        "blog": "",
        "user_view_type": "private",
    }
    dates = {"created_at": joined, "updated_at": joined}
    return ok({**user(call, call.user["name"]), **named, **dates, **nothing, **numbers, **private})


def rate_limit(call: Call) -> Reply:
    core = {
        "limit": LIMIT,
        "used": call.used,
        "remaining": max(0, LIMIT - call.used),
        "reset": call.resets_at,
    }
    search = {"limit": 30, "used": 0, "remaining": 30, "reset": call.resets_at}
    return ok({"resources": {"core": core, "search": search, "graphql": core}, "rate": core})


def permission(call: Call) -> Reply:
    repository_data(call)
    login = person(call, call.path["username"])["name"]
    shown = {**user(call, login), "permissions": PERMISSIONS, "role_name": "write"}
    return ok({"permission": "write", "user": shown, "role_name": "write"})


def is_collaborator(call: Call) -> Reply:
    repository_data(call)
    person(call, call.path["username"])
    return Reply(204)


def label_shown(call: Call, label: Json) -> Json:
    return {
        "node_id": node_id("LA", label["id"]),
        "url": f"{repo_api(call)}/labels/{label['name']}",
        **label,
    }


def ensure_label(call: Call, name: str, colour: str = "ededed", description: str = "") -> Json:
    """The label of this name, made when the repository lacks it. Names are compared without case."""
    known = call.records.get("label", name.lower())
    if known:
        return known
    number = call.records.number("label", 3001)
    label = {
        "id": number,
        "name": name,
        "color": colour,
        "default": False,
        "description": description,
    }
    return call.records.put("label", name.lower(), label)


def get_labels(call: Call) -> Reply:
    repository_data(call)
    return page(call, [label_shown(call, item) for item in call.records.all("label")])


def get_label(call: Call) -> Reply:
    repository_data(call)
    known = call.records.get("label", call.path["name"].lower())
    if known is None:
        raise Refused(missing())
    return ok(label_shown(call, known))


def post_label(call: Call) -> Reply:
    repository_data(call)
    given = required(call, "Label", "name", name=str)
    if call.records.get("label", given["name"].lower()):
        invalid("Label", "name", "already_exists")
    made = ensure_label(
        call, given["name"], given.get("color", "ededed"), given.get("description") or ""
    )
    return Reply(201, label_shown(call, made))


def workflow_runs(call: Call) -> Reply:
    """No workflow runs here: an empty list, which is an answer."""
    repository_data(call)
    return page(call, [], "workflow_runs")


ROUTES: Final = (
    Route("GET", "/user", get_user),
    Route("GET", "/users/{username}", lambda call: ok(user(call, call.path["username"]))),
    Route("GET", "/rate_limit", rate_limit),
    Route("GET", "/repos/{owner}/{repo}", get_repository),
    Route("GET", "/repos/{owner}/{repo}/collaborators/{username}/permission", permission),
    Route("GET", "/repos/{owner}/{repo}/collaborators/{username}", is_collaborator),
    Route("GET", "/repos/{owner}/{repo}/labels", get_labels),
    Route("POST", "/repos/{owner}/{repo}/labels", post_label),
    Route("GET", "/repos/{owner}/{repo}/labels/{name}", get_label),
    Route("GET", "/repos/{owner}/{repo}/actions/runs", workflow_runs),
)
