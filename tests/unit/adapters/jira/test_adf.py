"""Markdown to JIRA's document format and back."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from devflow.adapters.jira.adf import to_adf, to_markdown

TEXTS = {
    "a heading": "## User story",
    "a paragraph": "As a buyer, I want **tabs**, *slanted* words and ~~old~~ ones.",
    "two lines": "Commit: abc\nBranch: main",
    "bullets": "- one\n- two\n- three",
    "nested bullets": "- one\n  - inner\n  - other\n- two",
    "numbers": "1. first\n2. second",
    "ten numbers": "\n".join(f"{n}. item {n}" for n in range(1, 12)),
    "code": "```python\nprint('x')\n\nprint('y')\n```",
    "code in a line": "Run `make check` now",
    "a link": "See [the pull request](https://host/acme/pull/1) and https://bare.example/x",
    "a linked code": "[`abc123`](https://host/commit/abc123)",
    "a quotation": "> said\n> so",
    "a rule": "one\n\n---\n\ntwo",
    "a table": "| a | b |\n| --- | --- |\n| 1 | **2** |",
    "all together": (
        "# Title\n\nText with `code`.\n\n"
        "- [x](https://y.example)\n- **bold** item\n\n"
        "1. one\n2. two"
    ),
}


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS.keys())
def test_markdown_survives_the_way_there_and_back(text: str) -> None:
    assert to_markdown(to_adf(text)) == text


def nodes(value: Any) -> list[dict[str, Any]]:
    held = [value] if isinstance(value, dict) else []
    children = value.get("content", []) if isinstance(value, dict) else []
    return held + [node for child in children for node in nodes(child)]


def test_a_link_that_is_no_web_address_stays_words() -> None:
    document = to_adf("[here](javascript:alert(1)) and [there](file:///etc/passwd)")
    assert not [node for node in nodes(document) if node.get("marks")]


def test_html_is_text() -> None:
    document = to_adf("<script>alert(1)</script>\n\nand <b>this</b>")
    assert {node["type"] for node in nodes(document)} == {"doc", "paragraph", "text"}
    assert "<script>" in to_markdown(document)


def test_the_mark_is_the_last_line_in_small_text() -> None:
    document = to_adf("Hello", "[devflow:SCRUM-95:jira_sync:comment:pr]")
    assert document["content"][-1]["content"][0]["marks"] == [
        {"type": "subsup", "attrs": {"type": "sub"}}
    ]
    assert to_markdown(document) == "Hello\n\n[devflow:SCRUM-95:jira_sync:comment:pr]"


def test_what_jira_alone_has_is_read_as_its_words() -> None:
    document = {
        "type": "doc",
        "version": 1,
        "content": [
            {
                "type": "panel",
                "content": [{"type": "paragraph", "content": [{"type": "text", "text": "mind"}]}],
            },
            {
                "type": "paragraph",
                "content": [
                    {"type": "mention", "attrs": {"text": "@Jose"}},
                    {"type": "text", "text": " by "},
                    {"type": "date", "attrs": {"timestamp": "1767571200000"}},
                    {"type": "hardBreak"},
                    {"type": "inlineCard", "attrs": {"url": "https://x.example"}},
                ],
            },
            {
                "type": "taskList",
                "content": [
                    {
                        "type": "taskItem",
                        "attrs": {"state": "DONE"},
                        "content": [{"type": "text", "text": "did"}],
                    },
                    {
                        "type": "taskItem",
                        "attrs": {"state": "TODO"},
                        "content": [{"type": "text", "text": "to do"}],
                    },
                ],
            },
            {"type": "unheard-of", "content": [{"type": "text", "text": "new"}]},
        ],
    }
    assert (
        to_markdown(document)
        == "> mind\n\n@Jose by 2026-01-05\nhttps://x.example\n\n- [x] did\n- [ ] to do\n\nnew"
    )


@pytest.mark.parametrize(
    ("value", "text"),
    [(None, ""), ("plain\r\ntext ", "plain\ntext"), ([], ""), ({"content": 5}, "")],
)
def test_other_things_than_documents_do_no_harm(value: object, text: str) -> None:
    assert to_markdown(value) == text


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet="ab *_`[](){}<>#-1.|~\n\\!&;:/", max_size=60))
def test_any_text_makes_a_document_that_jira_takes(text: str) -> None:
    document = to_adf(text)
    for node in nodes(document):
        assert node["type"] != "text" or node["text"]
        if node["type"] == "listItem":
            assert node["content"]
    assert isinstance(to_markdown(document), str)
