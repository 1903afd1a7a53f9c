"""SCRUM-95 from end to end: each acceptance criterion proved on the running services."""

import re

import pytest
from readers import read_style

TABS = ("current", "future", "publish")
PHONE = (
    "Mozilla/5.0 (Linux; Android 15; Pixel 9) AppleWebKit/537.36 Chrome/140.0 Mobile Safari/537.36"
)


@pytest.mark.ac("AC-1")
def test_three_distinct_tabs_each_lead_to_their_own_answer(services, car):
    more = {
        "current": {},
        "future": {"years": "2", "annual_km": "9000"},
        "publish": {"title": "Tab", "asking_price_eur": "900"},
    }
    page = services.frontend.client.get("/").text
    assert re.findall(r'type="radio" name="tab" id="tab-(\w+)"', page) == list(TABS)
    for tab in TABS:
        values = {**car, **more[tab]}
        answer = services.frontend.client.post(f"/{tab}", data=values, follow_redirects=True)
        assert answer.status_code == 200
        assert re.findall(r'id="tab-(\w+)" autocomplete="off" checked', answer.text) == [tab]
        assert len(re.findall('class="result"', answer.text)) == 1


@pytest.mark.ac("AC-2")
def test_no_script_is_served_and_none_is_allowed(services):
    for path in ("/", *(f"/{tab}" for tab in TABS), "/nothing"):
        answer = services.frontend.client.get(path)
        assert "<script" not in answer.text
        assert "script-src 'none'" in answer.headers["Content-Security-Policy"]
    assert ":checked" in services.frontend.client.get("/static/css/style.css").text


@pytest.mark.ac("AC-3")
def test_the_served_page_is_made_for_a_phone_first(services):
    page = services.frontend.client.get("/").text
    assert 'name="viewport" content="width=device-width, initial-scale=1"' in page
    (path,) = re.findall('rel="stylesheet" href="([^"]+)"', page)
    rules = read_style(services.frontend.client.get(path).text)
    # what a phone needs stands outside of any condition, and only wider windows have conditions
    widths = {condition for condition, _, _ in rules if "width" in condition}
    assert widths == {"(min-width: 40rem)"}


@pytest.mark.ac("AC-1")
@pytest.mark.ac("AC-2")
@pytest.mark.ac("AC-3")
def test_a_phone_without_javascript_gets_an_answer_on_each_of_the_three_tabs(services, phone, car):
    more = {"future": {"years": "2"}, "publish": {"title": "By phone", "asking_price_eur": "900"}}
    answers = {
        "current": "today, most likely",
        "future": "Value over the coming years",
        "publish": "published as listing number",
    }
    phone.goto(services.frontend.url)
    for tab in TABS:
        phone.tap(f"label[for=tab-{tab}]")
        assert [each for each in TABS if phone.locator(f"#panel-{each}").is_visible()] == [tab]
        for name, value in {**car, **more.get(tab, {})}.items():
            fill = phone.select_option if name in ("segment", "fuel", "gearbox") else phone.fill
            fill(f"#{tab}-{name}", value)
        with phone.expect_navigation():
            phone.tap(f"#panel-{tab} button")
        assert answers[tab] in phone.locator("[role=status]").inner_text()
        assert phone.evaluate("document.documentElement.scrollWidth") <= 390


def test_a_phone_visitor_who_chooses_a_tab_is_seen_in_the_event_log(services, frontend, events):
    # that a browser asks for this address when a tab is chosen, and brings the cookie, is proved in
    # the frontend's suite
    beacon = re.search(r'url\("(/beacon/future)"\)', frontend.get("/static/css/style.css").text)
    for path in ("/", beacon[1]):
        assert frontend.get(path, headers={"User-Agent": PHONE}).status_code in (200, 204)
    visitor = frontend.cookies["visitor"]
    assert events(visitor, 2) == [("future", "open"), ("page", "view")]
    recorded = services.backend.client.get("/api/v1/events?limit=10000").json()["events"]
    assert {each["device"] for each in recorded if each["visitor"] == visitor} == {"mobile"}
