"""The page in a real browser on a phone, a tablet and a desktop: nothing sticks out, nothing is too
small, no rule is dead.

Every state is visited once and seen at each size; the tests judge what was seen there.
"""

import re
from itertools import chain
from typing import List, NamedTuple

import httpx
import pytest
from readers import read_style

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


class View(NamedTuple):
    """What one state of the page showed at one size."""

    size: str
    state: str
    overflow_px: int
    too_small: List[str]


class Walk:
    """A visit to every state, seen at every size; keeps what was seen, what the browser complained
    of, which rules matched."""

    def __init__(self, window, rules):
        self._window = window
        self.rules = rules
        self.views = []
        self.complaints = []
        self.matched = set()
        window.on("console", lambda message: self.complaints.append(message.text))

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


@pytest.fixture(scope="module")
def walk(window, sites, resize, reach, sizes, states):
    """Return the finished walk."""
    style = read_style(httpx.get(f"{sites['well']}/static/css/style.css", trust_env=False).text)
    walked = Walk(window, [(condition, selector) for condition, selector, _ in style])
    for state in states:
        reach(window, state)
        for size in sizes:
            resize(size)
            walked.see(size, state)
    reach(window, "first")
    for _ in chain(use(window), choose(window)):
        walked.look()
    window.emulate_media(forced_colors="active")
    reach(window, "published")
    for _ in choose(window):
        walked.look()
    window.emulate_media(forced_colors="null")
    return walked


def test_nothing_makes_a_page_scroll_sideways(walk, sizes, states):
    assert len(walk.views) == len(sizes) * len(states)
    assert [view for view in walk.views if view.overflow_px > 0] == []


def test_whatever_is_touched_is_large_enough_for_a_finger(walk):
    assert [view for view in walk.views if view.too_small] == []


def test_the_browser_has_nothing_to_complain_of(walk):
    # an answer that is an error is reported by the browser too, and is what some states are about
    expected = "the server responded with a status of"
    assert [text for text in walk.complaints if expected not in text] == []


def test_css_selector_coverage(walk, figure):
    dead = [rule for rule in walk.rules if rule not in walk.matched]
    total = len(walk.rules)
    alive = total - len(dead)
    figure("css selectors matched", f"{100 * alive / total:.0f} % ({alive} of {total})")
    assert dead == [], "no state of the page at any size matches these"
