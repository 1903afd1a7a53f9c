"""Which permission of a JIRA project a refused request needs, by what was asked."""

import re
from typing import Final

from jira.exceptions import JIRAError

# the permissions' names in JIRA's own permission schemes
PERMISSIONS: Final = (
    ("POST", r"/issue/[^/]+/comment", "Add Comments"),
    ("PUT", r"/issue/[^/]+/comment", "Edit Own Comments"),
    ("POST", r"/issue/[^/]+/transitions", "Transition Issues"),
    ("POST", r"/issue/[^/]+/worklog", "Work On Issues"),
    ("PUT", r"/issue/[^/]+/assignee", "Assign Issues"),
    ("POST", r"/issue/[^/]+/watchers", "Manage Watcher List"),
    ("GET", r"/issue/[^/]+/watchers", "View Voters and Watchers"),
    ("POST", r"/issue/[^/]+/remotelink", "Link Issues"),
    ("PUT", r"/issue/[^/]+/properties", "Edit Issues"),
    ("PUT", r"/issue/[^/]+$", "Edit Issues"),
    ("POST", r"/issue$", "Create Issues"),
    ("GET", r"", "Browse Projects"),
)


def lacking(error: JIRAError) -> str:
    """The permission that a refused request needs, empty where that is not known."""
    response = error.response
    if response is None or response.request is None:
        return ""
    method = response.request.method or ""
    address = (response.request.url or "").partition("?")[0]
    for verb, pattern, name in PERMISSIONS:
        if verb == method and re.search(pattern, address):
            return name
    return ""
