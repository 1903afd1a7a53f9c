"""URLs, asked with httpx, and pages as a browser shows them.

A probe opens a new connection each time: a kept one would go on talking to the version that served
when it was opened.
"""

import shutil
import sys
import tempfile
import time
from contextlib import AbstractContextManager
from functools import cached_property
from pathlib import Path
from typing import Final

import httpx

from devflow.adapters.http.load import under_load
from devflow.adapters.machine.captured import NO_SECRETS, Captured
from devflow.adapters.machine.children import Processes, environment
from devflow.model.bounds.places import LOOPBACK
from devflow.ports.web import HttpAnswer, Load

# bytes of a body that are read; pages and OpenAPI texts are far smaller
MOST_BYTES: Final = 8 * 1024 * 1024
MOST_HOPS: Final = 5  # redirects on the same host
# the shell, which is the browser without a window, needs a quarter less processor time
BROWSERS: Final = (
    "chromium-headless-shell",
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
)
SHOTS_S: Final = 120.0  # s; three pictures take 3 s on 2 cores
_CAMERA: Final = Path(__file__).with_name("camera.py")


class HttpWeb:
    """The whole port; ``processes`` runs the browser, so that a signal ends it too."""

    def __init__(self, processes: Processes) -> None:
        self._processes = processes

    def get(self, url: str, *, timeout_s: float = 5.0) -> HttpAnswer:
        """GETs a URL without following redirects to another host.

        No answer within ``timeout_s`` is status 0.
        """
        return self._answer("GET", url, "", timeout_s)

    def request(
        self, method: str, url: str, body: str = "", *, timeout_s: float = 5.0
    ) -> HttpAnswer:
        """Any method, with a JSON body."""
        return self._answer(method, url, body, timeout_s)

    def load(
        self, site: str, paths: tuple[str, ...], *, at_once: int, rate_per_s: float
    ) -> AbstractContextManager[Load]:
        """GETs the paths of a site while a block runs."""
        return under_load(site, paths, at_once, rate_per_s)

    def _answer(self, method: str, url: str, body: str, timeout_s: float) -> HttpAnswer:
        start = time.monotonic()
        headers = {"content-type": "application/json"} if body else {}
        try:
            request = httpx.Request(method, url, content=body, headers=headers)
            return self._ask(request, start, start + timeout_s)
        except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
            latency_ms = (time.monotonic() - start) * 1000
            problem = str(error) or type(error).__name__
            return HttpAnswer(status=0, body="", latency_ms=latency_ms, problem=problem)

    def browser(self) -> str:
        """The browser's path, empty where there is none."""
        return next(filter(None, map(shutil.which, BROWSERS)), "")

    def screenshots(self, url: str, *sizes_px: tuple[int, int]) -> tuple[bytes, ...]:
        """A PNG of a page for each width and height, of one browser.

        None at all without a browser, or where the page does not answer.
        """
        named = tuple(f"{width_px}x{height_px}" for width_px, height_px in sizes_px)
        with tempfile.TemporaryDirectory(prefix="devflow-picture-") as name:
            folder = Path(name)
            argv = (sys.executable, "-P", str(_CAMERA), self.browser(), url, name, *named)
            output = Captured(NO_SECRETS, None, None)
            ended = self._processes.run(argv, folder, environment({}), SHOTS_S, output)
            if ended.code != 0:
                return ()
            return tuple((folder / f"{size}.png").read_bytes() for size in named)

    def _ask(self, request: httpx.Request, start: float, deadline: float) -> HttpAnswer:
        host = request.url.host
        for _ in range(MOST_HOPS):
            client = self._loopback if request.url.host in LOOPBACK else self._outside
            left_s = max(0.001, deadline - time.monotonic())
            request.extensions["timeout"] = httpx.Timeout(left_s).as_dict()
            response = client.send(request, stream=True)
            try:
                body = _body(response, deadline)
            finally:
                response.close()
            following = response.next_request
            if following is None or following.url.host != host:
                break
            request = following
        return HttpAnswer(
            status=response.status_code,
            body=body.decode(response.encoding or "utf-8", "replace"),
            latency_ms=(time.monotonic() - start) * 1000,
            headers=dict(response.headers),
        )

    @cached_property
    def _loopback(self) -> httpx.Client:
        # a proxy of the surroundings has no way to this machine's loopback
        return httpx.Client(limits=_NEW_EACH, trust_env=False)

    @cached_property
    def _outside(self) -> httpx.Client:
        return httpx.Client(limits=_NEW_EACH)


_NEW_EACH: Final = httpx.Limits(max_keepalive_connections=0)


def _body(response: httpx.Response, deadline: float) -> bytes:
    """The body up to ``MOST_BYTES``. Raises ``ReadTimeout`` past the deadline."""
    body = bytearray()
    # httpx allows each read its whole time anew
    for chunk in response.iter_bytes():
        body += chunk
        if time.monotonic() > deadline:
            raise httpx.ReadTimeout("the answer did not end in time")
        if len(body) > MOST_BYTES:
            break
    return bytes(body[:MOST_BYTES])
