"""What automation says of a commit: check runs with annotations, commit statuses, and the combined
state.

A commit may have many results of one name; the newest counts. A check run belongs to an app:
whoever's token stands for none (``"app": null`` in the scenario) may not write any, as no person
may on GitHub.
"""

import zlib
from dataclasses import replace
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
    owner,
    page,
    pick,
    refuse,
    repo_api,
    repo_html,
    repository_data,
    required,
    user,
)
from devflow.sandbox.github.commits import resolve
from devflow.sandbox.github.repository import repository

CONCLUSIONS: Final = (
    "success",
    "failure",
    "neutral",
    "cancelled",
    "skipped",
    "timed_out",
    "action_required",
    "stale",
)
RUN_STATES: Final = ("queued", "in_progress", "completed", "waiting", "requested", "pending")
STATES: Final = ("error", "failure", "pending", "success")
PLAIN: Final = (
    "name",
    "head_sha",
    "external_id",
    "details_url",
    "status",
    "conclusion",
    "started_at",
    "completed_at",
)
OUTPUT_TEXTS: Final = ("title", "summary", "text")
FOREIGN_RUN: Final = (
    "Invalid app_id `{}` - check run can only be modified by the GitHub App that created it."
)
MAX_ANNOTATIONS: Final = 50  # GitHub's limit for one request


def latest_results(call: Call, sha: str) -> dict[str, str]:
    """The newest result of each name on a commit: a status' state or a check run's conclusion."""
    results = {}
    for status in call.records.all("status", sha):
        results[status["context"]] = status["state"]
    for run in call.records.all("check_run", sha):
        results[run["name"]] = run["conclusion"] or "pending"
    return results


def _run_shown(call: Call, run: Json) -> Json:
    site = f"{repo_api(call)}/check-runs/{run['id']}"
    page_url = f"{repo_html(call)}/runs/{run['id']}"
    output = {name: run["output"].get(name) for name in OUTPUT_TEXTS}
    output["annotations_count"] = len(run["annotations"])
    output["annotations_url"] = f"{site}/annotations"
    body = pick(run, "id", *PLAIN)
    body["details_url"] = run["details_url"] or page_url
    body["node_id"] = node_id("CR", run["id"])
    body["url"] = site
    body["html_url"] = page_url
    body["output"] = output
    body["check_suite"] = {"id": 6001}
    body["app"] = _app(call, run["app"])
    body["pull_requests"] = []
    return body


def _app_of(call: Call) -> str:
    """The app that the caller's token stands for. Raises Refused with GitHub's 403 for a person's
    own."""
    slug = call.user.get("app", "devflow")
    if slug is None:
        refuse(403, "You must authenticate via a GitHub App.")
    return str(slug)


def _app(call: Call, slug: str) -> Json:
    number = _app_id(slug)
    created_at = repository_data(call)["created_at"]
    site = f"{call.base}/apps/{slug}"
    app: Json = {"id": number, "slug": slug, "name": slug, "description": ""}
    app["node_id"] = node_id("A", number)
    app["owner"] = owner(call)
    app |= {"external_url": site, "html_url": site}
    app |= {"created_at": created_at, "updated_at": created_at}
    app |= {"permissions": {"checks": "write"}, "events": []}
    return app


def _app_id(slug: str) -> int:
    """Apps are not kept: the number comes from the name, so that it stays the same."""
    return zlib.crc32(slug.encode()) % 1_000_000


def post_run(call: Call) -> Reply:
    repository_data(call)
    app = _app_of(call)
    fields = required(call, "CheckRun", "name", "head_sha", output=dict)
    sha = _known_sha(call, str(fields["head_sha"]))
    run: Json = dict.fromkeys(("external_id", "details_url", "conclusion", "completed_at"))
    run |= {"status": "queued", "started_at": github_time()}
    run |= {"id": call.records.number("check_run", 7001), "head_sha": sha, "app": app}
    run |= {"output": {}, "annotations": []}
    return created(_run_shown(call, _edit_run(call, run, fields)))


def _known_sha(call: Call, name: str) -> str:
    sha = call.git.sha(name)
    if sha is None:
        refuse(422, f"No commit found for SHA: {name}")
    return sha


def _edit_run(call: Call, run: Json, fields: Json) -> Json:
    """The run with these fields. A conclusion completes it; annotations are added to those it
    has."""
    edited = dict(run)
    for name in PLAIN:
        if name in fields and name != "head_sha":
            edited[name] = fields[name]
    if fields.get("conclusion"):
        edited["status"] = "completed"
    if edited["status"] == "completed" and not edited["completed_at"]:
        edited["completed_at"] = github_time()
    _refuse_run(edited)
    edited |= _edited_output(run, fields.get("output") or {})
    return call.records.put("check_run", run["id"], edited, run["head_sha"])


def _refuse_run(run: Json) -> None:
    if run["status"] not in RUN_STATES:
        invalid("CheckRun", "status", "invalid")
    if run["conclusion"] not in (None, *CONCLUSIONS):
        invalid("CheckRun", "conclusion", "invalid")
    if run["status"] == "completed" and not run["conclusion"]:
        invalid("CheckRun", "conclusion", "invalid")


def _edited_output(run: Json, output: Json) -> Json:
    """The run's output and annotations, with what `output` adds to them."""
    annotations = output.get("annotations") or []
    if len(annotations) > MAX_ANNOTATIONS:
        limit = f"No more than {MAX_ANNOTATIONS} annotations in one request."
        invalid("CheckRun", "annotations", "custom", limit)
    if output and not (output.get("title") or run["output"].get("title")):
        invalid("CheckRun", "output.title", "missing_field")
    texts = {name: output[name] for name in OUTPUT_TEXTS if name in output}
    return {
        "output": {**run["output"], **texts},
        "annotations": [*run["annotations"], *annotations],
    }


def get_run(call: Call) -> Reply:
    return ok(_run_shown(call, _run(call)))


def _run(call: Call) -> Json:
    repository_data(call)
    run = call.records.get("check_run", call.path["check_run_id"])
    if run is None:
        raise Refused(missing())
    return run


def patch_run(call: Call) -> Reply:
    app = _app_of(call)
    run = _run(call)
    if app != run["app"]:
        refuse(403, FOREIGN_RUN.format(_app_id(app)))
    edited = _edit_run(call, run, fields_of(call, output=dict))
    return ok(_run_shown(call, edited))


def get_annotations(call: Call) -> Reply:
    run = _run(call)
    site = f"{repo_html(call)}/blob/{run['head_sha']}"
    annotations = []
    for item in run["annotations"]:
        annotation = dict.fromkeys(("title", "raw_details", "start_column", "end_column"))
        annotation |= item
        annotation["blob_href"] = f"{site}/{item.get('path', '')}"
        annotations.append(annotation)
    return page(call, annotations)


def get_runs(call: Call) -> Reply:
    """A commit's check runs, the newest of each app and name first and, unless `filter=all`, only
    that."""
    sha = resolve(call, call.path["ref"])
    runs = call.records.all("check_run", sha)
    if call.query.get("filter", "latest") == "latest":
        runs = _newest_runs(runs)
    else:
        runs.reverse()
    for name, field in (("check_name", "name"), ("status", "status")):
        if name in call.query:
            runs = [run for run in runs if run[field] == call.query[name]]
    return page(call, [_run_shown(call, run) for run in runs], "check_runs")


def _newest_runs(runs: list[Json]) -> list[Json]:
    """The last run of each app and name, in the order in which the names first came."""
    newest = {}
    for run in runs:
        newest[run["app"], run["name"]] = run
    return list(newest.values())


def post_status(call: Call) -> Reply:
    repository_data(call)
    fields = required(call, "Status", "state")
    sha = _known_sha(call, call.path["sha"])
    if fields["state"] not in STATES:
        invalid("Status", "state", "custom", "state is not included in the list")
    number = call.records.number("status", 8001)
    now = github_time()
    status = {name: fields.get(name) for name in ("state", "target_url", "description")}
    status["id"] = number
    status["context"] = fields.get("context") or "default"
    status["creator"] = call.user["name"]
    status["created_at"] = now
    status["updated_at"] = now
    call.records.put("status", number, status, sha)
    return created(_listed_status(call, status, sha))


def _status_shown(call: Call, status: Json, sha: str) -> Json:
    """A status as the combined state has it, without its creator."""
    body = {name: value for name, value in status.items() if name != "creator"}
    body["node_id"] = node_id("SC", status["id"])
    body["url"] = f"{repo_api(call)}/statuses/{sha}"
    body["avatar_url"] = user(call, status["creator"])["avatar_url"]
    return body


def _listed_status(call: Call, status: Json, sha: str) -> Json:
    body = _status_shown(call, status, sha)
    body["creator"] = user(call, status["creator"])
    return body


def combined_status(call: Call) -> Reply:
    """The newest status of each context, and all of them in one word; nothing at all counts as
    pending."""
    sha = resolve(call, call.path["ref"])
    newest = {}
    for status in call.records.all("status", sha):
        newest[status["context"]] = status
    states = {status["state"] for status in newest.values()}
    items = [_status_shown(call, status, sha) for status in newest.values()]
    answer = page(call, items, "statuses")
    site = f"{repo_api(call)}/commits/{sha}"
    body = dict(answer.body)
    body["state"] = _combined(states)
    body["sha"] = sha
    body["repository"] = repository(call)
    body["commit_url"] = site
    body["url"] = f"{site}/status"
    return replace(answer, body=body)


def _combined(states: set[str]) -> str:
    if states & {"error", "failure"}:
        return "failure"
    return "success" if states == {"success"} else "pending"


def list_statuses(call: Call) -> Reply:
    sha = resolve(call, call.path["ref"])
    statuses = call.records.all("status", sha)[::-1]
    return page(call, [_listed_status(call, status, sha) for status in statuses])


ROUTES: Final = (
    Route("POST", f"{REPO}/check-runs", post_run),
    Route("GET", f"{REPO}/check-runs/{{check_run_id}}", get_run),
    Route("PATCH", f"{REPO}/check-runs/{{check_run_id}}", patch_run),
    Route("GET", f"{REPO}/check-runs/{{check_run_id}}/annotations", get_annotations),
    Route("GET", f"{REPO}/commits/{{ref}}/check-runs", get_runs),
    Route("GET", f"{REPO}/commits/{{ref}}/status", combined_status),
    Route("GET", f"{REPO}/commits/{{ref}}/statuses", list_statuses),
    Route("POST", f"{REPO}/statuses/{{sha}}", post_status),
)
