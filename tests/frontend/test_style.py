"""The style sheet and what the page loads: valid, readable, from here only, and no script."""

import re

import pytest

RULE = re.compile(r"([^{}]+)\{([^{}]*)\}")


def rules(style):
    """Return (selector, declarations) of every innermost rule."""
    return RULE.findall(re.sub(r"/\*.*?\*/", "", style, flags=re.DOTALL))


def luminance(colour):
    """Return the relative luminance of #rrggbb; formula of WCAG 2.2."""
    channels = [channel / 255 for channel in bytes.fromhex(colour[1:])]
    linear = [each / 12.92 if each <= 0.04045 else ((each + 0.055) / 1.055) ** 2.4 for each in channels]
    return sum(weight * each for weight, each in zip((0.2126, 0.7152, 0.0722), linear))


def contrast(one, other):
    """Return the contrast ratio of two colours, 1 to 21."""
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def test_css_validation(frontend, style):
    assert frontend.get("/static/css/style.css").headers["content-type"] == "text/css; charset=utf-8"
    assert style.count("{") == style.count("}")
    for selector, body in rules(style):
        declarations = [each.strip() for each in body.split(";")]
        assert declarations.pop() == "", f"{selector.strip()}: a declaration lacks its semicolon"
        for declaration in declarations:
            assert re.fullmatch(r"(--)?[a-z-]+: [^:;]+", declaration), f"{selector.strip()}: {declaration}"


def test_every_class_that_is_styled_occurs_on_a_page(frontend, style, filled_in):
    pages = [frontend.get("/").text, frontend.post("/publish").text, frontend.post("/current", data=filled_in["current"]).text]
    used = set(" ".join(re.findall(r'class="([^"]+)"', " ".join(pages))).split())
    styled = set(re.findall(r"\.([a-z][a-z-]*)", " ".join(selector for selector, _ in rules(style))))
    assert styled <= used


def test_every_variable_that_is_used_is_set(style):
    assert set(re.findall(r"var\((--[a-z]+)\)", style)) <= set(re.findall(r"(--[a-z]+):", style))


@pytest.mark.parametrize("front, back", [("ink", "paper"), ("quiet", "paper"), ("accent", "paper"), ("wrong", "shade")])
def test_text_stands_out_from_its_ground(style, front, back):
    colours = dict(re.findall(r"--([a-z]+): (#[0-9a-f]{6});", style))
    # 4.5 is what WCAG 2.2 AA asks of text of normal size
    assert contrast(colours[front], colours[back]) >= 4.5


def test_there_is_no_script_anywhere(frontend, filled_in, parse, figure):
    answers = (frontend.get("/"), frontend.post("/publish"), frontend.post("/future", data=filled_in["future"]))
    found = sum(len(parse(answer).find("script")) for answer in answers)
    figure("script tags", f"{found} on {len(answers)} pages")
    assert found == 0
    for answer in answers:
        page = parse(answer)
        assert not [name for each in page.elements for name in each if name.startswith("on")]
        assert "javascript:" not in answer.text
        assert "script-src 'none'" in answer.headers["Content-Security-Policy"]


def test_everything_is_loaded_from_here(frontend, style, parse):
    page = parse(frontend.get("/"))
    loaded = [each.get("src") or each.get("href") for each in page.elements if each["tag"] in ("link", "img")]
    assert loaded and all(path.startswith("/") and frontend.get(path).status_code == 200 for path in loaded)
    assert "@import" not in style
    assert all(path.startswith('"/') for path in re.findall(r"url\(([^)]*)\)", style))


def test_the_page_does_not_scroll_sideways_and_breaks_no_rule_in_a_browser(page):
    complaints = []
    page.on("console", lambda message: complaints.append(message.text))
    # a reload takes back what the page before it still waited for: that is no failure
    page.on("requestfailed", lambda request: request.failure == "net::ERR_ABORTED" or complaints.append(request.url))
    page.set_viewport_size({"width": 320, "height": 640})
    page.reload()
    widths = [page.evaluate("document.documentElement.scrollWidth")]
    page.set_viewport_size({"width": 1280, "height": 800})
    widths.append(page.evaluate("document.documentElement.scrollWidth"))
    assert complaints == []
    assert widths[0] <= 320 and widths[1] <= 1280
