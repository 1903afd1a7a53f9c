"""Deployments with their states, and the environments they go to.

A deployment names an environment; the environment comes into being with it, as on GitHub.
"""

from typing import Final

from devflow.sandbox.clock import github_time
from devflow.sandbox.github.answers import (
    fields_of,
    invalid,
    missing,
    node_id,
    ok,
    page,
    refuse,
    repo_api,
    repo_html,
    repository_data,
    required,
    user,
)
from devflow.sandbox.github.checks import latest_results
from devflow.sandbox.store import Json
from devflow.sandbox.web import Call, Refused, Reply, Route

STATES: Final = ("error", "failure", "inactive", "in_progress", "queued", "pending", "success")


def _deployment_shown(call: Call, deployment: Json) -> Json:
    site = f"{repo_api(call)}/deployments/{deployment['id']}"
    return {
        **deployment,
        "creator": user(call, deployment["creator"]),
        "node_id": node_id("DE", deployment["id"]),
        "url": site,
        "statuses_url": f"{site}/statuses",
        "repository_url": repo_api(call),
        "performed_via_github_app": None,
    }


def post_deployment(call: Call) -> Reply:
    """Makes a deployment of a ref. Raises Refused with 409 where a required context has not
    succeeded."""
    repository_data(call)
    given = required(call, "Deployment", "ref", required_contexts=list)
    ref = str(given["ref"])
    sha = call.git.branch(ref) or call.git.sha(f"refs/tags/{ref}") or call.git.sha(ref)
    if sha is None:
        refuse(422, f"No ref found for: {ref}")
    results = latest_results(call, sha)
    wanted = given.get("required_contexts")
    failing = [
        name
        for name in (list(results) if wanted is None else wanted)
        if results.get(name) != "success"
    ]
    if failing:
        refuse(
            409,
            f"Conflict: Commit status checks failed for {ref}.",
            [{"resource": "Deployment", "code": "invalid"}],
        )
    number, now = call.records.number("deployment", 13001), github_time()
    name = given.get("environment") or "production"
    deployment = {
        "id": number,
        "sha": sha,
        "ref": ref,
        "task": given.get("task") or "deploy",
        "payload": given.get("payload") or {},
        "environment": name,
        "original_environment": name,
        "description": given.get("description"),
        "creator": call.user["name"],
        "created_at": now,
        "updated_at": now,
        "transient_environment": bool(given.get("transient_environment")),
        "production_environment": bool(given.get("production_environment", name == "production")),
    }
    _ensure_environment(call, name)
    return Reply(201, _deployment_shown(call, call.records.put("deployment", number, deployment)))


def get_deployments(call: Call) -> Reply:
    """The newest first, by `environment`, `sha`, `ref` or `task`."""
    repository_data(call)
    found = call.records.all("deployment")[::-1]
    for name in ("environment", "sha", "ref", "task"):
        found = [item for item in found if call.query.get(name) in (None, item[name])]
    return page(call, [_deployment_shown(call, item) for item in found])


def _deployment(call: Call) -> Json:
    repository_data(call)
    deployment = call.records.get("deployment", call.path["deployment_id"])
    if deployment is None:
        raise Refused(missing())
    return deployment


def post_status(call: Call) -> Reply:
    """Says how a deployment stands. A success makes the environment's earlier ones inactive unless
    told otherwise."""
    deployment = _deployment(call)
    given = required(call, "DeploymentStatus", "state")
    if given["state"] not in STATES:
        invalid("DeploymentStatus", "state", "custom", "state is not included in the list")
    if given["state"] == "success" and given.get("auto_inactive", True):
        for other in call.records.all("deployment"):
            past = call.records.all("deployment_status", other["id"])
            same = (
                other["environment"] == deployment["environment"]
                and other["id"] != deployment["id"]
            )
            if same and past and past[-1]["state"] == "success":
                _put_status(call, other, {"state": "inactive"})
    return Reply(201, _status_shown(call, deployment, _put_status(call, deployment, given)))


def _put_status(call: Call, deployment: Json, given: Json) -> Json:
    number, now = call.records.number("deployment_status", 14001), github_time()
    texts = ("description", "environment_url", "log_url")
    status = {
        "id": number,
        "state": given["state"],
        "creator": call.user["name"],
        **{name: given.get(name) or "" for name in texts},
        "target_url": given.get("log_url") or given.get("target_url") or "",
        "environment": given.get("environment") or deployment["environment"],
        "created_at": now,
        "updated_at": now,
    }
    call.records.put("deployment", deployment["id"], {**deployment, "updated_at": now})
    return call.records.put("deployment_status", number, status, deployment["id"])


def _status_shown(call: Call, deployment: Json, status: Json) -> Json:
    site = f"{repo_api(call)}/deployments/{deployment['id']}"
    return {
        **status,
        "creator": user(call, status["creator"]),
        "node_id": node_id("DES", status["id"]),
        "url": f"{site}/statuses/{status['id']}",
        "deployment_url": site,
        "repository_url": repo_api(call),
        "performed_via_github_app": None,
    }


def get_statuses(call: Call) -> Reply:
    deployment = _deployment(call)
    stored = call.records.all("deployment_status", deployment["id"])[::-1]
    return page(call, [_status_shown(call, deployment, item) for item in stored])


def _ensure_environment(call: Call, name: str) -> Json:
    known = call.records.get("environment", name)
    if known:
        return known
    now = github_time()
    environment = {
        "id": call.records.number("environment", 15001),
        "name": name,
        "created_at": now,
        "updated_at": now,
    }
    return call.records.put(
        "environment",
        name,
        {**environment, "protection_rules": [], "deployment_branch_policy": None},
    )


def _environment_shown(call: Call, environment: Json) -> Json:
    site = f"{repo_api(call)}/environments/{environment['name']}"
    page_url = (
        f"{repo_html(call)}/deployments/activity_log?environments_filter={environment['name']}"
    )
    return {
        **environment,
        "node_id": node_id("EN", environment["id"]),
        "url": site,
        "html_url": page_url,
    }


def get_environment(call: Call) -> Reply:
    repository_data(call)
    known = call.records.get("environment", call.path["environment_name"])
    if known is None:
        raise Refused(missing())
    return ok(_environment_shown(call, known))


def get_environments(call: Call) -> Reply:
    repository_data(call)
    return page(
        call,
        [_environment_shown(call, item) for item in call.records.all("environment")],
        "environments",
    )


def put_environment(call: Call) -> Reply:
    """Makes or changes an environment; a wait timer (min) and a branch policy become its protection
    rules."""
    repository_data(call)
    given, known = fields_of(call), _ensure_environment(call, call.path["environment_name"])
    rules: list[Json] = []
    if given.get("wait_timer"):
        rules.append({"type": "wait_timer", "wait_timer": given["wait_timer"]})
    if given.get("deployment_branch_policy"):
        rules.append({"type": "branch_policy"})
    numbered = [
        {"id": n, "node_id": node_id("GA", n), **rule}
        for n, rule in enumerate(rules, known["id"] * 10)
    ]
    changed = {
        "protection_rules": numbered,
        "deployment_branch_policy": given.get("deployment_branch_policy"),
    }
    stored = call.records.put(
        "environment", known["name"], {**known, **changed, "updated_at": github_time()}
    )
    return ok(_environment_shown(call, stored))


REPO: Final = "/repos/{owner}/{repo}"
ROUTES: Final = (
    Route("GET", f"{REPO}/deployments", get_deployments),
    Route("POST", f"{REPO}/deployments", post_deployment),
    Route(
        "GET",
        f"{REPO}/deployments/{{deployment_id}}",
        lambda call: ok(_deployment_shown(call, _deployment(call))),
    ),
    Route("GET", f"{REPO}/deployments/{{deployment_id}}/statuses", get_statuses),
    Route("POST", f"{REPO}/deployments/{{deployment_id}}/statuses", post_status),
    Route("GET", f"{REPO}/environments", get_environments),
    Route("GET", f"{REPO}/environments/{{environment_name}}", get_environment),
    Route("PUT", f"{REPO}/environments/{{environment_name}}", put_environment),
)
