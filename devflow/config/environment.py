"""What the environment may say: where JIRA and GitHub are, and the secrets, which may stand nowhere
else.

All or nothing: part of the credentials is an error that names the rest, never a reason to fall back
to the sandbox.
"""

from dataclasses import dataclass
from typing import Literal

from pydantic import SecretStr
from pydantic_settings import BaseSettings

from devflow.model.errors import AccessDenied
from devflow.model.project import Project

GITHUB_API = "https://api.github.com"


class Settings(BaseSettings):
    """The variables that devflow reads, by their own names in capitals."""

    jira_base_url: str = ""
    jira_email: str = ""
    jira_api_token: SecretStr = SecretStr("")
    jira_pat: SecretStr = SecretStr("")
    github_token: SecretStr = SecretStr("")
    github_api_url: str = ""
    github_repository: str = ""
    devflow_sandbox: bool = False


@dataclass(frozen=True)
class Account:
    """Where to go and as whom: an e-mail with an API token (JIRA Cloud), or a token alone (JIRA
    PAT, GitHub)."""

    url: str
    token: SecretStr
    email: str = ""


@dataclass(frozen=True)
class Connection:
    """The tracker, the code host and its repository; ``sandbox`` says that nothing leaves this
    machine."""

    tracker: Account
    host: Account
    repository: str
    kind: Literal["real", "sandbox"]
    remote: str


def real(project: Project, environment: Settings) -> Connection:
    """The real JIRA and GitHub. Raises ``AccessDenied`` naming every variable that is missing."""
    jira_url = environment.jira_base_url or project.tracker.url
    email = environment.jira_email or project.tracker.email
    repository = environment.github_repository or project.host.repository
    cloud, pat = environment.jira_api_token, environment.jira_pat
    missing = [
        name
        for name, there in (
            ("JIRA_BASE_URL", jira_url),
            (
                "JIRA_API_TOKEN with JIRA_EMAIL, or JIRA_PAT",
                cloud.get_secret_value() or pat.get_secret_value(),
            ),
            ("JIRA_EMAIL", email or not cloud.get_secret_value()),
            ("GITHUB_TOKEN", environment.github_token.get_secret_value()),
            ("GITHUB_REPOSITORY", repository),
        )
        if not there
    ]
    if missing:
        raise AccessDenied(
            f"missing: {', '.join(missing)}",
            where="the environment",
            hint="set them, or try everything on this machine alone: devflow --sandbox",
        )
    tracker = (
        Account(jira_url, cloud, email) if cloud.get_secret_value() else Account(jira_url, pat)
    )
    api_url = environment.github_api_url or project.host.api_url or GITHUB_API
    return Connection(
        tracker, Account(api_url, environment.github_token), repository, "real", project.remote
    )
