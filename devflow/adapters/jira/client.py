"""The connection to a JIRA site: the ``jira`` library's session and addresses, with our checks, our
errors and our retry.

Its resource methods are left aside where they guess: they assign the first account that a search
finds, choose a transition by its name, and send a POST again by themselves.
"""

import json
from dataclasses import dataclass, field
from threading import RLock
from typing import Any, Callable, TypeVar
from urllib.parse import quote

import requests
from jira import JIRA
from jira.exceptions import JIRAError
from pydantic import TypeAdapter, ValidationError

from devflow.adapters.http.guard import fault_of_error, guard, refuse_plain_http
from devflow.adapters.http.retry import Fault, Retry, fault_of
from devflow.model.errors import AccessDenied, DevflowError, StepFailed

T = TypeVar("T")
TIMEOUT_S = (
    5,
    30,
)  # s to connect and to wait for an answer; JIRA's own limit for most calls is 30 s


@dataclass(frozen=True)
class JiraAuth:
    """Who asks: an e-mail address with an API token (Cloud, scoped or not), or a personal access
    token alone (Data Center)."""

    token: str = field(repr=False)
    email: str = ""

    @property
    def cloud(self) -> bool:
        """Whether it is Cloud's kind, which speaks REST v3 and documents; the other one speaks v2
        and plain text."""
        return bool(self.email)


class _GuardedJira(JIRA):
    """Guards the session at the constructor's own request, the first moment at which there is one."""

    site = ""

    def server_info(self) -> dict[str, Any]:
        if not self.site:
            guard(self._session)
        found = super().server_info()
        self.site = str(found["baseUrl"]).rstrip("/")
        return found


class JiraClient:
    """Asks a JIRA site. Nothing is asked before the first ``run``; attempts of several threads take
    turns."""

    def __init__(self, url: str, auth: JiraAuth, retry: Retry) -> None:
        refuse_plain_http(url)
        self.url = url.rstrip("/")
        self.auth = auth
        self._retry = retry
        self._turn = RLock()
        self._jira: _GuardedJira | None = None

    def run(self, attempt: Callable[[], T], about: str = "") -> T:
        """Runs a read or a whole ensure verb, again while it meets a fault; ``about`` is the ticket
        that a 404 speaks of.

        Raises ``StepFailed``, ``AccessDenied`` or ``RemoteSilent``.
        """
        return self._retry.run(f"JIRA at {self.url}", lambda: self._once(attempt, about))

    def _once(self, attempt: Callable[[], T], about: str) -> T:
        try:
            with self._turn:
                return attempt()
        except JIRAError as error:
            raise self._understood(error, about) from error
        except requests.RequestException as error:
            raise fault_of_error(error, f"JIRA at {self.url}") from error
        except ValidationError as error:
            wrong = error.errors()[0]
            at = ".".join(str(part) for part in wrong["loc"])
            raise Fault(
                "unknown", f"an answer of another shape ({error.title}: {at} {wrong['msg']})"
            ) from error

    def _understood(self, error: JIRAError, about: str) -> Exception:
        status = int(error.status_code or 0)
        told = explained(error)
        fault = fault_of(
            status,
            error.response.headers if error.response is not None else {},
            f"{status} {told}".strip(),
        )
        if fault:
            return fault
        if status in (401, 403):
            variables = "JIRA_EMAIL and JIRA_API_TOKEN" if self.auth.cloud else "JIRA_PAT"
            return AccessDenied(
                f"JIRA at {self.url} refuses this account ({status}): {told}",
                hint=f"check {variables}",
                where=self.url,
            )
        return self._failed(status, told, about)

    def _failed(self, status: int, told: str, about: str) -> DevflowError:
        if status == 404 and about:
            message = f"no ticket {about} on {self.url}, or this account may not see it"
            return StepFailed(message, hint="check the key and the project", where=self.url)
        return StepFailed(
            f"JIRA at {self.url} answered {status}: {told}",
            hint="see the ticket in JIRA",
            where=self.url,
        )

    def client(self) -> _GuardedJira:
        """The library's client; made, and the site asked who it is, at the first call."""
        if self._jira is None:
            version: dict[str, Any] = {"rest_api_version": "3" if self.auth.cloud else "2"}
            login: dict[str, Any] = (
                {"basic_auth": (self.auth.email, self.auth.token)}
                if self.auth.cloud
                else {"token_auth": self.auth.token}
            )
            try:
                self._jira = _GuardedJira(
                    self.url, version, **login, logging=False, max_retries=0, timeout=TIMEOUT_S
                )
            except (KeyError, TypeError, AttributeError) as error:
                # the library's own words for a server info that lacks its parts
                raise Fault(
                    "unknown", "an answer that is no JIRA site's server information"
                ) from error
        return self._jira

    @property
    def site(self) -> str:
        """The address that people use, without a slash at its end; it differs from the API's for
        scoped tokens."""
        return self.client().site

    def get(self, shape: type[T], path: str, **query: str | int) -> T:
        """Reads from the platform's API into a shape."""
        return self._read(shape, path, JIRA.JIRA_BASE_URL, query)

    def agile(self, shape: type[T], path: str, **query: str | int) -> T:
        """Reads from the boards' API into a shape."""
        return self._read(shape, path, JIRA.AGILE_BASE_URL, query)

    def _read(self, shape: type[T], path: str, base: str, query: dict[str, str | int]) -> T:
        answer: object = self.client()._get_json(path, params=query, base=base)
        return TypeAdapter(shape).validate_python(answer)

    def send(self, method: str, path: str, body: object, shape: Any = None) -> None:
        """Writes to the platform's API; an answer of another shape (by default: not empty) leaves
        the outcome unknown."""
        client = self.client()
        answer = client._session.request(method, client._get_url(path), data=json.dumps(body))
        TypeAdapter(shape).validate_python(answer.json() if answer.content else None)


def issue_path(key: str, *parts: str) -> str:
    """The address of an issue or of what hangs on it; every part may be outside text."""
    return "/".join(["issue", *(quote(part, safe="") for part in (key, *parts))])


def explained(error: JIRAError) -> str:
    """What JIRA says, with the names of the fields that it speaks of, which the library drops."""
    try:
        answer = error.response.json() if error.response is not None else None
    except ValueError:
        answer = None
    if not isinstance(answer, dict):
        return str(error.text or "").strip()[:300]
    by_field = [f"{name}: {text}" for name, text in refused_fields(answer).items()]
    general = answer.get("errorMessages") or [
        answer.get("message") or answer.get("errorMessage") or ""
    ]
    return "; ".join(str(text) for text in [*general, *by_field] if text)


def refused_fields(answer: object) -> dict[str, str]:
    """The fields that JIRA refuses, each with its reason."""
    errors = answer.get("errors") if isinstance(answer, dict) else None
    return (
        {str(name): str(text) for name, text in errors.items()} if isinstance(errors, dict) else {}
    )
