"""The sign that an answer is awaited: made by the style sheet alone, for a form that is sent."""


def fill_in(page, values):
    """Type a form's values into the tab that is open."""
    for name, value in values.items():
        field = page.locator(f"#current-{name}")
        if field.evaluate("element => element.tagName") == "SELECT":
            field.select_option(value)
        else:
            field.fill(value)


def test_each_form_has_a_loading_state_right_after_its_button(frontend, parse, declared):
    page = parse(frontend.get("/"))
    follows = []
    for before, after in zip(page.elements, page.elements[1:]):
        if before["tag"] == "button":
            follows.append(after.get("class"))
    assert follows == ["loading"] * 3
    assert declared(".loading", "visibility") == "hidden"
    assert declared("form:valid button:active + .loading", "visibility") == "visible"


def test_whoever_asked_for_less_motion_sees_none(declared):
    assert declared(".loading::before", "animation", "(prefers-reduced-motion: reduce)") == "none"


def test_in_a_browser_the_sign_shows_from_the_press_until_the_answer(page, filled_in):
    fill_in(page, filled_in["current"])
    sign = page.locator("#panel-current .loading")
    shown = [sign.is_visible()]
    # a browser stays on the page at 204; while an answer is awaited it cannot be asked anything
    page.route("**/current", lambda route: route.fulfill(status=204))
    with page.expect_response("**/current"):
        page.locator("#panel-current button").click()
    shown.append(sign.is_visible())
    page.unroute("**/current")
    page.locator("#panel-current button").click()
    page.locator("#panel-current [role=status]").wait_for()
    # until its style sheet is there, a page hides nothing
    page.wait_for_load_state("load")
    shown.append(sign.is_visible())
    assert shown == [False, True, False]


def test_in_a_browser_the_sign_stays_away_when_a_field_is_missing(page):
    page.locator("#panel-current button").click()
    assert not page.locator("#panel-current .loading").is_visible()
