"""Files of the repository by path: reading one or a folder, and writing one as a commit of its own.

Writing over a file needs the sha of the blob that is replaced, so that nobody's change is lost
unseen.
"""

import base64
import binascii
from typing import Final
from urllib.parse import quote

from devflow.sandbox.bare_git import GitRefused, identity
from devflow.sandbox.github.answers import (
    missing,
    ok,
    refuse,
    repo_api,
    repo_html,
    repository_data,
    required,
)
from devflow.sandbox.github.commits import resolve
from devflow.sandbox.github.git_data import ABSENT, commit_shown
from devflow.sandbox.store import Json
from devflow.sandbox.web import Call, Refused, Reply, Route

KINDS: Final = {"blob": "file", "tree": "dir", "commit": "submodule"}


def get_contents(call: Call) -> Reply:
    repository_data(call)
    name = call.query.get("ref", "main")
    ref = call.git.branch(name) or call.git.sha(name)
    if ref is None:
        refuse(404, f"No commit found for the ref {name}")
    path = call.path.get("path", "").strip("/")
    kind = "tree" if not path else _kind(call, ref, path)
    if kind == "tree":
        lines = call.git.run("ls-tree", "-z", "--long", "--end-of-options", f"{ref}:{path}").split(
            "\0"
        )[:-1]
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
    size_bytes = int(size) if size.isdecimal() else 0
    return {
        "type": KINDS[kind],
        "size": size_bytes,
        "name": name,
        "path": path,
        "sha": sha,
    } | _addresses(call, path, ref, sha)


def _addresses(call: Call, path: str, ref: str, sha: str) -> Json:
    api, html = repo_api(call), repo_html(call)
    links = {
        "self": f"{api}/contents/{quote(path)}?ref={ref}",
        "git": f"{api}/git/blobs/{sha}",
        "html": f"{html}/blob/{ref}/{quote(path)}",
    }
    named = {"url": links["self"], "git_url": links["git"], "html_url": links["html"]}
    return {**named, "download_url": f"{html}/raw/{ref}/{quote(path)}", "_links": links}


def file_shown(call: Call, path: str, ref: str, blob: str) -> Json:
    """A file with its content in base64 (`content-file`)."""
    content = call.git.run_bytes("cat-file", "blob", "--end-of-options", blob)
    body = {
        "type": "file",
        "encoding": "base64",
        "size": len(content),
        "name": path.rpartition("/")[2],
        "path": path,
    }
    return {
        **body,
        "content": base64.encodebytes(content).decode(),
        "sha": blob,
        **_addresses(call, path, ref, blob),
    }


def put_contents(call: Call) -> Reply:
    """Commits one file to a branch: 201 when the file is new, 200 when it replaces the blob that
    `sha` names."""
    repository_data(call)
    given = required(call, "Commit", "message", message=str, content=str, branch=str, author=dict)
    branch, path = given.get("branch", "main"), call.path["path"]
    before = call.git.branch(branch)
    if before is None:
        refuse(404, f"Branch {branch} not found")
    old = call.git.blob_at(before, path)
    if old is not None and given.get("sha") != old:
        if "sha" not in given:
            refuse(422, 'Invalid request.\n\n"sha" wasn\'t supplied.')
        refuse(409, f"{path} does not match {given['sha']}")
    try:
        content = base64.b64decode(given.get("content") or "", validate=False)
    except (binascii.Error, ValueError):
        refuse(422, "content is not valid Base64")
    blob = call.git.run("hash-object", "-w", "--stdin", stdin=content).strip()
    sha = call.git.commit(
        _tree_with(call, before, path, blob), [before], given["message"], _people(call, given)
    )
    call.git.move(f"refs/heads/{branch}", sha, before or ABSENT)
    body = {"content": file_shown(call, path, branch, blob), "commit": commit_shown(call, sha)}
    return Reply(200 if old else 201, body)


def _people(call: Call, given: Json) -> dict[str, str]:
    author: Json = given.get("author") or given.get("committer") or {}
    return identity(
        author.get("name") or call.user["display_name"], author.get("email") or call.user["email"]
    )


def _tree_with(call: Call, commit: str, path: str, blob: str) -> str:
    with call.git.index() as env:
        call.git.run("read-tree", "--end-of-options", commit, env=env)
        try:
            call.git.run(
                "update-index",
                "-z",
                "--index-info",
                stdin=f"100644 {blob}\t{path}\0".encode(),
                env=env,
            )
        except GitRefused:
            refuse(422, "path contains a malformed path component")
        return call.git.run("write-tree", env=env).strip()


def raw(call: Call) -> Reply:
    """The file itself, for links in a page. The ref is the path's first part that git knows as a
    commit."""
    first, _, rest = call.path["path"].partition("/")
    while rest and call.git.branch(first) is None and call.git.sha(first) is None:
        part, _, rest = rest.partition("/")
        first = f"{first}/{part}"
    blob = call.git.blob_at(resolve(call, first), rest)
    if blob is None:
        raise Refused(missing())
    return Reply(
        200, call.git.run_bytes("cat-file", "blob", "--end-of-options", blob), media=_media(rest)
    )


def _media(path: str) -> str:
    images = {
        "png": "image/png",
        "jpg": "image/jpeg",
        "jpeg": "image/jpeg",
        "gif": "image/gif",
        "webp": "image/webp",
    }
    return images.get(path.rpartition(".")[2].lower(), "text/plain")


ROUTES: Final = (
    Route("GET", "/repos/{owner}/{repo}/contents", get_contents),
    Route("GET", "/repos/{owner}/{repo}/contents/{path}", get_contents),
    Route("PUT", "/repos/{owner}/{repo}/contents/{path}", put_contents),
    Route("GET", "/{owner}/{repo}/raw/{path}", raw, public=True),
    Route("GET", "/{owner}/{repo}/blob/{path}", raw, public=True),
)
