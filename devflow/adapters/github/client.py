"""The connection to GitHub: PyGithub with our checks, our errors and our retry beneath and around
it.

Its own retry is off: with it, a POST that met a 502 was sent eleven times within half a second.
"""

from functools import partial
from threading import RLock
from typing import Any, Callable, Final, Iterator, Mapping, TypeVar

import requests
from github import Auth, Github
from github.GithubException import (
    BadAttributeException,
    GithubException,
    IncompletableObject,
    RateLimitExceededException,
    UnknownObjectException,
)
from github.PullRequest import PullRequest
from github.Repository import Repository
from github.Requester import HTTPRequestsConnectionClass, HTTPSRequestsConnectionClass, Requester
from pydantic import ValidationError

from devflow.adapters.github.answers import VIEWER, PageInfo, ViewerAnswer
from devflow.adapters.github.refusals import Refusal, hidden
from devflow.adapters.http.guard import (
    fault_of_error,
    guard,
    is_loopback,
    refuse_empty,
    refuse_plain_http,
)
from devflow.adapters.http.retry import Fault, Retry, WrongAnswer, fault_of
from devflow.adapters.http.shapes import shaped
from devflow.model.errors import INSUFFICIENT_STORAGE, no_room

T = TypeVar("T")
TIMEOUT_S: Final = 15  # s; GitHub itself ends a request after 10 s
# what the library trips over in an answer that is no object, lacks a part, or names another host
# (it asserts that)
MISSHAPEN: Final = (AssertionError, AttributeError, TypeError)
# s; what GitHub asks for after a secondary rate limit that names no time
UNNAMED_PAUSE_S: Final = 60.0
# pages that lead back to one that was read would be read for ever
_ROUND: Final = "a list whose next page is one that was read"
PAGE: Final = 100  # items; GitHub's limit for one answer
MOST_CHARS: Final = 500  # of a refusal; GitHub's own are shorter, those of a proxy may be pages


class _GuardedHttp(HTTPRequestsConnectionClass):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        guard(self.session)
        refuse_empty(self.session)


class _GuardedHttps(HTTPSRequestsConnectionClass):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        guard(self.session)
        refuse_empty(self.session)


class GithubClient:
    """Asks GitHub about one repository.

    Nothing is asked before the first ``run``; attempts of several threads take turns.
    """

    def __init__(self, api_url: str, token: str, repository: str, retry: Retry) -> None:
        refuse_plain_http(api_url)
        self.url = api_url.rstrip("/")
        self.name = repository
        self._token = token
        self._retry = retry
        self._turn = RLock()
        self._github: Github | None = None
        self._repository: Repository | None = None
        self._login = ""

    def run(self, attempt: Callable[[], T], needs: str = "") -> T:
        """Runs a read or a whole ensure verb, again while it meets a fault.

        ``needs`` names the token's permission that it takes. Raises ``StepFailed``,
        ``AccessDenied`` or ``RemoteSilent``.
        """
        return self._retry.run(f"GitHub at {self.url}", partial(self._once, attempt, needs))

    def _once(self, attempt: Callable[[], T], needs: str) -> T:
        try:
            with self._turn:
                return attempt()
        except GithubException as error:
            raise self._translate(error, needs) from error
        except requests.RequestException as error:
            raise fault_of_error(error, f"GitHub at {self.url}") from error
        except (BadAttributeException, ValidationError, *MISSHAPEN) as error:
            raise WrongAnswer("an answer of another shape") from error

    def _translate(self, error: GithubException, needs: str) -> Exception:
        reason = explained(error)
        if isinstance(error, IncompletableObject):
            return WrongAnswer("an answer of another shape")
        fault = fault_in(error)
        if fault is not None:
            return fault
        if error.status == 404 and self._is_hidden():
            return hidden(f"GitHub at {self.url}", self.name)
        place = f"GitHub at {self.url}"
        if error.status == INSUFFICIENT_STORAGE:
            return no_room(place, reason)
        return Refusal(place, self.name, error.status, reason, _headers(error), needs).error()

    def _is_hidden(self) -> bool:
        """Whether the repository itself is not there for this token."""
        if self._repository is not None:
            return False
        try:
            with self._turn:
                self._repository = self.github.get_repo(self.name)
        except GithubException as error:
            return error.status == 404
        return False

    @property
    def github(self) -> Github:
        """The library's client, made at the first use."""
        if self._github is None:
            Requester.injectConnectionClasses(_GuardedHttp, _GuardedHttps)
            pauses: dict[str, Any] = {}
            if is_loopback(self.url):
                # the pauses between requests are GitHub's wish, not this machine's
                pauses = {"seconds_between_requests": 0, "seconds_between_writes": 0}
            auth = Auth.Token(self._token)
            self._github = Github(
                auth=auth, base_url=self.url, timeout=TIMEOUT_S, per_page=PAGE, retry=None, **pauses
            )
        return self._github

    @property
    def repository(self) -> Repository:
        """The repository, asked for once."""
        if self._repository is None:
            self._repository = self.github.get_repo(self.name)
        return self._repository

    @property
    def owner(self) -> str:
        """The account of the repository, and so of the head of each of its pull requests."""
        return self.name.partition("/")[0]

    def pull(self, number: int) -> PullRequest:
        """A pull request as it is now."""
        return whole(self.repository.get_pull(number), "number", "state")

    def login(self) -> str:
        """The account that the token belongs to, asked for once."""
        self._login = self._login or self._account()
        return self._login

    def _account(self) -> str:
        try:
            return self.github.get_user().login
        except GithubException as error:
            if error.status != 403:
                raise
            # an app's token, such as that of GitHub Actions, may ask only here: "acme-ci[bot]"
            return self.graphql(ViewerAnswer, VIEWER, {}).viewer.login

    def read(self, shape: type[T], path: str) -> T:
        """Reads what the library has no method for; ``path`` begins after the repository's name."""
        url = f"/repos/{self.name}{path}"
        answer: object = self.github.requester.requestJsonAndCheck("GET", url)[1]
        return shaped(shape, answer)

    def pages(self, shape: type[T], path: str) -> Iterator[T]:
        """Every page of a list that the library has no method for, or of which it reads the first
        page alone."""
        url = f"/repos/{self.name}{path}?per_page={PAGE}"
        asked: set[str] = set()
        while url:
            headers, answer = self.github.requester.requestJsonAndCheck("GET", url)
            yield shaped(shape, answer)
            asked.add(url)
            # only this tells whether there is more: a server may hold its pages smaller than asked
            url = _next_page(headers.get("link", ""))
            if url in asked:
                raise WrongAnswer(_ROUND)

    def connection(
        self, shape: type[T], query: str, number: int, info: Callable[[T], PageInfo]
    ) -> Iterator[T]:
        """Every page of what hangs on a pull request, by GraphQL; ``info`` is where an answer says
        whether there is more."""
        owner, _, name = self.name.partition("/")
        after: str | None = None
        while True:
            variables = {"owner": owner, "name": name, "number": number, "after": after}
            answer = self.graphql(shape, query, variables)
            yield answer
            page = info(answer)
            if not page.has_next_page:
                return
            if page.end_cursor in (None, after):
                raise WrongAnswer(_ROUND)
            after = page.end_cursor

    def graphql(self, shape: type[T], query: str, variables: Mapping[str, object]) -> T:
        """Asks by GraphQL and reads what stands under ``data``."""
        answer = self.github.requester.graphql_query(query, dict(variables))[1]
        return shaped(shape, answer.get("data"))


def _next_page(link: str) -> str:
    """Where a ``Link`` header says that a list goes on, empty where it ends."""
    for one in requests.utils.parse_header_links(link) if link else ():
        if one.get("rel") == "next":
            return one["url"]
    return ""


def whole(answer: T, *names: str) -> T:
    """The object, if it has these parts, which the library does not check.

    Raises ``Fault`` otherwise.
    """
    if any(getattr(answer, name) is None for name in names):
        raise WrongAnswer(f"an answer without {' or '.join(names)}")
    return answer


def fault_in(error: GithubException) -> Fault | None:
    """What another attempt may mend, which a rate limit told as a 403 is too."""
    reason = explained(error)
    fault = fault_of(error.status, _headers(error), f"{error.status} {reason}".strip())
    if fault is None and isinstance(error, RateLimitExceededException):
        return Fault("refused", reason, wait_s=UNNAMED_PAUSE_S)
    return fault


def missing(error: GithubException) -> bool:
    """Whether GitHub has no such thing, or hides it."""
    return isinstance(error, UnknownObjectException) or error.status == 404


def _headers(error: GithubException) -> Mapping[str, str]:
    return {name.lower(): str(value) for name, value in (error.headers or {}).items()}


def explained(error: GithubException) -> str:
    """What GitHub says: its message and the errors beneath it, each in a line's words."""
    data = error.data if isinstance(error.data, dict) else {}
    texts = [str(data.get("message") or error.message or "")]
    beneath = data.get("errors")
    if isinstance(beneath, list):
        texts += [_one(item) for item in beneath]
    return "; ".join(text for text in texts if text)[:MOST_CHARS]


def _one(item: object) -> str:
    if not isinstance(item, dict):
        return str(item)
    return str(item.get("message") or f"{item.get('field')}: {item.get('code')}")
