"""The shapes of the bodies that the GitHub server takes, by method and path."""

from typing import Any, Final

_REPO: Final = "/repos/{owner}/{repo}"
_PERSON: Final = {"name!": str, "email!": str, "date": str}
_COMMENT: Final = {
    "body": str,
    "path": str,
    "commit_id": str,
    "side": str,
    "start_side": str,
    "line": int,
    "start_line": int,
    "position": int,
    "in_reply_to": int,
}
_ANNOTATION: Final = {
    "path!": str,
    "start_line!": int,
    "end_line!": int,
    "start_column": int,
    "end_column": int,
    "annotation_level!": str,
    "message!": str,
    "title": str,
    "raw_details": str,
}
_CHECK_RUN: Final = {
    "name": str,
    "head_sha": str,
    "status": str,
    "conclusion": str,
    "external_id": str,
    "details_url": str,
    "started_at": str,
    "completed_at": str,
    "output": {"title": str, "summary": str, "text": str, "annotations": [_ANNOTATION]},
}
_LABELS: Final = ({"labels": [(str, {"name": str})]}, [(str, {"name": str})])
_REVIEWERS: Final = {"reviewers": [str], "team_reviewers": [str]}
_PULL: Final = {
    "title": str,
    "body": str,
    "head": str,
    "base": str,
    "state": str,
    "draft": bool,
    "maintainer_can_modify": bool,
}
_RELEASE: Final = {
    "tag_name": str,
    "target_commitish": str,
    "previous_tag_name": str,
    "name": str,
    "body": str,
    "draft": bool,
    "prerelease": bool,
    "generate_release_notes": bool,
    "make_latest": str,
}
_PROTECTION: Final = {
    "required_status_checks": {
        "strict": bool,
        "contexts": [str],
        "checks": [{"context!": str, "app_id": int}],
    },
    "enforce_admins": bool,
    "required_pull_request_reviews": {
        "required_approving_review_count": int,
        "dismiss_stale_reviews": bool,
        "require_code_owner_reviews": bool,
        "require_last_push_approval": bool,
        "dismissal_restrictions": dict,
        "bypass_pull_request_allowances": dict,
    },
    "restrictions": {"users": [str], "teams": [str], "apps": [str]},
    "required_linear_history": bool,
    "allow_force_pushes": bool,
    "allow_deletions": bool,
    "block_creations": bool,
    "required_conversation_resolution": bool,
    "lock_branch": bool,
    "allow_fork_syncing": bool,
}

SHAPES: Final[dict[str, Any]] = {
    "POST /graphql": {"query": str, "operationName": str, "variables": dict},
    f"POST {_REPO}/labels": {"name": str, "color": str, "description": str},
    f"POST {_REPO}/check-runs": _CHECK_RUN,
    f"PATCH {_REPO}/check-runs/{{check_run_id}}": _CHECK_RUN,
    f"POST {_REPO}/statuses/{{sha}}": {
        "state": str,
        "target_url": str,
        "description": str,
        "context": str,
    },
    f"PUT {_REPO}/branches/{{branch}}/protection": _PROTECTION,
    f"POST {_REPO}/git/refs": {"ref": str, "sha": str},
    f"PATCH {_REPO}/git/refs/{{ref}}": {"sha": str, "force": bool},
    f"POST {_REPO}/git/commits": {
        "message": str,
        "tree": str,
        "parents": [str],
        "author": _PERSON,
        "committer": _PERSON,
        "signature": str,
    },
    f"POST {_REPO}/git/blobs": {"content": str, "encoding": str},
    f"POST {_REPO}/git/trees": {
        "base_tree": str,
        "tree": [{"path!": str, "mode": str, "type": str, "sha": str, "content": str}],
    },
    f"PUT {_REPO}/pulls/{{pull_number}}/merge": {
        "commit_title": str,
        "commit_message": str,
        "merge_method": str,
        "sha": str,
    },
    f"POST {_REPO}/pulls/{{pull_number}}/reviews": {
        "body": str,
        "event": str,
        "commit_id": str,
        "comments": [_COMMENT],
    },
    f"PUT {_REPO}/pulls/{{pull_number}}/reviews/{{review_id}}/dismissals": {
        "message": str,
        "event": str,
    },
    f"POST {_REPO}/pulls/{{pull_number}}/comments": _COMMENT,
    f"POST {_REPO}/pulls/{{pull_number}}/comments/{{comment_id}}/replies": {"body": str},
    f"POST {_REPO}/pulls": _PULL,
    f"PATCH {_REPO}/pulls/{{pull_number}}": _PULL,
    f"POST {_REPO}/pulls/{{pull_number}}/requested_reviewers": _REVIEWERS,
    f"DELETE {_REPO}/pulls/{{pull_number}}/requested_reviewers": _REVIEWERS,
    f"PATCH {_REPO}/issues/comments/{{comment_id}}": {"body": str},
    f"POST {_REPO}/issues/{{issue_number}}/comments": {"body": str},
    f"POST {_REPO}/issues/{{issue_number}}/labels": _LABELS,
    f"PUT {_REPO}/issues/{{issue_number}}/labels": _LABELS,
    f"POST {_REPO}/issues/{{issue_number}}/assignees": {"assignees": [str]},
    f"POST {_REPO}/deployments": {
        "ref": str,
        "task": str,
        "auto_merge": bool,
        "required_contexts": [str],
        "payload": (dict, str),
        "environment": str,
        "description": str,
        "transient_environment": bool,
        "production_environment": bool,
    },
    f"POST {_REPO}/deployments/{{deployment_id}}/statuses": {
        "state": str,
        "description": str,
        "environment": str,
        "environment_url": str,
        "log_url": str,
        "target_url": str,
        "auto_inactive": bool,
    },
    f"PUT {_REPO}/environments/{{environment_name}}": {
        "wait_timer": int,
        "prevent_self_review": bool,
        "reviewers": [{"type": str, "id": int}],
        "deployment_branch_policy": {"protected_branches": bool, "custom_branch_policies": bool},
    },
    f"POST {_REPO}/releases": _RELEASE,
    f"POST {_REPO}/releases/generate-notes": _RELEASE,
    f"PUT {_REPO}/contents/{{path}}": {
        "message": str,
        "content": str,
        "sha": str,
        "branch": str,
        "author": _PERSON,
        "committer": _PERSON,
    },
}
