"""What the sandbox says of itself in ``sandbox.json``: where its servers are, and its people with
their tokens."""

from typing import Final

from pydantic import ConfigDict

from devflow.model.values import Value

REVIEWERS: Final = ("tech-lead", "frontend-dev", "product-owner", "security", "devops")
"""The sandbox's people with write access beside its developer, as its scenario names them."""


class SandboxPerson(Value):
    """One of the sandbox's people; ``devflow --as NAME`` acts with their tokens."""

    model_config = ConfigDict(extra="ignore")

    name: str
    display_name: str = ""
    email: str
    roles: tuple[str, ...] = ()
    jira_token: str
    github_token: str


class Served(Value):
    """Where one server answers."""

    model_config = ConfigDict(extra="ignore")

    url: str
    repository: str = ""
    # JIRA's only one; empty of a sandbox that an earlier release started
    project: str = ""


class SandboxFacts(Value):
    """A running sandbox."""

    model_config = ConfigDict(extra="ignore")

    pid: int
    jira: Served
    github: Served
    registry: Served | None = None
    git_remote: str
    users: tuple[SandboxPerson, ...]
