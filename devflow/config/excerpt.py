"""What a message shows of a file: a value in the words of YAML, and the line with a mark, never
more than fits on a screen."""

import json
from dataclasses import dataclass
from typing import Final

# of what is outside text a message shows a line, and of the message itself no more than a screen
VALUE_CHARS: Final = 80
MESSAGE_CHARS: Final = 600
LINE_CHARS: Final = 160


@dataclass(frozen=True)
class Position:
    """A position in the file; ``line`` and ``column`` count from 1, ``width`` is the length of what
    is marked."""

    line: int
    column: int
    width: int = 1


def cut(text: str, max_chars: int) -> str:
    """The first characters of a text that may be the whole file, and how many there were."""
    if len(text) <= max_chars:
        return text
    return f"{text[:max_chars]}… ({len(text)} characters)"


def excerpt_of(value: object) -> str:
    """A value of the file as a message shows it: text in quotes, and never more than a line."""
    # a mapping or a number may be as large as the file: only its beginning is written out
    if isinstance(value, (dict, list)):
        return f"a {'mapping' if isinstance(value, dict) else 'list'} of {len(value)}"
    if value is None:
        return "an empty value (null)"
    if isinstance(value, bool):
        return "true" if value else "false"
    if not isinstance(value, str):
        return cut(str(value), VALUE_CHARS)
    # what a terminal would obey is written as an escape
    quoted = json.dumps(value[:VALUE_CHARS], ensure_ascii=False)
    rest = f"… ({len(value)} characters)" if len(value) > VALUE_CHARS else ""
    return quoted + rest


def marked(line: str, place: Position) -> str:
    """The line with a mark under what is meant, as much of it as a screen shows."""
    start = max(0, place.column - 1 - LINE_CHARS // 2) if len(line) > LINE_CHARS else 0
    shown = line[start : start + LINE_CHARS]
    before = "…" if start else ""
    after = "…" if start + LINE_CHARS < len(line) else ""
    # YAML ends lines where Python does not: a column may lie behind what is shown
    column = min(place.column - 1 - start, len(shown)) + len(before)
    width = min(place.width, max(1, len(shown) - (place.column - 1 - start)))
    marks = " " * column + "^" * width
    return f"{place.line:>6} | {before}{shown}{after}\n{'':>6} | {marks}"
