"""What the suites of the services share: criteria and figures in the JUnit report, calls to an
application, command lines.

A criterion marked on a test becomes the property `ac` of its test case in the report; every other
property is a figure.
"""

import runpy
import shutil
import socket
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from functools import partial
from typing import Any, Callable, Iterator, List, Tuple

import httpx
import pytest
from anyio.from_thread import BlockingPortal, start_blocking_portal

from services.process import server
from services.web import Observed

# the shell, which is the browser without a window, needs a quarter less processor time
BROWSERS = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")


def pytest_collection_modifyitems(items: List[pytest.Item]) -> None:
    """Turn each `@pytest.mark.ac("AC-1")` into a property of the test's report."""
    for item in items:
        item.user_properties.extend(("ac", mark.args[0]) for mark in item.iter_markers("ac"))


@pytest.fixture
def figure(request: pytest.FixtureRequest) -> Callable[[str, str], None]:
    """Return a function that puts a measured figure, by name, into the report.

    pytest's own `record_property` does the same, and warns in the report family that is set here.
    """
    return lambda name, value: request.node.user_properties.append((name, value))


class Client:
    """Asks an ASGI application as a browser would: cookies are kept, redirects are not followed,
    errors are answers."""

    def __init__(self, portal: BlockingPortal, app: Any) -> None:
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        self._portal = portal
        self._client = httpx.AsyncClient(transport=transport, base_url="http://test")

    def get(self, path: str, **options: Any) -> httpx.Response:
        """Send a GET and return the answer."""
        return self._portal.call(partial(self._client.get, path, **options))

    def post(self, path: str, **options: Any) -> httpx.Response:
        """Send a POST and return the answer."""
        return self._portal.call(partial(self._client.post, path, **options))


@pytest.fixture(scope="session")
def portal() -> Iterator[BlockingPortal]:
    """Return what runs coroutines in a thread of its own, since a browser test may keep an event
    loop in this one."""
    with start_blocking_portal() as opened:
        yield opened


@pytest.fixture(scope="session")
def connect(portal: BlockingPortal) -> Callable[[Any], Client]:
    """Return a function that makes a client of an ASGI application."""
    return partial(Client, portal)


@contextmanager
def served(app: Observed) -> Iterator[str]:
    """Serve an application on a free port, as a service does; give its address."""
    running = server(app)
    running.config.log_level = "critical"
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=running.run, kwargs={"sockets": [listener]})
        thread.start()
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            running.should_exit = True
            thread.join(timeout=10)


@pytest.fixture(scope="session")
def serve() -> Iterator[Callable[[Observed], str]]:
    """Return a function that serves an application to the session's end and gives its address."""
    with ExitStack() as running:
        yield lambda app: running.enter_context(served(app))


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """Return a real browser, or skip. All suites of a session share it, since playwright allows one
    event loop a thread."""
    playwright = pytest.importorskip("playwright.sync_api", exc_type=ImportError)
    paths = [path for path in map(shutil.which, BROWSERS) if path]
    if not paths:
        pytest.skip(f"no browser on PATH: none of {', '.join(BROWSERS)}")
    with playwright.sync_playwright() as running:
        # the sandbox refuses root, as whom containers run
        launched = running.chromium.launch(executable_path=paths[0], args=["--no-sandbox"])
        yield launched
        launched.close()


@pytest.fixture
def run(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., Tuple[Any, str, str]]:
    """Return a function that gives exit code, output and error output of `python -m services.<name>
    …`, run in this process.

    It is for what ends by itself: a service that would serve fails here, since it may set signal
    handlers in the main thread only.
    """

    def command_line(name: str, *options: str) -> Tuple[Any, str, str]:
        monkeypatch.setattr(sys, "argv", [name, *options])
        with ThreadPoolExecutor(1) as thread, pytest.raises(SystemExit) as ended:
            thread.submit(runpy.run_module, f"services.{name}", run_name="__main__").result()
        return (ended.value.code, *capsys.readouterr())

    return command_line
