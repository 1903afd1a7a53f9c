"""Whoever cannot see, point or tell colours apart uses the page too: axe-core's verdict on every
state, focus, keyboard."""

import pytest
from axe_playwright_python.base import AxeResults
from axe_playwright_python.sync_playwright import Axe

from services.frontend.app import FIELDS

ALL = {"resultTypes": ["violations"]}
CONTRAST = {**ALL, "runOnly": ["color-contrast"]}
RUN = "options => axe.run(options).then(({violations}) => ({violations}))"


@pytest.fixture
def axe(scripted):
    """Return a function that gives what axe-core finds wrong in the window: all its rules, and the
    contrast in the dark."""

    def violations():
        # 500 kB, and so once for each page
        if not scripted.evaluate("'axe' in window"):
            scripted.evaluate(Axe().axe_script)
        scripted.emulate_media(color_scheme="light")
        results = [AxeResults(scripted.evaluate(RUN, ALL))]
        scripted.emulate_media(color_scheme="dark")
        results.append(AxeResults(scripted.evaluate(RUN, CONTRAST)))
        return [result.generate_report() for result in results if result.violations_count]

    return violations


def test_axe_finds_nothing_wrong_with(scripted, axe, reach, every_state):
    reach(scripted, every_state)
    assert axe() == []


def test_axe_finds_nothing_wrong_with_any_tab(scripted, axe, site):
    scripted.goto(site)
    tabs = scripted.locator("label[for^=tab-]")
    for number in range(tabs.count()):
        tabs.nth(number).click()
        assert axe() == []


@pytest.mark.parametrize("path", ["index.html", "api.html", "nothing"])
def test_axe_finds_nothing_wrong_with_the_documentation(scripted, axe, sites, path):
    scripted.goto(f"{sites['docs']}/{path}")
    assert axe() == []
    assert scripted.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_axe_does_find_what_is_wrong(scripted, axe, site):
    scripted.goto(site)
    scripted.evaluate("document.querySelector('[name=age_years]').labels[0].remove()")
    assert "label" in axe()[0]


@pytest.mark.parametrize(
    "state, words",
    [("refused", "2 fields need another look"), ("away", "does not answer at the moment")],
)
def test_what_went_wrong_has_the_focus_is_announced_and_is_in_the_title(
    window, reach, state, words
):
    reach(window, state)
    focused = window.locator(":focus")
    assert focused.get_attribute("role") == "alert"
    assert words in focused.inner_text()
    assert window.title().startswith("Error: ")


def test_an_answer_has_the_focus_and_is_announced(window, reach):
    reach(window, "current")
    assert window.locator(":focus").get_attribute("role") == "status"
    assert "today, most likely" in window.locator(":focus").inner_text()


def test_each_problem_links_to_its_field_which_says_it_too(window, reach):
    reach(window, "refused")
    links = window.locator("[role=alert] a")
    title = window.locator("#publish-title-hint").inner_text()
    age = window.locator("#publish-age_years-hint").inner_text()
    assert links.all_inner_texts() == [f"Headline: {title}", f"Age: {age}"]
    links.nth(1).click()
    assert window.url.endswith("#publish-age_years")
    assert window.locator(":focus").get_attribute("id") == "publish-age_years"


def test_the_keyboard_alone_fills_in_and_sends_a_form(page):
    page.locator("#current-segment").focus()
    typed = ["compact", "diesel", "automatic", "5", "60000", "95"]
    for text in typed:
        page.keyboard.type(text)
        page.keyboard.press("Tab")
    assert page.locator(":focus").get_attribute("type") == "submit"
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert page.locator(":focus").get_attribute("role") == "status"
    values = [page.locator(f"#current-{name}").input_value() for name in FIELDS["current"]]
    assert values == typed
