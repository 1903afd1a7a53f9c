"""Variables of a Dockerfile: ``$NAME``, ``${NAME}``, ``${NAME:-else}``, ``${NAME:+then}``, and the
words of a line as a shell splits them."""

import re
import shlex
from typing import Final, Mapping

from devflow.model.errors import StepFailed

_VARIABLE: Final = re.compile(
    r"\\(?P<escaped>\$)|\$(?P<plain>\w+)"
    r"|\$\{(?P<braced>\w+)(?:(?P<operator>:[-+]|[-+])(?P<word>[^{}]*))?\}"
)


def substituted(text: str, variables: Mapping[str, str]) -> str:
    """The text with its variables filled; one that is not set is empty, as engines have it."""

    def value(match: re.Match[str]) -> str:
        if match["escaped"]:
            return "$"
        name = match["plain"] or match["braced"]
        found = variables.get(name, "")
        operator = match["operator"] or ""
        if operator.endswith("+"):
            return match["word"] if found else ""
        if operator.endswith("-"):
            return found or match["word"]
        return found

    return _VARIABLE.sub(value, text)


def words(text: str, where: str) -> list[str]:
    """The words of a line, quotes taken off. Raises ``StepFailed`` where a quote is not closed."""
    try:
        return shlex.split(text)
    except ValueError as error:
        raise StepFailed(f"this line cannot be read: {error}", where=where) from error


def pairs(text: str, where: str) -> dict[str, str]:
    """``KEY=value`` pairs of ENV, LABEL or ARG, or the old form ``KEY value``."""
    split = words(text, where)
    if split and "=" not in split[0]:
        key, _, value = text.partition(" ")
        return {key: value.strip()}
    found = {}
    for word in split:
        key, _, value = word.partition("=")
        found[key] = value
    return found
