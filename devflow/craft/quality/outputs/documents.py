"""The JSON document in an output, and the lines around it: warnings of a tool, or of what started
it, come by the same way."""

import json
from typing import Any, Final

_OPENINGS: Final = ("{", "[")
# lines at which a document may begin; more than a tool says before its report
_TRIES: Final = 200


def document_in(text: str) -> tuple[Any, str] | None:
    """The first JSON object or list of objects that begins a line, and the text around it; ``None``
    where there is none that is whole."""
    decoder = json.JSONDecoder()
    tries = 0
    start = 0
    for line in text.splitlines(keepends=True):
        if line.startswith(_OPENINGS) and tries < _TRIES:
            tries += 1
            found = _decoded(decoder, text, start)
            if found is not None:
                value, end = found
                return value, text[:start] + "\n" + text[end:]
        start += len(line)
    return None


def _decoded(decoder: json.JSONDecoder, text: str, start: int) -> tuple[Any, int] | None:
    try:
        value, end = decoder.raw_decode(text, start)
    except (ValueError, RecursionError):
        return None
    # [*] or [1] is a word of a tool
    is_report = isinstance(value, dict) or all(isinstance(one, dict) for one in value)
    return (value, end) if is_report else None
