"""The web page in front of a real price service, both in this process; and a real browser where there is one."""

import shutil
import socket
import threading
from contextlib import ExitStack, contextmanager
from html.parser import HTMLParser
from itertools import groupby

import httpx
import pytest
import tinycss2
import uvicorn
from playwright.sync_api import sync_playwright

from services.backend.app import create_app as create_backend
from services.docs.app import create_app as create_docs
from services.frontend.app import create_app
from services.frontend.backend import Backend

VOID = {"input", "link", "meta", "br", "hr", "img"}
SIZES = {"mobile": (390, 844), "tablet": (820, 1180), "desktop": (1280, 800)}  # px; common ones of each kind
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


# what a page can come to: the form that is sent (or none), what is typed, and behind which site
REFUSED = {**FILLED_IN["publish"], "age_years": "99", "title": ""}
STATES = {
    "first": ("", {}, "well"),
    "refused": ("publish", REFUSED, "well"),
    "current": ("current", CAR, "well"),
    "future": ("future", FILLED_IN["future"], "well"),
    "published": ("publish", FILLED_IN["publish"], "well"),
    "away": ("publish", FILLED_IN["publish"], "alone"),
    "our fault": ("current", CAR, "failing"),
    "not found": ("nothing", None, "well"),
}
SEND = """([form, values]) => {
    const sent = document.querySelector(`form[action="/${form}"]`);
    for (const [name, value] of Object.entries(values)) sent.elements[name].value = value;
    sent.submit();
}"""  # past the browser's own validation, which would keep what is wrong from being sent


def pytest_generate_tests(metafunc):
    """Run whatever asks for `every_state` once for each state of the page."""
    if "every_state" in metafunc.fixturenames:
        metafunc.parametrize("every_state", STATES)


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

    def handle_startendtag(self, tag, attrs):
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.handle_endtag(tag)

    def handle_endtag(self, tag):
        assert self._open.pop()["tag"] == tag, f"</{tag}> closes something else"

    def handle_data(self, data):
        for element in self._open:
            element["text"] += data

    def find(self, tag, **attributes):
        """Return the elements with these attributes; a trailing underscore spells a Python keyword."""
        wanted = {name.rstrip("_"): value for name, value in attributes.items()}
        return [each for each in self.elements if each["tag"] == tag and wanted.items() <= each.items()]


def styled(rules, condition=""):
    """Yield (media condition, selector, declarations) of every rule; whatever the parser refuses fails the test."""
    for rule in rules:
        broken = [token for token in [rule, *getattr(rule, "prelude", [])] if token.type == "error"]
        assert not broken, f"line {broken[0].source_line}: {broken[0].message}"
        if rule.type == "qualified-rule":
            declarations = tinycss2.parse_blocks_contents(rule.content, skip_comments=True, skip_whitespace=True)
            for each in declarations:
                assert each.type == "declaration", f"line {each.source_line}: {getattr(each, 'message', each.type)}"
            for comma, tokens in groupby(rule.prelude, lambda token: token == ","):
                if not comma:
                    yield condition, tinycss2.serialize(tokens).strip(), declarations
        elif rule.lower_at_keyword == "media":
            inner = tinycss2.parse_rule_list(rule.content, skip_comments=True, skip_whitespace=True)
            yield from styled(inner, tinycss2.serialize(rule.prelude).strip())
        else:
            assert rule.lower_at_keyword == "keyframes", f"line {rule.source_line}: @{rule.lower_at_keyword}"


@pytest.fixture
def parse():
    """Return the parser of an answer's page."""
    return lambda answer: Page(answer.text)


@pytest.fixture(scope="session")
def sizes():
    """Return the names of the window's sizes."""
    return list(SIZES)


@pytest.fixture(scope="session")
def states():
    """Return the names of the page's states."""
    return list(STATES)


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


def refuse(request):
    """Answer for a backend that cannot be reached."""
    raise httpx.ConnectError("connection refused", request=request)


def surprise(_):
    """Answer in a way that nobody has foreseen."""
    raise RuntimeError("a secret detail")


def behind(answer):
    """Return the web page in front of a backend that is nothing but this function."""
    return create_app(Backend("http://backend", httpx.MockTransport(answer)))


@pytest.fixture
def frontend_alone(connect):
    """Return a client of a web page whose backend cannot be reached."""
    return connect(behind(refuse))


@pytest.fixture
def frontend_failing(connect):
    """Return a client of a web page that fails where it asks its backend."""
    return connect(behind(surprise))


@pytest.fixture
def style(frontend):
    """Return the style sheet's text."""
    return frontend.get("/static/css/style.css").text


@pytest.fixture(scope="session")
def parse_style():
    """Return the parser of a style sheet: its rules as (media condition, selector, declarations)."""
    return lambda text: list(styled(tinycss2.parse_stylesheet(text, skip_comments=True, skip_whitespace=True)))


@pytest.fixture
def declared(style, parse_style):
    """Return a function that gives what the style sheet says of a selector's property, None where it says nothing."""

    def value(selector, name, condition=""):
        said = {(where, which, each.name): each.value for where, which, body in parse_style(style) for each in body}
        found = said.get((condition, selector, name))
        return found and tinycss2.serialize(found).strip()

    return value


@contextmanager
def served(app):
    """Serve an application on a free port; give its address."""
    server = uvicorn.Server(uvicorn.Config(app, log_level="critical"))
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join(timeout=10)


@pytest.fixture(scope="session")
def sites(tmp_path_factory):
    """Serve the page with its backend well, away and failing, and the documentation; return their addresses by name."""
    backend = httpx.ASGITransport(create_backend(tmp_path_factory.mktemp("site") / "carprice.sqlite3"))
    apps = {
        "well": create_app(Backend("http://backend", backend)),
        "alone": behind(refuse),
        "failing": behind(surprise),
        "docs": create_docs(),
    }
    with ExitStack() as running:
        yield {name: running.enter_context(served(app)) for name, app in apps.items()}


@pytest.fixture(scope="session")
def site(sites):
    """Return the address of the page whose backend is well."""
    return sites["well"]


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


@pytest.fixture(scope="session")
def window(browser):
    """Return the one window of the tests, which runs no script; one each would cost 0.4 s of processor time."""
    opened = browser.new_page(java_script_enabled=False)
    opened.set_default_timeout(10_000)  # ms; what takes so long never comes
    return opened


@pytest.fixture(scope="session")
def resize(window):
    """Return a function that gives the window one of the SIZES, by name."""
    return lambda size: window.set_viewport_size(dict(zip(("width", "height"), SIZES[size])))


@pytest.fixture
def page(window, site, resize):
    """Return the site's first page as a new visitor sees it on a desktop."""
    window.goto("about:blank")
    window.context.clear_cookies()
    resize("desktop")
    window.goto(site)
    return window


@pytest.fixture(scope="session")
def reach(sites):
    """Return a function that brings a window to a state of the page, by its name in STATES."""

    def bring(window, state):
        form, values, site = STATES[state]
        window.goto(f"{sites[site]}/{form if values is None else ''}")
        if values:
            with window.expect_navigation():
                window.evaluate(SEND, [form, values])

    return bring
