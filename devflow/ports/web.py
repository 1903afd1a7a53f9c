"""What steps may ask of a URL, and of a browser.

Only reading: a probe that gets no answer says so in its value and never raises.
"""

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


class Web(Protocol):
    """The whole port is its reading half."""

    def get(self, url: str, *, timeout_s: float = 5.0) -> HttpAnswer:
        """GETs a URL without following redirects to another host. 5 s: five times a slow page's
        target."""
        ...

    def browser(self) -> str:
        """The headless browser that would take a picture, empty where there is none on this
        machine."""
        ...

    def screenshot(self, url: str, width_px: int, height_px: int) -> bytes | None:
        """A PNG of a page in a headless browser, ``None`` where there is no browser on this
        machine."""
        ...
