"""The style sheet and what the page loads: read by a real parser, understood by a real browser,
used, and from here only."""

import re

import pytest
import tinycss2
from readers import read_style

FROM_HERE = re.compile("/[^/]")
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
    for each in declarations_of(rules):
        waiting = list(each.value)
        while waiting:
            token = waiting.pop()
            waiting += getattr(token, "arguments", [])
            yield token


def declarations_of(rules):
    """Yield every declaration of every rule."""
    for _, _, declarations in rules:
        yield from declarations


def luminance(colour):
    """Return the relative luminance of #rrggbb; formula of WCAG 2.2."""
    red, green, blue = bytes.fromhex(colour[1:])
    return 0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue)


def linear(byte):
    """Return how much light a channel of sRGB stands for, 0 to 1."""
    channel = byte / 255
    return channel / 12.92 if channel <= 0.04045 else ((channel + 0.055) / 1.055) ** 2.4


def contrast(one, other):
    """Return the contrast ratio of two colours, 1 to 21."""
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def test_css_validation(frontend, rules, figure):
    sheet = frontend.get("/static/css/style.css")
    assert sheet.headers["content-type"] == "text/css; charset=utf-8"
    count = sum(1 for _ in declarations_of(rules))
    figure("style sheet", f"{len(rules)} selectors, {count} declarations")
    assert rules


@pytest.mark.parametrize(
    "broken", ["a { color }", "a { color: red; ; b { } }", "} a { }", "@import 'x';"]
)
def test_a_broken_style_sheet_would_be_refused(broken):
    with pytest.raises(AssertionError, match="line 1: "):
        read_style(broken)


def test_in_a_browser_every_declaration_is_understood(page, rules):
    pairs = []
    for each in declarations_of(rules):
        pairs.append((each.name, tinycss2.serialize(each.value).strip()))
    refused = page.evaluate(
        "pairs => pairs.filter(([name, value]) => !CSS.supports(name, value))", pairs
    )
    assert pairs and refused == []
    assert not page.evaluate("CSS.supports('colour', 'red')")


def test_every_variable_that_is_used_is_set_and_every_one_that_is_set_is_used(rules):
    names = {each.name for each in declarations_of(rules)}
    words = {token.value for token in tokens_of(rules) if token.type == "ident"}
    variables = {name for name in names if name.startswith("--")}
    assert {word for word in words if word.startswith("--")} == variables


@pytest.mark.parametrize("scheme", ["", "(prefers-color-scheme: dark)"])
@pytest.mark.parametrize("front, back", INK_ON_GROUND)
def test_text_stands_out_from_its_ground(rules, front, back, scheme):
    of_scheme = [rule for rule in rules if rule[:2] == (scheme, ":root")]
    _, _, declarations = of_scheme[0]
    colours = {}
    for each in declarations:
        colours[each.name.removeprefix("--")] = tinycss2.serialize(each.value).strip()
    # 4.5 is what WCAG 2.2 AA asks of text of normal size
    assert contrast(colours[front], colours[back]) >= 4.5


def test_everything_is_loaded_from_here(frontend, rules, parse):
    page = parse(frontend.get("/"))
    paths = [each["href"] for each in page.find("link")] + [
        each["src"] for each in page.find("img")
    ]
    assert paths
    for path in paths:
        assert FROM_HERE.match(path) and frontend.get(path).status_code == 200, path
    for token in tokens_of(rules):
        if token.type == "url":
            assert FROM_HERE.match(token.value)
        elif token.type == "function" and token.name == "url":
            # the parser's word for an address in quotes
            assert FROM_HERE.match(token.arguments[0].value)
