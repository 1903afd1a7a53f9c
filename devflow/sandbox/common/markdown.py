"""What somebody wrote in Markdown, as GitHub shows it: its comments are not seen, HTML is text, an
address is a link, and a picture is shown small, as a link to itself."""

import re
from functools import cache
from typing import Any, Final, Sequence

from markdown_it import MarkdownIt
from markdown_it.token import Token

from devflow.sandbox.common.page import text

# ours and those of templates have lines of their own
_COMMENT: Final = re.compile(r"^<!--.*?-->\n?", re.DOTALL | re.MULTILINE)
# a dot or comma at its end is the sentence's
_ADDRESS: Final = re.compile(r"https?://[^\s<>()&]+(?:&amp;[^\s<>()&]+)*(?<![.,:;!?])")
_WIDTH_PX: Final = 240
_SHORT_CHARS: Final = 16  # of a table's cell that keeps to one line: an id, a number of lines


def rendered(markdown: str) -> str:
    """Ready HTML, of which only the tags of Markdown are tags."""
    html: str = _renderer().render(_COMMENT.sub("", markdown))
    return f"<div class='markdown'>{html}</div>"


@cache
def _renderer() -> MarkdownIt:
    # the end of a line is one, as in GitHub's pull requests and comments
    renderer = MarkdownIt("commonmark", {"html": False, "breaks": True})
    renderer.enable(["table", "strikethrough"])
    renderer.add_render_rule("text", _text)
    renderer.add_render_rule("image", _image)
    renderer.add_render_rule("td_open", _cell)
    return renderer


def _cell(renderer: Any, tokens: Sequence[Token], index: int, options: Any, env: Any) -> str:
    if len(tokens[index + 1].content) <= _SHORT_CHARS:
        tokens[index].attrJoin("class", "short")
    shown: str = renderer.renderToken(tokens, index, options, env)
    return shown


def _text(renderer: Any, tokens: Sequence[Token], index: int, options: Any, env: Any) -> str:
    shown = text(tokens[index].content)
    before = [token.type for token in tokens[:index]]
    if before.count("link_open") > before.count("link_close"):
        return shown
    return _ADDRESS.sub(r'<a href="\g<0>">\g<0></a>', shown)


def _image(renderer: Any, tokens: Sequence[Token], index: int, options: Any, env: Any) -> str:
    source = text(tokens[index].attrGet("src"))
    name = text(tokens[index].content)
    picture = f'<img src="{source}" alt="{name}" width="{_WIDTH_PX}" loading="lazy">'
    return f'<a href="{source}">{picture}</a>'
