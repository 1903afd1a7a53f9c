"""The low-level git API: refs, commits, trees, blobs and tags, written straight into the bare
repository.

A ref is checked by git itself (`check-ref-format`), so no name from outside can reach a path or an
option.
"""

import base64
import binascii
from typing import Final

from devflow.sandbox.common.bare_git import GitRefused, identity
from devflow.sandbox.common.store import Json
from devflow.sandbox.common.web import Call, Refused, Reply, Route
from devflow.sandbox.github.answers import (
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
)
from devflow.sandbox.github.commits import (
    UNVERIFIED,
    parents_shown,
    person_shown,
    tag_sha,
    tree_link,
)
from devflow.sandbox.github.pulls import refreshed

ABSENT: Final = "0" * 40  # git's way to say that a ref must not exist yet


def _ref_shown(call: Call, ref: str, sha: str) -> Json:
    api = repo_api(call)
    kind = call.git.run("cat-file", "-t", "--end-of-options", sha).strip()
    body: Json = {"ref": ref, "node_id": node_id("REF", ref), "url": f"{api}/git/{ref}"}
    body["object"] = {"sha": sha, "type": kind, "url": f"{api}/git/{kind}s/{sha}"}
    return body


def _existing(call: Call) -> tuple[str, str]:
    repository_data(call)
    ref = f"refs/{call.path['ref']}"
    sha = call.git.ref(ref)
    if sha is None:
        raise Refused(missing())
    return ref, sha


def get_ref(call: Call) -> Reply:
    return ok(_ref_shown(call, *_existing(call)))


def post_ref(call: Call) -> Reply:
    repository_data(call)
    fields = required(call, "Reference", "ref", "sha")
    ref = str(fields["ref"])
    sha = str(fields["sha"])
    if not ref.startswith("refs/") or ref.count("/") < 2 or not _well_formed(call, ref):
        refuse(422, f"{ref} is not a valid ref name.")
    if call.git.sha(sha, "object") != sha:
        refuse(422, "Object does not exist")
    if call.git.ref(ref):
        refuse(422, "Reference already exists")
    call.git.move(ref, sha, ABSENT)
    return created(_ref_shown(call, ref, sha))


def _well_formed(call: Call, ref: str) -> bool:
    try:
        call.git.run("check-ref-format", ref)
    except GitRefused:
        return False
    return True


def patch_ref(call: Call) -> Reply:
    """Moves a ref; backwards or sideways only with `force`."""
    ref, before = _existing(call)
    fields = required(call, "Reference", "sha")
    sha = call.git.sha(str(fields["sha"]))
    if sha is None:
        refuse(422, "Object does not exist")
    if not fields.get("force") and not call.git.is_ancestor(before, sha):
        refuse(422, "Update is not a fast forward")
    call.git.move(ref, sha, before)
    return ok(_ref_shown(call, ref, sha))


def delete_ref(call: Call) -> Reply:
    repository_data(call)
    ref = f"refs/{call.path['ref']}"
    if call.git.ref(ref) is None:
        refuse(422, "Reference does not exist")
    call.git.run("update-ref", "-d", "--end-of-options", ref)
    for pull in call.records.all("pull"):
        refreshed(call, pull)
    return Reply(204)


def get_commit(call: Call) -> Reply:
    repository_data(call)
    sha = call.git.sha(call.path["commit_sha"])
    if sha is None:
        raise Refused(missing())
    return ok(commit_shown(call, sha))


def commit_shown(call: Call, sha: str) -> Json:
    """A commit as the git API has it (`git-commit`)."""
    commit = call.git.read_commits([sha])[0]
    api = repo_api(call)
    body: Json = {"sha": sha, "node_id": node_id("C", sha)}
    body["url"] = f"{api}/git/commits/{sha}"
    body["html_url"] = f"{repo_html(call)}/commit/{sha}"
    body["author"] = person_shown(commit.author)
    body["committer"] = person_shown(commit.committer)
    body["message"] = commit.message
    body["tree"] = tree_link(api, commit.tree)
    body["parents"] = parents_shown(call, commit, "git/commits")
    body["verification"] = UNVERIFIED
    return body


def post_commit(call: Call) -> Reply:
    repository_data(call)
    fields = required(call, "Commit", "message", "tree", message=str, parents=list, author=dict)
    tree = call.git.sha(str(fields["tree"]), "tree")
    if tree is None:
        refuse(422, "Tree SHA does not exist")
    parents = []
    for name in fields.get("parents") or []:
        parent = call.git.sha(str(name))
        if parent is None:
            refuse(422, "Parent SHA does not exist or is not a commit object")
        parents.append(parent)
    caller = {"name": call.user["display_name"], "email": call.user["email"]}
    author = fields.get("author") or caller
    people = identity(author["name"], author["email"])
    sha = call.git.commit(tree, parents, fields["message"], people)
    return created(commit_shown(call, sha))


def decoded(fields: Json) -> bytes:
    """The bytes of `content`; raises Refused with 422 for text that is not the base64 it claims to
    be."""
    if fields.get("encoding", "utf-8") != "base64":
        return str(fields["content"]).encode()
    try:
        return base64.b64decode(fields["content"])
    except (binascii.Error, ValueError):
        refuse(422, "content is not valid Base64")


def post_blob(call: Call) -> Reply:
    repository_data(call)
    fields = fields_of(call)
    if not isinstance(fields.get("content"), str):
        invalid("Blob", "content", "missing_field")
    sha = write_blob(call, decoded(fields))
    return created({"sha": sha, "url": f"{repo_api(call)}/git/blobs/{sha}"})


def write_blob(call: Call, content: bytes) -> str:
    return call.git.run("hash-object", "-w", "--stdin", stdin=content).strip()


def get_blob(call: Call) -> Reply:
    repository_data(call)
    sha = call.git.sha(call.path["file_sha"], "blob")
    if sha is None:
        raise Refused(missing())
    content = call.git.run_bytes("cat-file", "blob", "--end-of-options", sha)
    body: Json = {"sha": sha, "node_id": node_id("B", sha), "size": len(content)}
    body["url"] = f"{repo_api(call)}/git/blobs/{sha}"
    body["content"] = base64.encodebytes(content).decode()
    body["encoding"] = "base64"
    return ok(body)


def post_tree(call: Call) -> Reply:
    """A tree from entries, on top of a `base_tree`; an entry whose `sha` is null is removed."""
    repository_data(call)
    fields = required(call, "Tree", "tree", tree=list)
    base = fields.get("base_tree")
    if base is not None and call.git.sha(str(base), "tree") is None:
        refuse(422, "base_tree is not a valid tree oid")
    lines = "".join(_index_line(call, entry) for entry in fields["tree"])
    with call.git.index() as env:
        if base is not None:
            call.git.run("read-tree", "--end-of-options", f"{base}^{{tree}}", env=env)
        try:
            call.git.run("update-index", "-z", "--index-info", stdin=lines.encode(), env=env)
            sha = call.git.run("write-tree", env=env).strip()
        except GitRefused as error:
            refuse(422, f"tree.path contains a malformed path component: {error}")
    return created(tree_shown(call, sha))


def _index_line(call: Call, entry: Json) -> str:
    path = entry["path"]
    sha = entry.get("sha")
    if sha is None and "content" not in entry:
        return f"0 {ABSENT}\t{path}\0"
    if not sha:
        sha = write_blob(call, str(entry["content"]).encode())
    if entry.get("mode") == "040000":
        refuse(422, "Entries of type tree are not supported by the sandbox: name the files.")
    if call.git.sha(str(sha), "blob") is None:
        refuse(422, f"tree.sha {sha} is not a valid blob")
    return f"{entry.get('mode', '100644')} {sha}\t{path}\0"


def tree_shown(call: Call, sha: str, recursive: bool = False) -> Json:
    api = repo_api(call)
    deep = ["-r", "-t"] if recursive else []
    listing = call.git.run("ls-tree", "-z", "--long", *deep, "--end-of-options", sha)
    entries = [_tree_entry(api, line) for line in listing.split("\0")[:-1]]
    return {**tree_link(api, sha), "tree": entries, "truncated": False}


def _tree_entry(api: str, line: str) -> Json:
    head, path = line.split("\t", 1)
    mode, kind, sha, size = head.split()
    entry: Json = {"path": path, "mode": mode, "type": kind, "sha": sha}
    if size.isdecimal():  # git shows the size of a folder as "-"
        entry["size"] = int(size)
    entry["url"] = f"{api}/git/{kind}s/{sha}"
    return entry


def get_tree(call: Call) -> Reply:
    repository_data(call)
    sha = call.git.sha(call.path["tree_sha"], "tree")
    if sha is None:
        raise Refused(missing())
    recursive = call.query.get("recursive") not in (None, "", "0", "false")
    return ok(tree_shown(call, sha, recursive))


def list_tags(call: Call) -> Reply:
    repository_data(call)
    layout = "--format=%(refname:lstrip=2)"
    names = call.git.run("for-each-ref", "--sort=-refname", layout, "refs/tags").splitlines()
    return page(call, [_tag_shown(call, name) for name in names])


def _tag_shown(call: Call, name: str) -> Json:
    api = repo_api(call)
    sha = tag_sha(call, name)
    tag: Json = {"name": name, "node_id": node_id("REF", name)}
    tag["commit"] = {"sha": sha, "url": f"{api}/commits/{sha}"}
    tag["zipball_url"] = f"{api}/zipball/refs/tags/{name}"
    tag["tarball_url"] = f"{api}/tarball/refs/tags/{name}"
    return tag


ROUTES: Final = (
    Route("GET", "/repos/{owner}/{repo}/git/ref/{ref}", get_ref),
    Route("POST", "/repos/{owner}/{repo}/git/refs", post_ref),
    Route("PATCH", "/repos/{owner}/{repo}/git/refs/{ref}", patch_ref),
    Route("DELETE", "/repos/{owner}/{repo}/git/refs/{ref}", delete_ref),
    Route("GET", "/repos/{owner}/{repo}/git/commits/{commit_sha}", get_commit),
    Route("POST", "/repos/{owner}/{repo}/git/commits", post_commit),
    Route("POST", "/repos/{owner}/{repo}/git/blobs", post_blob),
    Route("GET", "/repos/{owner}/{repo}/git/blobs/{file_sha}", get_blob),
    Route("POST", "/repos/{owner}/{repo}/git/trees", post_tree),
    Route("GET", "/repos/{owner}/{repo}/git/trees/{tree_sha}", get_tree),
    Route("GET", "/repos/{owner}/{repo}/tags", list_tags),
)
