"""Atlassian Document Format, as far as the sandbox must understand it: is it a document, its text,
its HTML.

REST v3 takes long texts in this format only; a plain string is refused, as Cloud does.
"""

from collections.abc import Mapping
from html import escape
from typing import Any, Final

BLOCKS: Final = {
    "paragraph": "p",
    "bulletList": "ul",
    "orderedList": "ol",
    "listItem": "li",
    "blockquote": "blockquote",
    "table": "table",
    "tableRow": "tr",
    "tableCell": "td",
    "tableHeader": "th",
    "codeBlock": "pre",
    "panel": "div",
    "expand": "div",
    "taskList": "ul",
    "taskItem": "li",
}
MARKS: Final = {"strong": "b", "em": "i", "code": "code", "strike": "s", "underline": "u"}
LINK_SCHEMES: Final = ("http://", "https://", "mailto:")


def is_document(value: Any) -> bool:
    """Is it an ADF document, version 1, all of whose nodes have a type?"""
    return (
        isinstance(value, dict)
        and value.get("type") == "doc"
        and value.get("version") == 1
        and isinstance(value.get("content"), list)
        and all(_is_node(node) for node in value["content"])
    )


def _is_node(node: Any) -> bool:
    if not isinstance(node, dict) or not isinstance(node.get("type"), str):
        return False
    if node["type"] == "text":
        return isinstance(node.get("text"), str) and node["text"] != ""
    content = node.get("content", [])
    return isinstance(content, list) and all(_is_node(child) for child in content)


def text(node: Any) -> str:
    """All words of a document, one block a line; what a text search looks through."""
    if not isinstance(node, dict):
        return ""
    if node.get("type") == "text":
        return str(node.get("text", ""))
    if node.get("type") == "hardBreak":
        return "\n"
    inner = "".join(text(child) for child in node.get("content", []))
    return inner + "\n" if node.get("type") in ("paragraph", "heading", "codeBlock") else inner


def html(node: Any) -> str:
    """A document as HTML; all its text is escaped, links go to web addresses only."""
    if not isinstance(node, Mapping):
        return ""
    kind = node.get("type")
    attributes = node.get("attrs") or {}
    if kind == "text":
        return _marked(escape(str(node.get("text", ""))), node.get("marks", []))
    if kind == "hardBreak":
        return "<br>"
    if kind == "rule":
        return "<hr>"
    if kind in ("mention", "emoji", "status", "date"):
        return escape(str(attributes.get("text") or attributes.get("timestamp") or ""))
    if kind in ("inlineCard", "blockCard"):
        return _link(escape(str(attributes.get("url", ""))), str(attributes.get("url", "")))
    inner = "".join(html(child) for child in node.get("content", []))
    if kind == "heading":
        level = min(max(int(attributes.get("level", 3)), 1), 6)
        return f"<h{level}>{inner}</h{level}>"
    tag = BLOCKS.get(str(kind))
    return f"<{tag}>{inner}</{tag}>" if tag else inner


def _marked(inner: str, marks: list[Any]) -> str:
    for mark in marks:
        if mark.get("type") == "link":
            inner = _link(inner, str((mark.get("attrs") or {}).get("href", "")))
        elif mark.get("type") in MARKS:
            inner = f"<{MARKS[mark['type']]}>{inner}</{MARKS[mark['type']]}>"
    return inner


def _link(inner: str, target: str) -> str:
    return f'<a href="{escape(target)}">{inner}</a>' if target.startswith(LINK_SCHEMES) else inner


def document(blocks: list[Any]) -> dict[str, Any]:
    """A document from short-hand: a string is a paragraph, `["# Title"]` a heading, any other list
    bullets."""
    return {"type": "doc", "version": 1, "content": [_block(block) for block in blocks]}


def _block(block: str | list[str]) -> dict[str, Any]:
    if isinstance(block, str):
        return _paragraph(block)
    if len(block) == 1 and block[0].startswith("# "):
        return {
            "type": "heading",
            "attrs": {"level": 2},
            "content": [{"type": "text", "text": block[0][2:]}],
        }
    return {
        "type": "bulletList",
        "content": [{"type": "listItem", "content": [_paragraph(item)]} for item in block],
    }


def _paragraph(words: str) -> dict[str, Any]:
    return {"type": "paragraph", "content": [{"type": "text", "text": words}]}
