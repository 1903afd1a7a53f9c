"""Which lines of files the text of a failure names, in the forms that runners print:
``price.js:3:5``, ``(Price.java:12)``, ``File "price.py", line 3``, ``price.cs:line 12``,
``at price.t line 3``.

Whose files they are the text does not say: frames of the runner itself are among them.
"""

import re
from typing import Final, NamedTuple

_NAMED: Final = re.compile(
    r"(?:file://)?(?P<path>/?[\w.@+~-]+(?:[/\\][\w.@+~-]+)*\.[A-Za-z]\w{0,6})"
    r"(?::line |:|\"?,? line )(?P<line>[1-9]\d*)\b"
)
_MOST: Final = 200  # places of one failure; the deepest tracebacks that runners print whole


class NamedPlace(NamedTuple):
    """A file, as the text calls it, and a line of it."""

    path: str
    line: int


def named_places(text: str) -> tuple[NamedPlace, ...]:
    """Each place once, in the order of the text."""
    found = []
    for match in _NAMED.finditer(text):
        path = match["path"].replace("\\", "/").removeprefix("./")
        found.append(NamedPlace(path, int(match["line"])))
        if len(found) == _MOST:
            break
    return tuple(dict.fromkeys(found))
