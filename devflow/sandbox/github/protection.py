"""Branch protection: what a branch asks for before a merge, and whether a pull request fulfils it.

It guards merges made through this API. A push into the bare repository by path is not guarded:
there is no server between git and the folder.
"""

from typing import Final

from devflow.sandbox.common.store import Json
from devflow.sandbox.common.web import Call, Reply, Route
from devflow.sandbox.github.answers import fields_of, ok, page, refuse, repo_api
from devflow.sandbox.github.commits import branch_sha

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

REVIEW_SWITCHES: Final = (
    "dismiss_stale_reviews",
    "require_code_owner_reviews",
    "require_last_push_approval",
)
MAIN_PARTS: Final = (
    "required_status_checks",
    "enforce_admins",
    "required_pull_request_reviews",
    "restrictions",
)


def get_protection(call: Call) -> Reply:
    branch_sha(call)
    protection = call.records.get("protection", call.path["branch"])
    if protection is None:
        refuse(404, "Branch not protected")
    return ok(_shown(call, protection))


def put_protection(call: Call) -> Reply:
    """Replaces the protection. All four main parts must be there, null for those that are off."""
    branch_sha(call)
    fields = fields_of(
        call, required_status_checks=dict, required_pull_request_reviews=dict, restrictions=dict
    )
    absent = [name for name in MAIN_PARTS if name not in fields]
    if absent:
        refuse(422, f"Invalid request.\n\n{', '.join(absent)} weren't supplied.")
    protection = call.records.put("protection", call.path["branch"], fields)
    return ok(_shown(call, protection))


def delete_protection(call: Call) -> Reply:
    branch_sha(call)
    if call.records.get("protection", call.path["branch"]) is None:
        refuse(404, "Branch not protected")
    call.records.delete("protection", call.path["branch"])
    return Reply(204)


def _shown(call: Call, protection: Json) -> Json:
    site = f"{repo_api(call)}/branches/{call.path['branch']}/protection"
    body: Json = {"url": site}
    for name in SWITCHES:
        body[name] = {"enabled": bool(protection.get(name))}
    body["enforce_admins"]["url"] = f"{site}/enforce_admins"
    if protection["required_pull_request_reviews"] is not None:
        body["required_pull_request_reviews"] = _reviews_shown(protection, site)
    if protection["required_status_checks"] is not None:
        body["required_status_checks"] = _checks_shown(protection, site)
    return body


def _reviews_shown(protection: Json, site: str) -> Json:
    reviews = protection["required_pull_request_reviews"]
    body: Json = {"url": f"{site}/required_pull_request_reviews"}
    for name in REVIEW_SWITCHES:
        body[name] = bool(reviews.get(name))
    body["required_approving_review_count"] = required_approvals(protection)
    return body


def _checks_shown(protection: Json, site: str) -> Json:
    url = f"{site}/required_status_checks"
    contexts = required_contexts(protection)
    return {
        "url": url,
        "strict": bool(protection["required_status_checks"].get("strict")),
        "contexts": contexts,
        "contexts_url": f"{url}/contexts",
        "checks": [{"context": context, "app_id": None} for context in contexts],
    }


def required_approvals(protection: Json | None) -> int:
    reviews = (protection or {}).get("required_pull_request_reviews")
    if reviews is None:
        return 0
    count = reviews.get("required_approving_review_count")
    return 1 if count is None else int(count)


def required_contexts(protection: Json | None) -> list[str]:
    """The names of the checks, which a call may give as `contexts` or, newer, as `checks`."""
    required = (protection or {}).get("required_status_checks") or {}
    contexts = list(required.get("contexts") or [])
    if contexts:
        return contexts
    return [check["context"] for check in required.get("checks") or []]


def rules(call: Call) -> Reply:
    """The rules of rulesets that hold for a branch: those of ``behaviour["rules"]``, else none,
    which is an answer for any branch name. They are only shown, and guard no merge here."""
    return page(call, call.behaviour.get("rules", []))


ROUTES: Final = (
    Route("GET", "/repos/{owner}/{repo}/branches/{branch}/protection", get_protection),
    Route("PUT", "/repos/{owner}/{repo}/branches/{branch}/protection", put_protection),
    Route("DELETE", "/repos/{owner}/{repo}/branches/{branch}/protection", delete_protection),
    Route("GET", "/repos/{owner}/{repo}/rules/branches/{branch}", rules),
)
