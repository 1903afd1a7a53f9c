"""Renaming a branch: pull requests into it follow, the one out of it is closed, as on GitHub."""

from typing import Final

from devflow.sandbox.common.web import Call, Reply, Route
from devflow.sandbox.github.answers import created, refuse, required
from devflow.sandbox.github.commits import branch_sha, branch_shown
from devflow.sandbox.github.git_data import ABSENT
from devflow.sandbox.github.pulls import edit_pull, refreshed


def rename(call: Call) -> Reply:
    sha = branch_sha(call)
    old = call.path["branch"]
    new = str(required(call, "Branch", "new_name")["new_name"])
    if call.git.branch(new) is not None:
        refuse(422, "Branch already exists")
    call.git.move(f"refs/heads/{new}", sha, ABSENT)
    call.git.run("update-ref", "-d", "--end-of-options", f"refs/heads/{old}")
    for pull in call.records.all("pull"):
        if pull["state"] == "open" and pull["base_ref"] == old:
            edit_pull(call, pull, base_ref=new)
        else:
            refreshed(call, pull)
    protection = call.records.get("protection", old)
    if protection is not None:
        call.records.put("protection", new, protection)
        call.records.delete("protection", old)
    return created(branch_shown(call, new, sha))


ROUTES: Final = (Route("POST", "/repos/{owner}/{repo}/branches/{branch}/rename", rename),)
