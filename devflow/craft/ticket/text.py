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
    rf"(?:[-*+\u2013\u00b7]|\d{{1,3}}[.)])\s+|[\u2022\u2023\u25e6\u2705\u2611\u2713\u2714]\ufe0f?\s*|(?={_LABEL})"
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
    found = _sections(description)
    return TicketText(
        story=_story(found["story"]) or _story(found["preamble"]),
        criteria=items(found["criteria"]),
        technical=items(found["technical"]),
        constraints=items(found["constraints"]),
        approach=_prose(found["approach"]),
        technology=_prose(found["technology"]),
        files=tuple(dict.fromkeys(path for item in items(found["files"]) if (path := _path(item)))),
        plan=items(found["plan"]),
        success=items(found["success"]),
    )


def items(lines: Iterable[str]) -> tuple[str, ...]:
    """A list's items: bullets with their continuation lines and sub-bullets, or else one a line;
    Given/When/Then is one."""
    given = list(lines)
    bullets = [match for line in given if (match := _BULLET.match(line))]
    if not bullets:
        return _plain_items(given)
    top = len(bullets[0]["indent"].expandtabs(4))
    found: list[str] = []
    after_blank = False
    for line in given:
        match = _BULLET.match(line)
        if match and len(match["indent"].expandtabs(4)) >= top + 2 and found:
            found[-1] += (" " if found[-1].endswith(":") else "; ") + _clean(match["text"])
        elif match:
            found.append(_clean(match["text"]))
        elif line.strip() and found and (line[0].isspace() or not after_blank):
            found[-1] += " " + _clean(line)
        after_blank = not line.strip()
    return tuple(item for item in found if item)


def _plain_items(lines: Iterable[str]) -> tuple[str, ...]:
    found: list[str] = []
    for line in lines:
        text = _clean(line)
        if found and _GOES_ON.match(line):
            found[-1] += " " + text
        elif text:
            found.append(text)
    return tuple(found)


def _sections(description: str) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {name: [] for name in (*TITLES, "preamble", "other")}
    current, fenced = "preamble", False
    lines = [
        "".join(char if char.isprintable() or char == "\t" else " " for char in line)
        for line in description.splitlines()
    ]
    for line, below in zip(lines, [*lines[1:], ""]):
        if line.lstrip().startswith(("```", "~~~")):
            fenced = not fenced
            continue
        heading = None if fenced else _heading(line, below)
        if heading:
            current, rest = heading
            found[current].append(rest)
        elif fenced or not _RULE.match(line):
            found[current].append(line)
    return found


def _heading(line: str, below: str) -> tuple[str, str] | None:
    """The section that a line opens and the text after its colon; ``None`` where it is no heading."""
    if match := _ATX.match(line):
        return _SECTION_OF.get(_normal(match["title"]), "other"), ""
    named = _NAMED.match(line.replace("**", ""))
    if named and not _BULLET.match(line) and (section := _SECTION_OF.get(_normal(named["title"]))):
        return section, named["rest"]
    if match := _BOLD.match(line):
        return _SECTION_OF.get(_normal(match["title"]), "other"), ""
    if below.strip() and _RULE.match(below) and (section := _SECTION_OF.get(_normal(line))):
        return section, ""
    return None


def _normal(title: str) -> str:
    without_aside = re.sub(r"\([^)]*\)", " ", title)
    return " ".join(re.findall(r"[^\W\d_]+", without_aside.casefold()))


def _clean(text: str) -> str:
    """One line without checkbox, label, bold marks and Markdown escapes."""
    bare = _BEFORE.sub("", text.strip(), count=1)
    bare = re.sub(r"\*\*(.+?)\*\*", r"\1", bare)
    return " ".join(re.sub(r"\\([!-/:-@\[-`{-~])", r"\1", bare).split())


def _story(lines: Iterable[str]) -> str:
    said = (
        f"- {_clean(match['text'])}" if (match := _BULLET.match(line)) else _clean(line)
        for line in lines
    )
    return "\n".join(line for line in said if line)


def _prose(lines: Iterable[str]) -> str:
    given = list(lines)
    bulleted = any(_BULLET.match(line) for line in given)
    return ("; " if bulleted else " ").join(items(given))


def _path(item: str) -> str:
    """The first word of an item that can be a path inside the repository, empty where none can."""
    for word in item.split():
        path = word.strip("`'\",;:()[]").removeprefix("./")
        if _PATH.fullmatch(path) and ".." not in path.split("/"):
            return path
    return ""
