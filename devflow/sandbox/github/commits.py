"""Commits, the files they change, comparisons and branches, read from the bare repository at the
time of asking."""

from typing import Final
from urllib.parse import quote

from devflow.sandbox.bare_git import Author, ChangedFile, GitCommit
from devflow.sandbox.github.answers import (
    missing,
    node_id,
    ok,
    page,
    refuse,
    repo_api,
    repo_html,
    repository_data,
    user,
)
from devflow.sandbox.store import Json
from devflow.sandbox.web import Call, Refused, Reply, Route

UNVERIFIED: Final = {
    "verified": False,
    "reason": "unsigned",
    "signature": None,
    "payload": None,
    "verified_at": None,
}


def resolve(call: Call, name: str) -> str:
    """The commit that a branch, tag or (short) sha means; raises Refused with GitHub's 422 for an
    unknown one."""
    repository_data(call)
    short = name.removeprefix("heads/").removeprefix("tags/")
    sha = call.git.branch(short) or call.git.sha(f"refs/tags/{short}") or call.git.sha(name)
    if sha is None:
        refuse(422, f"No commit found for SHA: {name}")
    return sha


def commits_shown(call: Call, shas: list[str]) -> list[Json]:
    """Commits as lists have them, without their files."""
    logins = {person["email"]: person["name"] for person in call.records.all("person")}
    return [_commit_shown(call, commit, logins) for commit in call.git.read_commits(shas)]


def _commit_shown(call: Call, commit: GitCommit, logins: dict[str, str]) -> Json:
    api, html, sha = repo_api(call), repo_html(call), commit.sha
    author, committer = logins.get(commit.author.email), logins.get(commit.committer.email)
    inner = {
        "author": person_shown(commit.author),
        "committer": person_shown(commit.committer),
        "message": commit.message,
        "tree": {"sha": commit.tree, "url": f"{api}/git/trees/{commit.tree}"},
        "url": f"{api}/git/commits/{sha}",
        "comment_count": 0,
        "verification": UNVERIFIED,
    }
    return {
        "sha": sha,
        "node_id": node_id("C", sha),
        "commit": inner,
        "url": f"{api}/commits/{sha}",
        "html_url": f"{html}/commit/{sha}",
        "comments_url": f"{api}/commits/{sha}/comments",
        "author": user(call, author) if author else None,
        "committer": user(call, committer) if committer else None,
        "parents": parents_shown(call, commit, "commits"),
    }


def person_shown(person: Author) -> Json:
    return {"name": person.name, "email": person.email, "date": person.date}


def parents_shown(call: Call, commit: GitCommit, kind: str) -> list[Json]:
    api, html = repo_api(call), repo_html(call)
    return [
        {"sha": sha, "url": f"{api}/{kind}/{sha}", "html_url": f"{html}/commit/{sha}"}
        for sha in commit.parents
    ]


def file_shown(call: Call, file: ChangedFile, sha: str) -> Json:
    path, html = quote(file.path), repo_html(call)
    body = {
        "sha": file.blob,
        "filename": file.path,
        "status": file.status,
        "additions": file.additions,
        "deletions": file.deletions,
        "changes": file.additions + file.deletions,
        "blob_url": f"{html}/blob/{sha}/{path}",
        "raw_url": f"{html}/raw/{sha}/{path}",
        "contents_url": f"{repo_api(call)}/contents/{path}?ref={sha}",
    }
    renamed = {"previous_filename": file.old_path} if file.old_path != file.path else {}
    return {**body, **renamed, **({"patch": file.patch} if file.patch else {})}


def get_commit(call: Call) -> Reply:
    sha = resolve(call, call.path["ref"])
    shown = commits_shown(call, [sha])[0]
    empty_tree = call.git.run("hash-object", "-t", "tree", "--stdin").strip()
    before = shown["parents"][0]["sha"] if shown["parents"] else empty_tree
    files = call.git.changed_files(before, sha)
    added, removed = sum(file.additions for file in files), sum(file.deletions for file in files)
    stats = {"total": added + removed, "additions": added, "deletions": removed}
    return ok({**shown, "stats": stats, "files": [file_shown(call, file, sha) for file in files]})


def list_commits(call: Call) -> Reply:
    head = resolve(call, call.query.get("sha", "main"))
    limits = ["--", call.query["path"]] if "path" in call.query else []
    found = call.git.run("rev-list", "--max-count=1000", "--end-of-options", head, *limits).split()
    answer = page(call, [{"sha": sha} for sha in found])
    return Reply(200, commits_shown(call, [item["sha"] for item in answer.body]), answer.headers)


def compare(call: Call) -> Reply:
    """`base...head`: the head's commits and files since the merge base."""
    names = call.path["basehead"].split("...")
    if len(names) != 2:
        raise Refused(missing())
    repository_data(call)
    base, head = (
        call.git.branch(name) or call.git.sha(name)
        for name in (part.rpartition(":")[2] for part in names)
    )
    common = call.git.merge_base(base, head) if base and head else None
    if not (base and head and common):
        raise Refused(missing())
    ahead, behind = call.git.commits(base, head), call.git.commits(head, base)
    states = {
        (False, False): "identical",
        (True, False): "ahead",
        (False, True): "behind",
        (True, True): "diverged",
    }
    site, api = f"{repo_html(call)}/compare/{call.path['basehead']}", repo_api(call)
    first, fork = commits_shown(call, [base])[0], commits_shown(call, [common])[0]
    return ok(
        {
            "url": f"{api}/compare/{call.path['basehead']}",
            "html_url": site,
            "permalink_url": site,
            "diff_url": f"{site}.diff",
            "patch_url": f"{site}.patch",
            "base_commit": first,
            "merge_base_commit": fork,
            "status": states[bool(ahead), bool(behind)],
            "ahead_by": len(ahead),
            "behind_by": len(behind),
            "total_commits": len(ahead),
            "commits": commits_shown(call, ahead[:250]),
            "files": [
                file_shown(call, file, head) for file in call.git.changed_files(common, head)[:300]
            ],
        }
    )


def branch_sha(call: Call) -> str:
    """The path's branch; raises Refused with GitHub's 404 where it does not exist."""
    repository_data(call)
    sha = call.git.branch(call.path["branch"])
    if sha is None:
        refuse(404, "Branch not found")
    return sha


def get_branch(call: Call) -> Reply:
    name, sha = call.path["branch"], branch_sha(call)
    protection = call.records.get("protection", name)
    site = f"{repo_api(call)}/branches/{name}"
    checks = {"enforcement_level": "off", "contexts": [], "checks": []}
    return ok(
        {
            "name": name,
            "commit": commits_shown(call, [sha])[0],
            "_links": {"self": site, "html": f"{repo_html(call)}/tree/{name}"},
            "protected": protection is not None,
            "protection": {"enabled": protection is not None, "required_status_checks": checks},
            "protection_url": f"{site}/protection",
        }
    )


def list_branches(call: Call) -> Reply:
    repository_data(call)
    lines = call.git.run(
        "for-each-ref", "--format=%(objectname) %(refname:lstrip=2)", "refs/heads"
    ).splitlines()
    found = [line.split(" ", 1) for line in lines]
    api = repo_api(call)
    return page(
        call,
        [
            {
                "name": name,
                "commit": {"sha": sha, "url": f"{api}/commits/{sha}"},
                "protected": call.records.get("protection", name) is not None,
            }
            for sha, name in found
        ],
    )


ROUTES: Final = (
    Route("GET", "/repos/{owner}/{repo}/commits", list_commits),
    Route("GET", "/repos/{owner}/{repo}/commits/{ref}", get_commit),
    Route("GET", "/repos/{owner}/{repo}/compare/{basehead}", compare),
    Route("GET", "/repos/{owner}/{repo}/branches", list_branches),
    Route("GET", "/repos/{owner}/{repo}/branches/{branch}", get_branch),
)
