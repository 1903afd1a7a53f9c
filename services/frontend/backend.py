"""Talks to the price service over HTTP: asks for prices, publishes, hands on what visitors did.

An event that cannot be handed on is counted in `lost_events` and never costs a visitor anything.
"""

import ssl
from typing import Any, Dict, List, NamedTuple, Optional, Union

import httpx

ENDPOINTS = {
    "current": "/api/v1/price/current",
    "future": "/api/v1/price/future",
    "publish": "/api/v1/listings",
}
# what the page shows of an answer: one without it is none
SHOWN = {
    "current": {"value_eur", "low_eur", "high_eur"},
    "future": {"current", "years"},
    "publish": {"id"},
}
# s until an idle connection is left: the backend ends one after 5 s, and whoever asks over it in
# that moment gets no answer
IDLE_S = 2.0
ANSWER_S = 3.0  # s until the visitor is told to try again; the backend answers in under 0.1 s


class Unavailable(Exception):
    """The backend did not answer, or not as agreed."""


class Answer(NamedTuple):
    """Either a result, or the problems of a form: field name to what is wrong with it."""

    result: Dict[str, Any]
    problems: Dict[str, str]


class Backend:
    """The price service at one address."""

    def __init__(self, url: str, transport: Optional[httpx.AsyncBaseTransport] = None) -> None:
        """Prepare a client; nothing is sent yet. Raises ValueError for no HTTP URL."""
        if not url.startswith(("http://", "https://")):
            raise ValueError(
                f"the backend's address must start with http:// or https://, not {url!r}"
            )
        try:
            self._client = httpx.AsyncClient(
                base_url=url,
                timeout=ANSWER_S,
                limits=httpx.Limits(keepalive_expiry=IDLE_S),
                transport=transport,
                trust_env=False,
                verify=_authorities(url),
            )
        except httpx.InvalidURL as error:
            raise ValueError(f"the backend's address {url!r} cannot be used: {error}") from error
        self.lost_events = 0

    async def ask(self, form: str, values: Dict[str, str]) -> Answer:
        """Send a filled-in form and return the answer. Raises Unavailable."""
        try:
            response = await self._client.post(ENDPOINTS[form], json=values)
            if response.status_code == 422:
                refusals = response.json()["problems"]
                return Answer({}, {problem["field"]: _sentence(problem) for problem in refusals})
            response.raise_for_status()
            result = dict(response.json())
            missing = SHOWN[form] - set(result)
            if missing:
                raise ValueError(f"the answer lacks {', '.join(sorted(missing))}")
            return Answer(result, {})
        except (httpx.HTTPError, ValueError, KeyError, TypeError) as error:
            raise Unavailable(f"{type(error).__name__}: {error}") from error

    async def tell(self, events: List[Dict[str, str]], synthetic: bool) -> None:
        """Hand on what a visitor did; never raises for a backend that is away."""
        headers = {"X-Synthetic": "1" if synthetic else "0"}
        for event in events:
            try:
                response = await self._client.post("/api/v1/events", json=event, headers=headers)
                response.raise_for_status()
            except httpx.HTTPError:
                self.lost_events += 1

    async def close(self) -> None:
        """Close the connections."""
        await self._client.aclose()


def _authorities(url: str) -> Union[bool, ssl.SSLContext]:
    """Return whose certificates are believed: httpx's own list, or nobody's where none is asked
    for."""
    if url.startswith("https://"):
        return True
    # httpx reads its list, 2.7 MB of memory, for plain HTTP too
    return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


def _sentence(problem: Dict[str, Any]) -> str:
    return f"Please give {problem['allowed']}." if problem["allowed"] else f"{problem['message']}."
