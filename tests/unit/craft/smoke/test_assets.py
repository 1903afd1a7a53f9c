"""What a page loads from its own site, whoever wrote the page."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devflow.craft.smoke.assets import assets

PAGE = "http://127.0.0.1:3000/shop/"


@pytest.mark.parametrize(
    ("tag", "path"),
    [
        ('<link rel="stylesheet" href="/static/a.css">', "/static/a.css"),
        ('<link rel=icon href="icon.svg#dark">', "/shop/icon.svg"),
        ('<script src="../app.js?v=1"></script>', "/app.js?v=1"),
        ("<img src=' a.png '/>", "/shop/a.png"),
        ("<source src=//127.0.0.1:3000/b.webm>", "/b.webm"),
    ],
)
def test_what_a_tag_loads_is_asked_for(tag: str, path: str) -> None:
    assert list(assets(f"<html>{tag}", PAGE)) == [f"http://127.0.0.1:3000{path}"]


@pytest.mark.parametrize(
    "tag",
    [
        '<link rel="canonical" href="/">',
        '<link rel="Alternate nofollow" href="/feed">',
        '<link rel="preconnect" href="/">',
        '<a href="/other">',
        "<script>inline</script>",
        '<img src="">',
        "<img src>",
        '<img src="data:image/png;base64,AA">',
        '<script src="https://elsewhere.test/x.js">',
        '<script src="http://127.0.0.1:3001/x.js">',
        '<script src="http://[">',
        "<!-- <img src='/commented.png'> -->",
    ],
)
def test_what_is_not_its_own_is_left_alone(tag: str) -> None:
    assert list(assets(f"<html>{tag}", PAGE)) == []


def test_each_is_asked_for_once() -> None:
    page = "<img src=a.png><img src=./a.png><img src=b.png>"
    assert [one.rpartition("/")[2] for one in assets(page, PAGE)] == ["a.png", "b.png"]


def test_what_stands_before_a_broken_declaration_counts() -> None:
    assert len(list(assets("<img src=a.png><![broken[ x ]]>", PAGE))) == 1


PIECES = st.sampled_from(
    ("<img src=", "<![", "[", "]]>", "<!", "<?", "//", "http://", "'", '"', ">", "&#x;", "\0", "a")
)


@given(st.lists(PIECES | st.text(max_size=3)).map("".join))
def test_no_page_raises(page: str) -> None:
    list(assets(page, PAGE))
