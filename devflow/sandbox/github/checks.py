"""What automation says of a commit: check runs with annotations, commit statuses, and the combined
state.

A commit may have many results of one name; the newest counts. A check run belongs to an app:
whoever's token stands for none (``"app": null`` in the scenario) may not write any, as no person
may on GitHub.
"""

import zlib
from dataclasses import replace
from typing import Final

from devflow.sandbox.clock import github_time
from devflow.sandbox.github.answers import (
    fields_of,
    invalid,
    missing,
    node_id,
    ok,
    owner,
    page,
    refuse,
    repo_api,
    repo_html,
    repository_data,
    required,
    user,
)
from devflow.sandbox.github.commits import resolve
from devflow.sandbox.github.repository import repository
from devflow.sandbox.store import Json
from devflow.sandbox.web import Call, Refused, Reply, Route

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
MAX_ANNOTATIONS: Final = 50  # GitHub's limit for one request


def latest_results(call: Call, sha: str) -> dict[str, str]:
    """The newest result of each name on a commit: a status' state or a check run's conclusion."""
    statuses = {item["context"]: item["state"] for item in call.records.all("status", sha)}
    runs = {
        run["name"]: run["conclusion"] or "pending" for run in call.records.all("check_run", sha)
    }
    return {**statuses, **runs}


def _run_shown(call: Call, run: Json) -> Json:
    site = f"{repo_api(call)}/check-runs/{run['id']}"
    page_url = f"{repo_html(call)}/runs/{run['id']}"
    output = {name: run["output"].get(name) for name in ("title", "summary", "text")}
    output |= {
        "annotations_count": len(run["annotations"]),
        "annotations_url": f"{site}/annotations",
    }
    return {
        **{name: run[name] for name in PLAIN},
        "details_url": run["details_url"] or page_url,
        "id": run["id"],
        "node_id": node_id("CR", run["id"]),
        "url": site,
        "html_url": page_url,
        "output": output,
        "check_suite": {"id": 6001},
        "app": _app(call, run["app"]),
        "pull_requests": [],
    }


def _app_of(call: Call) -> str:
    """The app that the caller's token stands for. Raises Refused with GitHub's 403 for a person's
    own."""
    slug = call.user.get("app", "devflow")
    if slug is None:
        refuse(403, "You must authenticate via a GitHub App.")
    return str(slug)


def _app(call: Call, slug: str) -> Json:
    created, number = repository_data(call)["created_at"], zlib.crc32(slug.encode()) % 1_000_000
    site = f"{call.base}/apps/{slug}"
    named = {
        "id": number,
        "slug": slug,
        "node_id": node_id("A", number),
        "name": slug,
        "description": "",
    }
    granted = {"permissions": {"checks": "write"}, "events": []}
    dates = {"created_at": created, "updated_at": created}
    return {
        **named,
        "owner": owner(call),
        "external_url": site,
        "html_url": site,
        **dates,
        **granted,
    }


def post_run(call: Call) -> Reply:
    repository_data(call)
    app = _app_of(call)
    given = required(call, "CheckRun", "name", "head_sha", output=dict)
    sha = call.git.sha(str(given["head_sha"]))
    if sha is None:
        refuse(422, f"No commit found for SHA: {given['head_sha']}")
    nothing: Json = dict.fromkeys(("external_id", "details_url", "conclusion", "completed_at"))
    first = {
        "id": call.records.number("check_run", 7001),
        "head_sha": sha,
        "app": app,
        "output": {},
        "annotations": [],
    }
    run = {**nothing, "status": "queued", "started_at": github_time(), **first}
    return Reply(201, _run_shown(call, _stored(call, run, given, sha)))


def _stored(call: Call, run: Json, given: Json, sha: str) -> Json:
    """The run with what was given. A conclusion completes it; annotations are added to those it
    has."""
    fresh: Json = {name: given[name] for name in PLAIN if name in given and name != "head_sha"}
    changed = {**run, **fresh}
    if given.get("conclusion"):
        changed["status"] = "completed"
    if changed["status"] == "completed" and not changed["completed_at"]:
        changed["completed_at"] = github_time()
    if changed["status"] not in RUN_STATES:
        invalid("CheckRun", "status", "invalid")
    if changed["conclusion"] not in (None, *CONCLUSIONS) or (
        changed["status"] == "completed" and not changed["conclusion"]
    ):
        invalid("CheckRun", "conclusion", "invalid")
    output = given.get("output") or {}
    more = output.get("annotations") or []
    if len(more) > MAX_ANNOTATIONS:
        invalid(
            "CheckRun",
            "annotations",
            "custom",
            f"No more than {MAX_ANNOTATIONS} annotations in one request.",
        )
    if output and not (output.get("title") or run["output"].get("title")):
        invalid("CheckRun", "output.title", "missing_field")
    texts: Json = {name: output[name] for name in ("title", "summary", "text") if name in output}
    changed["output"] = {**run["output"], **texts}
    changed["annotations"] = [*run["annotations"], *more]
    return call.records.put("check_run", run["id"], changed, sha)


def _run(call: Call) -> Json:
    repository_data(call)
    run = call.records.get("check_run", call.path["check_run_id"])
    if run is None:
        raise Refused(missing())
    return run


def patch_run(call: Call) -> Reply:
    app, run = _app_of(call), _run(call)
    if app != run["app"]:
        refuse(
            403,
            f"Invalid app_id `{_app(call, app)['id']}` - check run can only be modified by the GitHub App that created it.",
        )
    return ok(_run_shown(call, _stored(call, run, fields_of(call, output=dict), run["head_sha"])))


def get_annotations(call: Call) -> Reply:
    nothing = dict.fromkeys(("title", "raw_details", "start_column", "end_column"))
    run = _run(call)
    site = f"{repo_html(call)}/blob/{run['head_sha']}"
    return page(
        call,
        [
            {**nothing, **item, "blob_href": f"{site}/{item.get('path', '')}"}
            for item in run["annotations"]
        ],
    )


def get_runs(call: Call) -> Reply:
    """A commit's check runs, the newest of each app and name first and, unless `filter=all`, only
    that."""
    sha = resolve(call, call.path["ref"])
    stored = call.records.all("check_run", sha)[::-1]
    if call.query.get("filter", "latest") == "latest":
        stored = list({(run["app"], run["name"]): run for run in reversed(stored)}.values())
    for name, field in (("check_name", "name"), ("status", "status")):
        stored = [run for run in stored if call.query.get(name) in (None, run[field])]
    return page(call, [_run_shown(call, run) for run in stored], "check_runs")


def post_status(call: Call) -> Reply:
    repository_data(call)
    given = required(call, "Status", "state")
    sha = call.git.sha(call.path["sha"])
    if sha is None:
        refuse(422, f"No commit found for SHA: {call.path['sha']}")
    if given["state"] not in STATES:
        invalid("Status", "state", "custom", "state is not included in the list")
    number, now = call.records.number("status", 8001), github_time()
    status = {
        "id": number,
        "context": given.get("context") or "default",
        "creator": call.user["name"],
        **{name: given.get(name) for name in ("state", "target_url", "description")},
        **{"created_at": now, "updated_at": now},
    }
    call.records.put("status", number, status, sha)
    return Reply(
        201, {**_status_shown(call, status, sha), "creator": user(call, call.user["name"])}
    )


def _status_shown(call: Call, status: Json, sha: str) -> Json:
    avatar = user(call, status["creator"])["avatar_url"]
    plain = {name: value for name, value in status.items() if name != "creator"}
    site = f"{repo_api(call)}/statuses/{sha}"
    return {**plain, "node_id": node_id("SC", status["id"]), "url": site, "avatar_url": avatar}


def combined_status(call: Call) -> Reply:
    """The newest status of each context, and all of them in one word; nothing at all counts as
    pending."""
    sha = resolve(call, call.path["ref"])
    newest = {item["context"]: item for item in call.records.all("status", sha)}
    states = {item["state"] for item in newest.values()}
    state = (
        "failure"
        if states & {"error", "failure"}
        else "success" if states == {"success"} else "pending"
    )
    site = f"{repo_api(call)}/commits/{sha}"
    part = page(call, [_status_shown(call, item, sha) for item in newest.values()], "statuses")
    body = {**part.body, "state": state, "sha": sha}
    return replace(
        part,
        body={**body, "repository": repository(call), "commit_url": site, "url": f"{site}/status"},
    )


def list_statuses(call: Call) -> Reply:
    sha = resolve(call, call.path["ref"])
    stored = call.records.all("status", sha)[::-1]
    return page(
        call,
        [
            {**_status_shown(call, item, sha), "creator": user(call, item["creator"])}
            for item in stored
        ],
    )


REPO: Final = "/repos/{owner}/{repo}"
ROUTES: Final = (
    Route("POST", f"{REPO}/check-runs", post_run),
    Route(
        "GET", f"{REPO}/check-runs/{{check_run_id}}", lambda call: ok(_run_shown(call, _run(call)))
    ),
    Route("PATCH", f"{REPO}/check-runs/{{check_run_id}}", patch_run),
    Route("GET", f"{REPO}/check-runs/{{check_run_id}}/annotations", get_annotations),
    Route("GET", f"{REPO}/commits/{{ref}}/check-runs", get_runs),
    Route("GET", f"{REPO}/commits/{{ref}}/status", combined_status),
    Route("GET", f"{REPO}/commits/{{ref}}/statuses", list_statuses),
    Route("POST", f"{REPO}/statuses/{{sha}}", post_status),
)
