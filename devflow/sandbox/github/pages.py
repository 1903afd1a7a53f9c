"""The pages of a pull request and of a check run, at GitHub's addresses:
`/{owner}/{repo}/pull/{number}` and `/runs/{id}`.

They need no token. Their text is shown as it was written; only links and pictures in it become
links and pictures.
"""

import re
from typing import Final

from devflow.sandbox.bare_git import ChangedFile
from devflow.sandbox.github.answers import full_name, repo_html
from devflow.sandbox.github.pulls import fork_point, refreshed
from devflow.sandbox.github.threads import line_now, threads
from devflow.sandbox.page import frame, rows, section, text
from devflow.sandbox.store import Json
from devflow.sandbox.web import Call, Reply, Route

PICTURE: Final = re.compile(r"!\[([^\]\n]*)\]\((https?://[^\s()&]+(?:&amp;[^\s()&]+)*)\)")
ADDRESS: Final = re.compile(r"(?<![\"=>])(https?://[^\s<>()&]+(?:&amp;[^\s<>()&]+)*)")
WORDS: Final = {
    "APPROVED": "approved",
    "CHANGES_REQUESTED": "asked for changes",
    "COMMENTED": "commented",
}


def pull_page(call: Call) -> Reply:
    stored = call.records.get("pull", call.path["number"])
    if stored is None or full_name(call) != f"{call.path['owner']}/{call.path['repo']}":
        return Reply(
            404, frame("Not found", "<h1>There is no such pull request.</h1>"), media="text/html"
        )
    pull = refreshed(call, stored)
    number, title = pull["number"], f"#{pull['number']} {pull['title']}"
    files = call.git.changed_files(fork_point(call, pull), pull["head_sha"])
    body = (
        f"<h1>{text(title)}</h1>"
        + _facts(call, pull)
        + section(
            "Description",
            [f"<div class='body'>{_written(pull['body'])}</div>"] if pull["body"] else [],
        )
        + section("Reviews", [_review(call, item) for item in call.records.all("review", number)])
        + section(
            "Threads",
            [_thread(call, pull, root, comments) for root, comments in threads(call, pull)],
        )
        + section(
            "Comments", [_comment(item) for item in call.records.all("issue_comment", number)]
        )
        + section("Checks", [_checks(call, pull["head_sha"])])
        + section(f"Files changed: {len(files)}", [_files(files)])
    )
    return Reply(200, frame(title, body), media="text/html")


def run_page(call: Call) -> Reply:
    run = call.records.get("check_run", call.path["check_run_id"])
    if run is None or full_name(call) != f"{call.path['owner']}/{call.path['repo']}":
        return Reply(
            404, frame("Not found", "<h1>There is no such check run.</h1>"), media="text/html"
        )
    named = [
        ("State", run["conclusion"] or run["status"]),
        ("App", run["app"]),
        ("Commit", run["head_sha"][:12]),
        ("Began", run["started_at"]),
        ("Ended", run["completed_at"]),
    ]
    output, notes = run["output"], run["annotations"]
    body = (
        f"<h1>{text(run['name'])}: {text(output.get('title'))}</h1>"
        + rows((name, text(value)) for name, value in named)
        + section(
            "Summary",
            (
                [f"<div class='body'>{_written(output['summary'])}</div>"]
                if output.get("summary")
                else []
            ),
        )
        + section(
            f"Annotations: {len(notes)}",
            [rows((_place(note), text(note["message"])) for note in notes)] if notes else [],
        )
    )
    return Reply(200, frame(run["name"], body), media="text/html")


def _place(note: Json) -> str:
    return f"{note['path']}:{note['start_line']} {note['annotation_level']}"


def _facts(call: Call, pull: Json) -> str:
    state = (
        "merged"
        if pull["merged_at"]
        else "draft" if pull["draft"] and pull["state"] == "open" else pull["state"]
    )
    named = [
        ("State", state),
        ("Author", pull["user"]),
        ("Branches", f"{pull['head_ref']} into {pull['base_ref']}"),
        ("Head", pull["head_sha"][:12]),
        ("Merged as", (pull["merge_commit_sha"] or "")[:12]),
        ("Asked for review", ", ".join(pull["reviewers"])),
        ("Assignees", ", ".join(pull["assignees"])),
        ("Labels", ", ".join(pull["labels"])),
        ("Opened", pull["created_at"]),
    ]
    return rows((name, text(value)) for name, value in named)


def _written(body: str | None) -> str:
    """Text as it was typed, escaped, with its pictures shown and its addresses made links."""
    escaped = PICTURE.sub(
        r'<a href="\2"><img src="\2" alt="\1" width="240" loading="lazy"></a>', text(body)
    )
    return ADDRESS.sub(r'<a href="\1">\1</a>', escaped)


def _head(who: str, did: str, when: str) -> str:
    return f"<p class='note'>{text(who)} {text(did)}, {text(when)}</p>"


def _review(call: Call, review: Json) -> str:
    did = f"{WORDS.get(review['state'], review['state'].lower())} on {review['commit_id'][:12]}"
    inner = f"<div class='body'>{_written(review['body'])}</div>" if review["body"] else ""
    return _head(review["user"], did, review["submitted_at"]) + inner


def _thread(call: Call, pull: Json, root: Json, comments: list[Json]) -> str:
    state = f"resolved by {root['resolved_by']}" if root["resolved_by"] else "open"
    outdated = ", outdated" if line_now(call, pull, root) is None else ""
    said = "".join(_comment(item) for item in comments)
    return f"<h3>{text(root['path'])}:{root['line']} ({text(state)}{outdated})</h3><pre>{text(root['diff_hunk'])}</pre>{said}"


def _comment(comment: Json) -> str:
    return (
        _head(comment["user"], "wrote", comment["created_at"])
        + f"<div class='body'>{_written(comment['body'])}</div>"
    )


def _checks(call: Call, sha: str) -> str:
    site = f"{repo_html(call)}/runs"
    runs = [
        (
            run["name"] if run["app"] == "devflow" else f"{run['name']} ({run['app']})",
            f"<a href='{site}/{run['id']}'>{text(run['conclusion'] or run['status'])}</a> {text(run['output'].get('title'))}",
        )
        for run in call.records.all("check_run", sha)
    ]
    statuses = call.records.all("status", sha)
    states = [
        (item["context"], f"{text(item['state'])} {text(item['description'])}") for item in statuses
    ]
    newest = {**dict(states), **dict(runs)}
    return rows(newest.items()) if newest else ""


def _files(files: list[ChangedFile]) -> str:
    return "".join(
        f"<details><summary>{text(file.path)} <span class='add'>+{file.additions}</span> "
        f"<span class='del'>-{file.deletions}</span></summary><pre>{text(file.patch)}</pre></details>"
        for file in files
    )


ROUTES: Final = (
    Route("GET", "/{owner}/{repo}/pull/{number}", pull_page, public=True),
    Route("GET", "/{owner}/{repo}/runs/{check_run_id}", run_page, public=True),
)
