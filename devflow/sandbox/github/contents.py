"""Files of the repository by path: reading one or a folder, and writing one as a commit of its own.

Writing over a file needs the sha of the blob that is replaced, so that nobody's change is lost
unseen.
"""

import base64
import binascii
from typing import Final
from urllib.parse import quote

from devflow.sandbox.common.bare_git import GitRefused, identity
from devflow.sandbox.common.store import Json
from devflow.sandbox.common.web import Call, Refused, Reply, Route
from devflow.sandbox.github.answers import (
    missing,
    ok,
    refuse,
    repo_api,
    repo_html,
    repository_data,
    required,
)
from devflow.sandbox.github.commits import branch_or_sha, resolve
from devflow.sandbox.github.git_data import commit_shown, write_blob

KINDS: Final = {"blob": "file", "tree": "dir", "commit": "submodule"}

IMAGES: Final = {
    "png": "image/png",
    "jpg": "image/jpeg",
    "jpeg": "image/jpeg",
    "gif": "image/gif",
    "webp": "image/webp",
}


def get_contents(call: Call) -> Reply:
    repository_data(call)
    name = call.query.get("ref", "main")
    ref = branch_or_sha(call, name)
    if ref is None:
        refuse(404, f"No commit found for the ref {name}")
    path = call.path.get("path", "").strip("/")
    if not path or _kind(call, ref, path) == "tree":
        listing = call.git.run("ls-tree", "-z", "--long", "--end-of-options", f"{ref}:{path}")
        lines = listing.split("\0")[:-1]
        return ok([_listed(call, line, path, name) for line in lines])
    blob = call.git.blob_at(ref, path) or ""
    return ok(file_shown(call, path, name, blob))


def _kind(call: Call, ref: str, path: str) -> str:
    try:
        return call.git.run("cat-file", "-t", "--end-of-options", f"{ref}:{path}").strip()
    except GitRefused as error:
        raise Refused(missing()) from error


def _listed(call: Call, line: str, folder: str, ref: str) -> Json:
    head, name = line.split("\t", 1)
    _, kind, sha, size = head.split()
    path = f"{folder}/{name}" if folder else name
    size_bytes = int(size) if size.isdecimal() else 0  # git shows the size of a folder as "-"
    entry = {"type": KINDS[kind], "size": size_bytes, "name": name, "path": path, "sha": sha}
    return entry | _addresses(call, path, ref, sha)


def _addresses(call: Call, path: str, ref: str, sha: str) -> Json:
    html = repo_html(call)
    api = repo_api(call)
    site = f"{api}/contents/{quote(path)}?ref={ref}"
    blob_url = f"{api}/git/blobs/{sha}"
    page_url = f"{html}/blob/{ref}/{quote(path)}"
    addresses: Json = {"url": site, "git_url": blob_url, "html_url": page_url}
    addresses["download_url"] = f"{html}/raw/{ref}/{quote(path)}"
    addresses["_links"] = {"self": site, "git": blob_url, "html": page_url}
    return addresses


def file_shown(call: Call, path: str, ref: str, blob: str) -> Json:
    """A file with its content in base64 (`content-file`)."""
    content = call.git.run_bytes("cat-file", "blob", "--end-of-options", blob)
    body = _addresses(call, path, ref, blob)
    body["type"] = "file"
    body["encoding"] = "base64"
    body["size"] = len(content)
    body["name"] = path.rpartition("/")[2]
    body["path"] = path
    body["content"] = base64.encodebytes(content).decode()
    body["sha"] = blob
    return body


def put_contents(call: Call) -> Reply:
    """Commits one file to a branch: 201 when the file is new, 200 when it replaces the blob that
    `sha` names."""
    repository_data(call)
    fields = required(call, "Commit", "message", message=str, content=str, branch=str, author=dict)
    branch = fields.get("branch", "main")
    path = call.path["path"]
    before = call.git.branch(branch)
    if before is None:
        refuse(404, f"Branch {branch} not found")
    old = call.git.blob_at(before, path)
    if old is not None:
        _refuse_unseen(path, old, fields)
    content = _content(fields)
    blob = write_blob(call, content)
    tree = _tree_with(call, before, path, blob)
    sha = call.git.commit(tree, [before], fields["message"], _people(call, fields))
    call.git.move(f"refs/heads/{branch}", sha, before)
    body = {"content": file_shown(call, path, branch, blob), "commit": commit_shown(call, sha)}
    return Reply(200 if old else 201, body)


def _refuse_unseen(path: str, blob: str, fields: Json) -> None:
    """Raises Refused unless the caller names the blob that is replaced."""
    if "sha" not in fields:
        refuse(422, 'Invalid request.\n\n"sha" wasn\'t supplied.')
    if fields["sha"] != blob:
        refuse(409, f"{path} does not match {fields['sha']}")


def _content(fields: Json) -> bytes:
    try:
        return base64.b64decode(fields.get("content") or "", validate=False)
    except (binascii.Error, ValueError):
        refuse(422, "content is not valid Base64")


def _people(call: Call, fields: Json) -> dict[str, str]:
    author: Json = fields.get("author") or fields.get("committer") or {}
    name = author.get("name") or call.user["display_name"]
    email = author.get("email") or call.user["email"]
    return identity(name, email)


def _tree_with(call: Call, commit: str, path: str, blob: str) -> str:
    line = f"100644 {blob}\t{path}\0"
    with call.git.index() as env:
        call.git.run("read-tree", "--end-of-options", commit, env=env)
        try:
            call.git.run("update-index", "-z", "--index-info", stdin=line.encode(), env=env)
        except GitRefused:
            refuse(422, "path contains a malformed path component")
        return call.git.run("write-tree", env=env).strip()


def raw(call: Call) -> Reply:
    """The file itself, for links in a page. The ref is the path's first part that git knows as a
    commit."""
    name, _, rest = call.path["path"].partition("/")
    while rest and call.git.branch(name) is None and call.git.sha(name) is None:
        part, _, rest = rest.partition("/")
        name = f"{name}/{part}"
    blob = call.git.blob_at(resolve(call, name), rest)
    if blob is None:
        raise Refused(missing())
    content = call.git.run_bytes("cat-file", "blob", "--end-of-options", blob)
    return Reply(200, content, media=_media(rest))


def _media(path: str) -> str:
    ending = path.rpartition(".")[2].lower()
    return IMAGES.get(ending, "text/plain")


ROUTES: Final = (
    Route("GET", "/repos/{owner}/{repo}/contents", get_contents),
    Route("GET", "/repos/{owner}/{repo}/contents/{path}", get_contents),
    Route("PUT", "/repos/{owner}/{repo}/contents/{path}", put_contents),
    Route("GET", "/{owner}/{repo}/raw/{path}", raw, public=True),
    Route("GET", "/{owner}/{repo}/blob/{path}", raw, public=True),
)
