"""Releases and the notes generated for them from the pull requests merged since the last tag.

Publishing a release makes its tag where the repository lacks it, at `target_commitish`.
"""

from typing import Final

from devflow.sandbox.common.clock import github_time
from devflow.sandbox.common.store import Json
from devflow.sandbox.common.web import Call, Refused, Reply, Route
from devflow.sandbox.github.answers import (
    REPO,
    created,
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
from devflow.sandbox.github.commits import branch_or_sha, tag_sha
from devflow.sandbox.github.pulls import pull_url


def _release_shown(call: Call, release: Json) -> Json:
    api = repo_api(call)
    tag = release["tag_name"]
    site = f"{api}/releases/{release['id']}"
    body = dict(release)
    body["author"] = user(call, release["author"])
    body["node_id"] = node_id("RE", release["id"])
    body["url"] = site
    body["assets_url"] = f"{site}/assets"
    body["upload_url"] = f"{site}/assets{{?name,label}}"
    body["html_url"] = f"{repo_html(call)}/releases/tag/{tag}"
    body["tarball_url"] = f"{api}/tarball/{tag}"
    body["zipball_url"] = f"{api}/zipball/{tag}"
    body["assets"] = []
    body["immutable"] = False
    return body


def post_release(call: Call) -> Reply:
    repository_data(call)
    fields = required(call, "Release", "tag_name", body=str)
    tag = str(fields["tag_name"])
    target = str(fields.get("target_commitish") or "main")
    if _published(call, tag) is not None:
        invalid("Release", "tag_name", "already_exists")
    draft = bool(fields.get("draft"))
    if not draft:
        _ensure_tag(call, tag, target)
    number = call.records.number("release", 16001)
    now = github_time()
    release: Json = {"id": number, "tag_name": tag, "target_commitish": target}
    release["name"] = fields.get("name") or tag
    release["body"] = _release_body(call, fields, tag, target)
    release["draft"] = draft
    release["prerelease"] = bool(fields.get("prerelease"))
    release["created_at"] = now
    release["published_at"] = None if draft else now
    release["author"] = call.user["name"]
    call.records.put("release", number, release)
    return created(_release_shown(call, release))


def _published(call: Call, tag: str) -> Json | None:
    for release in call.records.all("release"):
        if release["tag_name"] == tag and not release["draft"]:
            return release
    return None


def _ensure_tag(call: Call, tag: str, target: str) -> None:
    if call.git.ref(f"refs/tags/{tag}") is not None:
        return
    sha = branch_or_sha(call, target)
    if sha is None:
        invalid("Release", "target_commitish", "invalid")
    call.git.move(f"refs/tags/{tag}", sha)


def _release_body(call: Call, fields: Json, tag: str, target: str) -> str:
    """What the caller wrote, above the generated notes where the call wants them."""
    parts = [fields.get("body") or ""]
    if fields.get("generate_release_notes"):
        parts.append(_notes(call, tag, target))
    return "\n\n".join(part for part in parts if part)


def by_tag(call: Call) -> Reply:
    repository_data(call)
    release = _published(call, call.path["tag"])
    if release is None:
        raise Refused(missing())
    return ok(_release_shown(call, release))


def list_releases(call: Call) -> Reply:
    repository_data(call)
    releases = call.records.all("release")[::-1]
    return page(call, [_release_shown(call, release) for release in releases])


def generate_notes(call: Call) -> Reply:
    repository_data(call)
    fields = required(call, "ReleaseNotes", "tag_name")
    tag = str(fields["tag_name"])
    target = str(fields.get("target_commitish") or "main")
    notes = _notes(call, tag, target, fields.get("previous_tag_name"))
    return ok({"name": tag, "body": notes})


def _notes(call: Call, tag: str, target: str, previous: str | None = None) -> str:
    """GitHub's layout: what was merged into `target` after the tag before this one."""
    head = call.git.ref(f"refs/tags/{tag}") or branch_or_sha(call, target)
    if head is None:
        invalid("ReleaseNotes", "target_commitish", "invalid")
    before = previous or _tag_before(call, tag, head)
    site = repo_html(call)
    changes = f"{site}/compare/{before}...{tag}" if before else f"{site}/commits/{tag}"
    notes = ""
    lines = _merged_pulls(call, _commits_since(call, before, head))
    if lines:
        notes = "## What's Changed\n" + "\n".join(lines) + "\n\n\n"
    return f"{notes}**Full Changelog**: {changes}"


def _commits_since(call: Call, tag: str | None, head: str) -> set[str]:
    """The head's commits that the tag lacks; all of them where there is no such tag."""
    start = tag_sha(call, tag) if tag else None
    if start:
        return set(call.git.commits(start, head))
    return set(call.git.run("rev-list", "--end-of-options", head).split())


def _merged_pulls(call: Call, shas: set[str]) -> list[str]:
    lines = []
    for pull in call.records.all("pull"):
        if pull["merge_commit_sha"] in shas:
            address = pull_url(call, pull)
            lines.append(f"* {pull['title']} by @{pull['user']} in {address}")
    return lines


def _tag_before(call: Call, tag: str, head: str) -> str | None:
    order = "--sort=-creatordate"
    layout = "--format=%(refname:lstrip=2)"
    names = call.git.run("for-each-ref", "--merged", head, order, layout, "refs/tags")
    for name in names.splitlines():
        if name != tag:
            return name
    return None


ROUTES: Final = (
    Route("GET", f"{REPO}/releases", list_releases),
    Route("POST", f"{REPO}/releases", post_release),
    Route("POST", f"{REPO}/releases/generate-notes", generate_notes),
    Route("GET", f"{REPO}/releases/tags/{{tag}}", by_tag),
)
