"""How things are said everywhere: ASCII twins, and outside text made harmless.

Whatever did not come from devflow's own source passes ``clean`` first; neither rich nor pydantic is
imported here.
"""

import re
from typing import Final

from devflow.model.masking import TERMINAL_SEQUENCE

# ASCII twins of the signs that our own texts use; whatever else an encoding lacks is shown as its
# code point
TWINS: Final = {
    "✔": "ok",
    "✘": "x",
    "⏸": "=",
    "⊘": "!",
    "⊖": "/",
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
    "▒": "=",
    "█": "@",
    "▪": "+",
    "╱": "/",
    "“": '"',
    "”": '"',
    "’": "'",
    "−": "-",
    "≤": "<=",
    "≥": ">=",
}
# columns of an entry's name, in every list of them
NAME_CELLS: Final = 16
SPINNER: Final = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏"
ASCII_SPINNER: Final = "|/-\\"

# GitHub reads "::" at a line's start; GitHub (old), Azure and TeamCity read "##name[" anywhere
_COMMAND_AT_START = re.compile(r"^(\s*)::")
_COMMAND_ANYWHERE = re.compile(r"##(?=\w*\[)")


def clean(text: object) -> str:
    """Outside text as one harmless line: terminal sequences go, control and direction characters
    become visible escapes, and what a CI system would obey as a command is broken up."""
    bare = TERMINAL_SEQUENCE.sub("", str(text))
    shown = "".join(map(_visible, bare))
    no_command_at_start = _COMMAND_AT_START.sub(r"\1: :", shown)
    return _COMMAND_ANYWHERE.sub("# #", no_command_at_start)


def harmless_json(text: str) -> str:
    """JSON that says the same and in which no CI system finds a command: all of those that are
    obeyed anywhere in a line begin with a number sign (``##[group]``, ``##vso[``, ``##teamcity[``).

    ``text`` is JSON, in which a number sign can only stand in a string.
    """
    return text.replace("#", "\\u0023")


def clean_lines(text: object) -> tuple[str, ...]:
    """Outside text line by line, each made harmless; indentation is kept."""
    # a sequence may span lines, so all of them go before the text is split
    bare = TERMINAL_SEQUENCE.sub("", str(text))
    return tuple(clean(line.rstrip()) for line in bare.splitlines())


def _visible(char: str) -> str:
    if char.isprintable():
        return char
    if char.isspace():
        return " "
    return char.encode("unicode_escape").decode("ascii")


def encodable(text: str, encoding: str) -> str:
    """The text in what the encoding has: a lacking character by its twin or its code point."""
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
        code_point = char.encode("ascii", "backslashreplace").decode("ascii")
        return TWINS.get(char, code_point)
    return char


def is_web_link(text: str) -> bool:
    """True for a plain http address that can stand inside a terminal link."""
    is_address = text.startswith(("http://", "https://"))
    # anything else could end the terminal's link sequence early
    return is_address and text.isprintable() and " " not in text
