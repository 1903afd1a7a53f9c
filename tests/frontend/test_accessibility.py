"""Whoever cannot see, point or tell colours apart uses the page too: axe-core's verdict on every
state, focus, keyboard."""

import pytest

from services.frontend.app import FIELDS


def test_axe_finds_nothing_wrong_with(walk, every_state):
    assert walk.wrong[every_state] == []


def test_axe_finds_nothing_wrong_with_any_tab(scripted, resize, axe, site):
    resize(scripted, "mobile")
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
def test_what_went_wrong_has_the_focus_is_announced_and_is_in_the_title(walk, state, words):
    told = walk.told[state]
    assert told.role == "alert"
    assert words in told.text
    assert told.title.startswith("Error: ")


def test_an_answer_has_the_focus_and_is_announced(walk):
    told = walk.told["current"]
    assert told.role == "status"
    assert "today, most likely" in told.text


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
