"""The image of a container as an engine has it, pulled from its registry."""

import re
from typing import Any, Final

import docker  # type: ignore[import-untyped]

from devflow.adapters.images.engine.client import disk_full, is_disk_full
from devflow.model.errors import AccessDenied, DevflowError, StepFailed, Unavailable
from devflow.ports.containers import Start

_DENIED: Final = re.compile(r"unauthorized|denied|authentication required|no basic auth", re.I)
_UNREACHABLE: Final = re.compile(
    r"connection refused|no such host|i/o timeout|dial tcp|TLS handshake|http: server gave", re.I
)


def pulled(client: Any, start: Start) -> dict[str, Any]:
    """The image of a start as the engine has it, pulled by its platform's own digest.

    Raises ``StepFailed``, ``Unavailable``, ``AccessDenied`` or ``StorageFailed``.
    """
    reference = f"{start.repository}@{start.image}"
    try:
        rows = client.pull(
            start.repository, tag=start.image, stream=True, decode=True, platform=start.platform
        )
        # the status was 200 before anything was pulled
        for row in rows:
            if problem := row.get("error"):
                raise _pull_failure(str(problem), reference)
    except docker.errors.APIError as error:
        raise _pull_failure(str(error.explanation or error), reference) from error
    image = image_of(client, reference)
    if image is None:
        problem = "the engine says that it pulled the image, and does not have it"
        raise StepFailed(problem, where=reference)
    found = f"{image.get('Os')}/{image.get('Architecture')}"
    if found != "/".join(start.platform.split("/")[:2]):
        problem = f"the image of {start.service} for {start.platform} is one for {found}"
        raise StepFailed(problem, where=reference, hint="build and publish it anew")
    return image


def image_of(client: Any, reference: str) -> dict[str, Any] | None:
    """What the engine says of an image; ``None`` where it has none of this name."""
    try:
        found: dict[str, Any] = client.inspect_image(reference)
    except docker.errors.ImageNotFound:
        return None
    return found


def _pull_failure(problem: str, reference: str) -> DevflowError:
    what = f"the engine cannot pull the published image: {problem}"
    if is_disk_full(problem):
        return disk_full(reference)
    if _UNREACHABLE.search(problem):
        hint = "the engine itself has to reach the registry, and to trust its certificate"
        return Unavailable(what, where=reference, hint=hint)
    if _DENIED.search(problem):
        return AccessDenied(what, where=reference, hint="docker login, with the same account")
    return StepFailed(what, where=reference, hint="publish it again")
