"""How things are said everywhere: ASCII twins, and outside text made harmless.

Whatever did not come from devflow's own source passes ``clean`` first; neither rich nor pydantic is
imported here.
"""

import re
from typing import Final

# ASCII twins of the signs that our own texts use; whatever else an encoding lacks is shown as its
# code point
TWINS: Final = {
    "✔": "ok",
    "✘": "x",
    "⏸": "=",
    "⊘": "!",
    "○": ".",
    "◐": ">",
    "◇": "~",
    "↺": "@",
    "·": "-",
    "…": "...",
    "→": "->",
    "–": "-",
    "—": "-",
    "‹": "<",
    "›": ">",
    "×": "x",
    "▓": "#",
    "░": ".",
    "“": '"',
    "”": '"',
    "’": "'",
    "−": "-",
    "≤": "<=",
    "≥": ">=",
}
SPINNER: Final = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏"
ASCII_SPINNER: Final = "|/-\\"

_TERMINAL_SEQUENCE = re.compile(
    r"\x1b\[[0-?]*[ -/]*[@-~]"  # CSI: colours, cursor
    r"|\x1b[\]PX^_].*?(?:\x07|\x1b\\)"  # OSC, DCS and the other strings, with their end
    r"|\x1b[ -/]*[0-~]",  # two-character escapes
    re.DOTALL,
)
# GitHub reads "::" at a line's start; GitHub (old), Azure and TeamCity read "##name[" anywhere
_COMMAND_AT_START = re.compile(r"^(\s*)::")
_COMMAND_ANYWHERE = re.compile(r"##(?=\w*\[)")


def clean(text: object) -> str:
    """Outside text as one harmless line: terminal sequences go, control and direction characters
    become visible escapes, and what a CI system would obey as a command is broken up."""
    bare = _TERMINAL_SEQUENCE.sub("", str(text))
    shown = "".join(char if char.isprintable() else _visible(char) for char in bare)
    return _COMMAND_ANYWHERE.sub("# #", _COMMAND_AT_START.sub(r"\1: :", shown))


def clean_lines(text: object) -> tuple[str, ...]:
    """Outside text line by line, each made harmless; indentation is kept."""
    return tuple(
        clean(line.rstrip()) for line in _TERMINAL_SEQUENCE.sub("", str(text)).splitlines()
    )


def _visible(char: str) -> str:
    return " " if char.isspace() else char.encode("unicode_escape").decode("ascii")


def encodable(text: str, encoding: str) -> str:
    """The text with each character that the encoding lacks as its twin or code point."""
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        return "".join(_twin(char, encoding) for char in text)
    except LookupError:
        return encodable(text, "ascii")
    return text


def _twin(char: str, encoding: str) -> str:
    try:
        char.encode(encoding)
    except UnicodeEncodeError:
        return TWINS.get(char, char.encode("ascii", "backslashreplace").decode("ascii"))
    return char


def is_web_link(text: str) -> bool:
    """True for a plain http address that can stand inside a terminal link."""
    return text.startswith(("http://", "https://")) and text.isprintable() and " " not in text
