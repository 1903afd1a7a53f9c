"""The GitHub service: every route of this server, in the order in which they are tried."""

from typing import Final

from devflow.sandbox.github import repository
from devflow.sandbox.github.answers import MALFORMED, authenticate, headers, missing
from devflow.sandbox.web import Service

SERVICE: Final = Service(
    name="github",
    routes=(*repository.ROUTES,),
    prefixes=("/api/v3", ""),
    aliases=(("/api/graphql", "/graphql"),),
    authenticate=authenticate,
    unknown=missing,
    malformed=MALFORMED,
    headers=headers,
)
