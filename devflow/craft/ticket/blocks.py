"""The blocks of a section's lines: lists with what is nested in them, tables, code, paragraphs."""

from typing import Iterator, Sequence

from devflow.craft.ticket.gherkin import word_of
from devflow.craft.ticket.lists import BULLET, clean, indent
from devflow.craft.ticket.sections import Line
from devflow.craft.ticket.tables import cells_of


def blocks_of(lines: Sequence[Line]) -> Iterator[tuple[str, list[str]]]:
    """Lists, tables, code and paragraphs, in their order."""
    kind = ""
    texts: list[str] = []
    after_blank = False
    for line in lines:
        now = _kind(line, kind, after_blank)
        is_over = now != kind or (kind == "text" and after_blank)
        if texts and now and is_over:
            yield kind, texts
            texts = []
        if now:
            kind = now
            texts.append(line.text)
        elif kind == "list":
            texts.append("")
        after_blank = not now
    if texts:
        yield kind, texts


def _kind(line: Line, before: str, after_blank: bool) -> str:
    """What a line is part of, empty for a blank one."""
    text = line.text
    if not text.strip():
        return ""
    if line.kind == "code":
        return "code"
    if cells_of(text) is not None:
        return "table"
    is_inside = before == "list" and (text[0].isspace() or not after_blank)
    return "list" if BULLET.match(text) or is_inside else "text"


def unsigned(text: str) -> str:
    """A line without the sign of a list."""
    bullet = BULLET.match(text)
    return clean(bullet["text"] if bullet else text)


def items_of(lines: Sequence[str]) -> tuple[list[str], list[int]]:
    """The items of a list with their sub-items, and how many of those each has."""
    items: list[str] = []
    counts: list[int] = []
    top = -1
    after_blank = False
    for line in lines:
        bullet = BULLET.match(line)
        if bullet is not None:
            top = indent(bullet) if top < 0 else top
            text = clean(bullet["text"])
            # as Markdown nests: one column further in is the same list
            if items and indent(bullet) >= top + 2:
                is_step = word_of(text) and (word_of(text) != "and" or word_of(items[-1]))
                joint = " " if items[-1].endswith(":") or is_step else "; "
                items[-1] += joint + text
                counts[-1] += 1
            else:
                items.append(text)
                counts.append(0)
        elif items and line.strip() and (line[0].isspace() or not after_blank):
            items[-1] += " " + clean(line)
        after_blank = not line.strip()
    return items, counts
