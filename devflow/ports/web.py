"""What steps may ask of a URL, and of a browser.

Only reading: a probe that gets no answer says so in its value and never raises.
"""

from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Mapping, Protocol


@dataclass(frozen=True)
class HttpAnswer:
    """An HTTP answer; ``status`` 0 means that none came, and ``problem`` says why."""

    status: int
    body: str
    latency_ms: float
    headers: Mapping[str, str] = field(default_factory=dict)
    problem: str = ""


@dataclass(frozen=True)
class Asked:
    """One request of a load: when it was begun (monotonic seconds), and its status, 0 without an
    answer."""

    begun_s: float
    status: int


class Load(Protocol):
    """Requests that are sent while a block runs."""

    def asked(self) -> tuple[Asked, ...]:
        """Those that have ended."""
        ...


class Web(Protocol):
    """The whole port is its reading half, but for ``request``, which is for a container of one's
    own."""

    def request(
        self, method: str, url: str, body: str = "", *, timeout_s: float = 5.0
    ) -> HttpAnswer:
        """Any method, with a JSON body; as ``get`` otherwise."""
        ...

    def load(
        self, site: str, paths: tuple[str, ...], *, at_once: int, rate_per_s: float
    ) -> AbstractContextManager[Load]:
        """GETs the paths of a site in turn while a block runs, ``at_once`` at a time and no more
        than ``rate_per_s``, on new and on kept connections alike; what was begun is waited for at
        its end."""
        ...

    def get(self, url: str, *, timeout_s: float = 5.0) -> HttpAnswer:
        """GETs a URL without following redirects to another host. 5 s: five times a slow page's
        target."""
        ...

    def browser(self) -> str:
        """The headless browser that would take a picture, empty where there is none on this
        machine."""
        ...

    def screenshots(self, url: str, *sizes_px: tuple[int, int]) -> tuple[bytes, ...]:
        """A PNG of a page in a headless browser for each width and height, in their order; none at
        all where there is no browser on this machine, or the page does not answer."""
        ...
