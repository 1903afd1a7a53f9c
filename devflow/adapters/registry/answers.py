"""What a registry's refusals mean: for another attempt, and for the person who reads them."""

import json
import ssl
from contextlib import contextmanager
from typing import Final, Iterator

import httpx

from devflow.adapters.http.retry import Fault, fault_of
from devflow.model.errors import (
    INSUFFICIENT_STORAGE,
    AccessDenied,
    DevflowError,
    RemoteSilent,
    StepFailed,
    no_room,
)
from devflow.model.wording import one_line

# the only words of a 404 that say "there is none"; a proxy's own 404 says nothing
ABSENT: Final = frozenset({"MANIFEST_UNKNOWN", "NAME_UNKNOWN"})
MOST_CHARS: Final = 300  # of a refusal's own words


def codes_of(body: bytes) -> tuple[str, ...]:
    """The codes of an error's body, as the specification has them; none for another shape."""
    return tuple(code for code, _ in _errors(body))


def _errors(body: bytes) -> Iterator[tuple[str, str]]:
    try:
        content = json.loads(body)
    except ValueError:
        return
    errors = content.get("errors") if isinstance(content, dict) else None
    for error in errors if isinstance(errors, list) else ():
        if isinstance(error, dict):
            yield str(error.get("code", "")), str(error.get("message", ""))


def refusal(response: httpx.Response, body: bytes, host: str, what: str) -> Exception:
    """A status that is no success, as what is raised: a ``Fault`` where asking again may help.

    ``what`` is what was wanted, in words.
    """
    status = response.status_code
    reason = _reason(response, body)
    problem = f"{status} {reason}".strip()
    fault = fault_of(status, response.headers, problem)
    if fault is not None:
        return fault
    if status == INSUFFICIENT_STORAGE:
        return no_room(host, problem)
    if status in (401, 403):
        return denied(host, f"{what}: {problem}")
    return _failed(status, host, f"{host} refused {what}: {problem}")


def _failed(status: int, host: str, problem: str) -> DevflowError:
    hints = {
        404: "check the registry's name, and that the repository exists or may be made there",
        405: "this registry does not take such a request: is it read-only, or a mirror?",
        413: "the registry, or a proxy before it, takes no content of this size: raise its limit",
    }
    hint = hints.get(status, "the registry's own log says more")
    return StepFailed(problem, hint=hint, where=host)


def _reason(response: httpx.Response, body: bytes) -> str:
    texts = [f"{code}: {message}".strip(": ") for code, message in _errors(body)]
    text = "; ".join(texts) or response.reason_phrase
    return one_line(text, MOST_CHARS)


def denied(host: str, problem: str) -> AccessDenied:
    """The registry does not let this person do it."""
    hint = f"docker login {host} (or podman login), as somebody who may push there"
    return AccessDenied(f"{host} denied {problem}", hint=hint, where=host)


@contextmanager
def translated(host: str) -> Iterator[None]:
    """Turns the failures of a connection into a ``Fault``.

    Raises ``RemoteSilent`` where another attempt would fail alike.
    """
    try:
        yield
    except (httpx.ConnectError, httpx.ConnectTimeout) as error:
        if _is_tls(error):
            hint = "SSL_CERT_FILE names the file of certificates that are trusted"
            problem = f"{host} cannot be trusted: {error}"
            raise RemoteSilent(problem, hint=hint, where=host) from error
        raise Fault("not sent", f"no connection could be made ({error})") from error
    except httpx.TimeoutException as error:
        raise Fault("unknown", "no answer within the time limit") from error
    except httpx.TransportError as error:
        raise Fault("unknown", f"the connection broke ({error})") from error
    except httpx.InvalidURL as error:
        raise RemoteSilent(f"{host} names no address: {error}", where=host) from error


def _is_tls(error: BaseException | None) -> bool:
    while error is not None:
        if isinstance(error, ssl.SSLError) or "CERTIFICATE" in str(error).upper():
            return True
        error = error.__cause__ or error.__context__
    return False
