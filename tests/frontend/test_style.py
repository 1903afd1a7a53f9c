"""The style sheet and what the page loads: read by a real parser, understood by a real browser,
used, and from here only."""

import re

import pytest
import tinycss2
from readers import read_style

INK_ON_GROUND = [
    ("ink", "paper"),
    ("quiet", "paper"),
    ("quiet", "ground"),
    ("accent", "paper"),
    ("bright", "accent"),
    ("bright", "strong"),
    ("wrong", "paper"),
    ("wrong", "wrong-shade"),
]


@pytest.fixture
def rules(style):
    """Return (media condition, selector, declarations) of every rule in the style sheet."""
    return read_style(style)


def tokens_of(rules):
    """Yield every token of every value, those inside of functions too."""
    waiting = [
        token for _, _, declarations in rules for each in declarations for token in each.value
    ]
    while waiting:
        token = waiting.pop()
        waiting += getattr(token, "arguments", [])
        yield token


def luminance(colour):
    """Return the relative luminance of #rrggbb; formula of WCAG 2.2."""
    channels = [channel / 255 for channel in bytes.fromhex(colour[1:])]
    linear = [
        each / 12.92 if each <= 0.04045 else ((each + 0.055) / 1.055) ** 2.4 for each in channels
    ]
    return sum(weight * each for weight, each in zip((0.2126, 0.7152, 0.0722), linear))


def contrast(one, other):
    """Return the contrast ratio of two colours, 1 to 21."""
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def test_css_validation(frontend, rules, figure):
    assert (
        frontend.get("/static/css/style.css").headers["content-type"] == "text/css; charset=utf-8"
    )
    figure(
        "style sheet",
        f"{len(rules)} selectors, {sum(len(declarations) for _, _, declarations in rules)} declarations",
    )
    assert rules


@pytest.mark.parametrize(
    "broken", ["a { color }", "a { color: red; ; b { } }", "} a { }", "@import 'x';"]
)
def test_a_broken_style_sheet_would_be_refused(broken):
    with pytest.raises(AssertionError, match="line 1: "):
        read_style(broken)


def test_in_a_browser_every_declaration_is_understood(page, rules):
    declared = [
        (each.name, tinycss2.serialize(each.value).strip())
        for _, _, declared in rules
        for each in declared
    ]
    refused = page.evaluate(
        "declared => declared.filter(([name, value]) => !CSS.supports(name, value))", declared
    )
    assert declared and refused == []
    assert not page.evaluate("CSS.supports('colour', 'red')")


def test_every_variable_that_is_used_is_set_and_every_one_that_is_set_is_used(rules):
    declared = {
        each.name
        for _, _, declarations in rules
        for each in declarations
        if each.name.startswith("--")
    }
    assert {
        token.value
        for token in tokens_of(rules)
        if token.type == "ident" and token.value.startswith("--")
    } == declared


@pytest.mark.parametrize("scheme", ["", "(prefers-color-scheme: dark)"])
@pytest.mark.parametrize("front, back", INK_ON_GROUND)
def test_text_stands_out_from_its_ground(rules, front, back, scheme):
    named = [
        declared
        for condition, selector, declared in rules
        if (condition, selector) == (scheme, ":root")
    ][0]
    colours = {each.name[2:]: tinycss2.serialize(each.value).strip() for each in named}
    # 4.5 is what WCAG 2.2 AA asks of text of normal size
    assert contrast(colours[front], colours[back]) >= 4.5


def test_everything_is_loaded_from_here(frontend, rules, parse):
    page = parse(frontend.get("/"))
    loaded = [
        each.get("src") or each.get("href")
        for each in page.elements
        if each["tag"] in ("link", "img")
    ]
    assert loaded and all(
        re.match("/[^/]", path) and frontend.get(path).status_code == 200 for path in loaded
    )
    assert all(re.match("/[^/]", token.value) for token in tokens_of(rules) if token.type == "url")
    quoted = [
        token for token in tokens_of(rules) if token.type == "function" and token.name == "url"
    ]
    assert all(re.match("/[^/]", token.arguments[0].value) for token in quoted)
