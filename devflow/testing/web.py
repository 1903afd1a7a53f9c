"""A web that answers from a table, and a browser of which a test says what it pictures."""

from contextlib import contextmanager
from typing import Iterator, Mapping

from devflow.ports.web import Asked, HttpAnswer

REFUSED = HttpAnswer(status=0, body="", latency_ms=0.1, problem="connection refused")


class MemoryWeb:
    """``pages`` are by URL: a text is an answer with 200. What has none is answered with
    ``otherwise``, as if nothing listened there. ``asked`` lists method and URL of each request.

    ``program`` is the browser, and ``picture`` what it answers; without one there is none here.
    """

    def __init__(self, pages: Mapping[str, str | HttpAnswer] | None = None) -> None:
        self.pages: dict[str, str | HttpAnswer] = dict(pages or {})
        self.otherwise = REFUSED
        self.asked: list[tuple[str, str]] = []
        self.program = ""
        self.picture: bytes | None = None

    def get(self, url: str, *, timeout_s: float = 5.0) -> HttpAnswer:
        return self.request("GET", url, timeout_s=timeout_s)

    def request(
        self, method: str, url: str, body: str = "", *, timeout_s: float = 5.0
    ) -> HttpAnswer:
        self.asked.append((method, url))
        page = self.pages.get(url, self.otherwise)
        return page if isinstance(page, HttpAnswer) else HttpAnswer(200, page, latency_ms=1.0)

    @contextmanager
    def load(
        self, site: str, paths: tuple[str, ...], *, at_once: int, rate_per_s: float
    ) -> Iterator["OnceEach"]:
        """Each path is asked once, whatever ``at_once`` and ``rate_per_s`` say."""
        yield OnceEach(tuple(self.get(f"{site}{path}").status for path in paths))

    def browser(self) -> str:
        return self.program

    def screenshots(self, url: str, *sizes_px: tuple[int, int]) -> tuple[bytes, ...]:
        if not self.program or self.picture is None:
            return ()
        return (self.picture,) * len(sizes_px)


class OnceEach:
    """A load of one request a path, all begun in the same moment."""

    def __init__(self, statuses: tuple[int, ...]) -> None:
        self._statuses = statuses

    def asked(self) -> tuple[Asked, ...]:
        return tuple(Asked(begun_s=0.0, status=status) for status in self._statuses)
