"""What the environment may say: where JIRA and GitHub are, and the secrets, which may stand nowhere
else.

All or nothing: part of the credentials is an error that names the rest, never a reason to fall back
to the sandbox.
"""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Iterator, Literal, Mapping

from pydantic import SecretStr, ValidationError

from devflow.model.declared.project import Project
from devflow.model.errors import AccessDenied, UsageError
from devflow.model.values import Value

GITHUB_API = "https://api.github.com"


class Settings(Value):
    """The variables that devflow reads, by their own names in capitals."""

    jira_base_url: str = ""
    jira_email: str = ""
    jira_api_token: SecretStr = SecretStr("")
    jira_pat: SecretStr = SecretStr("")
    github_token: SecretStr = SecretStr("")
    github_api_url: str = ""
    github_repository: str = ""
    devflow_sandbox: bool = False

    @classmethod
    def of(cls, environ: Mapping[str, str]) -> "Settings":
        """What an environment says, in capitals or not; what is set to nothing is not set. Raises
        ``UsageError`` for a value that is none of its variable's."""
        told = {name.lower(): value for name, value in environ.items() if value}
        known = {name: told[name] for name in cls.model_fields if name in told}
        try:
            return cls.model_validate(known)
        except ValidationError as error:
            # of the variables, only one that is yes or no can say anything wrong
            name = str(error.errors(include_input=False)[0]["loc"][0]).upper()
        problem = f"{name} says neither yes nor no"
        hint = f"type: export {name}=1, or export {name}=0, or unset {name}"
        raise UsageError(problem, where="the environment", hint=hint)


def cache_dir() -> Path:
    """Where devflow keeps what can be had again."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "devflow"


@dataclass(frozen=True)
class Account:
    """Where to go and as whom: an e-mail with an API token (JIRA Cloud), or a token alone (JIRA
    PAT, GitHub)."""

    url: str
    token: SecretStr
    email: str = ""


@dataclass(frozen=True)
class Connection:
    """The tracker, the code host and its repository, the image registry (``ghcr.io/user``), and the
    tracker's project, which new tickets go into; ``sandbox`` says that nothing leaves this
    machine."""

    tracker: Account
    host: Account
    repository: str
    kind: Literal["real", "sandbox"]
    remote: str
    registry: str = ""
    project: str = ""


def real(project: Project, settings: Settings) -> Connection:
    """The real JIRA and GitHub. Raises ``AccessDenied`` naming every variable that is missing."""
    repository = settings.github_repository or project.host.repository
    tracker = _tracker_account(project, settings)
    missing = [*_missing_of_tracker(tracker, settings), *_missing_of_host(settings, repository)]
    if missing:
        raise AccessDenied(
            f"missing: {', '.join(missing)}",
            where="the environment",
            hint="set them, or try everything on this machine alone with the option --sandbox",
        )
    api_url = settings.github_api_url or project.host.api_url or GITHUB_API
    return Connection(
        tracker=tracker,
        host=Account(api_url, settings.github_token),
        repository=repository,
        kind="real",
        remote=project.remote,
        registry=project.registry,
        project=project.tracker.project,
    )


def _tracker_account(project: Project, settings: Settings) -> Account:
    """JIRA Cloud's token where there is one, else a personal access token of Data Center."""
    url = settings.jira_base_url or project.tracker.url
    if settings.jira_api_token.get_secret_value():
        return Account(url, settings.jira_api_token, settings.jira_email or project.tracker.email)
    return Account(url, settings.jira_pat)


def _missing_of_tracker(account: Account, settings: Settings) -> Iterator[str]:
    if not account.url:
        yield "JIRA_BASE_URL"
    if not account.token.get_secret_value():
        yield "JIRA_API_TOKEN with JIRA_EMAIL, or JIRA_PAT"
    if settings.jira_api_token.get_secret_value() and not account.email:
        yield "JIRA_EMAIL"


def _missing_of_host(settings: Settings, repository: str) -> Iterator[str]:
    if not settings.github_token.get_secret_value():
        yield "GITHUB_TOKEN"
    if not repository:
        yield "GITHUB_REPOSITORY"
