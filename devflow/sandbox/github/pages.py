"""The pages of the pull requests, of one, and of a check run, at GitHub's addresses:
`/{owner}/{repo}/pulls`, `/pull/{number}` and `/runs/{id}`.

They need no token. Whoever opens the repository or the server in a browser sees the pull requests.
"""

from typing import Final

from devflow.sandbox.common.bare_git import ChangedFile
from devflow.sandbox.common.markdown import rendered
from devflow.sandbox.common.page import frame, listing, rows, section, text
from devflow.sandbox.common.store import Json
from devflow.sandbox.common.web import Call, Refused, Reply, Route
from devflow.sandbox.github.answers import full_name, repo_html
from devflow.sandbox.github.pulls import files_of, refreshed
from devflow.sandbox.github.threads import line_now, threads

SHORT_SHA: Final = 12  # characters
VERDICTS: Final = {
    "APPROVED": "approved",
    "CHANGES_REQUESTED": "asked for changes",
    "COMMENTED": "commented",
}


def pulls_page(call: Call) -> Reply:
    """The pull requests, the newest first."""
    if not _is_here(call):
        return _not_found("There is no such repository.")
    heading = f"Pull requests of {full_name(call)}"
    pulls = call.records.all("pull")
    lines = [_pull_line(call, pull) for pull in reversed(pulls)]
    table = listing(("Number", "Title", "State", "Branch"), lines)
    return _html(200, heading, f"<h1>{text(heading)}</h1>{table}")


def _pull_line(call: Call, pull: Json) -> tuple[str, ...]:
    url = f"{repo_html(call)}/pull/{pull['number']}"
    link = f"<a class='short' href='{text(url)}'>#{pull['number']}</a>"
    return (link, text(pull["title"]), text(_state(pull)), text(pull["head_ref"]))


def pull_page(call: Call) -> Reply:
    record = call.records.get("pull", call.path["number"])
    if record is None or not _is_here(call):
        return _not_found("There is no such pull request.")
    pull = refreshed(call, record)
    title = f"#{pull['number']} {pull['title']}"
    files = files_of(call, pull)
    body = f"<h1>{text(title)}</h1>"
    body += _facts(pull)
    body += section("Description", _body_part(pull["body"]))
    body += section("Reviews", _reviews(call, pull))
    body += section("Threads", _threads(call, pull))
    body += section("Comments", _comments(call, pull))
    body += section("Checks", [_checks(call, pull["head_sha"])])
    body += section(f"Files changed: {len(files)}", [_files(files)])
    return _html(200, title, body)


def _is_here(call: Call) -> bool:
    try:
        full_name(call)
    except Refused:
        return False
    return True


def _html(status: int, title: str, body: str) -> Reply:
    return Reply(status, frame(title, body), media="text/html")


def _not_found(message: str) -> Reply:
    return _html(404, "Not found", f"<h1>{message}</h1>")


def run_page(call: Call) -> Reply:
    run = call.records.get("check_run", call.path["check_run_id"])
    if run is None or not _is_here(call):
        return _not_found("There is no such check run.")
    facts = {
        "State": run["conclusion"] or run["status"],
        "App": run["app"],
        "Commit": run["head_sha"][:SHORT_SHA],
        "Began": run["started_at"],
        "Ended": run["completed_at"],
    }
    output = run["output"]
    annotations = run["annotations"]
    body = f"<h1>{text(run['name'])}: {text(output.get('title'))}</h1>"
    body += _fact_rows(facts)
    body += section("Summary", _body_part(output.get("summary")))
    body += section(f"Annotations: {len(annotations)}", _annotations(annotations))
    return _html(200, run["name"], body)


def _annotations(annotations: list[Json]) -> list[str]:
    if not annotations:
        return []
    lines = []
    for annotation in annotations:
        lines.append((_place(annotation), text(annotation["message"])))
    return [rows(lines, "facts stacked")]


def _place(annotation: Json) -> str:
    where = f"{annotation['path']}:{annotation['start_line']}"
    return f"{where} {annotation['annotation_level']}"


def _state(pull: Json) -> str:
    if pull["merged_at"]:
        return "merged"
    if pull["draft"] and pull["state"] == "open":
        return "draft"
    return str(pull["state"])


def _facts(pull: Json) -> str:
    merge_commit = pull["merge_commit_sha"] or ""
    facts = {
        "State": _state(pull),
        "Author": pull["user"],
        "Branches": f"{pull['head_ref']} into {pull['base_ref']}",
        "Head": pull["head_sha"][:SHORT_SHA],
        "Merged as": merge_commit[:SHORT_SHA],
    }
    facts["Asked for review"] = ", ".join(pull["reviewers"])
    facts["Assignees"] = ", ".join(pull["assignees"])
    facts["Labels"] = ", ".join(pull["labels"])
    facts["Opened"] = pull["created_at"]
    return _fact_rows(facts)


def _fact_rows(facts: Json) -> str:
    return rows((name, text(value)) for name, value in facts.items())


def _body_part(body: str | None) -> list[str]:
    """What somebody wrote, as the parts of a section: none where they wrote nothing."""
    if not body:
        return []
    return [rendered(body)]


def _byline(who: str, did: str, when: str) -> str:
    return f"<p class='note'>{text(who)} {text(did)}, {text(when)}</p>"


def _reviews(call: Call, pull: Json) -> list[str]:
    parts = []
    for review in call.records.all("review", pull["number"]):
        verdict = VERDICTS.get(review["state"], review["state"].lower())
        did = f"{verdict} on {review['commit_id'][:SHORT_SHA]}"
        byline = _byline(review["user"], did, review["submitted_at"])
        parts.append("".join([byline, *_body_part(review["body"])]))
    return parts


def _threads(call: Call, pull: Json) -> list[str]:
    parts = []
    for root, comments in threads(call, pull):
        state = f"resolved by {root['resolved_by']}" if root["resolved_by"] else "open"
        outdated = ", outdated" if line_now(call, pull, root) is None else ""
        heading = f"{text(root['path'])}:{root['line']} ({text(state)}{outdated})"
        part = f"<h3>{heading}</h3><pre>{text(root['diff_hunk'])}</pre>"
        for comment in comments:
            part += _comment(comment)
        parts.append(part)
    return parts


def _comments(call: Call, pull: Json) -> list[str]:
    comments = call.records.all("issue_comment", pull["number"])
    return [_comment(comment) for comment in comments]


def _comment(comment: Json) -> str:
    byline = _byline(comment["user"], "wrote", comment["created_at"])
    return byline + rendered(comment["body"])


def _checks(call: Call, sha: str) -> str:
    """The newest result of each name; a check run counts over a status of its name."""
    site = f"{repo_html(call)}/runs"
    results = {}
    for status in call.records.all("status", sha):
        results[status["context"]] = f"{text(status['state'])} {text(status['description'])}"
    for run in call.records.all("check_run", sha):
        name = run["name"] if run["app"] == "devflow" else f"{run['name']} ({run['app']})"
        state = text(run["conclusion"] or run["status"])
        link = f"<a href='{site}/{run['id']}'>{state}</a>"
        results[name] = f"{link} {text(run['output'].get('title'))}"
    return rows(results.items(), "facts stacked") if results else ""


def _files(files: list[ChangedFile]) -> str:
    parts = []
    for file in files:
        added = f"<span class='add'>+{file.additions}</span>"
        removed = f"<span class='del'>-{file.deletions}</span>"
        summary = f"<summary>{text(file.path)} {added} {removed}</summary>"
        parts.append(f"<details>{summary}<pre>{text(file.patch)}</pre></details>")
    return "".join(parts)


ROUTES: Final = (
    Route("GET", "/", pulls_page, public=True, browsers_only=True),
    Route("GET", "/{owner}/{repo}", pulls_page, public=True, browsers_only=True),
    Route("GET", "/{owner}/{repo}/pulls", pulls_page, public=True, browsers_only=True),
    Route("GET", "/{owner}/{repo}/pull/{number}", pull_page, public=True),
    Route("GET", "/{owner}/{repo}/runs/{check_run_id}", run_page, public=True),
)
