"""Deployments with their states, and the environments they go to.

A deployment names an environment; the environment comes into being with it, as on GitHub.
"""

from typing import Final

from devflow.sandbox.common.clock import github_time
from devflow.sandbox.common.store import Json
from devflow.sandbox.common.web import Call, Refused, Reply, Route
from devflow.sandbox.github.answers import (
    REPO,
    created,
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
from devflow.sandbox.github.commits import tag_sha

STATES: Final = ("error", "failure", "inactive", "in_progress", "queued", "pending", "success")


def _deployment_shown(call: Call, deployment: Json) -> Json:
    site = f"{repo_api(call)}/deployments/{deployment['id']}"
    body = dict(deployment)
    body["creator"] = user(call, deployment["creator"])
    body["node_id"] = node_id("DE", deployment["id"])
    body["url"] = site
    body["statuses_url"] = f"{site}/statuses"
    body["repository_url"] = repo_api(call)
    body["performed_via_github_app"] = None
    return body


def post_deployment(call: Call) -> Reply:
    """Makes a deployment of a ref. Raises Refused with 409 where a required context has not
    succeeded."""
    repository_data(call)
    fields = required(call, "Deployment", "ref", required_contexts=list)
    ref = str(fields["ref"])
    sha = call.git.branch(ref) or tag_sha(call, ref) or call.git.sha(ref)
    if sha is None:
        refuse(422, f"No ref found for: {ref}")
    _refuse_failing(call, ref, sha, fields.get("required_contexts"))
    deployment = _new_deployment(call, fields)
    deployment["ref"] = ref
    deployment["sha"] = sha
    _ensure_environment(call, deployment["environment"])
    call.records.put("deployment", deployment["id"], deployment)
    return created(_deployment_shown(call, deployment))


def _new_deployment(call: Call, fields: Json) -> Json:
    now = github_time()
    environment = fields.get("environment") or "production"
    is_production = fields.get("production_environment", environment == "production")
    deployment: Json = {"id": call.records.number("deployment", 13001)}
    deployment["creator"] = call.user["name"]
    deployment["task"] = fields.get("task") or "deploy"
    deployment["payload"] = fields.get("payload") or {}
    deployment["environment"] = environment
    deployment["original_environment"] = environment
    deployment["description"] = fields.get("description")
    deployment["created_at"] = now
    deployment["updated_at"] = now
    deployment["transient_environment"] = bool(fields.get("transient_environment"))
    deployment["production_environment"] = bool(is_production)
    return deployment


def _refuse_failing(call: Call, ref: str, sha: str, contexts: list[str] | None) -> None:
    """Raises Refused unless these contexts have succeeded, or all that there are."""
    results = latest_results(call, sha)
    if contexts is None:
        contexts = list(results)
    for context in contexts:
        if results.get(context) != "success":
            message = f"Conflict: Commit status checks failed for {ref}."
            refuse(409, message, [{"resource": "Deployment", "code": "invalid"}])


def get_deployment(call: Call) -> Reply:
    return ok(_deployment_shown(call, _deployment(call)))


def get_deployments(call: Call) -> Reply:
    """The newest first, by `environment`, `sha`, `ref` or `task`."""
    repository_data(call)
    deployments = call.records.all("deployment")[::-1]
    for name in ("environment", "sha", "ref", "task"):
        if name in call.query:
            value = call.query[name]
            deployments = [item for item in deployments if item[name] == value]
    return page(call, [_deployment_shown(call, deployment) for deployment in deployments])


def _deployment(call: Call) -> Json:
    repository_data(call)
    deployment = call.records.get("deployment", call.path["deployment_id"])
    if deployment is None:
        raise Refused(missing())
    return deployment


def post_status(call: Call) -> Reply:
    """Says how a deployment stands. A success makes the environment's earlier ones inactive unless
    `auto_inactive` is false."""
    deployment = _deployment(call)
    fields = required(call, "DeploymentStatus", "state")
    if fields["state"] not in STATES:
        invalid("DeploymentStatus", "state", "custom", "state is not included in the list")
    if fields["state"] == "success" and fields.get("auto_inactive", True):
        _retire_others(call, deployment)
    status = _add_status(call, deployment, fields)
    return created(_status_shown(call, deployment, status))


def _retire_others(call: Call, deployment: Json) -> None:
    for other in call.records.all("deployment"):
        if other["id"] == deployment["id"] or other["environment"] != deployment["environment"]:
            continue
        past = call.records.all("deployment_status", other["id"])
        if past and past[-1]["state"] == "success":
            _add_status(call, other, {"state": "inactive"})


def _add_status(call: Call, deployment: Json, fields: Json) -> Json:
    number = call.records.number("deployment_status", 14001)
    now = github_time()
    status: Json = {"id": number, "state": fields["state"], "creator": call.user["name"]}
    for name in ("description", "environment_url", "log_url"):
        status[name] = fields.get(name) or ""
    # the older name of `log_url`
    status["target_url"] = status["log_url"] or fields.get("target_url") or ""
    status["environment"] = fields.get("environment") or deployment["environment"]
    status["created_at"] = now
    status["updated_at"] = now
    call.records.put("deployment", deployment["id"], {**deployment, "updated_at": now})
    return call.records.put("deployment_status", number, status, deployment["id"])


def _status_shown(call: Call, deployment: Json, status: Json) -> Json:
    site = f"{repo_api(call)}/deployments/{deployment['id']}"
    body = dict(status)
    body["creator"] = user(call, status["creator"])
    body["node_id"] = node_id("DES", status["id"])
    body["url"] = f"{site}/statuses/{status['id']}"
    body["deployment_url"] = site
    body["repository_url"] = repo_api(call)
    body["performed_via_github_app"] = None
    return body


def get_statuses(call: Call) -> Reply:
    deployment = _deployment(call)
    statuses = call.records.all("deployment_status", deployment["id"])[::-1]
    return page(call, [_status_shown(call, deployment, status) for status in statuses])


def _ensure_environment(call: Call, name: str) -> Json:
    known = call.records.get("environment", name)
    if known:
        return known
    now = github_time()
    number = call.records.number("environment", 15001)
    environment: Json = {"id": number, "name": name}
    environment |= {"created_at": now, "updated_at": now}
    environment |= {"protection_rules": [], "deployment_branch_policy": None}
    return call.records.put("environment", name, environment)


def _environment_shown(call: Call, environment: Json) -> Json:
    name = environment["name"]
    activity = f"{repo_html(call)}/deployments/activity_log"
    body = dict(environment)
    body["node_id"] = node_id("EN", environment["id"])
    body["url"] = f"{repo_api(call)}/environments/{name}"
    body["html_url"] = f"{activity}?environments_filter={name}"
    return body


def get_environment(call: Call) -> Reply:
    repository_data(call)
    known = call.records.get("environment", call.path["environment_name"])
    if known is None:
        raise Refused(missing())
    return ok(_environment_shown(call, known))


def get_environments(call: Call) -> Reply:
    repository_data(call)
    environments = call.records.all("environment")
    items = [_environment_shown(call, environment) for environment in environments]
    return page(call, items, "environments")


def put_environment(call: Call) -> Reply:
    """Makes or changes an environment; a wait timer (min) and a branch policy become its protection
    rules."""
    repository_data(call)
    fields = fields_of(call)
    environment = _ensure_environment(call, call.path["environment_name"])
    rules: list[Json] = []
    if fields.get("wait_timer"):
        rules.append({"type": "wait_timer", "wait_timer": fields["wait_timer"]})
    if fields.get("deployment_branch_policy"):
        rules.append({"type": "branch_policy"})
    for number, rule in enumerate(rules, environment["id"] * 10):
        rule["id"] = number
        rule["node_id"] = node_id("GA", number)
    environment["protection_rules"] = rules
    environment["deployment_branch_policy"] = fields.get("deployment_branch_policy")
    environment["updated_at"] = github_time()
    call.records.put("environment", environment["name"], environment)
    return ok(_environment_shown(call, environment))


ROUTES: Final = (
    Route("GET", f"{REPO}/deployments", get_deployments),
    Route("POST", f"{REPO}/deployments", post_deployment),
    Route("GET", f"{REPO}/deployments/{{deployment_id}}", get_deployment),
    Route("GET", f"{REPO}/deployments/{{deployment_id}}/statuses", get_statuses),
    Route("POST", f"{REPO}/deployments/{{deployment_id}}/statuses", post_status),
    Route("GET", f"{REPO}/environments", get_environments),
    Route("GET", f"{REPO}/environments/{{environment_name}}", get_environment),
    Route("PUT", f"{REPO}/environments/{{environment_name}}", put_environment),
)
