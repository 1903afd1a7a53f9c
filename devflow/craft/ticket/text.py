"""Reads a ticket's Markdown description: its story, criteria, requirements, constraints, approach,
files and plan.

A heading is whatever reads as one (``## Title``, ``**Title**``, ``Title:``, a titled panel, a
table's header); where a section has bullets, only they count, so that an introducing sentence never
becomes an acceptance criterion. What of the criteria is not sure is said, and asked about.
"""

import re
from typing import Final, Iterable, Mapping

from devflow.craft.ticket import criteria as criteria_of
from devflow.craft.ticket.lists import BULLET, clean, items
from devflow.craft.ticket.sections import Sections
from devflow.craft.ticket.titles import Titles
from devflow.model.values import Value

_PATH: Final = re.compile(r"(?:[\w.@+-]+/)*[\w.@+-]+\.\w+|(?:[\w.@+-]+/)+[\w.@+-]+")


class TicketText(Value):
    """What a description says; a section that it lacks is empty. ``doubts`` are the reasons why the
    criteria may be others than those that were read."""

    story: str = ""
    criteria: tuple[str, ...] = ()
    doubts: tuple[str, ...] = ()
    technical: tuple[str, ...] = ()
    constraints: tuple[str, ...] = ()
    approach: str = ""
    technology: str = ""
    files: tuple[str, ...] = ()
    plan: tuple[str, ...] = ()
    success: tuple[str, ...] = ()


def read(
    description: str, *, field: str = "", titles: Mapping[str, Iterable[str]] | None = None
) -> TicketText:
    """Reads a Markdown description; what stands before the first heading is the story where no
    heading names one.

    ``field`` is the text of a field of its own for the criteria, which then holds all of them.
    ``titles`` are more titles of sections.
    """
    known = Titles(titles)
    found = Sections(known)
    found.read(description)
    sections = found.lines
    if field.strip():
        reading = criteria_of.read_field(field, known)
    else:
        reading = criteria_of.read(found, known)
    return TicketText(
        story=_story(sections["story"]) or _story(sections["preamble"]),
        criteria=reading.items,
        doubts=reading.doubts,
        technical=items(sections["technical"]),
        constraints=items(sections["constraints"]),
        approach=_prose(sections["approach"]),
        technology=_prose(sections["technology"]),
        files=_paths(sections["files"]),
        plan=items(sections["plan"]),
        success=items(sections["success"]),
    )


def _story(lines: Iterable[str]) -> str:
    texts = []
    for line in lines:
        bullet = BULLET.match(line)
        text = f"- {clean(bullet['text'])}" if bullet else clean(line)
        if text:
            texts.append(text)
    return "\n".join(texts)


def _prose(lines: Iterable[str]) -> str:
    lines = list(lines)
    bulleted = any(BULLET.match(line) for line in lines)
    joint = "; " if bulleted else " "
    return joint.join(items(lines))


def _paths(lines: Iterable[str]) -> tuple[str, ...]:
    """The path of each item that names one, each once."""
    paths = []
    for item in items(lines):
        path = _path(item)
        if path and path not in paths:
            paths.append(path)
    return tuple(paths)


def _path(item: str) -> str:
    """The first word of an item that can be a path inside the repository, empty where none can."""
    for word in item.split():
        path = word.strip("`'\",;:()[]").removeprefix("./")
        if _PATH.fullmatch(path) and ".." not in path.split("/"):
            return path
    return ""
