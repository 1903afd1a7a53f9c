"""The page in a real browser on a phone, a tablet and a desktop: nothing sticks out, nothing is too
small, no rule is dead.

Every state is visited once and seen at each size; the tests judge what was seen there.
"""


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
