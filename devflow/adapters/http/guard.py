"""What every answer of a remote service must be before a client library may read it: JSON, and from
the host that was asked.

It hangs on the ``requests`` session beneath the library, since the libraries make empty objects of
an HTML page and turn a redirected POST into a GET.
"""

from typing import Any, Final
from urllib.parse import urljoin, urlsplit

import requests
from urllib3.exceptions import MaxRetryError, NewConnectionError

from devflow.adapters.http.retry import Fault, WrongAnswer
from devflow.model.bounds.places import LOOPBACK
from devflow.model.errors import AccessDenied, RemoteSilent

TRANSIENT: Final = (
    requests.ConnectionError,
    requests.Timeout,
    requests.exceptions.ChunkedEncodingError,
    requests.exceptions.ContentDecodingError,
)


def is_loopback(url: str) -> bool:
    """Whether the URL's host is this machine."""
    return urlsplit(url).hostname in LOOPBACK


def refuse_plain_http(url: str) -> None:
    """Raises ``AccessDenied`` where a token would cross the network unencrypted."""
    if urlsplit(url).scheme != "https" and not is_loopback(url):
        unsafe = f"{url} is not https: the token would be readable on its way"
        raise AccessDenied(unsafe, hint="write the address with https://", where=url)


def guard(session: requests.Session) -> None:
    """Puts the check on a session; it runs before redirects are followed."""
    session.hooks["response"].append(_check)


def refuse_empty(session: requests.Session) -> None:
    """Also refuses a success without content, for which the service has a status of its own."""
    session.hooks["response"].append(_check_content)


def _check_content(response: requests.Response, *args: Any, **kwargs: Any) -> None:
    """Raises ``Fault`` for a 200 or 201 whose body is missing or ``{}`` or ``null``."""
    if response.status_code in (200, 201) and response.content.strip() in (b"", b"{}", b"null"):
        raise WrongAnswer(f"{response.status_code} with an empty answer")


def _check(response: requests.Response, *args: Any, **kwargs: Any) -> None:
    """Raises ``RemoteSilent`` for a redirect elsewhere or of a write, ``Fault`` for no JSON."""
    if response.is_redirect:
        _refuse_redirect(response)
    elif response.ok and response.content:
        try:
            response.json()
        except ValueError as error:
            kind = response.headers.get("content-type", "nothing named")
            problem = f"{response.status_code} with {kind} where JSON was expected"
            raise WrongAnswer(problem) from error


def _refuse_redirect(response: requests.Response) -> None:
    url = response.url
    method = response.request.method
    target = urljoin(url, response.headers["location"])
    # scheme and host
    if method in ("GET", "HEAD") and urlsplit(url)[:2] == urlsplit(target)[:2]:
        return
    problem = f"{url} sends a {method} on to {target}, which is not followed"
    hint = (
        "check the configured address: is it the service's own, "
        "without a proxy or sign-in page before it?"
    )
    raise RemoteSilent(problem, hint=hint, where=url)


def fault_of_error(error: requests.RequestException, where: str) -> Fault:
    """What a failed connection means for another attempt.

    Raises ``RemoteSilent`` where another one would fail alike (TLS, a malformed address).
    """
    if isinstance(error, requests.exceptions.SSLError) or not isinstance(error, TRANSIENT):
        hint = "check the configured address and its certificate"
        raise RemoteSilent(f"{where} cannot be asked: {error}", hint=hint, where=where) from error
    cause = error.args[0] if error.args else None
    reason = cause.reason if isinstance(cause, MaxRetryError) else cause
    if isinstance(error, requests.ConnectTimeout) or isinstance(reason, NewConnectionError):
        return Fault("not sent", "no connection could be made")
    if isinstance(error, requests.Timeout):
        return Fault("unknown", "no answer within the time limit")
    return Fault("unknown", "the connection broke before the answer was complete")
