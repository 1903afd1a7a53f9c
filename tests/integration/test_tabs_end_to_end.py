"""SCRUM-95 from end to end: each acceptance criterion proved on the running services."""

import re

import pytest

TABS = ("current", "future", "publish")


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
        answer = services.frontend.client.post(f"/{tab}", data={**car, **more[tab]}, follow_redirects=True)
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
def test_the_served_page_and_style_sheet_are_made_for_a_phone_first(services):
    assert 'name="viewport" content="width=device-width, initial-scale=1"' in services.frontend.client.get("/").text
    narrow, wide = services.frontend.client.get("/static/css/style.css").text.split("@media (min-width: 40rem)")
    assert "flex-direction: column" in narrow and "flex-direction: row" in wide


def test_a_phone_visitor_who_chooses_a_tab_is_seen_in_the_event_log(services, frontend, events):
    # that a browser asks for this address when a tab is chosen, and brings the cookie, is proved in the frontend's suite
    style = frontend.get("/static/css/style.css").text
    beacon = re.search(r'#tab-future:checked[^{]*\{\s*background-image: url\("([^"]+)"\)', style)
    phone = {"User-Agent": "Mozilla/5.0 (Linux; Android 15; Pixel 9) AppleWebKit/537.36 Chrome/140.0 Mobile Safari/537.36"}
    for path in ("/", beacon[1]):
        assert frontend.get(path, headers=phone).status_code in (200, 204)
    visitor = frontend.cookies["visitor"]
    assert events(visitor, 2) == [("future", "open"), ("page", "view")]
    recorded = services.backend.client.get("/api/v1/events?limit=10000").json()["events"]
    assert {each["device"] for each in recorded if each["visitor"] == visitor} == {"mobile"}
