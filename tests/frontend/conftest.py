"""The web page in front of a real price service, both in this process; and a real browser where there is one."""

import shutil
import socket
import threading
from html.parser import HTMLParser

import httpx
import pytest
import uvicorn
from playwright.sync_api import sync_playwright

from services.backend.app import create_app as create_backend
from services.frontend.app import create_app
from services.frontend.backend import Backend

VOID = {"input", "link", "meta", "br", "hr", "img"}
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
CAR = {
    "segment": "compact",
    "fuel": "petrol",
    "gearbox": "manual",
    "age_years": "5",
    "mileage_km": "60000",
    "power_kw": "95",
}
FILLED_IN = {
    "current": CAR,
    "future": {**CAR, "years": "3", "annual_km": "15000"},
    "publish": {**CAR, "title": "Well-kept <compact>", "asking_price_eur": "12500"},
}


class Page(HTMLParser):
    """A parsed page: its elements in order, each with its tag, attributes and text; unclosed tags are an error."""

    def __init__(self, html):
        super().__init__()
        self.elements, self._open = [], []
        self.feed(html)
        self.close()
        assert not self._open, f"never closed: {[element['tag'] for element in self._open]}"

    def handle_starttag(self, tag, attrs):
        element = {"tag": tag, "text": "", **dict(attrs)}
        self.elements.append(element)
        if tag not in VOID:
            self._open.append(element)

    def handle_endtag(self, tag):
        assert self._open.pop()["tag"] == tag, f"</{tag}> closes something else"

    def handle_data(self, data):
        for element in self._open:
            element["text"] += data

    def find(self, tag, **attributes):
        """Return the elements with these attributes; a trailing underscore spells a Python keyword."""
        wanted = {name.rstrip("_"): value for name, value in attributes.items()}
        return [each for each in self.elements if each["tag"] == tag and wanted.items() <= each.items()]


@pytest.fixture
def parse():
    """Return the parser of an answer's page."""
    return lambda answer: Page(answer.text)


@pytest.fixture
def filled_in():
    """Return a valid filling for each form."""
    return FILLED_IN


@pytest.fixture
def backend_app(tmp_path):
    """Return a price service on a fresh database."""
    return create_backend(tmp_path / "carprice.sqlite3")


@pytest.fixture
def events(backend_app, connect):
    """Return a function that reads the event log as (feature, action) pairs."""
    client = connect(backend_app)
    return lambda: [(each["feature"], each["action"]) for each in client.get("/api/v1/events").json()["events"]]


@pytest.fixture
def frontend(backend_app, connect):
    """Return a client of the web page."""
    return connect(create_app(Backend("http://backend", httpx.ASGITransport(backend_app))))


@pytest.fixture
def frontend_alone(connect):
    """Return a client of a web page whose backend cannot be reached."""

    def refuse(request):
        raise httpx.ConnectError("connection refused", request=request)

    return connect(create_app(Backend("http://backend", httpx.MockTransport(refuse))))


@pytest.fixture
def style(frontend):
    """Return the style sheet's text."""
    return frontend.get("/static/css/style.css").text


@pytest.fixture(scope="session")
def site(tmp_path_factory):
    """Serve the page on a free port; return its address."""
    backend = httpx.ASGITransport(create_backend(tmp_path_factory.mktemp("site") / "carprice.sqlite3"))
    server = uvicorn.Server(uvicorn.Config(create_app(Backend("http://backend", backend)), log_level="warning"))
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        server.should_exit = True
        thread.join(timeout=10)


@pytest.fixture(scope="session")
def browser():
    """Return a real browser, or skip."""
    found = [path for path in map(shutil.which, BROWSERS) if path]
    if not found:
        pytest.skip(f"no browser on PATH: none of {', '.join(BROWSERS)}")
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=found[0], args=["--no-sandbox"])
        yield launched
        launched.close()
