"""Turns one Markdown text into HTML, and says what it links to. Raw HTML is shown as text, never
passed on.

Where a link leads is asked of whoever knows the whole site; what leads nowhere is marked on the
page and reported by its line.
"""

from typing import Callable, Iterator, List, NamedTuple, Sequence, Set, Tuple

from markdown_it import MarkdownIt
from markdown_it.token import Token
from mdit_py_plugins.anchors import anchors_plugin

HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")

_markdown = (
    MarkdownIt("commonmark", {"html": False})
    .enable(["table", "strikethrough"])
    .use(anchors_plugin, max_level=6)
)


class Heading(NamedTuple):
    """A heading of a page, with the anchor that leads to it."""

    level: int
    anchor: str
    text: str


class Way(NamedTuple):
    """Where a link leads: an address for the page, or none for what is no part of the site, or the
    problem with it."""

    address: str = ""
    problem: str = ""


class Page:
    """A parsed text. `title` is its first heading, or nothing."""

    def __init__(self, text: str) -> None:
        self._tokens = _markdown.parse(text)
        pairs = zip(self._tokens, self._tokens[1:])
        self.headings = [
            Heading(HEADINGS.index(one.tag) + 1, str(one.attrs["id"]), _text(inline))
            for one, inline in pairs
            if one.type == "heading_open"
        ]
        self.anchors: Set[str] = {heading.anchor for heading in self.headings}
        self.title = self.headings[0].text if self.headings else ""

    def html(
        self, lead: Callable[[str], Way], show: Callable[[str], Way]
    ) -> Tuple[str, List[Tuple[int, str]]]:
        """Return the page and its problems, each with its line; `lead` says where a link leads,
        `show` where a picture is.

        To be asked once: the links are rewritten in place.
        """
        problems: List[Tuple[int, str]] = []
        for line, siblings, token in list(self._inline()):
            if token.type == "link_open":
                way = lead(str(token.attrs["href"]))
                _point(siblings, token, way)
            elif token.type == "image":
                way = show(str(token.attrs["src"]))
                _picture(token, way)
            else:
                continue
            if way.problem:
                problems.append((line, way.problem))
        for number, token in enumerate(self._tokens):
            if token.type in ("fence", "code_block"):
                token.attrSet("tabindex", "0")  # what scrolls must be reached by the keyboard
            elif token.type == "th_open" and not self._tokens[number + 1].content:
                token.tag = self._tokens[number + 2].tag = "td"  # a head that says nothing is none
        return _markdown.renderer.render(self._tokens, _markdown.options, {}), problems

    def _inline(self) -> Iterator[Tuple[int, List[Token], Token]]:
        line = 0
        for block in self._tokens:
            line = (
                block.map[0] + 1 if block.map else line
            )  # cells of a table have no lines, their row has
            at, siblings = line, block.children or []
            for token in list(siblings):
                at += token.type in ("softbreak", "hardbreak")
                yield at, siblings, token


def _text(inline: Token) -> str:
    return "".join(
        token.content for token in inline.children or [] if token.type in ("text", "code_inline")
    )


def _point(siblings: List[Token], opening: Token, way: Way) -> None:
    if way.address:
        opening.attrSet("href", way.address)
        return
    closing = next(one for one in siblings[siblings.index(opening) :] if one.type == "link_close")
    opening.tag = closing.tag = "span"
    opening.attrs = {"class": "broken", "title": way.problem} if way.problem else {}
    if way.problem:
        siblings.insert(siblings.index(closing), Token("text", "", 0, content=" (broken link)"))


def _picture(image: Token, way: Way) -> None:
    if way.address:
        image.attrSet("src", way.address)
        return
    said = " (broken picture)" if way.problem else ""
    image.type, image.content = "text", f"{_text(image)}{said}"


def _open_table(
    _: object, tokens: Sequence[Token], index: int, options: object, env: object
) -> str:
    return '<div class="scroll" tabindex="0">\n<table>\n'


def _close_table(
    _: object, tokens: Sequence[Token], index: int, options: object, env: object
) -> str:
    return "</table>\n</div>\n"


_markdown.add_render_rule("table_open", _open_table)
_markdown.add_render_rule("table_close", _close_table)
