"""Patterns of paths: the wildcards of COPY, and .dockerignore, both by Go's rules, in which ``*``
never crosses a slash."""

import posixpath
import re
from functools import lru_cache
from typing import Final

from devflow.model.errors import StepFailed

_WILDCARDS: Final = re.compile(r"[*?\[]")
# a set from behind its bracket; one that stands first is a member
_SET: Final = re.compile(r"(?P<not>\^?+)(?P<members>(?:\\.|[^\\])(?:\\.|[^\]\\])*)\]", re.DOTALL)
_MEMBER: Final = re.compile(r"(?P<first>\\?.)(?:-(?P<last>\\?.))?", re.DOTALL)


def has_wildcard(path: str) -> bool:
    """Whether a path is a pattern."""
    return _WILDCARDS.search(path) is not None


@lru_cache(maxsize=1024)
def pattern(text: str) -> re.Pattern[str]:
    """A pattern that matches a whole path; ``**`` is any number of folders, at the end of anything.
    Raises ``StepFailed`` for a set that is not closed, or of a range that leads backwards."""
    result = ""
    place = 0
    while place < len(text):
        char = text[place]
        place += 1
        if text.startswith("**", place - 1):
            place += 2 if text.startswith("/", place + 1) else 1
            result += ".*" if place >= len(text) else "(?:.*/)?"
        elif char == "*":
            result += "[^/]*"
        elif char == "?":
            result += "[^/]"
        elif char == "[":
            found = _SET.match(text, place)
            if found is None:
                raise _malformed(text)
            result += f"[{found['not']}{_members(found['members'], text)}]"
            place = found.end()
        elif char == "\\" and place < len(text):
            result += re.escape(text[place])
            place += 1
        else:
            result += re.escape(char)
    return re.compile(result, re.DOTALL)


def _members(written: str, text: str) -> str:
    """The members of a set, as Python's expressions have them: there, more characters say more."""
    result = ""
    for member in _MEMBER.finditer(written):
        # without a backslash before it
        first = member["first"][-1]
        last = (member["last"] or "")[-1:]
        if last and first > last:
            raise _malformed(text)
        result += re.escape(first)
        if last:
            result += f"-{re.escape(last)}"
    return result


def _malformed(text: str) -> StepFailed:
    hint = "sets are as in [abc], [a-z] or [^a]; a backslash makes a character itself"
    return StepFailed(f"this is no pattern of paths: {text}", hint=hint)


class Ignored:
    """The rules of a .dockerignore: the last one that matches a path, or a folder above it,
    decides.

    Ours, and for every builder, as moby/patternmatcher has it: the docker SDK's reader knows
    neither escapes nor folders below ``**``, and takes 0.3 s to import. Raises ``StepFailed`` for a
    rule that engines refuse.
    """

    def __init__(self, text: str, where: str) -> None:
        self._rules: list[tuple[bool, re.Pattern[str]]] = []
        for number, line in enumerate(text.removeprefix("\ufeff").split("\n"), 1):
            # a comment begins with the line: behind a space it is a rule
            if line.startswith("#") or not line.strip():
                continue
            try:
                self._rules.append(_rule(line.strip()))
            except StepFailed as error:
                error.where = f"{where}:{number}"
                raise

    def __call__(self, path: str) -> bool:
        """Whether a file of the context is left out of it."""
        above = _and_above(path)
        is_ignored = False
        for is_kept, rule in self._rules:
            if is_kept is is_ignored and any(rule.fullmatch(name) for name in above):
                is_ignored = not is_kept
        return is_ignored


def _rule(text: str) -> tuple[bool, re.Pattern[str]]:
    """Whether it keeps, and what."""
    is_kept = text.startswith("!")
    path = text.removeprefix("!").strip()
    if not path:
        raise StepFailed("there is nothing behind this !", hint="say what is kept, as in !keep.txt")
    return is_kept, pattern(posixpath.normpath(path).lstrip("/"))


def _and_above(path: str) -> tuple[str, ...]:
    parts = path.split("/")
    return tuple("/".join(parts[: count + 1]) for count in range(len(parts)))
