"""Lists as people write them in a ticket: bullets, numbers, letters and check marks."""

import re
from typing import Final, Iterable

LABEL: Final = r"(?:AC|A/C)[\s#-]*\d{1,3}(?:\.\d{1,3})*\s*[:.)\u2013-]\s*"
_SIGN: Final = (
    r"(?:[-*+\u2013\u00b7\u27a2\u2192]|\d{1,3}[.)]|\(\d{1,3}\)|[a-z][.)])\s+"
    r"|[\u2022\u2023\u25e6\u25aa\u25cf\u2705\u2611\u2610\u2713\u2714\u274c\u2717\u2b1c]\ufe0f?\s*"
    r"|:(?:white_|heavy_)?(?:check_mark|cross_mark|large_square):\s*"
    rf"|(?={LABEL})|(?=\*\*{LABEL})"
)
BULLET: Final = re.compile(rf"(?P<indent>\s*)(?:{_SIGN})(?P<text>\S.*)$")
_BOX: Final = r"(?:\[[ xX]?\]|[\u2705\u2611\u2610\u2713\u2714\u274c\u2717\u2b1c]\ufe0f?)\s*"
_BEFORE: Final = re.compile(rf"(?:{_BOX})?(?:{LABEL})?")
_BOLD: Final = re.compile(r"(\*\*\*|\*\*)(.+?)\1")
# not a pattern such as `*.py`
_SLANTED: Final = re.compile(r"(?<![\w*])_?\*(?=\S)([^*`]+?)(?<=\S)\*_?(?![\w*])")
_GOES_ON: Final = re.compile(r"\s*(?:When|Then|And|But)\b")


def items(lines: Iterable[str]) -> tuple[str, ...]:
    """A list's items: bullets with their continuation lines and sub-bullets, or else one a line;
    Given/When/Then is one."""
    lines = list(lines)
    bullets = [BULLET.match(line) for line in lines]
    first = next((bullet for bullet in bullets if bullet), None)
    if first is None:
        return _plain_items(lines)
    top = indent(first)
    listed: list[str] = []
    after_blank = False
    for line, bullet in zip(lines, bullets):
        blank = not line.strip()
        if bullet is not None:
            text = clean(bullet["text"])
            # as Markdown nests: one column further in is the same list
            if listed and indent(bullet) >= top + 2:
                joint = " " if listed[-1].endswith(":") else "; "
                listed[-1] += joint + text
            else:
                listed.append(text)
        elif listed and not blank and (line[0].isspace() or not after_blank):
            listed[-1] += " " + clean(line)
        after_blank = blank
    return tuple(item for item in listed if item)


def indent(bullet: re.Match[str]) -> int:
    """Columns before a bullet's sign."""
    return len(bullet["indent"].expandtabs(4))


def _plain_items(lines: Iterable[str]) -> tuple[str, ...]:
    listed: list[str] = []
    for line in lines:
        text = clean(line)
        if listed and _GOES_ON.match(line):
            listed[-1] += " " + text
        elif text:
            listed.append(text)
    return tuple(listed)


def clean(text: str) -> str:
    """One line without checkbox, label, marks of emphasis and Markdown escapes."""
    bare = _BOLD.sub(r"\2", text.strip())
    bare = _SLANTED.sub(r"\1", bare)
    bare = _BEFORE.sub("", bare, count=1)
    bare = re.sub(r"\\([!-/:-@\[-`{-~])", r"\1", bare)
    return " ".join(bare.split())
