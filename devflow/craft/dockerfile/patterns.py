"""Patterns of paths: the wildcards of COPY, and .dockerignore, both by Go's rules, in which ``*``
never crosses a slash."""

import re
from functools import lru_cache
from typing import Final, Iterable

_WILDCARDS: Final = re.compile(r"[*?\[]")


def has_wildcard(path: str) -> bool:
    """Whether a path is a pattern."""
    return _WILDCARDS.search(path) is not None


@lru_cache(maxsize=1024)
def pattern(text: str) -> re.Pattern[str]:
    """A pattern that matches a whole path; ``**`` is any number of folders."""
    result = ""
    place = 0
    while place < len(text):
        char = text[place]
        place += 1
        if text.startswith("**/", place - 1):
            result += "(?:.*/)?"
            place += 2
        elif text.startswith("**", place - 1):
            result += ".*"
            place += 1
        elif char == "*":
            result += "[^/]*"
        elif char == "?":
            result += "[^/]"
        elif char == "[" and "]" in text[place:]:
            end = text.index("]", place)
            result += f"[{text[place:end]}]"
            place = end + 1
        elif char == "\\" and place < len(text):
            result += re.escape(text[place])
            place += 1
        else:
            result += re.escape(char)
    return re.compile(result)


class Ignored:
    """The rules of a .dockerignore: the last one that matches a path, or a folder above it,
    decides."""

    def __init__(self, lines: Iterable[str]) -> None:
        self._rules: list[tuple[bool, re.Pattern[str]]] = []
        for line in lines:
            text = line.strip()
            if not text or text.startswith("#"):
                continue
            is_kept = text.startswith("!")
            path = text.removeprefix("!").strip().strip("/")
            self._rules.append((is_kept, pattern(path.removeprefix("./"))))

    def __call__(self, path: str) -> bool:
        """Whether a file of the context is left out of it."""
        above = _and_above(path)
        is_ignored = False
        for is_kept, rule in self._rules:
            if any(rule.fullmatch(name) for name in above):
                is_ignored = not is_kept
        return is_ignored


def _and_above(path: str) -> tuple[str, ...]:
    parts = path.split("/")
    return tuple("/".join(parts[: count + 1]) for count in range(len(parts)))
