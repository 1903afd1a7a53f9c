"""Commits, the files they change, comparisons and branches, read from the bare repository at the
time of asking."""

from typing import Final
from urllib.parse import quote

from devflow.sandbox.common.bare_git import Author, ChangedFile, GitCommit
from devflow.sandbox.common.store import Json
from devflow.sandbox.common.web import Call, Refused, Reply, Route
from devflow.sandbox.github.answers import (
    missing,
    node_id,
    ok,
    page,
    refuse,
    repo_api,
    repo_html,
    repository_data,
    user_or_none,
)

MAX_COMMITS: Final = 1000  # of a branch, so that a long history is not listed whole
# GitHub's limits for one comparison, https://docs.github.com/rest/commits/commits
MAX_COMPARED_COMMITS: Final = 250
MAX_COMPARED_FILES: Final = 300
COMPARED: Final = {  # by whether the head is ahead, and behind
    (False, False): "identical",
    (True, False): "ahead",
    (False, True): "behind",
    (True, True): "diverged",
}
UNVERIFIED: Final = {
    "verified": False,
    "reason": "unsigned",
    "signature": None,
    "payload": None,
    "verified_at": None,
}


def tag_sha(call: Call, tag: str) -> str | None:
    """The commit that a tag means."""
    return call.git.sha(f"refs/tags/{tag}")


def branch_or_sha(call: Call, name: str) -> str | None:
    """The commit that a branch or (short) sha means."""
    return call.git.branch(name) or call.git.sha(name)


def resolve(call: Call, name: str) -> str:
    """The commit that a branch, tag or (short) sha means; raises Refused with GitHub's 422 for an
    unknown one."""
    repository_data(call)
    short = name.removeprefix("heads/").removeprefix("tags/")
    sha = call.git.branch(short) or tag_sha(call, short) or call.git.sha(name)
    if sha is None:
        refuse(422, f"No commit found for SHA: {name}")
    return sha


def commits_shown(call: Call, shas: list[str]) -> list[Json]:
    """Commits as lists have them, without their files."""
    logins = {}
    for person in call.records.all("person"):
        logins[person["email"]] = person["name"]
    return [_commit_shown(call, commit, logins) for commit in call.git.read_commits(shas)]


def _commit_shown(call: Call, commit: GitCommit, logins: dict[str, str]) -> Json:
    api = repo_api(call)
    site = f"{api}/commits/{commit.sha}"
    body: Json = {"sha": commit.sha, "node_id": node_id("C", commit.sha)}
    body["commit"] = _inner_commit(api, commit)
    body["url"] = site
    body["html_url"] = f"{repo_html(call)}/commit/{commit.sha}"
    body["comments_url"] = f"{site}/comments"
    body["author"] = user_or_none(call, logins.get(commit.author.email))
    body["committer"] = user_or_none(call, logins.get(commit.committer.email))
    body["parents"] = parents_shown(call, commit, "commits")
    return body


def _inner_commit(api: str, commit: GitCommit) -> Json:
    """What git itself knows of a commit."""
    return {
        "author": person_shown(commit.author),
        "committer": person_shown(commit.committer),
        "message": commit.message,
        "tree": tree_link(api, commit.tree),
        "url": f"{api}/git/commits/{commit.sha}",
        "comment_count": 0,
        "verification": UNVERIFIED,
    }


def tree_link(api: str, sha: str) -> Json:
    return {"sha": sha, "url": f"{api}/git/trees/{sha}"}


def person_shown(person: Author) -> Json:
    return {"name": person.name, "email": person.email, "date": person.date}


def parents_shown(call: Call, commit: GitCommit, kind: str) -> list[Json]:
    api = repo_api(call)
    html = repo_html(call)
    parents = []
    for sha in commit.parents:
        url = f"{api}/{kind}/{sha}"
        parents.append({"sha": sha, "url": url, "html_url": f"{html}/commit/{sha}"})
    return parents


def file_shown(call: Call, file: ChangedFile, sha: str) -> Json:
    path = quote(file.path)
    html = repo_html(call)
    body = {
        "sha": file.blob,
        "filename": file.path,
        "status": file.status,
        "additions": file.additions,
        "deletions": file.deletions,
        "changes": file.additions + file.deletions,
    }
    body["blob_url"] = f"{html}/blob/{sha}/{path}"
    body["raw_url"] = f"{html}/raw/{sha}/{path}"
    body["contents_url"] = f"{repo_api(call)}/contents/{path}?ref={sha}"
    if file.old_path != file.path:
        body["previous_filename"] = file.old_path
    if file.patch:
        body["patch"] = file.patch
    return body


def get_commit(call: Call) -> Reply:
    sha = resolve(call, call.path["ref"])
    body = commits_shown(call, [sha])[0]
    parents = body["parents"]
    empty_tree = call.git.run("hash-object", "-t", "tree", "--stdin").strip()
    before = parents[0]["sha"] if parents else empty_tree
    files = call.git.changed_files(before, sha)
    additions = sum(file.additions for file in files)
    deletions = sum(file.deletions for file in files)
    total = additions + deletions
    body["stats"] = {"total": total, "additions": additions, "deletions": deletions}
    body["files"] = [file_shown(call, file, sha) for file in files]
    return ok(body)


def list_commits(call: Call) -> Reply:
    head = resolve(call, call.query.get("sha", "main"))
    command = ["rev-list", f"--max-count={MAX_COMMITS}", "--end-of-options", head]
    if "path" in call.query:
        command += ["--", call.query["path"]]
    return commit_page(call, call.git.run(*command).split())


def commit_page(call: Call, shas: list[str]) -> Reply:
    """One page of commits; only those on it are read."""
    answer = page(call, [{"sha": sha} for sha in shas])
    page_shas = [item["sha"] for item in answer.body]
    return Reply(200, commits_shown(call, page_shas), answer.headers)


def _compared(call: Call) -> tuple[str, str, str]:
    """The two commits that the path compares, and their merge base; raises Refused with 404."""
    names = call.path["basehead"].split("...")
    if len(names) != 2:
        raise Refused(missing())
    repository_data(call)
    base = branch_or_sha(call, _without_owner(names[0]))
    head = branch_or_sha(call, _without_owner(names[1]))
    if not base or not head:
        raise Refused(missing())
    fork = call.git.merge_base(base, head)
    if not fork:
        raise Refused(missing())
    return base, head, fork


def _without_owner(name: str) -> str:
    """`acme:main` is the branch `main`, as forks are told apart."""
    return name.rpartition(":")[2]


def compare(call: Call) -> Reply:
    """`base...head`: the head's commits and files since the merge base."""
    base, head, fork = _compared(call)
    ahead = call.git.commits(base, head)
    behind = call.git.commits(head, base)
    files = call.git.changed_files(fork, head)
    site = f"{repo_html(call)}/compare/{call.path['basehead']}"
    body: Json = {"url": f"{repo_api(call)}/compare/{call.path['basehead']}"}
    body["html_url"] = site
    body["permalink_url"] = site
    body["diff_url"] = f"{site}.diff"
    body["patch_url"] = f"{site}.patch"
    body["base_commit"] = commits_shown(call, [base])[0]
    body["merge_base_commit"] = commits_shown(call, [fork])[0]
    body["status"] = COMPARED[bool(ahead), bool(behind)]
    body["ahead_by"] = len(ahead)
    body["behind_by"] = len(behind)
    body["total_commits"] = len(ahead)
    body["commits"] = commits_shown(call, ahead[:MAX_COMPARED_COMMITS])
    body["files"] = [file_shown(call, file, head) for file in files[:MAX_COMPARED_FILES]]
    return ok(body)


def branch_sha(call: Call) -> str:
    """The path's branch; raises Refused with GitHub's 404 where it does not exist."""
    repository_data(call)
    sha = call.git.branch(call.path["branch"])
    if sha is None:
        refuse(404, "Branch not found")
    return sha


def get_branch(call: Call) -> Reply:
    return ok(branch_shown(call, call.path["branch"], branch_sha(call)))


def branch_shown(call: Call, name: str, sha: str) -> Json:
    """A branch with its protection (`branch-with-protection`)."""
    is_protected = call.records.get("protection", name) is not None
    site = f"{repo_api(call)}/branches/{name}"
    checks = {"enforcement_level": "off", "contexts": [], "checks": []}
    body: Json = {"name": name, "commit": commits_shown(call, [sha])[0]}
    body["_links"] = {"self": site, "html": f"{repo_html(call)}/tree/{name}"}
    body["protected"] = is_protected
    body["protection"] = {"enabled": is_protected, "required_status_checks": checks}
    body["protection_url"] = f"{site}/protection"
    return body


def list_branches(call: Call) -> Reply:
    repository_data(call)
    layout = "--format=%(objectname) %(refname:lstrip=2)"
    listing = call.git.run("for-each-ref", layout, "refs/heads")
    api = repo_api(call)
    branches = []
    for line in listing.splitlines():
        sha, name = line.split(" ", 1)
        branch: Json = {"name": name}
        branch["commit"] = {"sha": sha, "url": f"{api}/commits/{sha}"}
        branch["protected"] = call.records.get("protection", name) is not None
        branches.append(branch)
    return page(call, branches)


ROUTES: Final = (
    Route("GET", "/repos/{owner}/{repo}/commits", list_commits),
    Route("GET", "/repos/{owner}/{repo}/commits/{ref}", get_commit),
    Route("GET", "/repos/{owner}/{repo}/compare/{basehead}", compare),
    Route("GET", "/repos/{owner}/{repo}/branches", list_branches),
    Route("GET", "/repos/{owner}/{repo}/branches/{branch}", get_branch),
)
