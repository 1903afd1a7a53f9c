"""Branch protection: what a branch asks for before a merge, and whether a pull request fulfils it.

It guards merges made through this API. A push into the bare repository by path is not guarded:
there is no server between git and the folder.
"""

from typing import Final

from devflow.sandbox.github.answers import fields_of, ok, refuse, repo_api
from devflow.sandbox.github.commits import branch_sha
from devflow.sandbox.store import Json
from devflow.sandbox.web import Call, Reply, Route

SWITCHES: Final = (
    "allow_deletions",
    "allow_force_pushes",
    "allow_fork_syncing",
    "block_creations",
    "enforce_admins",
    "lock_branch",
    "required_conversation_resolution",
    "required_linear_history",
)


def get_protection(call: Call) -> Reply:
    branch_sha(call)
    stored = call.records.get("protection", call.path["branch"])
    if stored is None:
        refuse(404, "Branch not protected")
    return ok(_shown(call, stored))


def put_protection(call: Call) -> Reply:
    """Replaces the protection. All four main parts must be given, null for those that are off."""
    branch_sha(call)
    given = fields_of(
        call, required_status_checks=dict, required_pull_request_reviews=dict, restrictions=dict
    )
    parts = (
        "required_status_checks",
        "enforce_admins",
        "required_pull_request_reviews",
        "restrictions",
    )
    absent = [name for name in parts if name not in given]
    if absent:
        refuse(422, f"Invalid request.\n\n{', '.join(absent)} weren't supplied.")
    return ok(_shown(call, call.records.put("protection", call.path["branch"], given)))


def delete_protection(call: Call) -> Reply:
    branch_sha(call)
    if call.records.get("protection", call.path["branch"]) is None:
        refuse(404, "Branch not protected")
    call.records.delete("protection", call.path["branch"])
    return Reply(204)


def _shown(call: Call, stored: Json) -> Json:
    site = f"{repo_api(call)}/branches/{call.path['branch']}/protection"
    body: Json = {"url": site}
    for name in SWITCHES:
        body[name] = {"enabled": bool(stored.get(name))}
    body["enforce_admins"]["url"] = f"{site}/enforce_admins"
    reviews, checks = stored["required_pull_request_reviews"], stored["required_status_checks"]
    if reviews is not None:
        body["required_pull_request_reviews"] = {
            "url": f"{site}/required_pull_request_reviews",
            "dismiss_stale_reviews": bool(reviews.get("dismiss_stale_reviews")),
            "require_code_owner_reviews": bool(reviews.get("require_code_owner_reviews")),
            "require_last_push_approval": bool(reviews.get("require_last_push_approval")),
            "required_approving_review_count": required_approvals(stored),
        }
    if checks is not None:
        body["required_status_checks"] = {
            "url": f"{site}/required_status_checks",
            "strict": bool(checks.get("strict")),
            "contexts": required_contexts(stored),
            "contexts_url": f"{site}/required_status_checks/contexts",
            "checks": [{"context": name, "app_id": None} for name in required_contexts(stored)],
        }
    return body


def required_approvals(stored: Json | None) -> int:
    reviews = (stored or {}).get("required_pull_request_reviews")
    return int(reviews.get("required_approving_review_count", 1)) if reviews is not None else 0


def required_contexts(stored: Json | None) -> list[str]:
    checks = (stored or {}).get("required_status_checks") or {}
    return list(
        checks.get("contexts") or [check["context"] for check in checks.get("checks") or []]
    )


def rules(call: Call) -> Reply:
    """Rulesets are not used here: no rules, which is an answer for any branch name."""
    return ok([])


ROUTES: Final = (
    Route("GET", "/repos/{owner}/{repo}/branches/{branch}/protection", get_protection),
    Route("PUT", "/repos/{owner}/{repo}/branches/{branch}/protection", put_protection),
    Route("DELETE", "/repos/{owner}/{repo}/branches/{branch}/protection", delete_protection),
    Route("GET", "/repos/{owner}/{repo}/rules/branches/{branch}", rules),
)
