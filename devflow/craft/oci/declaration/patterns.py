"""Paths by patterns, as COPY and ``.dockerignore`` have them."""

import re
from typing import Final, Iterable

_SPECIAL: Final = frozenset("*?[")


def has_wildcard(pattern: str) -> bool:
    """Whether it is a pattern at all."""
    return any(letter in _SPECIAL for letter in pattern)


def matches(pattern: str, path: str) -> bool:
    """By Go's ``filepath.Match``: ``*`` and ``?`` stop at a slash."""
    return re.fullmatch(_expression(pattern), path) is not None


def _expression(pattern: str, with_deep: bool = False) -> str:
    parts: list[str] = []
    place = 0
    while place < len(pattern):
        letter = pattern[place]
        place += 1
        if with_deep and pattern.startswith("**", place - 1):
            place += 1
            if pattern[place : place + 1] == "/":
                place += 1
                parts.append("(?:.*/)?")
            else:
                parts.append(".*")
        elif letter == "*":
            parts.append("[^/]*")
        elif letter == "?":
            parts.append("[^/]")
        elif letter == "[" and "]" in pattern[place:]:
            end = pattern.index("]", place)
            parts.append(f"[{pattern[place:end]}]")
            place = end + 1
        elif letter == "\\":
            parts.append(re.escape(pattern[place : place + 1]))
            place += 1
        else:
            parts.append(re.escape(letter))
    return "".join(parts)


class Ignored:
    """What a ``.dockerignore`` leaves out: the last pattern that matches a path, or a folder above
    it, decides."""

    def __init__(self, text: str) -> None:
        self._rules: list[tuple[re.Pattern[str], bool]] = []
        for row in text.splitlines():
            pattern = row.strip()
            if not pattern or pattern.startswith("#"):
                continue
            is_kept = pattern.startswith("!")
            cleaned = _cleaned(pattern.removeprefix("!").strip())
            if cleaned:
                expression = _expression(cleaned, with_deep=True)
                # a folder's pattern decides for all that is in it
                self._rules.append((re.compile(rf"{expression}(?:/.*)?"), is_kept))

    def __contains__(self, path: str) -> bool:
        ignored = False
        for expression, is_kept in self._rules:
            if ignored == is_kept and expression.fullmatch(path):
                ignored = not is_kept
        return ignored

    def kept(self, paths: Iterable[str]) -> list[str]:
        """The paths that are left."""
        return [path for path in paths if path not in self]


def _cleaned(pattern: str) -> str:
    parts = [part for part in pattern.split("/") if part not in ("", ".")]
    return "/".join(parts)
