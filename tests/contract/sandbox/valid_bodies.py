"""A body for each writing route of the sandbox that it takes as it is, and the values of the paths'
parameters. ``{name}`` stands for what the running sandbox knows."""

from typing import Any, Final

_TEXT: Final = {"type": "text", "text": "x", "marks": [{"type": "strong"}]}
_DOC: Final = {
    "type": "doc",
    "version": 1,
    "content": [{"type": "paragraph", "content": [_TEXT]}],
}
_QUERY: Final = (
    "query($owner: String!, $name: String!, $number: Int!) { repository(owner: $owner, name: $name)"
    " { pullRequest(number: $number) { id reviewThreads(first: 5) { nodes { id path } } } } }"
)

PATHS: Final = {
    "issueIdOrKey": "SCRUM-95",
    "id": "10001",
    "propertyKey": "devflow",
    "sprintId": "14",
    "boardId": "1",
    "owner": "acme",
    "repo": "carprice",
    "branch": "main",
    "ref": "main",
    "pull_number": "1",
    "issue_number": "1",
    "name": "backend",
    "path": "a.txt",
    "environment_name": "production",
    "basehead": "main...feature",
    "tag": "v1",
    "username": "jose",
}

BODIES: Final[dict[str, Any]] = {
    "POST /rest/api/3/search/jql": {
        "jql": "project = SCRUM",
        "maxResults": 5,
        "fields": ["summary"],
    },
    "POST /rest/api/3/search/approximate-count": {"jql": "project = SCRUM"},
    "POST /rest/api/3/issue/{issueIdOrKey}/transitions": {
        "transition": {"id": "41"},
        "fields": {"resolution": {"name": "Done"}},
    },
    "POST /rest/api/3/issue/{issueIdOrKey}/comment": {
        "body": _DOC,
        "properties": [{"key": "devflow", "value": {"mark": "m"}}],
    },
    "PUT /rest/api/3/issue/{issueIdOrKey}/comment/{id}": {"body": _DOC},
    "POST /rest/api/3/issue/{issueIdOrKey}/worklog": {
        "timeSpent": "14h 30m",
        "timeSpentSeconds": 60,
        "started": "2026-01-05T09:00:00.000+0000",
        "comment": _DOC,
    },
    "POST /rest/api/3/issue/{issueIdOrKey}/watchers": "{account}",
    "POST /rest/api/3/issue/{issueIdOrKey}/remotelink": {
        "globalId": "devflow=1",
        "relationship": "is shown by",
        "object": {"url": "http://127.0.0.1/pull/1", "title": "PR", "summary": "s"},
    },
    "POST /rest/api/3/issueLink": {
        "type": {"name": "Blocks"},
        "inwardIssue": {"key": "SCRUM-96"},
        "outwardIssue": {"key": "SCRUM-95"},
        "comment": {"body": _DOC},
    },
    "POST /rest/api/3/issue": {
        "fields": {
            "project": {"key": "SCRUM"},
            "summary": "A new ticket",
            "issuetype": {"name": "Story"},
            "description": _DOC,
            "labels": ["one"],
        }
    },
    "PUT /rest/api/3/issue/{issueIdOrKey}": {
        "fields": {
            "customfield_10016": 5,
            "duedate": "2026-12-01",
            "timetracking": {"originalEstimate": "16h", "remainingEstimate": "1h"},
            "assignee": {"accountId": "{account}"},
            "priority": {"name": "High"},
            "components": [{"name": "frontend"}],
        },
        "update": {"labels": [{"add": "one"}], "fixVersions": [{"add": {"name": "1.12"}}]},
    },
    "PUT /rest/api/3/issue/{issueIdOrKey}/assignee": {"accountId": "{account}"},
    "PUT /rest/api/3/issue/{issueIdOrKey}/properties/{propertyKey}": {"run": 1},
    "POST /rest/agile/1.0/sprint": {
        "name": "Sprint 20",
        "goal": "go on",
        "startDate": "2026-12-01T09:00:00.000+0000",
        "endDate": "2026-12-15T09:00:00.000+0000",
        "originBoardId": 1,
    },
    "PUT /rest/agile/1.0/sprint/{sprintId}": {"name": "Sprint", "state": "active"},
    "POST /rest/agile/1.0/sprint/{sprintId}": {"goal": "go on", "endDate": "2026-12-15"},
    "POST /rest/agile/1.0/sprint/{sprintId}/issue": {"issues": ["SCRUM-95"]},
    "POST /repos/{owner}/{repo}/labels": {"name": "new", "color": "00ff00", "description": "d"},
    "POST /graphql": {
        "query": _QUERY,
        "operationName": None,
        "variables": {"owner": "acme", "name": "carprice", "number": 1},
    },
    "POST /repos/{owner}/{repo}/check-runs": {
        "name": "quality",
        "head_sha": "{sha}",
        "status": "completed",
        "conclusion": "success",
        "external_id": "e",
        "details_url": "http://127.0.0.1/x",
        "started_at": "2026-01-05T09:00:00Z",
        "output": {"title": "t", "summary": "s", "text": "t", "annotations": []},
    },
    "PATCH /repos/{owner}/{repo}/check-runs/{check_run_id}": {
        "status": "completed",
        "conclusion": "failure",
        "output": {
            "title": "1 finding",
            "summary": "s",
            "annotations": [
                {
                    "path": "a.txt",
                    "start_line": 1,
                    "end_line": 1,
                    "start_column": 1,
                    "annotation_level": "warning",
                    "message": "long",
                    "title": "t",
                }
            ],
        },
    },
    "POST /repos/{owner}/{repo}/statuses/{sha}": {
        "state": "success",
        "target_url": "http://127.0.0.1/x",
        "description": "all green",
        "context": "ci",
    },
    "PUT /repos/{owner}/{repo}/branches/{branch}/protection": {
        "required_status_checks": {"strict": False, "checks": [{"context": "ci"}], "contexts": []},
        "enforce_admins": None,
        "required_pull_request_reviews": {
            "required_approving_review_count": 1,
            "dismiss_stale_reviews": True,
        },
        "restrictions": None,
        "required_linear_history": None,
        "required_conversation_resolution": None,
    },
    "POST /repos/{owner}/{repo}/git/refs": {"ref": "refs/heads/more", "sha": "{sha}"},
    "PATCH /repos/{owner}/{repo}/git/refs/{ref}": {"sha": "{sha}", "force": True},
    "POST /repos/{owner}/{repo}/git/commits": {
        "message": "shots",
        "tree": "{tree}",
        "parents": ["{sha}"],
        "author": {"name": "a", "email": "a@b.example", "date": "2026-01-05T09:00:00Z"},
    },
    "POST /repos/{owner}/{repo}/git/blobs": {"content": "aGk=", "encoding": "base64"},
    "POST /repos/{owner}/{repo}/git/trees": {
        "base_tree": "{tree}",
        "tree": [{"path": "b.txt", "mode": "100644", "type": "blob", "content": "x"}],
    },
    "PUT /repos/{owner}/{repo}/pulls/{pull_number}/merge": {
        "commit_message": "Why.",
        "commit_title": "feat: eleven (#1)",
        "merge_method": "squash",
        "sha": "{head}",
    },
    "POST /repos/{owner}/{repo}/pulls/{pull_number}/reviews": {
        "body": "See.",
        "event": "COMMENT",
        "commit_id": "{head}",
        "comments": [{"path": "a.txt", "line": 1, "body": "Consider", "side": "RIGHT"}],
    },
    "PUT /repos/{owner}/{repo}/pulls/{pull_number}/reviews/{review_id}/dismissals": {
        "message": "done",
        "event": "DISMISS",
    },
    "POST /repos/{owner}/{repo}/pulls/{pull_number}/comments": {
        "body": "comment 0",
        "commit_id": "{head}",
        "path": "a.txt",
        "line": 1,
        "side": "RIGHT",
    },
    "POST /repos/{owner}/{repo}/pulls/{pull_number}/comments/{comment_id}/replies": {
        "body": "Done."
    },
    "POST /repos/{owner}/{repo}/pulls": {
        "base": "main",
        "head": "other",
        "title": "Eleven",
        "body": "Because.",
        "draft": False,
        "maintainer_can_modify": True,
    },
    "PATCH /repos/{owner}/{repo}/pulls/{pull_number}": {
        "title": "t",
        "body": "b",
        "state": "open",
        "base": "main",
    },
    "POST /repos/{owner}/{repo}/pulls/{pull_number}/requested_reviewers": {
        "reviewers": ["tech-lead"],
        "team_reviewers": [],
    },
    "DELETE /repos/{owner}/{repo}/pulls/{pull_number}/requested_reviewers": {
        "reviewers": ["tech-lead"]
    },
    "PATCH /repos/{owner}/{repo}/issues/comments/{comment_id}": {"body": "second"},
    "POST /repos/{owner}/{repo}/issues/{issue_number}/comments": {"body": "comment 0"},
    "POST /repos/{owner}/{repo}/issues/{issue_number}/labels": {"labels": ["frontend"]},
    "PUT /repos/{owner}/{repo}/issues/{issue_number}/labels": {"labels": ["backend"]},
    "POST /repos/{owner}/{repo}/issues/{issue_number}/assignees": {"assignees": ["jose"]},
    "POST /repos/{owner}/{repo}/deployments": {
        "ref": "main",
        "auto_merge": False,
        "required_contexts": [],
        "environment": "development",
        "description": "d",
        "payload": {"a": 1},
        "task": "deploy",
        "production_environment": True,
    },
    "POST /repos/{owner}/{repo}/deployments/{deployment_id}/statuses": {
        "state": "success",
        "description": "healthy",
        "environment_url": "http://127.0.0.1/dev",
        "log_url": "http://127.0.0.1/log",
        "auto_inactive": True,
    },
    "PUT /repos/{owner}/{repo}/environments/{environment_name}": {
        "wait_timer": 0,
        "reviewers": [{"type": "User", "id": 1}],
        "prevent_self_review": False,
        "deployment_branch_policy": None,
    },
    "POST /repos/{owner}/{repo}/releases": {
        "tag_name": "v2",
        "target_commitish": "main",
        "draft": False,
        "prerelease": False,
        "generate_release_notes": True,
        "name": "One",
        "body": "Notes",
        "make_latest": "true",
    },
    "POST /repos/{owner}/{repo}/releases/generate-notes": {
        "tag_name": "v2",
        "target_commitish": "main",
        "previous_tag_name": "v1",
    },
    "PUT /repos/{owner}/{repo}/contents/{path}": {
        "message": "fix: other",
        "content": "aGk=",
        "branch": "feature",
        "committer": {"name": "a", "email": "a@b.example"},
    },
}
