"""The connection to a JIRA site: the ``jira`` library's session and addresses, with our checks, our
errors and our retry.

Its resource methods are left aside where they guess: they assign the first account that a search
finds, choose a transition by its name, and send a POST again by themselves.
"""

import json
from dataclasses import dataclass, field
from functools import partial
from threading import RLock
from typing import Any, Callable, Final, Iterator, TypeVar
from urllib.parse import quote

import requests
from jira import JIRA
from jira.exceptions import JIRAError
from pydantic import ValidationError

from devflow.adapters.http.guard import fault_of_error, guard, refuse_plain_http
from devflow.adapters.http.retry import Retry, WrongAnswer, fault_of
from devflow.adapters.http.shapes import shaped
from devflow.adapters.jira.answers import (
    Changelog,
    ChangelogPage,
    Found,
    FoundIssue,
    HistoryItem,
    Paged,
)
from devflow.adapters.jira.refusals import lacking
from devflow.model.errors import INSUFFICIENT_STORAGE, AccessDenied, StepFailed, no_room

T = TypeVar("T")
P = TypeVar("P", bound=Paged)
# s to connect and to wait for an answer; JIRA's own limit for most calls is 30 s
TIMEOUT_S: Final = (5, 30)
PAGE: Final = 100  # items; what Cloud gives of most lists at once
BOARD_PAGE: Final = 50  # items; the most that the boards' API gives at once
MOST_CHARS: Final = 300  # of an answer that is no JSON, mostly a page of a proxy


class UnknownTicket(StepFailed):
    """No ticket of that key, or none that this account may see."""


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
    """Guards the session at the constructor's own request, the first moment that it is there."""

    site = ""
    kind = ""

    def server_info(self) -> dict[str, Any]:
        if not self.site:
            guard(self._session)
        information = super().server_info()
        self.site = str(information["baseUrl"]).rstrip("/")
        self.kind = str(information.get("deploymentType") or "")
        return information


class JiraClient:
    """Asks a JIRA site. Nothing is asked before the first ``run``; several threads take turns."""

    def __init__(self, url: str, auth: JiraAuth, retry: Retry) -> None:
        refuse_plain_http(url)
        self.url = url.rstrip("/")
        self.auth = auth
        self._retry = retry
        self._turn = RLock()
        self._jira: _GuardedJira | None = None

    def run(self, attempt: Callable[[], T], about: str = "") -> T:
        """Runs a read or a whole ensure verb, again while it meets a fault.

        ``about`` is the ticket that a 404 speaks of. Raises ``StepFailed``, ``AccessDenied`` or
        ``RemoteSilent``.
        """
        return self._retry.run(f"JIRA at {self.url}", partial(self._once, attempt, about))

    def _once(self, attempt: Callable[[], T], about: str) -> T:
        try:
            with self._turn:
                return attempt()
        except JIRAError as error:
            raise self._translate(error, about) from error
        except requests.RequestException as error:
            raise fault_of_error(error, f"JIRA at {self.url}") from error
        except ValidationError as error:
            first = error.errors()[0]
            at = ".".join(str(part) for part in first["loc"])
            problem = f"an answer of another shape ({error.title}: {at} {first['msg']})"
            raise WrongAnswer(problem) from error

    def _translate(self, error: JIRAError, about: str) -> Exception:
        status = int(error.status_code or 0)
        reason = explained(error)
        headers = error.response.headers if error.response is not None else {}
        fault = fault_of(status, headers, f"{status} {reason}".strip())
        if fault:
            return fault
        if status == INSUFFICIENT_STORAGE:
            return no_room(f"JIRA at {self.url}", reason)
        if status == 401:
            variables = "JIRA_EMAIL and JIRA_API_TOKEN" if self.auth.cloud else "JIRA_PAT"
            problem = f"JIRA at {self.url} does not know this account ({status}): {reason}"
            return AccessDenied(problem, hint=f"check {variables}", where=self.url)
        if status == 403:
            return self._denied(error, about, reason)
        if status == 404 and about:
            problem = f"no ticket {about} on {self.url}, or this account may not see it"
            return UnknownTicket(problem, hint="check the key and the project", where=self.url)
        problem = f"JIRA at {self.url} answered {status}: {reason}"
        return StepFailed(problem, hint="see the ticket in JIRA", where=self.url)

    def _denied(self, error: JIRAError, about: str, reason: str) -> AccessDenied:
        permission = lacking(error)
        place = f" for {about}" if about else ""
        what = f"lacks the permission {permission}" if permission else "may not do that"
        problem = f"JIRA at {self.url}: this account {what}{place} (403): {reason}"
        named = permission or "what it needs"
        hint = f"ask an administrator of the project to give the account {named}"
        return AccessDenied(problem, hint=hint, where=self.url)

    def client(self) -> _GuardedJira:
        """The library's client; made, and the site asked who it is, at the first call."""
        if self._jira is None:
            self._jira = self._connect()
        return self._jira

    def _connect(self) -> _GuardedJira:
        version: dict[str, Any] = {"rest_api_version": "3" if self.auth.cloud else "2"}
        login: dict[str, Any] = {"token_auth": self.auth.token}
        if self.auth.cloud:
            login = {"basic_auth": (self.auth.email, self.auth.token)}
        try:
            jira = _GuardedJira(
                self.url, version, **login, logging=False, max_retries=0, timeout=TIMEOUT_S
            )
        except (KeyError, TypeError, AttributeError) as error:
            # the library's own words for a server info that lacks its parts
            problem = "an answer that is no JIRA site's server information"
            raise WrongAnswer(problem) from error
        except JIRAError as error:
            if error.status_code == 404 and self.auth.cloud:
                # Data Center knows no v3
                self._require_kind(self._kind_by_v2())
            raise
        self._require_kind(jira.kind)
        return jira

    def _kind_by_v2(self) -> str:
        """What a site calls its kind at the address that both kinds have; empty where it is none of
        them."""
        with requests.Session() as session:
            guard(session)
            answer = session.get(f"{self.url}/rest/api/2/serverInfo", timeout=TIMEOUT_S)
        body = answer.json() if answer.ok else None
        return str(body.get("deploymentType", "")) if isinstance(body, dict) else ""

    def _require_kind(self, kind: str) -> None:
        """Raises ``AccessDenied`` for a site that takes the other kind of credentials."""
        if kind == "Cloud" and not self.auth.cloud:
            problem = f"{self.url} is a JIRA Cloud, which takes no personal access token"
            hint = "set JIRA_EMAIL and JIRA_API_TOKEN, and leave JIRA_PAT unset"
            raise AccessDenied(problem, hint=hint, where=self.url)
        if kind and kind != "Cloud" and self.auth.cloud:
            problem = f"{self.url} is a JIRA Data Center, which takes no e-mail and API token"
            hint = "set JIRA_PAT, and leave JIRA_API_TOKEN unset"
            raise AccessDenied(problem, hint=hint, where=self.url)

    @property
    def site(self) -> str:
        """The address that people use, without a slash at its end.

        It differs from the API's for scoped tokens.
        """
        return self.client().site

    def get(self, shape: type[T], path: str, **query: str | int) -> T:
        """Reads from the platform's API into a shape."""
        return self._read(shape, path, JIRA.JIRA_BASE_URL, query)

    def agile(self, shape: type[T], path: str, **query: str | int) -> T:
        """Reads from the boards' API into a shape."""
        return self._read(shape, path, JIRA.AGILE_BASE_URL, query)

    def pages(self, shape: type[P], items: str, path: str, **query: str | int) -> Iterator[P]:
        """Every page of a list of the platform's API; ``items`` is where a page has them."""
        read = partial(self.get, shape, path, maxResults=PAGE, **query)
        return _pages(read, items)

    def agile_pages(self, shape: type[P], items: str, path: str, **query: str | int) -> Iterator[P]:
        """Every page of a list of the boards' API."""
        read = partial(self.agile, shape, path, maxResults=BOARD_PAGE, **query)
        return _pages(read, items)

    def changes(self, key: str, shown: Changelog | None) -> list[HistoryItem]:
        """Every change of an issue, oldest first; ``shown`` are those that came with it.

        Cloud shows the newest with the issue, and has all of them in pages. It and Data Center sort
        them differently.
        """
        if shown is None:
            return []
        changes = list(shown.histories)
        if shown.total > len(changes):
            path = issue_path(key, "changelog")
            changes.clear()
            for page in self.pages(ChangelogPage, "values", path):
                changes.extend(page.values)
        return sorted(changes, key=lambda change: change.created)

    def search(
        self, query: str, most: int, fields: str = "summary", expand: str = ""
    ) -> tuple[FoundIssue, ...]:
        """The first issues that a query finds, at most so many."""
        asked: dict[str, str | int] = {"jql": query, "fields": fields, "expand": expand}
        found: list[FoundIssue] = []
        path = "search/jql" if self.auth.cloud else "search"
        while True:
            page = self.get(Found, path, maxResults=most - len(found), **asked)
            found.extend(page.issues)
            is_over = page.is_over(len(found)) and not page.next_page_token
            if is_over or not page.issues or len(found) >= most:
                return tuple(found[:most])
            # Cloud goes on by a token and gives no total, Data Center by the number of the first
            place = page.next_page_token or len(found)
            asked["nextPageToken" if page.next_page_token else "startAt"] = place

    def _read(self, shape: type[T], path: str, base: str, query: dict[str, str | int]) -> T:
        answer: object = self.client()._get_json(path, params=query, base=base)
        return shaped(shape, answer)

    def send(self, method: str, path: str, body: object, shape: Any = None) -> Any:
        """Writes to the platform's API; the answer in this shape.

        One of another shape (by default: not empty) leaves the outcome unknown.
        """
        client = self.client()
        answer = client._session.request(method, client._get_url(path), data=json.dumps(body))
        return shaped(shape, answer.json() if answer.content else None)


def _pages(read: Callable[..., P], items: str) -> Iterator[P]:
    count = 0
    while True:
        page = read(startAt=count)
        yield page
        added = len(getattr(page, items))
        count += added
        if not added or page.is_over(count):
            return


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
        return str(error.text or "").strip()[:MOST_CHARS]
    by_field = [f"{name}: {text}" for name, text in refused_fields(answer).items()]
    general = answer.get("errorMessages")
    if not general:
        general = [answer.get("message") or answer.get("errorMessage") or ""]
    return "; ".join(str(text) for text in [*general, *by_field] if text)


def refused_fields(answer: object) -> dict[str, str]:
    """The fields that JIRA refuses, each with its reason."""
    errors = answer.get("errors") if isinstance(answer, dict) else None
    if not isinstance(errors, dict):
        return {}
    return {str(name): str(text) for name, text in errors.items()}
