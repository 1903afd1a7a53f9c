"""Turns one Markdown text into HTML, and says what it links to. Raw HTML is shown as text.

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
        self.headings: List[Heading] = []
        # what a heading says is the token after its opening
        for opening, inline in zip(self._tokens, self._tokens[1:]):
            if opening.type == "heading_open":
                level = HEADINGS.index(opening.tag) + 1
                self.headings.append(Heading(level, str(opening.attrs["id"]), _text(inline)))
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
        self._mend_blocks()
        body = _markdown.renderer.render(self._tokens, _markdown.options, {})
        return body, problems

    def _mend_blocks(self) -> None:
        for number, token in enumerate(self._tokens):
            if token.type in ("fence", "code_block"):
                # what scrolls must be reached by the keyboard
                token.attrSet("tabindex", "0")
            elif token.type == "th_open" and not self._tokens[number + 1].content:
                # a head that says nothing is none
                token.tag = "td"
                self._tokens[number + 2].tag = "td"

    def _inline(self) -> Iterator[Tuple[int, List[Token], Token]]:
        line = 0
        for block in self._tokens:
            # cells of a table have no lines, their row has
            if block.map:
                line = block.map[0] + 1
            token_line = line
            siblings = block.children or []
            for token in list(siblings):
                if token.type in ("softbreak", "hardbreak"):
                    token_line += 1
                yield token_line, siblings, token


def _text(inline: Token) -> str:
    words = [token for token in inline.children or [] if token.type in ("text", "code_inline")]
    return "".join(token.content for token in words)


def _point(siblings: List[Token], opening: Token, way: Way) -> None:
    if way.address:
        opening.attrSet("href", way.address)
        return
    start = siblings.index(opening)
    closing = next(token for token in siblings[start:] if token.type == "link_close")
    opening.tag = "span"
    closing.tag = "span"
    opening.attrs = {}
    if way.problem:
        opening.attrs = {"class": "broken", "title": way.problem}
        mark = Token("text", "", 0, content=" (broken link)")
        siblings.insert(siblings.index(closing), mark)


def _picture(image: Token, way: Way) -> None:
    if way.address:
        image.attrSet("src", way.address)
        return
    mark = " (broken picture)" if way.problem else ""
    image.content = f"{_text(image)}{mark}"
    image.type = "text"


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
