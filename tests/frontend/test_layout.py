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
TOO_SMALL = """() => [...document.querySelectorAll("a, button, select, input:not([type=radio]), label[for^=tab-]")]
    .filter(each => each.getClientRects().length && each.getBoundingClientRect().height < 44)
    .map(each => each.outerHTML)"""  # px; the target size that WCAG 2.2 AAA asks for


class Seen(NamedTuple):
    """What one state of the page showed at one size."""

    size: str
    state: str
    overflow_px: int
    too_small: List[str]


class Walk:
    """A visit to every state, seen at every size; keeps what was seen, what the browser complained
    of, which rules matched."""

    def __init__(self, window, rules):
        self._window, self.rules = window, rules
        self.seen, self.complaints, self.matched = [], [], set()
        window.on("console", lambda message: self.complaints.append(message.text))

    def look(self):
        """Note which rules match what is shown right now."""
        # a pseudo-element is there where its element is
        wanted = [
            (condition, re.sub("::[a-z-]+", "", selector)) for condition, selector in self.rules
        ]
        found = {tuple(each) for each in self._window.evaluate(MATCHED, wanted)}
        self.matched |= {rule for rule, asked in zip(self.rules, wanted) if asked in found}

    def see(self, size, state):
        """Note what this state shows at this size."""
        overflow_px = self._window.evaluate("document.documentElement.scrollWidth - innerWidth")
        self.seen.append(Seen(size, state, overflow_px, self._window.evaluate(TOO_SMALL)))
        self.look()


def use(window):
    """Do what a visitor does with a page, and stop after each: point, type nonsense, press, prefer,
    print."""
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
    for wish in ({"reduced_motion": "reduce"}, {"color_scheme": "dark"}, {"media": "print"}):
        window.emulate_media(**wish)
        yield
        window.emulate_media(**{name: "null" if name != "media" else "screen" for name in wish})


def choose(window):
    """Choose each tab that there is by the pointer, then each by the keyboard, and stop after each."""
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
    assert len(walk.seen) == len(sizes) * len(states)
    assert [each for each in walk.seen if each.overflow_px > 0] == []


def test_whatever_is_touched_is_large_enough_for_a_finger(walk):
    assert [each for each in walk.seen if each.too_small] == []


def test_the_browser_has_nothing_to_complain_of(walk):
    # an answer that is an error is reported by the browser too, and is what some of the states are
    # about
    assert [
        each for each in walk.complaints if "the server responded with a status of" not in each
    ] == []


def test_css_selector_coverage(walk, figure):
    dead = [
        f"{selector} {condition}".strip()
        for condition, selector in walk.rules
        if (condition, selector) not in walk.matched
    ]
    of, alive = len(walk.rules), len(walk.rules) - len(dead)
    figure("css selectors matched", f"{100 * alive / of:.0f} % ({alive} of {of})")
    assert dead == [], "no state of the page at any size matches these"
