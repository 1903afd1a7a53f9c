"""Variables of a Dockerfile: ``$NAME``, ``${NAME}``, ``${NAME:-else}``, ``${NAME:+then}``, and the
words of a line as a shell splits them."""

import re
import shlex
from typing import Final, Iterator, Mapping

from devflow.model.errors import StepFailed

_VARIABLE: Final = re.compile(
    r"\\(?P<escaped>\$)|\$(?P<plain>\w+)"
    r"|\$\{(?P<braced>\w+)(?:(?P<operator>:[-+]|[-+])(?P<word>[^{}]*))?\}"
)

# a word as it stands, and its parts: in single quotes, in double quotes, in none
_BRACES: Final = r"\$\{[^{}]*\}"
_WORD: Final = re.compile(rf"""(?:{_BRACES}|\\.|'[^']*'|"(?:\\.|[^"\\])*"|[^\s'"\\]|\\$)+""")
_DOUBLE: Final = r'"(?P<double>(?:\\.|[^"\\])*)"'
_PLAIN: Final = rf"""(?P<plain>(?:{_BRACES}|\\.|[^'"\\]|\\$)+)"""
_PART: Final = re.compile(rf"'(?P<single>[^']*)'|{_DOUBLE}|{_PLAIN}")
_ESCAPED: Final = re.compile(rf"\\(?P<char>.)|(?P<text>(?:{_BRACES}|[^\\]|\\$)+)")


def substituted(text: str, variables: Mapping[str, str]) -> str:
    """The text with its variables filled; one that is not set is empty, as engines have it."""

    def value(match: re.Match[str]) -> str:
        if match["escaped"]:
            return "$"
        name = match["plain"] or match["braced"]
        found = variables.get(name, "")
        operator = match["operator"] or ""
        # without the colon, one that is set to nothing counts as set
        is_set = name in variables if operator in ("+", "-") else bool(found)
        if operator.endswith("+"):
            return match["word"] if is_set else ""
        if operator.endswith("-"):
            return found if is_set else match["word"]
        return found

    return _VARIABLE.sub(value, text)


def words(text: str, where: str) -> list[str]:
    """The words of a line, quotes taken off. Raises ``StepFailed`` where a quote is not closed."""
    try:
        return shlex.split(text)
    except ValueError as error:
        raise StepFailed(f"this line cannot be read: {error}", where=where) from error


def arguments(text: str, where: str) -> Iterator[tuple[str, str | None]]:
    """The names of ARG, each with its default as it stands, ``None`` where it has none."""
    for word in words(text, where):
        name, equals, default = word.partition("=")
        yield name, default if equals else None


def pairs(text: str, where: str) -> dict[str, str]:
    """``KEY=value`` pairs of ENV or LABEL, or the old form ``KEY value``."""
    split = words(text, where)
    if split and "=" not in split[0]:
        key, _, value = text.partition(" ")
        return {key: value.strip()}
    found = {}
    for word in split:
        key, _, value = word.partition("=")
        found[key] = value
    return found


def filled_pairs(text: str, variables: Mapping[str, str], where: str) -> dict[str, str]:
    """The pairs of ENV or LABEL with their variables filled: a value that holds a space stays one
    word, and what stands in single quotes stays as it is."""
    if "=" not in (words(text, where) or ["="])[0]:
        key, _, value = text.partition(" ")
        return {_unquoted(key, variables): _unquoted(value.strip(), variables)}
    found = {}
    for word in _WORD.findall(text):
        key, _, value = word.partition("=")
        found[_unquoted(key, variables)] = _unquoted(value, variables)
    return found


def _unquoted(word: str, variables: Mapping[str, str]) -> str:
    """One word, quotes and escapes taken off."""
    result = ""
    for part in _PART.finditer(word):
        if part["single"] is not None:
            result += part["single"]
            continue
        # in double quotes a backslash is for these three alone
        escapable = '"\\$' if part["double"] is not None else ""
        for piece in _ESCAPED.finditer(part["double"] or part["plain"] or ""):
            if piece["char"] is None:
                result += substituted(piece["text"], variables)
            elif not escapable or piece["char"] in escapable:
                result += piece["char"]
            else:
                result += piece[0]
    return result
