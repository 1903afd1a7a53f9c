"""The GitHub service: every route of this server, in the order in which they are tried.

The order matters where a parameter may hold slashes: `/commits/{ref}/status` has to come before
`/commits/{ref}`.
"""

from typing import Final

from devflow.sandbox.common.web import SandboxService
from devflow.sandbox.github import (
    checks,
    collaborators,
    commits,
    contents,
    conversation,
    deployments,
    git_data,
    graphql,
    merging,
    pages,
    protection,
    pull_calls,
    releases,
    renaming,
    repository,
    reviews,
)
from devflow.sandbox.github.answers import (
    IMPOSSIBLE,
    MALFORMED,
    authenticate,
    headers,
    misshapen,
    missing,
)
from devflow.sandbox.github.bodies import SHAPES

SERVICE: Final = SandboxService(
    name="github",
    routes=(
        *repository.ROUTES,
        *collaborators.ROUTES,
        *renaming.ROUTES,
        *graphql.ROUTES,
        *checks.ROUTES,
        *protection.ROUTES,
        *commits.ROUTES,
        *git_data.ROUTES,
        *merging.ROUTES,
        *reviews.ROUTES,
        *pull_calls.ROUTES,
        *conversation.ROUTES,
        *deployments.ROUTES,
        *releases.ROUTES,
        *contents.ROUTES,
        *pages.ROUTES,
    ),
    prefixes=("/api/v3", ""),
    aliases=(("/api/graphql", "/graphql"),),
    authenticate=authenticate,
    unknown=missing,
    malformed=MALFORMED,
    shapes=SHAPES,
    misshapen=misshapen,
    impossible=IMPOSSIBLE,
    headers=headers,
)
