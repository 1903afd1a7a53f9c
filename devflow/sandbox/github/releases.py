"""Releases and the notes generated for them from the pull requests merged since the last tag.

Publishing a release makes its tag where the repository lacks it, at `target_commitish`.
"""

from typing import Final

from devflow.sandbox.clock import github_time
from devflow.sandbox.github.answers import (
    invalid,
    missing,
    node_id,
    ok,
    page,
    repo_api,
    repo_html,
    repository_data,
    required,
    user,
)
from devflow.sandbox.store import Json
from devflow.sandbox.web import Call, Refused, Reply, Route


def _release_shown(call: Call, release: Json) -> Json:
    api, html, tag = repo_api(call), repo_html(call), release["tag_name"]
    site = f"{api}/releases/{release['id']}"
    return {
        **release,
        "author": user(call, release["author"]),
        "node_id": node_id("RE", release["id"]),
        "url": site,
        "assets_url": f"{site}/assets",
        "upload_url": f"{site}/assets{{?name,label}}",
        "html_url": f"{html}/releases/tag/{tag}",
        "tarball_url": f"{api}/tarball/{tag}",
        "zipball_url": f"{api}/zipball/{tag}",
        "assets": [],
        "immutable": False,
    }


def post_release(call: Call) -> Reply:
    repository_data(call)
    given = required(call, "Release", "tag_name", body=str)
    tag, target = str(given["tag_name"]), str(given.get("target_commitish") or "main")
    if any(
        release["tag_name"] == tag and not release["draft"]
        for release in call.records.all("release")
    ):
        invalid("Release", "tag_name", "already_exists")
    sha = call.git.branch(target) or call.git.sha(target)
    draft = bool(given.get("draft"))
    if not draft and call.git.ref(f"refs/tags/{tag}") is None:
        if sha is None:
            invalid("Release", "target_commitish", "invalid")
        call.git.move(f"refs/tags/{tag}", sha)
    number, now = call.records.number("release", 16001), github_time()
    notes = _notes(call, tag, target) if given.get("generate_release_notes") else ""
    release = {
        "id": number,
        "tag_name": tag,
        "target_commitish": target,
        "name": given.get("name") or tag,
        "body": "\n\n".join(part for part in (given.get("body"), notes) if part),
        "draft": draft,
        "prerelease": bool(given.get("prerelease")),
        "created_at": now,
        "published_at": None if draft else now,
        "author": call.user["name"],
    }
    return Reply(201, _release_shown(call, call.records.put("release", number, release)))


def by_tag(call: Call) -> Reply:
    repository_data(call)
    for release in call.records.all("release"):
        if release["tag_name"] == call.path["tag"] and not release["draft"]:
            return ok(_release_shown(call, release))
    raise Refused(missing())


def list_releases(call: Call) -> Reply:
    repository_data(call)
    return page(
        call, [_release_shown(call, release) for release in call.records.all("release")[::-1]]
    )


def generate_notes(call: Call) -> Reply:
    repository_data(call)
    given = required(call, "ReleaseNotes", "tag_name")
    target = str(given.get("target_commitish") or "main")
    tag, previous = str(given["tag_name"]), given.get("previous_tag_name")
    return ok({"name": tag, "body": _notes(call, tag, target, previous)})


def _notes(call: Call, tag: str, target: str, previous: str | None = None) -> str:
    """GitHub's layout: what was merged into `target` after the tag before this one."""
    known = call.git.ref(f"refs/tags/{tag}")
    head = known or call.git.branch(target) or call.git.sha(target)
    if head is None:
        invalid("ReleaseNotes", "target_commitish", "invalid")
    before = previous or _tag_before(call, tag, head)
    start = call.git.sha(f"refs/tags/{before}") if before else None
    shas = set(
        call.git.commits(start, head)
        if start
        else call.git.run("rev-list", "--end-of-options", head).split()
    )
    lines = [
        f"* {pull['title']} by @{pull['user']} in {repo_html(call)}/pull/{pull['number']}"
        for pull in call.records.all("pull")
        if pull["merge_commit_sha"] in shas
    ]
    site = repo_html(call)
    changes = f"{site}/compare/{before}...{tag}" if before else f"{site}/commits/{tag}"
    changed = "## What's Changed\n" + "\n".join(lines) + "\n\n\n" if lines else ""
    return f"{changed}**Full Changelog**: {changes}"


def _tag_before(call: Call, tag: str, head: str) -> str | None:
    merged = call.git.run(
        "for-each-ref",
        "--merged",
        head,
        "--sort=-creatordate",
        "--format=%(refname:lstrip=2)",
        "refs/tags",
    )
    return next((name for name in merged.splitlines() if name != tag), None)


REPO: Final = "/repos/{owner}/{repo}"
ROUTES: Final = (
    Route("GET", f"{REPO}/releases", list_releases),
    Route("POST", f"{REPO}/releases", post_release),
    Route("POST", f"{REPO}/releases/generate-notes", generate_notes),
    Route("GET", f"{REPO}/releases/tags/{{tag}}", by_tag),
)
