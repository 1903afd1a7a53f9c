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


@pytest.fixture(scope="session")
def backend_app(tmp_path_factory):
    """Return the price service that all tests share."""
    return create_backend(tmp_path_factory.mktemp("state") / "carprice.sqlite3")


@pytest.fixture(scope="session")
def frontend_app(backend_app):
    """Return the web page that all tests share."""
    return create_app(Backend("http://backend", httpx.ASGITransport(backend_app)))


@pytest.fixture
def recorded(backend_app, connect):
    """Return a function that reads what the test has added to the event log."""
    client = connect(backend_app)
    last_id = client.get("/api/v1/events?limit=10000").json()["last_id"]
    return lambda: client.get(f"/api/v1/events?after_id={last_id}").json()["events"]


@pytest.fixture
def events(recorded):
    """Return a function that reads what the test has added to the event log, as (feature, action) pairs."""
    return lambda: [(each["feature"], each["action"]) for each in recorded()]


@pytest.fixture
def frontend(frontend_app, connect):
    """Return a client of the web page that is a new visitor."""
    return connect(frontend_app)


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
def window():
    """Return a page of a real browser that runs no script, or skip."""
    found = [path for path in map(shutil.which, BROWSERS) if path]
    if not found:
        pytest.skip(f"no browser on PATH: none of {', '.join(BROWSERS)}")
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=found[0], args=["--no-sandbox"])
        yield launched.new_page(java_script_enabled=False)
        launched.close()


@pytest.fixture
def page(window, site):
    """Return the site's first page as a new visitor sees it in a browser without JavaScript.

    All tests have the same window: one of its own would cost each test 0.4 s of processor time.
    """
    window.goto("about:blank")
    window.context.clear_cookies()
    window.set_viewport_size({"width": 1280, "height": 800})
    window.goto(site)
    return window
