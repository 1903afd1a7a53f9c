"""The sections of a ticket's Markdown description, line by line.

What stands inside a box (a quotation, ``<details>``) belongs to the section that its own heading
opens there; behind it the section before goes on.
"""

import re
from dataclasses import dataclass, replace
from typing import Final, Iterator, Literal

from devflow.craft.ticket.gherkin import word_of
from devflow.craft.ticket.lists import BULLET, LABEL, clean, indent
from devflow.craft.ticket.tables import BREAK, Table, cells_of
from devflow.craft.ticket.titles import CRITERIA, OTHER, TITLES, Titles, normal

PREAMBLE: Final = "preamble"
# below those that Markdown counts
BOLD: Final = 7
NAMED: Final = 8
ITEM: Final = 9

_ATX: Final = re.compile(
    r"\s{0,3}(?:(?P<marks>#{1,6})\s*|h(?P<level>[1-6])\.\s+)(?P<title>[^#\s].*?)[\s#:]*$"
)
_BOLD: Final = re.compile(
    r"\s{0,3}(\*\*\*|\*\*|__|\*|_)(?P<title>[^*_\s][^*_]*?)\s*\1?\s*:?\s*\1?\s*:?\s*$"
)
_NAMED: Final = re.compile(r"(?P<title>[^:]{2,40}):\s*(?P<rest>.*)$")
_RULE: Final = re.compile(r"\s{0,3}(=+|-{3,})\s*$")
_FENCE: Final = re.compile(r"\s*(```+|~~~+)\s*(\w*)")
_OPENS: Final = re.compile(r"\s*<details>", re.I)
_SUMMARY: Final = re.compile(r"\s*<summary>(?P<title>.*?)</summary>\s*$", re.I)
_CLOSES: Final = re.compile(r"\s*</details>\s*$", re.I)
_QUOTE: Final = re.compile(r"\s{0,3}> ?")
_CRITERION: Final = re.compile(
    rf"(?:{LABEL}|(?:AC|criterion|criteria|kriterium|critère)[\s#-]*\d+\b[\s:.)\u2013-]*)", re.I
)
# at the beginning of a line, without the sign of a list
_LABELLED: Final = re.compile(
    rf"\s{{0,3}}(?:\*\*|\*|_)?{LABEL}|\s{{0,3}}\*\*(?:AC|A/C)[\s#-]*\d+\*\*", re.I
)
# titles inside the criteria's section below which no criteria stand
_ASIDES: Final = frozenset(
    (
        "note|notes|hint|hints|remark|remarks|out of scope|not in scope|open questions|questions|"
        "links|resources|references|attachments|mockups|mock ups|designs|screenshots|test data|"
        "definition of done|definition of ready|dod|dor|dependencies|assumptions|risks|background|"
        "hinweis|hinweise|anmerkung|anmerkungen|notizen|offene fragen|remarque|remarques|notas"
    ).split("|")
)
Kind = Literal["text", "code", "title", "group", "bold group"]


@dataclass(frozen=True)
class Line:
    """A line of the criteria's section; a ``title`` is one criterion's, a ``group`` is of
    several."""

    kind: Kind
    text: str


@dataclass(frozen=True)
class _Place:
    """Where the reading is: the section, the level of the heading that opened it, and the columns
    before a bullet that was its heading."""

    section: str = PREAMBLE
    level: int = 0
    column: int = -1


class Sections:
    """Gathers the lines of each section; below a heading that is not known they are ``other``."""

    def __init__(self, titles: Titles) -> None:
        self.lines: dict[str, list[str]] = {name: [] for name in (*TITLES, PREAMBLE, OTHER)}
        self.criteria: list[Line] = []
        # all code and text, for scenarios that no heading announces
        self.everything: list[Line] = []
        self._titles = titles
        self._place = _Place()
        self._outside: list[_Place] = []
        self._before_quote: _Place | None = None
        self._fence = ""
        self._rows: list[tuple[str, ...]] = []
        self._row_texts: list[str] = []

    def read(self, text: str) -> None:
        """Takes the whole text."""
        lines = [_printable(line) for line in text.splitlines()]
        for line, below in zip(lines, [*lines[1:], ""]):
            self._take_quoted(line, below)
        self._end_table()

    def _take_quoted(self, line: str, below: str) -> None:
        quote = None if self._fence else _QUOTE.match(line)
        if quote:
            self._before_quote = self._before_quote or self._place
            self._take(line[quote.end() :], _QUOTE.sub("", below, count=1))
            return
        if self._before_quote is not None and not line.strip():
            self._place = self._before_quote
            self._before_quote = None
        self._take(line, below)

    def _take(self, line: str, below: str) -> None:
        fence = _FENCE.match(line)
        if fence and (not self._fence or line.strip() == self._fence):
            self._end_table()
            self._fence = "" if self._fence else fence[1]
            return
        if self._fence:
            self._add(line, "code")
            return
        cells = cells_of(line)
        if cells is not None:
            self._rows.append(cells)
            self._row_texts.append(line)
            return
        self._end_table()
        parts = BREAK.split(line) if "<br" in line else [line]
        for part in parts[:-1]:
            self._take_line(part, "")
        self._take_line(parts[-1], below)

    def _take_line(self, line: str, below: str) -> None:
        if self._place.section == CRITERIA and _LABELLED.match(line):
            self.criteria.append(Line("title", line))
        elif not self._take_box(line) and not self._take_heading(line, below):
            if not _RULE.match(line):
                self._add_text(line)

    def _add_text(self, line: str) -> None:
        bullet = BULLET.match(line)
        place = self._place
        if bullet and indent(bullet) <= place.column:
            self._place = _Place(OTHER, place.level)
        self._add(line, "text")

    def _add(self, line: str, kind: Kind) -> None:
        if kind != "code":
            self.lines[self._place.section].append(line)
        self.everything.append(Line(kind, line))
        if self._place.section == CRITERIA:
            self.criteria.append(Line(kind, line))

    def _end_table(self) -> None:
        """A table is whole: it opens sections by its own titles, or is the section's text."""
        if not self._rows:
            return
        texts = self._row_texts
        found = Table(self._rows).titled(self._titles)
        self._rows = []
        self._row_texts = []
        for section, lines in found.items():
            outside = self._place
            self._place = _Place(section, NAMED)
            for line in lines:
                self._add(line, "text")
            self._place = outside
        for text in () if found else texts:
            self._add(text, "text")

    def _take_box(self, line: str) -> bool:
        if _OPENS.match(line):
            self._outside.append(self._place)
            rest = _OPENS.sub("", line, count=1)
            return not rest.strip() or self._take_box(rest)
        summary = _SUMMARY.match(line)
        if summary:
            section = self._titles.heading(clean(summary["title"])) or OTHER
            self._place = _Place(section)
            return True
        if _CLOSES.match(line) and self._outside:
            self._place = self._outside.pop()
            return True
        return False

    def _take_heading(self, line: str, below: str) -> bool:
        for level, title, rest in self._headings(line, below):
            section = self._titles.heading(title) if level <= BOLD else self._titles.section(title)
            if section:
                self._open(_Place(section, level), title, rest)
                return True
            if level <= BOLD:
                self._take_unknown(level, title)
                return True
        return self._take_item(line)

    def _headings(self, line: str, below: str) -> Iterator[tuple[int, str, str]]:
        """What a line may be the heading of: level, title, and the text after its colon."""
        marked = _ATX.match(line)
        if marked:
            yield len(marked["marks"] or "") or int(marked["level"]), marked["title"], ""
            return
        is_bullet = BULLET.match(line) is not None
        named = _NAMED.match(line.replace("**", "").replace("__", "").strip("* "))
        if named and not is_bullet:
            if self._place.section == CRITERIA and not named["rest"]:
                if normal(named["title"]) in _ASIDES:
                    # as a heading of its own would
                    yield BOLD, named["title"], ""
            yield NAMED, named["title"], named["rest"]
        bold = None if is_bullet else _BOLD.match(line)
        if bold:
            yield BOLD, bold["title"], ""
        if below.strip() and _RULE.match(below):
            yield NAMED, line, ""
        if self._titles.section(line) == CRITERIA and not is_bullet:
            yield NAMED, line, ""

    def _open(self, place: _Place, title: str, rest: str) -> None:
        is_inside = self._place.section == place.section == CRITERIA
        if is_inside and place.level > self._place.level and place.level <= BOLD:
            self.criteria.append(Line("group", title))
            return
        self._place = place
        self._add(rest, "text")

    def _take_unknown(self, level: int, title: str) -> None:
        """A heading whose title is no section's."""
        if self._place.section != CRITERIA:
            self._place = _Place(OTHER, level)
            return
        here = self._place.level
        if _CRITERION.match(title) or word_of(title) == "scenario":
            self.criteria.append(Line("title", title))
        elif word_of(title) in ("given", "when", "then", "and"):
            self._add(title, "text")
        elif level <= here or normal(title) in _ASIDES:
            self._place = replace(self._place, section=OTHER)
        else:
            kind: Kind = "bold group" if level == BOLD else "group"
            self.criteria.append(Line(kind, title))

    def _take_item(self, line: str) -> bool:
        """A bullet that is a section's title, with what is nested below it."""
        bullet = BULLET.match(line)
        if bullet is None:
            return False
        text = bullet["text"].strip()
        title, colon, rest = text.replace("**", "").partition(":")
        is_marked = bool(colon) or text.startswith("**")
        section = self._titles.section(title)
        if not section or not is_marked:
            return False
        if section != CRITERIA and self._place.section == CRITERIA and self._place.level < ITEM:
            return False
        self._place = _Place(section, ITEM, indent(bullet))
        self._add(rest.strip(), "text")
        return True


def _printable(line: str) -> str:
    characters = []
    for char in line:
        # a tab stays, since it says how far in a bullet is
        readable = char.isprintable() or char == "\t"
        characters.append(char if readable else " ")
    return "".join(characters)
