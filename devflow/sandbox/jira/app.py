"""The JIRA service: every route of this server, in the order in which they are tried."""

from typing import Final

from devflow.sandbox.common.web import SandboxService
from devflow.sandbox.jira import (
    activity,
    agile,
    catalogue,
    issue_details,
    issues,
    moving,
    pages,
    search,
    transitions,
    users,
)
from devflow.sandbox.jira.answers import (
    IMPOSSIBLE,
    MALFORMED,
    authenticate,
    headers,
    misshapen,
    unknown,
)
from devflow.sandbox.jira.bodies import SHAPES

SERVICE: Final = SandboxService(
    name="jira",
    routes=(
        *catalogue.ROUTES,
        *users.ROUTES,
        *search.ROUTES,
        *transitions.ROUTES,
        *activity.ROUTES,
        *issues.ROUTES,
        *issue_details.ROUTES,
        *moving.ROUTES,
        *agile.ROUTES,
        *pages.ROUTES,
    ),
    prefixes=("",),
    aliases=(("/rest/api/latest/", "/rest/api/3/"), ("/rest/software/1.0/", "/rest/agile/1.0/")),
    authenticate=authenticate,
    unknown=unknown,
    malformed=MALFORMED,
    shapes=SHAPES,
    misshapen=misshapen,
    impossible=IMPOSSIBLE,
    headers=headers,
)
