"""What people wrote, as the sandbox's pages show it."""

from devflow.sandbox.common.markdown import rendered


def test_markdown_is_rendered_and_its_comments_are_not_seen() -> None:
    shown = rendered(
        "<!-- devflow:X-1 -->\n## Testing\n\n| suite | result |\n|---|---|\n| a | 1 |\n"
    )
    assert "<h2>Testing</h2>" in shown
    assert '<td class="short">a</td>' in shown
    assert "devflow:X-1" not in shown


def test_an_address_is_a_link_once() -> None:
    shown = rendered("see http://host/x?a=1&b=2, [here](http://host/y) and `http://host/z`")
    assert '<a href="http://host/x?a=1&amp;b=2">' in shown
    assert '<a href="http://host/y">here</a>' in shown
    assert shown.count("<a ") == 2


def test_html_is_text_and_no_link_runs_anything() -> None:
    shown = rendered('<b onclick="x()">b</b> [a](javascript:alert) ![p](javascript:alert)')
    assert "<b" not in shown and "&lt;b onclick" in shown
    assert "<a" not in shown and "<img" not in shown
