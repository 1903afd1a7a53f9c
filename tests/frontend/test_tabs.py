"""The tabs: three, made by radio buttons and the style sheet alone, each with its own address."""

import pytest

TABS = ("current", "future", "publish")


@pytest.mark.ac("AC-1")
def test_tabbed_interface(frontend, parse):
    page = parse(frontend.get("/"))
    choices = page.find("input", type="radio", name="tab")
    assert [choice["id"] for choice in choices] == [f"tab-{tab}" for tab in TABS]
    titles = [page.find("label", for_=choice["id"])[0]["text"] for choice in choices]
    assert len(set(titles)) == 3
    panels = [panel["id"] for panel in page.find("section", class_="panel")]
    assert panels == [f"panel-{tab}" for tab in TABS]


@pytest.mark.ac("AC-2")
def test_the_tabs_need_nothing_but_css(frontend, parse, declared):
    answer = frontend.get("/")
    assert not parse(answer).find("script")
    assert "script-src 'none'" in answer.headers["Content-Security-Policy"]
    assert declared(".tabs .panel", "display") == "none"
    for tab in TABS:
        assert declared(f"#tab-{tab}:checked ~ #panel-{tab}", "display") == "block"


@pytest.mark.ac("AC-3")
def test_responsive_design(frontend, parse, declared):
    viewport = parse(frontend.get("/")).find("meta", name="viewport")
    assert viewport[0]["content"] == "width=device-width, initial-scale=1"
    assert declared(".tab-bar", "flex-direction") == "column"
    assert declared(".tab-bar", "flex-direction", "(min-width: 40rem)") == "row"
    # 2.75rem are 44 px, the target size that WCAG 2.2 AAA asks for
    assert declared(".tab", "min-height") == "2.75rem"


def checked(page):
    """Return the ids of the radio buttons that a page comes with as checked."""
    return [each["id"] for each in page.find("input", type="radio") if "checked" in each]


@pytest.mark.parametrize("tab", TABS)
def test_a_tab_has_its_own_address(frontend, parse, tab):
    assert checked(parse(frontend.get(f"/{tab}"))) == [f"tab-{tab}"]


@pytest.mark.parametrize("tab", TABS)
def test_an_answer_comes_back_on_its_own_tab(frontend, parse, tab):
    assert checked(parse(frontend.post(f"/{tab}"))) == [f"tab-{tab}"]


def test_choosing_a_tab_is_noticed_by_a_beacon(frontend, declared, events):
    chosen = '#tab-{0}:checked:not([checked]) ~ .tab-bar [for="tab-{0}"]'
    beacons = [declared(chosen.format(tab), "background-image") for tab in TABS]
    assert beacons == [f'url("/beacon/{tab}")' for tab in TABS]
    frontend.get("/")
    for tab in TABS:
        answer = frontend.get(f"/beacon/{tab}")
        assert (answer.status_code, answer.headers["cache-control"]) == (204, "no-store")
    assert events() == [("page", "view")] + [(tab, "open") for tab in TABS]


def test_a_beacon_of_no_tab_or_of_nobody_is_not_recorded(frontend, events):
    assert frontend.get("/beacon/other").status_code == 404
    assert frontend.get("/beacon/future").status_code == 204
    assert events() == []


@pytest.mark.ac("AC-1")
@pytest.mark.ac("AC-2")
def test_in_a_browser_without_javascript_each_tab_shows_its_panel_only(page, site):
    addresses = []
    page.on("request", lambda request: addresses.append(request.url))
    page.reload()
    visitor = page.context.cookies()[0]["value"]
    assert visible(page) == ["current"]
    for tab in ("future", "publish"):
        with page.expect_request(f"**/beacon/{tab}") as beacon:
            page.locator(f"label[for=tab-{tab}]").click()
        assert beacon.value.all_headers()["cookie"] == f"visitor={visitor}"
        assert visible(page) == [tab]
    assert f"{site}/beacon/current" not in addresses


def visible(page):
    """Return the tabs whose panels a browser shows."""
    return [tab for tab in TABS if page.locator(f"#panel-{tab}").is_visible()]


def test_in_a_browser_the_arrow_keys_move_between_tabs(page):
    page.locator("#tab-current").focus()
    page.keyboard.press("ArrowRight")
    assert visible(page) == ["future"]
    label = page.locator("label[for=tab-future]")
    outline = label.evaluate("element => getComputedStyle(element).outlineStyle")
    assert outline == "solid"


@pytest.mark.ac("AC-3")
@pytest.mark.parametrize("width, stacked", [(320, True), (390, True), (820, False), (1280, False)])
def test_in_a_browser_the_tabs_stack_on_a_phone_and_stand_in_a_row_beyond(page, width, stacked):
    page.set_viewport_size({"width": width, "height": 800})
    boxes = [page.locator(f"label[for=tab-{tab}]").bounding_box() for tab in TABS]
    overflow = page.evaluate("document.documentElement.scrollWidth") > width
    assert (len({box["x"] for box in boxes}) == 1) is stacked
    assert (len({box["y"] for box in boxes}) == 1) is not stacked
    assert not overflow
    assert min(box["height"] for box in boxes) >= 44
