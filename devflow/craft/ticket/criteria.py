"""Acceptance criteria in the forms that people give them, and how sure their reading is.

A wrong list is worse than none: whatever may be read in two ways is named as a doubt.
"""

import re
from dataclasses import dataclass, field
from typing import Final, Iterable, Iterator, Sequence

from devflow.craft.ticket.blocks import blocks_of, items_of, unsigned
from devflow.craft.ticket.gherkin import Scenarios, is_scenario, word_of
from devflow.craft.ticket.lists import clean
from devflow.craft.ticket.sections import Line, Sections
from devflow.craft.ticket.tables import Table, cells_of
from devflow.craft.ticket.titles import Titles
from devflow.model.values import Value
from devflow.model.wording import one_line

_NOTHING: Final = re.compile(
    r"[\W_]*(?:tbd|tba|tbc|todo|to do|to be (?:defined|added|done|discussed)|n/?a|none|nil|keine|"
    r"(?:see|siehe|voir|cf\.?) [\w\s]{0,40}|(?:criteri(?:on|a)|ac|item) ?#?\d*|"
    r"[<\[{][^<>\]}]*[>\]}])?[\W_]*",
    re.I,
)
_LINK: Final = re.compile(r"(?:\[[^\]]*\]\()?https?://\S+\)?")
# a template's words in brackets; one pair alone may be a name
_BLANKS: Final = re.compile(r"\[[^\W\d][\w /,'-]*\](?!\().*\[[^\W\d][\w /,'-]*\](?!\()")
_ANGLES: Final = re.compile(r"<[^\W\d][\w /,'-]*>.*<[^\W\d][\w /,'-]*>")
# a list that was written on one line
_INLINE: Final = re.compile(r"\u2022.*\u2022")
# signs that say so only where nothing else was read
_INLINE_ALONE: Final = re.compile(r"(?:\s[-\u00b7*]\s.*){2}|\s\(?[2b][.)]\s+\S")
_STRUCK: Final = re.compile(r"~~[^~]+~~[.;]?")
_REMARK: Final = re.compile(
    r"[\W_]*(?:n\.?b|note|notes|hint|see|ps|ref|refer|hinweis|anmerkung|siehe|remarque|nota)\b",
    re.I,
)
_SENTENCES: Final = re.compile(r"[.!?]\s+[A-Z\u00c0-\u00de]")
_ENDS: Final = (".", ";", "!", "?", ":", ",")
WRAPPED_CHARS: Final = 60  # a line as long that ends in no sign may go on below
MOST_QUOTED: Final = 60  # characters of a text that a doubt quotes


class Reading(Value):
    """The criteria that were read, and why they may be others."""

    items: tuple[str, ...] = ()
    doubts: tuple[str, ...] = ()


def read(sections: Sections, titles: Titles) -> Reading:
    """The criteria of a description: those below their heading, else scenarios anywhere, which are
    not sure to be meant so."""
    if any(line.text.strip() for line in sections.criteria):
        return _read(sections.criteria, titles)
    scenarios = [line for line in sections.everything if word_of(line.text) or line.kind == "code"]
    if not is_scenario(line.text for line in scenarios):
        return Reading()
    reading = _read([Line("code", line.text) for line in scenarios], titles)
    doubt = "scenarios that no heading calls acceptance criteria"
    return Reading(items=reading.items, doubts=(doubt, *reading.doubts))


def read_field(text: str, titles: Titles) -> Reading:
    """The criteria of a field that holds nothing else."""
    found = Sections(titles)
    found.read(f"# {_OWN_TITLE}\n\n{text}")
    return _read(found.criteria, titles)


_OWN_TITLE: Final = "Acceptance Criteria"


@dataclass
class _Part:
    """What stands below one sub-heading."""

    kind: str = "text"
    title: str = ""
    lines: list[Line] = field(default_factory=list)

    @property
    def has_text(self) -> bool:
        """Whether anything stands there."""
        return any(line.text.strip() for line in self.lines)


def _read(lines: Iterable[Line], titles: Titles) -> Reading:
    parts = [_Part()]
    for line in lines:
        if line.kind in ("title", "group", "bold group"):
            parts.append(_Part(line.kind, line.text))
        else:
            parts[-1].lines.append(line)
    listed: list[str] = []
    doubts: list[str] = []
    for part in parts:
        body = _Body(titles)
        body.read(part.lines)
        if part.kind == "group" and body.items and parts[0].has_text:
            # headings that are deeper by accident look the same
            doubts.append(f"a heading behind the list: {_quoted(clean(part.title))}")
        listed.extend(_of_part(part, body, doubts))
        doubts.extend(body.doubts)
    return _checked(listed, doubts)


def _of_part(part: _Part, body: "_Body", doubts: list[str]) -> Iterator[str]:
    title = clean(part.title)
    if part.kind == "title":
        named = re.sub(
            r"^(?:scenario|szenario|scénario)\s*#?\d*\s*[:\u2013-]\s*", "", title, flags=re.I
        )
        named = "" if _NOTHING.fullmatch(named) else named.rstrip(":")
        is_stepwise = any(word_of(item) for item in body.items)
        rest = (" " if is_stepwise else "; ").join(body.items)
        yield ": ".join(filter(None, (named, rest)))
        return
    if part.kind == "bold group" and body.items:
        doubts.append(f"a heading among them: {_quoted(title)}")
    if title and not body.items:
        doubts.append(f"a heading with nothing below it: {_quoted(title)}")
        yield title
    yield from body.items


def _checked(listed: Sequence[str], doubts: Sequence[str]) -> Reading:
    """Without what is no criterion: a placeholder, a withdrawn one."""
    items: list[str] = []
    reasons = list(doubts)
    for one in listed:
        text = one_line(clean(one))
        if _NOTHING.fullmatch(text):
            if text.strip():
                reasons.append(f"a placeholder: {_quoted(text)}")
        elif not _STRUCK.fullmatch(text):
            if _BLANKS.search(text) or (_ANGLES.search(text) and "Examples" not in text):
                reasons.append(f"a placeholder: {_quoted(text)}")
            if _INLINE.search(text) or (len(listed) == 1 and _INLINE_ALONE.search(text)):
                reasons.append(f"several on one line: {_quoted(text)}")
            if _LINK.fullmatch(text):
                reasons.append(f"a link alone: {_quoted(text)}")
            items.append(text)
    if not items:
        # nothing was read: there is nothing to be unsure of
        reasons = []
    return Reading(items=tuple(items), doubts=tuple(dict.fromkeys(reasons)))


class _Body:
    """The criteria below one heading."""

    def __init__(self, titles: Titles) -> None:
        self.items: list[str] = []
        self.doubts: list[str] = []
        self._titles = titles

    def read(self, lines: Sequence[Line]) -> None:
        """Takes all lines: a list or a table counts before text that stands beside it."""
        blocks = list(blocks_of(lines))
        kinds = {kind for kind, _ in blocks}
        steps = [unsigned(line.text) for line in lines if line.kind == "text"]
        is_stepwise = is_scenario(steps)
        has_list = bool(kinds & {"list", "table"})
        scenarios = Scenarios()
        for place, (kind, texts) in enumerate(blocks):
            match kind:
                case "table":
                    self._add_table(texts, scenarios)
                case "list":
                    self._add_list(texts, scenarios)
                case "code":
                    self._add_code(texts, scenarios, len(kinds) == 1)
                case _ if _has_steps(texts, is_stepwise):
                    self._add_steps(texts, scenarios)
                case _ if has_list or "code" in kinds:
                    self._weigh(texts, is_first=place == 0)
                case _ if not (place == 0 < len(blocks) - 1 and texts[-1].rstrip().endswith(":")):
                    self._add_plain(texts, scenarios)
        self.items = [item for item in scenarios.listed if item]
        self.doubts.extend(scenarios.doubts)
        if kinds == {"text"}:
            self._weigh_prose()

    def _add_table(self, texts: Sequence[str], scenarios: Scenarios) -> None:
        table = Table([cells for text in texts if (cells := cells_of(text)) is not None])
        for item in table.items(self._titles):
            scenarios.add(item)
        scenarios.close()
        self.doubts.extend(table.doubts)

    def _add_list(self, texts: Sequence[str], scenarios: Scenarios) -> None:
        items, counts = items_of(texts)
        steps = map(unsigned, texts)
        is_stepwise = is_scenario(steps) or scenarios.is_titled
        if all(count > 1 for count in counts) and not is_stepwise:
            self.doubts.append(f"a list in groups: {_quoted(items[0])}")
        for item in items:
            if is_stepwise:
                scenarios.add(item)
            else:
                scenarios.plain(item)
        scenarios.close()

    def _add_code(self, texts: Sequence[str], scenarios: Scenarios, is_alone: bool) -> None:
        if is_scenario(texts):
            for one in texts:
                bare = one.strip()
                if bare and not bare.startswith(("#", "@", '"""')):
                    cells = cells_of(bare)
                    text = ", ".join(cells) if cells else bare
                    scenarios.add(text, goes_on=bool(cells), is_code=True)
            scenarios.close()
        elif is_alone:
            self.doubts.append("a code block")
            for text in texts:
                scenarios.add(text.strip())

    def _add_steps(self, texts: Sequence[str], scenarios: Scenarios) -> None:
        for place, text in enumerate(texts):
            scenarios.add(clean(text), goes_on=place > 0)

    def _add_plain(self, texts: Sequence[str], scenarios: Scenarios) -> None:
        """Lines without any sign: each is one, unless it goes on with the one before."""
        before = ""
        for text in texts:
            line = clean(text)
            goes_on = bool(before) and line[:1].islower() and not before.endswith(_ENDS[:4])
            if before and not goes_on and len(before) > WRAPPED_CHARS:
                if not before.endswith(_ENDS):
                    self.doubts.append(f"a line that may go on in the next: {_quoted(before)}")
            scenarios.add(line, goes_on=goes_on)
            before = line
        scenarios.close()

    def _weigh(self, texts: Sequence[str], *, is_first: bool) -> None:
        """Text beside a list: an introduction or a remark is none of the criteria, other text may
        be."""
        last = texts[-1].rstrip()
        # a condition that introduces a list is a part of what follows
        is_introduction = is_first and last.endswith(":") and not word_of(clean(last))
        if is_introduction or _REMARK.match(texts[0]):
            return
        self.doubts.append(f"a text beside the list: {_quoted(' '.join(texts))}")

    def _weigh_prose(self) -> None:
        if len(self.items) == 1 and _SENTENCES.search(self.items[0]):
            if not is_scenario(self.items):
                self.doubts.append("a text of several sentences")


def _has_steps(texts: Sequence[str], is_stepwise: bool) -> bool:
    """Whether a paragraph is of a scenario, where there is one at all."""
    words = {word_of(clean(text)) for text in texts}
    return "scenario" in words or (is_stepwise and words != {""})


def _quoted(text: str) -> str:
    short = one_line(text)
    return f'"{short[:MOST_QUOTED]}{"…" if len(short) > MOST_QUOTED else ""}"'
