"""Reads a ticket's Markdown description: its story, criteria, requirements, constraints, approach,
files and plan.

A heading is whatever reads as one (``## Title``, ``h2. Title``, ``**Title**``, ``Title:``); where a
section has bullets, only they count, so that an introducing sentence never becomes an acceptance
criterion.
"""

import re
from typing import Final, Iterable, Mapping

from devflow.model.values import Value

TITLES: Final[Mapping[str, tuple[str, ...]]] = {
    "story": ("user story", "story", "description", "context"),
    "criteria": (
        "acceptance criteria",
        "acceptance criterion",
        "acceptance",
        "acceptance tests",
        "conditions of satisfaction",
        "ac",
    ),
    "technical": (
        "technical requirements",
        "technical requirement",
        "technical notes",
        "requirements",
    ),
    "constraints": (
        "constraints",
        "constraint",
        "technical constraints",
        "non functional requirements",
    ),
    "approach": (
        "approach",
        "architecture",
        "architecture design",
        "design",
        "solution",
        "proposed solution",
    ),
    "technology": ("technology", "technologies", "technology stack", "tech stack", "stack"),
    "files": (
        "files",
        "files to modify",
        "files to change",
        "files modified",
        "affected files",
        "file structure",
    ),
    "success": ("success metrics", "success metric", "success criteria", "metrics"),
    "plan": (
        "implementation plan",
        "plan",
        "implementation",
        "implementation steps",
        "steps",
        "tasks",
    ),
}
_SECTION_OF: Final = {title: section for section, titles in TITLES.items() for title in titles}
_ATX: Final = re.compile(r"\s{0,3}(?:#{1,6}\s*|h[1-6]\.\s+)(?P<title>[^#\s].*?)[\s#:]*$")
_BOLD: Final = re.compile(r"\s{0,3}(\*\*|__|\*|_)(?P<title>[^*_\s][^*_]*?)\1?:?\1?\s*$")
_NAMED: Final = re.compile(r"(?P<title>[^:]{2,40}):\s*(?P<rest>.*)$")
_RULE: Final = re.compile(r"\s{0,3}(=+|-{3,})\s*$")
_LABEL: Final = r"AC[\s-]?\d{1,3}\s*[:.)\u2013-]\s*"
_SIGN: Final = (
    r"(?:[-*+\u2013\u00b7]|\d{1,3}[.)])\s+"
    r"|[\u2022\u2023\u25e6\u2705\u2611\u2713\u2714]\ufe0f?\s*"
    rf"|(?={_LABEL})"
)
_BULLET: Final = re.compile(rf"(?P<indent>\s*)(?:{_SIGN})(?P<text>\S.*)$")
_BEFORE: Final = re.compile(rf"(?:\[[ xX]?\]\s*)?(?:\*\*)?(?:{_LABEL})?(?:\*\*)?\s*")
_GOES_ON: Final = re.compile(r"\s*(?:When|Then|And|But)\b")
_PATH: Final = re.compile(r"(?:[\w.@+-]+/)*[\w.@+-]+\.\w+|(?:[\w.@+-]+/)+[\w.@+-]+")


class TicketText(Value):
    """What a description says; a section that it lacks is empty."""

    story: str = ""
    criteria: tuple[str, ...] = ()
    technical: tuple[str, ...] = ()
    constraints: tuple[str, ...] = ()
    approach: str = ""
    technology: str = ""
    files: tuple[str, ...] = ()
    plan: tuple[str, ...] = ()
    success: tuple[str, ...] = ()


def read(description: str) -> TicketText:
    """Reads a Markdown description; what stands before the first heading is the story where no
    heading names one."""
    sections = _sections(description)
    story = _story(sections["story"])
    return TicketText(
        story=story or _story(sections["preamble"]),
        criteria=items(sections["criteria"]),
        technical=items(sections["technical"]),
        constraints=items(sections["constraints"]),
        approach=_prose(sections["approach"]),
        technology=_prose(sections["technology"]),
        files=_paths(sections["files"]),
        plan=items(sections["plan"]),
        success=items(sections["success"]),
    )


def items(lines: Iterable[str]) -> tuple[str, ...]:
    """A list's items: bullets with their continuation lines and sub-bullets, or else one a line;
    Given/When/Then is one."""
    lines = list(lines)
    bullets = [_BULLET.match(line) for line in lines]
    first = next((bullet for bullet in bullets if bullet), None)
    if first is None:
        return _plain_items(lines)
    top = _indent(first)
    listed: list[str] = []
    after_blank = False
    for line, bullet in zip(lines, bullets):
        blank = not line.strip()
        if bullet is not None:
            text = _clean(bullet["text"])
            # as Markdown nests: one column further in is the same list
            if listed and _indent(bullet) >= top + 2:
                joint = " " if listed[-1].endswith(":") else "; "
                listed[-1] += joint + text
            else:
                listed.append(text)
        elif listed and not blank and (line[0].isspace() or not after_blank):
            listed[-1] += " " + _clean(line)
        after_blank = blank
    return tuple(item for item in listed if item)


def _indent(bullet: re.Match[str]) -> int:
    """Columns before a bullet's sign."""
    return len(bullet["indent"].expandtabs(4))


def _plain_items(lines: Iterable[str]) -> tuple[str, ...]:
    listed: list[str] = []
    for line in lines:
        text = _clean(line)
        if listed and _GOES_ON.match(line):
            listed[-1] += " " + text
        elif text:
            listed.append(text)
    return tuple(listed)


def _sections(description: str) -> dict[str, list[str]]:
    """The lines of each section; below a heading that is not known they are ``other``."""
    sections: dict[str, list[str]] = {name: [] for name in (*TITLES, "preamble", "other")}
    current = "preamble"
    fenced = False
    lines = [_printable(line) for line in description.splitlines()]
    for line, below in zip(lines, [*lines[1:], ""]):
        if line.lstrip().startswith(("```", "~~~")):
            fenced = not fenced
            continue
        heading = None if fenced else _heading(line, below)
        if heading:
            current, rest = heading
            sections[current].append(rest)
        elif fenced or not _RULE.match(line):
            sections[current].append(line)
    return sections


def _printable(line: str) -> str:
    characters = []
    for char in line:
        # a tab stays, since it says how far in a bullet is
        readable = char.isprintable() or char == "\t"
        characters.append(char if readable else " ")
    return "".join(characters)


def _heading(line: str, below: str) -> tuple[str, str] | None:
    """The section that a line opens and the text after its colon; ``None`` for no heading."""
    marked = _ATX.match(line)
    if marked:
        return _section_of(marked["title"]) or "other", ""
    named = _NAMED.match(line.replace("**", ""))
    if named and not _BULLET.match(line):
        section = _section_of(named["title"])
        if section:
            return section, named["rest"]
    bold = _BOLD.match(line)
    if bold:
        return _section_of(bold["title"]) or "other", ""
    section = _section_of(line)
    if section and below.strip() and _RULE.match(below):
        return section, ""
    return None


def _section_of(title: str) -> str:
    """The section that a title opens, empty where none is called so."""
    return _SECTION_OF.get(_normal(title), "")


def _normal(title: str) -> str:
    without_aside = re.sub(r"\([^)]*\)", " ", title)
    words = re.findall(r"[^\W\d_]+", without_aside.casefold())
    return " ".join(words)


def _clean(text: str) -> str:
    """One line without checkbox, label, bold marks and Markdown escapes."""
    bare = _BEFORE.sub("", text.strip(), count=1)
    bare = re.sub(r"\*\*(.+?)\*\*", r"\1", bare)
    bare = re.sub(r"\\([!-/:-@\[-`{-~])", r"\1", bare)
    return " ".join(bare.split())


def _story(lines: Iterable[str]) -> str:
    texts = []
    for line in lines:
        bullet = _BULLET.match(line)
        text = f"- {_clean(bullet['text'])}" if bullet else _clean(line)
        if text:
            texts.append(text)
    return "\n".join(texts)


def _prose(lines: Iterable[str]) -> str:
    lines = list(lines)
    bulleted = any(_BULLET.match(line) for line in lines)
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
