"""A walk through the page's states in a real browser: each is visited once, and tests judge what
was seen there."""

import re
from typing import List, NamedTuple, Optional

MATCHED = """rules => rules.filter(([condition, selector]) =>
    (!condition || matchMedia(condition).matches)
    && [...document.querySelectorAll(selector)].some(each => [each, each.parentElement].some(
        // what a rule hides is shown by nothing but what it stands in
        shown => shown && shown.getClientRects().length)))"""
# 44 px: the target size that WCAG 2.2 AAA asks for
TOO_SMALL = """() => [...document.querySelectorAll(
        "a, button, select, input:not([type=radio]), label[for^=tab-]")]
    .filter(each => each.getClientRects().length && each.getBoundingClientRect().height < 44)
    .map(each => each.outerHTML)"""


# what has the focus, as whoever hears the page learns it
FOCUSED = """() => {
    const {title, activeElement} = document;
    return [title, activeElement.getAttribute("role"), activeElement.innerText];
}"""


class Told(NamedTuple):
    """What one state of the page tells whoever cannot see it: its title, and what has the focus."""

    title: str
    role: Optional[str]
    text: str


class View(NamedTuple):
    """What one state of the page showed at one size."""

    size: str
    state: str
    overflow_px: int
    too_small: List[str]


class Walk:
    """A visit to every state, heard once and seen at every size; keeps what was told and seen, what
    axe-core finds wrong, what the browser complained of, which rules matched."""

    def __init__(self, window, rules):
        self._window = window
        self.rules = rules
        self.told = {}
        self.wrong = {}
        self.views = []
        self.complaints = []
        self.matched = set()
        window.on("console", self._complain)

    def end(self):
        """Listen no longer: what other tests do with the window is no part of the walk."""
        self._window.remove_listener("console", self._complain)

    def _complain(self, message):
        # of what did not load, the text says no more than why
        self.complaints.append(f"{message.text} ({message.location['url']})")

    def look(self):
        """Note which rules match what is shown right now: of those that never have yet."""
        elements = {}
        for condition, selector in set(self.rules) - self.matched:
            # a pseudo-element is there where its element is
            element = re.sub("::[a-z-]+", "", selector)
            elements[condition, selector] = (condition, element)
        matches = self._window.evaluate(MATCHED, list(elements.values()))
        pairs = {tuple(each) for each in matches}
        self.matched |= {rule for rule, element in elements.items() if element in pairs}

    def hear(self, state, axe):
        """Note what this state tells, and what axe-core finds wrong with it."""
        self.told[state] = Told(*self._window.evaluate(FOCUSED))
        self.wrong[state] = axe()

    def see(self, size, state):
        """Note what this state shows at this size."""
        overflow_px = self._window.evaluate("document.documentElement.scrollWidth - innerWidth")
        too_small = self._window.evaluate(TOO_SMALL)
        self.views.append(View(size, state, overflow_px, too_small))
        self.look()


def use(window):
    """Do what a visitor does with a page, and stop after each: point, type, press, print."""
    for selector in ("h1 a", "#panel-current button", "label"):
        window.hover(selector)
        yield
    window.fill("#current-age_years", "99")
    window.keyboard.press("Tab")
    yield
    for name, value in (("age_years", "5"), ("mileage_km", "60000"), ("power_kw", "95")):
        window.fill(f"#current-{name}", value)
    # a browser stays on the page at 204
    window.route("**/current", lambda route: route.fulfill(status=204))
    window.hover("#panel-current button")
    window.mouse.down()
    yield
    with window.expect_response("**/current"):
        window.mouse.up()
    window.unroute("**/current")
    window.emulate_media(reduced_motion="reduce")
    yield
    # "null" is playwright's word for the browser's own setting
    window.emulate_media(reduced_motion="null", color_scheme="dark")
    yield
    window.emulate_media(color_scheme="null", media="print")
    yield
    window.emulate_media(media="screen")


def choose(window):
    """Choose each tab that there is by the pointer, then each by the keyboard; stop after each."""
    tabs = window.locator("label[for^=tab-]")
    for number in range(tabs.count()):
        tabs.nth(number).click()
        yield
    for number in range(tabs.count()):
        window.keyboard.press("ArrowRight")
        yield
