"""JIRA's wiki markup, which Data Center's descriptions are written in, made of Markdown.

Its signs stand for other things than Markdown's: ``#`` is a number, ``*word*`` is strong.
"""

import re
from typing import Any, Callable, Final, Mapping

from devflow.adapters.jira.adf import attribute, content_of, to_adf, words

Node = Mapping[str, Any]

_MARKS: Final = {"strong": "*", "em": "_", "strike": "-"}
_SPECIAL: Final = re.compile(r"([{\[\]*_|])")
_LEADING: Final = re.compile(r"^(\s*)(#+|-+|h[1-6]\.|bq\.)(?=\s)")


def to_wiki(markdown: str) -> str:
    """The wiki markup of a Markdown text."""
    return _blocks(to_adf(markdown)).strip()


def _blocks(node: Node) -> str:
    texts = [_block(child) for child in content_of(node)]
    return "\n\n".join(text for text in texts if text)


def _block(node: Node) -> str:
    write = _WRITERS.get(str(node.get("type")))
    return write(node) if write else _LEADING.sub(r"\1\\\2", _line(node))


def _line(node: Node) -> str:
    return "".join(_span(child) for child in content_of(node))


def _span(node: Node) -> str:
    if node.get("type") == "hardBreak":
        return "\n"
    text = str(node.get("text", ""))
    marks = [str(mark["type"]) for mark in node.get("marks") or []]
    if "code" in marks:
        shown = "{{" + text.replace("{", r"\{") + "}}"
    else:
        shown = _SPECIAL.sub(r"\\\1", text)
    for mark in marks:
        sign = _MARKS.get(mark, "")
        # signs count at a word only: what is blank stays outside of them
        bare = shown.strip()
        shown = shown.replace(bare, f"{sign}{bare}{sign}", 1) if bare else shown
    links = [mark for mark in node.get("marks") or [] if mark["type"] == "link"]
    return f"[{shown}|{links[0]['attrs']['href']}]" if links else shown


def _list(node: Node, above: str = "") -> str:
    """A list whose items begin with the signs of the lists that they stand in."""
    signs = above + ("#" if node.get("type") == "orderedList" else "*")
    lines = []
    for item in content_of(node):
        texts: list[str] = []
        for block in content_of(item):
            if str(block.get("type")) in _LISTS:
                lines.append(f"{signs} {' '.join(texts)}" if texts else "")
                texts = []
                lines.append(_list(block, signs))
            else:
                texts.append(_block(block).replace("\n", r"\\"))
        lines.append(f"{signs} {' '.join(texts)}" if texts else "")
    return "\n".join(line for line in lines if line)


def _code(node: Node) -> str:
    language = attribute(node, "language")
    opening = f"{{code:{language}}}" if language else "{noformat}"
    closing = "{code}" if language else "{noformat}"
    return f"{opening}\n{words(node)}\n{closing}"


def _table(node: Node) -> str:
    rows = []
    for row in content_of(node):
        cells = content_of(row)
        is_head = all(cell.get("type") == "tableHeader" for cell in cells)
        sign = "||" if is_head else "|"
        texts = [_blocks(cell).replace("\n", r"\\") or " " for cell in cells]
        rows.append(sign + sign.join(texts) + sign)
    return "\n".join(rows)


_LISTS: Final = ("bulletList", "orderedList")
_WRITERS: Final[Mapping[str, Callable[[Node], str]]] = {
    "heading": lambda node: f"h{attribute(node, 'level')}. {_line(node)}",
    "bulletList": _list,
    "orderedList": _list,
    "codeBlock": _code,
    "blockquote": lambda node: "{quote}\n" + _blocks(node) + "\n{quote}",
    "rule": lambda node: "----",
    "table": _table,
}
