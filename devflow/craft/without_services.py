"""What is said where nothing is deployed: a library, a command line or a package has no services,
and its release is the merged commit."""

from typing import Final

from devflow.model.outcomes import Absent
from devflow.model.release import Deployment

NO_SERVICES: Final = "the project has no services, so nothing is deployed"
"""Why a step that is about something deployed is skipped."""


def nothing_deployed() -> Absent:
    """In the place of everything that a project without services does not have."""
    return Absent(kind="skipped", why=NO_SERVICES)


def held_up(development: Deployment | Absent) -> Absent | None:
    """What hands on that a deployment which should be there is not; ``None`` where it is there, or
    where nobody asked for one."""
    if isinstance(development, Deployment) or development.kind == "skipped":
        return None
    return Absent(kind=development.kind, why=f"development: {development.why}")
