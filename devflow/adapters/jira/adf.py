"""The one text layer between Markdown, which steps speak, and the Atlassian Document Format, which
JIRA Cloud speaks.

The way there and back is not letter for letter: two texts are the same when their documents read
back as the same Markdown.
"""

import re
from datetime import UTC, datetime
from typing import Any, Callable, Final, Mapping, Sequence

from markdown_it import MarkdownIt
from markdown_it.tree import SyntaxTreeNode

Node = Mapping[str, Any]

_PARSER: Final = MarkdownIt("commonmark").enable(["table", "strikethrough"])
_MARKS: Final = {"strong": "strong", "em": "em", "s": "strike"}
_FENCES: Final = {"strong": "**", "em": "*", "strike": "~~", "code": "`"}
_CELLS: Final = {"th": "tableHeader", "td": "tableCell"}
_PLAIN: Final = ("paragraph", "bulletList", "orderedList", "codeBlock")
_LINE_BREAK: Final = re.compile(r"<br\s*/?>", re.I)
_LINKABLE: Final = ("http://", "https://", "mailto:")


def to_adf(markdown: str, mark: str = "") -> dict[str, Any]:
    """The document of a Markdown text.

    A ``mark`` becomes a last paragraph of small text, by which the text is found again.
    """
    content = _blocks(SyntaxTreeNode(_PARSER.parse(markdown)).children)
    if mark:
        small = {"type": "subsup", "attrs": {"type": "sub"}}
        content.append({"type": "paragraph", "content": [_text(mark, [small])]})
    return {"type": "doc", "version": 1, "content": content}


def _blocks(nodes: Sequence[SyntaxTreeNode]) -> list[dict[str, Any]]:
    return [_block(node) for node in nodes]


def _block(node: SyntaxTreeNode) -> dict[str, Any]:
    match node.type:
        case "heading":
            level = {"level": int(node.tag[1:])}
            return {"type": "heading", "attrs": level, "content": _inline(node)}
        case "bullet_list" | "ordered_list":
            kind = "bulletList" if node.type == "bullet_list" else "orderedList"
            items = [{"type": "listItem", "content": _plain(item)} for item in node.children]
            return {"type": kind, "content": items}
        case "blockquote":
            return {"type": "blockquote", "content": _plain(node)}
        case "fence" | "code_block":
            code = _texts(node.content.rstrip("\n"))
            if not node.info.strip():
                return {"type": "codeBlock", "content": code}
            language = {"language": node.info.split()[0]}
            return {"type": "codeBlock", "attrs": language, "content": code}
        case "hr":
            return {"type": "rule"}
        case "table":
            # its head and its body
            rows = [_row(row) for part in node.children for row in part.children]
            return {"type": "table", "content": rows}
        case "html_block":
            return {"type": "paragraph", "content": _texts(node.content.strip())}
        case _:
            return {"type": "paragraph", "content": _inline(node)}


def _plain(node: SyntaxTreeNode) -> list[dict[str, Any]]:
    """What may stand in a list item or a quotation."""
    content: list[dict[str, Any]] = []
    for block in _blocks(node.children):
        # JIRA takes no heading, rule or table there; those become their words
        content.append(block if block["type"] in _PLAIN else _paragraph(words(block)))
    return content or [_paragraph("")]


def _paragraph(text: str) -> dict[str, Any]:
    return {"type": "paragraph", "content": _texts(text)}


def _row(row: SyntaxTreeNode) -> dict[str, Any]:
    cells: list[dict[str, Any]] = []
    for cell in row.children:
        paragraph = {"type": "paragraph", "content": _inline(cell)}
        cells.append({"type": _CELLS[cell.type], "content": [paragraph]})
    return {"type": "tableRow", "content": cells}


def _inline(block: SyntaxTreeNode) -> list[dict[str, Any]]:
    spans: list[dict[str, Any]] = []
    for inline in block.children:
        spans.extend(_spans_in(inline, []))
    return spans


def _spans(node: SyntaxTreeNode, marks: list[dict[str, Any]]) -> list[dict[str, Any]]:
    match node.type:
        case "html_inline" if _LINE_BREAK.fullmatch(node.content):
            return [{"type": "hardBreak"}]
        case "softbreak" | "hardbreak":
            return [{"type": "hardBreak"}]
        case "code_inline":
            # JIRA refuses code that is also strong or slanted, but takes it inside a link
            links = [mark for mark in marks if mark["type"] == "link"]
            return _texts(node.content, [*links, {"type": "code"}])
        case "strong" | "em" | "s":
            return _spans_in(node, [*marks, {"type": _MARKS[node.type]}])
        case "link":
            target = str(node.attrs.get("href", ""))
            if not target.startswith(_LINKABLE):
                return _spans_in(node, marks)
            return _spans_in(node, [*marks, {"type": "link", "attrs": {"href": target}}])
        case "image":
            source = node.attrs.get("src", "")
            return _texts(f"{node.content} ({source})", marks)
        case _:
            return _texts(node.content, marks)


def _spans_in(node: SyntaxTreeNode, marks: list[dict[str, Any]]) -> list[dict[str, Any]]:
    spans: list[dict[str, Any]] = []
    for child in node.children:
        spans.extend(_spans(child, marks))
    return spans


def _texts(text: str, marks: list[dict[str, Any]] | None = None) -> list[dict[str, Any]]:
    """One text node, or none: JIRA refuses an empty one."""
    return [_text(text, marks or [])] if text else []


def _text(text: str, marks: list[dict[str, Any]]) -> dict[str, Any]:
    node: dict[str, Any] = {"type": "text", "text": text}
    if marks:
        node["marks"] = marks
    return node


def to_markdown(document: object) -> str:
    """The Markdown of a document.

    A plain string (REST v2, Data Center) is taken as it is, anything else is empty.
    """
    if isinstance(document, str):
        return document.replace("\r\n", "\n").strip()
    if not isinstance(document, Mapping):
        return ""
    return _blocks_of(document).strip()


def words(node: Node) -> str:
    """The words of a node without any form."""
    if node.get("type") == "text":
        return str(node.get("text", ""))
    return "".join(words(child) for child in content_of(node))


def content_of(node: Node) -> Sequence[Node]:
    """What stands in a node; nothing where it holds no list."""
    content = node.get("content")
    if not isinstance(content, list):
        return []
    return [child for child in content if isinstance(child, Mapping)]


def attribute(node: Node, *names: str) -> str:
    """The first of these attributes that says something, else empty."""
    attributes = node.get("attrs")
    if not isinstance(attributes, Mapping):
        return ""
    for name in names:
        value = attributes.get(name)
        if value not in (None, ""):
            return str(value)
    return ""


def _blocks_of(node: Node) -> str:
    texts = [_block_text(child) for child in content_of(node)]
    return "\n\n".join(text for text in texts if text)


def _block_text(node: Node) -> str:
    write = _WRITERS.get(str(node.get("type")))
    if write:
        return write(node)
    content = content_of(node)
    return _line(node) if content and _is_inline(content[0]) else _blocks_of(node)


def _is_inline(node: Node) -> bool:
    return node.get("type") in _INLINE


def _line(node: Node) -> str:
    line = ""
    for child in content_of(node):
        write = _INLINE.get(str(child.get("type")), words)
        line += write(child)
    return line


def _span(node: Node) -> str:
    text = words(node)
    marks = [mark for mark in node.get("marks") or [] if isinstance(mark, Mapping)]
    bare = text.strip()
    for mark in marks:
        fence = _FENCES.get(str(mark.get("type")), "")
        # Markdown's signs hold words only: blanks stay outside of them
        if bare and fence:
            marked = f"{fence}{bare}{fence}"
            text = text.replace(bare, marked, 1)
            bare = marked
    target = next((attribute(mark, "href") for mark in marks if mark.get("type") == "link"), "")
    return text if target in ("", text) else f"[{text}]({target})"


def _day(node: Node) -> str:
    milliseconds = attribute(node, "timestamp")
    if not milliseconds.isdigit():
        return ""
    moment = datetime.fromtimestamp(int(milliseconds) / 1000, UTC)
    return f"{moment:%Y-%m-%d}"


def _list(node: Node) -> str:
    lines: list[str] = []
    for number, item in enumerate(content_of(node), 1):
        if item.get("type") == node.get("type"):
            # tasks nest beside the one that they belong to
            lines.append("  " + _list(item).replace("\n", "\n  "))
            continue
        bullet = f"{number}. " if node.get("type") == "orderedList" else "- "
        if item.get("type") == "taskItem":
            bullet += "[x] " if attribute(item, "state") == "DONE" else "[ ] "
        blocks = [child for child in content_of(item) if not _is_inline(child)]
        text = "\n".join(_block_text(block) for block in blocks) or _line(item)
        indent = " " * (len(bullet) if number < 10 else 3)
        lines.append(bullet + text.replace("\n", "\n" + indent))
    return "\n".join(lines)


def _code(node: Node) -> str:
    code = words(node)
    fence = "````" if "```" in code else "```"
    return f"{fence}{attribute(node, 'language')}\n{code}\n{fence}"


def _table(node: Node) -> str:
    rows = content_of(node)
    lines = [_row_line(row) for row in rows]
    if not rows:
        return ""
    cells = content_of(rows[0])
    # without the rule below its first row, Markdown knows no table: one of empty cells is no header
    if not all(cell.get("type") == "tableHeader" for cell in cells):
        lines.insert(0, _table_line([""] * len(cells)))
    lines.insert(1, "|" + " --- |" * len(cells))
    return "\n".join(lines)


def _row_line(row: Node) -> str:
    return _table_line([_cell(cell) for cell in content_of(row)])


def _table_line(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cells) + " |"


def _cell(node: Node) -> str:
    # a cell is one line of Markdown
    return re.sub(r"\n+", "<br>", _blocks_of(node)).replace("|", "\\|")


def _panel(node: Node) -> str:
    return "> " + _blocks_of(node).replace("\n", "\n> ")


def _expand(node: Node) -> str:
    title = attribute(node, "title")
    return f"<details>\n<summary>{title}</summary>\n\n{_blocks_of(node)}\n\n</details>"


_INLINE: Final[Mapping[str, Callable[[Node], str]]] = {
    "text": _span,
    "hardBreak": lambda node: "\n",
    "mention": lambda node: attribute(node, "text"),
    "emoji": lambda node: attribute(node, "text", "shortName"),
    "status": lambda node: attribute(node, "text"),
    "date": _day,
    "inlineCard": lambda node: attribute(node, "url"),
}
_WRITERS: Final[Mapping[str, Callable[[Node], str]]] = {
    "heading": lambda node: f"{'#' * int(attribute(node, 'level') or 1)} {_line(node)}",
    "bulletList": _list,
    "orderedList": _list,
    "taskList": _list,
    "codeBlock": _code,
    "decisionList": _list,
    "blockquote": _panel,
    "panel": _panel,
    "expand": _expand,
    "nestedExpand": _expand,
    "rule": lambda node: "---",
    "table": _table,
    "blockCard": lambda node: attribute(node, "url"),
}
