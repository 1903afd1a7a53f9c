"""How a registry's demand for authorization is met: basic, or a token from the service that it
names.

A token is kept in memory, by what it allows, until shortly before it ends; it stands in no message.
"""

import json
import re
import threading
import time
from dataclasses import dataclass, field
from typing import Any, Final, Iterable, Mapping
from urllib.parse import urlsplit

import httpx

from devflow.adapters.http.retry import WrongAnswer
from devflow.adapters.registry.address import Address
from devflow.adapters.registry.answers import denied, refusal
from devflow.adapters.registry.credentials import Credentials, Login
from devflow.model.bounds.places import LOOPBACK
from devflow.ports.registry import Admitted

# s; what the token specification says where a service names none
UNNAMED_LIFE_S: Final = 60.0
EARLY_S: Final = 10.0  # s before its end a token is not used any more: an upload takes a while
CLIENT: Final = "devflow"
_CHALLENGE: Final = re.compile(r"^\s*(basic|bearer)\b(.*)$", re.IGNORECASE | re.DOTALL)
_PARAMETER: Final = re.compile(r'([a-zA-Z]+)\s*=\s*(?:"([^"]*)"|([^\s,"]+))')

Scopes = frozenset[str]


@dataclass(frozen=True)
class Challenge:
    """What a registry demands: ``basic``, or ``bearer`` from the service at ``realm``."""

    scheme: str
    parameters: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class _Token:
    header: str
    ends_s: float


def challenge_of(headers: Iterable[str]) -> Challenge | None:
    """The demand that can be met, a token before a password; ``None`` for another scheme."""
    found: dict[str, Challenge] = {}
    for header in headers:
        match = _CHALLENGE.match(header)
        if match:
            parameters = {one[0].lower(): one[1] or one[2] for one in _PARAMETER.findall(match[2])}
            scheme = match[1].lower()
            found.setdefault(scheme, Challenge(scheme, parameters))
    return found.get("bearer") or found.get("basic")


class Authorizer:
    """The authorization of one registry's requests."""

    def __init__(self, address: Address, credentials: Credentials, client: httpx.Client) -> None:
        self._address = address
        self._credentials = credentials
        self._client = client
        self._challenge: Challenge | None = None
        self._tokens: dict[Scopes, _Token] = {}
        self._login: Login | None = None
        self._asked = False
        # entries of a group ask side by side
        self._turn = threading.RLock()

    @property
    def admitted(self) -> Admitted:
        """As whom its requests were answered."""
        login = self._login.name if self._login is not None else ""
        return Admitted(demands=self._challenge is not None, login=login)

    def header(self, scopes: Scopes) -> str:
        """What a request for this begins with, empty before the registry has demanded anything."""
        with self._turn:
            if self._challenge is None:
                return ""
            return self._met(self._challenge, scopes)

    def renewed(self, headers: Iterable[str], scopes: Scopes) -> str:
        """The header that a refused request is sent again with.

        Raises ``AccessDenied`` where there is none.
        """
        challenge = challenge_of(headers)
        if challenge is None:
            raise denied(self._address.host, "a request, in a way that is not known here (401)")
        with self._turn:
            self._challenge = challenge
            self._tokens.pop(scopes, None)
            # what it says that this very request needs, which is not what the next one does
            demanded = challenge.parameters.get("scope", "").split()
            return self._met(challenge, scopes, frozenset(demanded))

    def _met(self, challenge: Challenge, scopes: Scopes, demanded: Scopes = frozenset()) -> str:
        if challenge.scheme == "basic":
            login = self._who()
            if login is None or not login.user:
                raise denied(self._address.host, "a request without a login (401)")
            return login.basic
        token = self._tokens.get(scopes)
        if token is None or token.ends_s < time.monotonic():
            token = self._fetched(challenge, scopes | demanded)
            self._tokens[scopes] = token
        return token.header

    def _who(self) -> Login | None:
        if not self._asked:
            self._login = self._credentials.login(self._address)
            self._asked = True
        return self._login

    def _fetched(self, challenge: Challenge, scopes: Scopes) -> _Token:
        realm = challenge.parameters.get("realm", "")
        _refuse_unsafe(realm, self._address)
        service = challenge.parameters.get("service", "")
        ask = self._exchange if self._is_identity() else self._ask
        response = ask(realm, service, sorted(scopes))
        body = response.content
        if response.status_code != 200:
            raise refusal(response, body, self._address.host, "a token")
        return _token(body)

    def _is_identity(self) -> bool:
        login = self._who()
        return login is not None and bool(login.identity_token)

    def _ask(self, realm: str, service: str, scopes: list[str]) -> httpx.Response:
        login = self._who()
        headers = {"Authorization": login.basic} if login is not None else {}
        query = {"service": [service] if service else [], "scope": scopes}
        url = httpx.URL(realm).copy_merge_params(query)
        return self._client.get(url, headers=headers)

    def _exchange(self, realm: str, service: str, scopes: list[str]) -> httpx.Response:
        login = self._who()
        assert login is not None
        form = {
            "grant_type": "refresh_token",
            "service": service,
            "client_id": CLIENT,
            "scope": " ".join(scopes),
            "refresh_token": login.identity_token,
        }
        return self._client.post(realm, data=form)


def _refuse_unsafe(realm: str, address: Address) -> None:
    """A password goes to no service that could be listened to."""
    parts = urlsplit(realm)
    is_safe = parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in LOOPBACK)
    if not is_safe:
        raise denied(address.host, f"a request, and names no safe token service ({realm!r})")


def _token(body: bytes) -> _Token:
    try:
        content: Any = json.loads(body)
        text = content.get("token") or content["access_token"]
        life_s = float(content.get("expires_in") or UNNAMED_LIFE_S)
    except (ValueError, KeyError, TypeError, AttributeError):
        # without the cause: it may hold the token
        raise WrongAnswer("the token service answered in another shape") from None
    return _Token(f"Bearer {text}", time.monotonic() + life_s - EARLY_S)
