"""The shapes of the bodies that the JIRA server takes, by method and path."""

from typing import Any, Final

_ISSUE: Final = "/rest/api/3/issue/{issueIdOrKey}"
_SPRINT_PATH: Final = "/rest/agile/1.0/sprint"
# a part of a document, which has parts of the same shape
_NODE: Final[dict[str, Any]] = {
    "type": str,
    "version": int,
    "text": str,
    "attrs": dict,
    "marks": [{"type": str, "attrs": dict}],
}
_NODE["content"] = [_NODE]
# what a document is, and a text where one is meant, is said field by field
_DOCUMENT: Final = (_NODE, str)
_NAMED: Final = {"id": (str, int), "key": str, "name": str}
_FIELDS: Final = {
    "project": _NAMED,
    "issuetype": _NAMED,
    "parent": _NAMED,
    "priority": _NAMED,
    "resolution": _NAMED,
    "description": _DOCUMENT,
    "components": [_NAMED],
    "fixVersions": [_NAMED],
    "timetracking": {"originalEstimate": (str, int), "remainingEstimate": (str, int)},
}
_UPDATE: Final = {...: [dict]}
_WHOLE_COMMENT: Final = {
    "body": _DOCUMENT,
    "visibility": dict,
    "properties": [{"key": str, "value": object}],
}
_SPRINT: Final = {
    "name": str,
    "goal": str,
    "state": str,
    "startDate": str,
    "endDate": str,
    "completeDate": str,
    "originBoardId": int,
}

SHAPES: Final[dict[str, Any]] = {
    "POST /rest/api/3/search/jql": {
        "jql": str,
        "maxResults": int,
        "nextPageToken": str,
        "fields": [str],
        "expand": str,
        "properties": [str],
        "fieldsByKeys": bool,
        "reconcileIssues": [int],
    },
    "POST /rest/api/3/search/approximate-count": {"jql": str},
    f"POST {_ISSUE}/transitions": {
        "transition": {"id": (str, int)},
        "fields": _FIELDS,
        "update": _UPDATE,
    },
    f"POST {_ISSUE}/comment": _WHOLE_COMMENT,
    f"PUT {_ISSUE}/comment/{{id}}": _WHOLE_COMMENT,
    f"POST {_ISSUE}/worklog": {
        "comment": _DOCUMENT,
        "timeSpent": str,
        "timeSpentSeconds": int,
        "started": str,
        "properties": [{"key": str, "value": object}],
    },
    f"POST {_ISSUE}/remotelink": {
        "globalId": str,
        "relationship": str,
        "application": {"type": str, "name": str},
        "object": {"url": str, "title": str, "summary": str, "icon": dict, "status": dict},
    },
    "POST /rest/api/3/issueLink": {
        "type": _NAMED,
        "inwardIssue": _NAMED,
        "outwardIssue": _NAMED,
        "comment": _WHOLE_COMMENT,
    },
    "POST /rest/api/3/issue": {"fields": _FIELDS, "update": _UPDATE},
    f"PUT {_ISSUE}": {"fields": _FIELDS, "update": _UPDATE},
    f"PUT {_ISSUE}/assignee": {"accountId": str},
    f"POST {_SPRINT_PATH}": _SPRINT,
    f"PUT {_SPRINT_PATH}/{{sprintId}}": _SPRINT,
    f"POST {_SPRINT_PATH}/{{sprintId}}": _SPRINT,
    f"POST {_SPRINT_PATH}/{{sprintId}}/issue": {"issues": [(str, int)]},
}
