"""The web page in front of a real price service, both in this process; and a real browser where
there is one."""

from itertools import chain

import httpx
import pytest
import tinycss2
from axe_playwright_python.base import AXE_SCRIPT, AxeResults
from readers import Page, read_style

from services.backend.app import create_app as create_backend
from services.docs.app import create_app as create_docs
from services.frontend.app import create_app
from services.frontend.backend import Backend
from tests.frontend.walk import Walk, choose, use

ALL = {"resultTypes": ["violations"]}
CONTRAST = {**ALL, "runOnly": ["color-contrast"]}
RUN = "options => axe.run(options).then(({violations}) => ({violations}))"
# px; common ones of each kind
SIZES = {
    "mobile": {"width": 390, "height": 844},
    "tablet": {"width": 820, "height": 1180},
    "desktop": {"width": 1280, "height": 800},
}
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
# past the browser's own validation, which would keep what is wrong from being sent
SEND = """([form, values]) => {
    const sent = document.querySelector(`form[action="/${form}"]`);
    for (const [name, value] of Object.entries(values)) sent.elements[name].value = value;
    sent.submit();
}"""


def pytest_generate_tests(metafunc):
    """Run whatever asks for `every_state` once for each state of the page."""
    if "every_state" in metafunc.fixturenames:
        metafunc.parametrize("every_state", STATES)


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
    """Return a function that reads the test's own part of the event log as pairs."""
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


@pytest.fixture
def declared(style):
    """Return a function that gives what the style sheet says of a selector's property, None where
    it says nothing."""

    def value(selector, name, condition=""):
        text = None
        for rule_condition, rule_selector, declarations in read_style(style):
            if (rule_condition, rule_selector) == (condition, selector):
                for each in declarations:
                    # a later declaration wins
                    if each.name == name:
                        text = tinycss2.serialize(each.value).strip()
        return text

    return value


@pytest.fixture(scope="session")
def docs_app():
    """Return the project's own documentation, which all tests share: to build it costs 1 s."""
    return create_docs()


@pytest.fixture(scope="session")
def sites(serve, tmp_path_factory, docs_app):
    """Serve the page with its backend well, away and failing, and the documentation; return their
    addresses by name."""
    database = tmp_path_factory.mktemp("site") / "carprice.sqlite3"
    transport = httpx.ASGITransport(create_backend(database))
    apps = {
        "well": create_app(Backend("http://backend", transport)),
        "alone": behind(refuse),
        "failing": behind(surprise),
        "docs": docs_app,
    }
    return {name: serve(app) for name, app in apps.items()}


@pytest.fixture(scope="session")
def site(sites):
    """Return the address of the page whose backend is well."""
    return sites["well"]


@pytest.fixture(scope="session")
def window(browser):
    """Return the tests' one window, which runs no script; one each would cost 0.4 s of a core."""
    opened = browser.new_page(java_script_enabled=False)
    opened.set_default_timeout(10_000)  # ms; what takes so long never comes
    return opened


@pytest.fixture(scope="session")
def scripted(browser):
    """Return the tests' other window: it would run script, if a page had any and its policy allowed
    it. Its size is a phone's."""
    opened = browser.new_page(viewport=SIZES["mobile"])
    opened.set_default_timeout(10_000)  # ms
    return opened


@pytest.fixture(scope="session")
def resize():
    """Return a function that gives a window one of the SIZES, by name."""
    return lambda window, size: window.set_viewport_size(SIZES[size])


@pytest.fixture
def page(window, site, resize):
    """Return the site's first page as a new visitor sees it on a desktop."""
    # from page to page of one host the browser keeps its process: a blank one in between, or a
    # window of its own, would cost 0.4 s of a core
    window.context.clear_cookies()
    resize(window, "desktop")
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


@pytest.fixture(scope="session")
def axe(scripted):
    """Return a function that gives what axe-core finds wrong in the window: all its rules, and the
    contrast in the dark."""

    def violations():
        # 500 kB, and so once for each page
        if not scripted.evaluate("'axe' in window"):
            scripted.evaluate(AXE_SCRIPT)
        scripted.emulate_media(color_scheme="light")
        results = [AxeResults(scripted.evaluate(RUN, ALL))]
        scripted.emulate_media(color_scheme="dark")
        results.append(AxeResults(scripted.evaluate(RUN, CONTRAST)))
        # "null" is playwright's word for the browser's own setting
        scripted.emulate_media(color_scheme="null")
        return [result.generate_report() for result in results if result.violations_count]

    return violations


@pytest.fixture(scope="session")
def walk(scripted, axe, sites, resize, reach):
    """Return the finished walk."""
    style = read_style(httpx.get(f"{sites['well']}/static/css/style.css", trust_env=False).text)
    # in a window that may run script, as axe-core has to: no page has any, as its own test proves
    walked = Walk(scripted, [(condition, selector) for condition, selector, _ in style])
    for state in STATES:
        resize(scripted, "mobile")
        reach(scripted, state)
        walked.hear(state, axe)
        for size in SIZES:
            resize(scripted, size)
            walked.see(size, state)
    reach(scripted, "first")
    for _ in chain(use(scripted), choose(scripted)):
        walked.look()
    scripted.emulate_media(forced_colors="active")
    reach(scripted, "published")
    for _ in choose(scripted):
        walked.look()
    scripted.emulate_media(forced_colors="null")
    walked.end()
    return walked
