"""The one text layer between Markdown, which steps speak, and the Atlassian Document Format, which
JIRA Cloud speaks.

The way there and back is not letter for letter: two texts are the same when their documents read
back as the same Markdown.
"""

from datetime import UTC, datetime
from typing import Any, Callable, Final, Mapping, Sequence

from markdown_it import MarkdownIt
from markdown_it.tree import SyntaxTreeNode

Node = Mapping[str, Any]

_PARSER: Final = MarkdownIt("commonmark").enable(["table", "strikethrough"])
_MARKS: Final = {"strong": "strong", "em": "em", "s": "strike"}
_FENCES: Final = {"strong": "**", "em": "*", "strike": "~~", "code": "`"}
_LINKABLE: Final = ("http://", "https://", "mailto:")


def to_adf(markdown: str, mark: str = "") -> dict[str, Any]:
    """The document of a Markdown text; a ``mark`` becomes a last paragraph of small text, by which
    the text is found again."""
    content = _blocks(SyntaxTreeNode(_PARSER.parse(markdown)).children)
    if mark:
        content.append(
            {
                "type": "paragraph",
                "content": [_text(mark, [{"type": "subsup", "attrs": {"type": "sub"}}])],
            }
        )
    return {"type": "doc", "version": 1, "content": content}


def _blocks(nodes: Sequence[SyntaxTreeNode]) -> list[dict[str, Any]]:
    return [_block(node) for node in nodes]


def _block(node: SyntaxTreeNode) -> dict[str, Any]:
    match node.type:
        case "heading":
            return {
                "type": "heading",
                "attrs": {"level": int(node.tag[1:])},
                "content": _inline(node),
            }
        case "bullet_list" | "ordered_list":
            kind = "bulletList" if node.type == "bullet_list" else "orderedList"
            return {
                "type": kind,
                "content": [
                    {"type": "listItem", "content": _plain(item)} for item in node.children
                ],
            }
        case "blockquote":
            return {"type": "blockquote", "content": _plain(node)}
        case "fence" | "code_block":
            language = {"attrs": {"language": node.info.split()[0]}} if node.info.strip() else {}
            return {"type": "codeBlock", **language, "content": _texts(node.content.rstrip("\n"))}
        case "hr":
            return {"type": "rule"}
        case "table":
            return {
                "type": "table",
                "content": [_row(row) for part in node.children for row in part.children],
            }
        case "html_block":
            return {"type": "paragraph", "content": _texts(node.content.strip())}
        case _:
            return {"type": "paragraph", "content": _inline(node)}


def _plain(node: SyntaxTreeNode) -> list[dict[str, Any]]:
    """What may stand in a list item or a quotation: JIRA takes no heading, rule or table there;
    those become their words."""
    allowed = ("paragraph", "bulletList", "orderedList", "codeBlock")
    made = [
        block if block["type"] in allowed else _paragraph(words(block))
        for block in _blocks(node.children)
    ]
    return made or [_paragraph("")]


def _paragraph(text: str) -> dict[str, Any]:
    return {"type": "paragraph", "content": _texts(text)}


def _row(row: SyntaxTreeNode) -> dict[str, Any]:
    kinds = {"th": "tableHeader", "td": "tableCell"}
    cells = [
        {"type": kinds[cell.type], "content": [{"type": "paragraph", "content": _inline(cell)}]}
        for cell in row.children
    ]
    return {"type": "tableRow", "content": cells}


def _inline(block: SyntaxTreeNode) -> list[dict[str, Any]]:
    return [
        made for inline in block.children for node in inline.children for made in _spans(node, [])
    ]


def _spans(node: SyntaxTreeNode, marks: list[dict[str, Any]]) -> list[dict[str, Any]]:
    match node.type:
        case "softbreak" | "hardbreak":
            return [{"type": "hardBreak"}]
        case "code_inline":
            # JIRA refuses code that is also strong or slanted, but takes it inside a link
            return _texts(
                node.content,
                [mark for mark in marks if mark["type"] == "link"] + [{"type": "code"}],
            )
        case "strong" | "em" | "s":
            return _nested(node, [*marks, {"type": _MARKS[node.type]}])
        case "link":
            target = str(node.attrs.get("href", ""))
            return _nested(
                node,
                (
                    [*marks, {"type": "link", "attrs": {"href": target}}]
                    if _linkable(target)
                    else marks
                ),
            )
        case "image":
            return _texts(f"{node.content} ({node.attrs.get('src', '')})", marks)
        case _:
            return _texts(node.content, marks)


def _linkable(target: str) -> bool:
    return target.startswith(_LINKABLE)


def _nested(node: SyntaxTreeNode, marks: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [made for child in node.children for made in _spans(child, marks)]


def _texts(text: str, marks: list[dict[str, Any]] | None = None) -> list[dict[str, Any]]:
    """One text node, or none: JIRA refuses an empty one."""
    return [_text(text, marks or [])] if text else []


def _text(text: str, marks: list[dict[str, Any]]) -> dict[str, Any]:
    return {"type": "text", "text": text, **({"marks": marks} if marks else {})}


def to_markdown(document: object) -> str:
    """The Markdown of a document; a plain string (REST v2, Data Center) is taken as it is, anything
    else is empty."""
    if isinstance(document, str):
        return document.replace("\r\n", "\n").strip()
    if not isinstance(document, Mapping):
        return ""
    return _joined(document).strip()


def words(node: Node) -> str:
    """The words of a node without any form."""
    if node.get("type") == "text":
        return str(node.get("text", ""))
    return "".join(words(child) for child in _content(node))


def _content(node: Node) -> Sequence[Node]:
    held = node.get("content")
    return [child for child in held if isinstance(child, Mapping)] if isinstance(held, list) else []


def _attribute(node: Node, *names: str) -> str:
    held = node.get("attrs")
    attributes = held if isinstance(held, Mapping) else {}
    return next(
        (str(attributes[name]) for name in names if attributes.get(name) not in (None, "")), ""
    )


def _joined(node: Node) -> str:
    return "\n\n".join(text for child in _content(node) if (text := _written(child)))


def _written(node: Node) -> str:
    write = _WRITERS.get(str(node.get("type")))
    if write:
        return write(node)
    held = _content(node)
    return _line(node) if held and _is_inline(held[0]) else _joined(node)


def _is_inline(node: Node) -> bool:
    return node.get("type") in _INLINE


def _line(node: Node) -> str:
    return "".join(_INLINE.get(str(child.get("type")), words)(child) for child in _content(node))


def _span(node: Node) -> str:
    text = words(node)
    marks = [mark for mark in node.get("marks") or [] if isinstance(mark, Mapping)]
    for mark in marks:
        fence = _FENCES.get(str(mark.get("type")), "")
        text = f"{fence}{text}{fence}" if text.strip() else text
    target = next((_attribute(mark, "href") for mark in marks if mark.get("type") == "link"), "")
    return text if target in ("", text) else f"[{text}]({target})"


def _day(node: Node) -> str:
    milliseconds = _attribute(node, "timestamp")
    return (
        f"{datetime.fromtimestamp(int(milliseconds) / 1000, UTC):%Y-%m-%d}"
        if milliseconds.isdigit()
        else ""
    )


def _list(node: Node) -> str:
    lines = []
    for number, item in enumerate(_content(node), 1):
        bullet = f"{number}. " if node.get("type") == "orderedList" else "- "
        if item.get("type") == "taskItem":
            bullet += "[x] " if _attribute(item, "state") == "DONE" else "[ ] "
        text = "\n".join(
            _written(child) for child in _content(item) if not _is_inline(child)
        ) or _line(item)
        lines.append(bullet + text.replace("\n", "\n" + " " * (len(bullet) if number < 10 else 3)))
    return "\n".join(lines)


def _code(node: Node) -> str:
    fence = "````" if "```" in words(node) else "```"
    return f"{fence}{_attribute(node, 'language')}\n{words(node)}\n{fence}"


def _table(node: Node) -> str:
    rows = [
        [_joined(cell).replace("\n", " ").replace("|", "\\|") for cell in _content(row)]
        for row in _content(node)
    ]
    lines = ["| " + " | ".join(row) + " |" for row in rows]
    rule = ["|" + " --- |" * len(rows[0])] if rows else []
    return "\n".join([*lines[:1], *rule, *lines[1:]])


_INLINE: Final[Mapping[str, Callable[[Node], str]]] = {
    "text": _span,
    "hardBreak": lambda node: "\n",
    "mention": lambda node: _attribute(node, "text"),
    "emoji": lambda node: _attribute(node, "text", "shortName"),
    "status": lambda node: _attribute(node, "text"),
    "date": _day,
    "inlineCard": lambda node: _attribute(node, "url"),
}
_WRITERS: Final[Mapping[str, Callable[[Node], str]]] = {
    "heading": lambda node: f"{'#' * int(_attribute(node, 'level') or 1)} {_line(node)}",
    "bulletList": _list,
    "orderedList": _list,
    "taskList": _list,
    "codeBlock": _code,
    "blockquote": lambda node: "> " + _joined(node).replace("\n", "\n> "),
    "rule": lambda node: "---",
    "table": _table,
    "blockCard": lambda node: _attribute(node, "url"),
}
