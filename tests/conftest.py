"""What the suites of the services share: acceptance criteria in the JUnit report, and calls to an ASGI application.

A criterion marked on a test becomes the property `ac` of its test case in the report.
"""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Callable, Coroutine, List

import httpx
import pytest


def pytest_collection_modifyitems(items: List[pytest.Item]) -> None:
    """Turn each `@pytest.mark.ac("AC-1")` into a property of the test's report."""
    for item in items:
        item.user_properties.extend(("ac", mark.args[0]) for mark in item.iter_markers("ac"))


class Client:
    """Asks an ASGI application as a browser would: cookies are kept, redirects are not followed, errors are answers."""

    def __init__(self, app: Any, **headers: str) -> None:
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        self._client = httpx.AsyncClient(transport=transport, base_url="http://test", headers=headers)

    def get(self, path: str, **options: Any) -> httpx.Response:
        """Send a GET and return the answer."""
        return _finish(self._client.get(path, **options))

    def post(self, path: str, **options: Any) -> httpx.Response:
        """Send a POST and return the answer."""
        return _finish(self._client.post(path, **options))


def _finish(call: Coroutine[Any, Any, httpx.Response]) -> httpx.Response:
    # in a thread of its own, since a browser test may keep an event loop in this one
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, call).result()


@pytest.fixture
def connect() -> Callable[..., Client]:
    """Return a function that makes a client of an ASGI application."""
    return Client
