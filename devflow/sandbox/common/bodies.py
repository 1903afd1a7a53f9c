"""What a request's body may be, before a handler sees it: bounded in size and depth, real JSON, and
of the shape that its route is declared with.

A shape is a type; a list of one shape; an object by its fields, of which each may be absent or null
(``...`` stands for all other names); or a tuple of shapes, of which one has to fit.
"""

import json
import math
import re
from typing import Any, Final, NamedTuple

MAX_BYTES: Final = 25 * 1024 * 1024  # GitHub refuses request bodies over 25 MB
# levels; the deepest documents that people write (a list in a table in a panel) have about 30
MAX_DEPTH: Final = 64
INTEGER: Final = 2**63  # what a database takes is smaller than this
WORDS: Final[dict[type, str]] = {
    list: "an array",
    dict: "an object",
    str: "a string",
    int: "an integer",
    float: "a number",
    bool: "a boolean",
}

# a string that has no end is one to the end of the text
_STRING_OR_BRACKET: Final = re.compile(
    rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"?|(?P<opens>[\[{])|(?P<closes>[\]}])', re.DOTALL
)

Shape = Any


class Misfit(NamedTuple):
    """Where a body is not of its shape, the value that stands there, and what is meant."""

    place: tuple[str, ...]
    value: Any
    meant: type


def read(content: bytes) -> Any:
    """The body's value. Raises ``ValueError`` for what is no JSON, or more than anybody means."""
    text = content.decode("utf-8")
    if _is_too_deep(content):
        raise ValueError("nested too deeply")
    value = json.loads(
        text, parse_constant=_no_constant, parse_int=_integer, parse_float=_finite_number
    )
    # as escapes they are JSON, but no text: neither git nor a database takes them
    if "\\u0000" in text or "\\ud" in text.lower():
        _require_text(value)
    return value


def misfit(value: Any, shape: Shape, place: tuple[str, ...] = ()) -> Misfit | None:
    """The first place where a value is not of a shape; None where it is."""
    match shape:
        case tuple():
            problems = [misfit(value, one, place) for one in shape]
            return problems[0] if all(problems) else None
        case list():
            if not isinstance(value, list):
                return Misfit(place, value, list)
            places = [(str(at), one, shape[0]) for at, one in enumerate(value)]
        case dict():
            if not isinstance(value, dict):
                return Misfit(place, value, dict)
            places = [(name, one, _of_field(shape, name)) for name, one in value.items()]
            # an absent field may say so by null
            places = [one for one in places if one[1] is not None]
        case _:
            return None if _is(value, shape) else Misfit(place, value, shape)
    for name, one, meant in places:
        problem = misfit(one, meant, (*place, name))
        if problem is not None:
            return problem
    return None


def _of_field(shape: dict[Any, Shape], name: str) -> Shape:
    return shape.get(name, shape.get(..., object))


def _is(value: Any, kind: type) -> bool:
    if kind in (int, float) and isinstance(value, bool):
        return False
    return isinstance(value, (int, float) if kind is float else kind)


def _is_too_deep(content: bytes) -> bool:
    """Whether brackets outside of strings stand in each other too deeply, in linear time."""
    depth = 0
    for match in _STRING_OR_BRACKET.finditer(content):
        if match.lastgroup == "opens":
            depth += 1
            if depth > MAX_DEPTH:
                return True
        elif match.lastgroup == "closes":
            depth -= 1
    return False


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is no JSON")


def _integer(digits: str) -> int:
    # a thousand digits would be read in quadratic time
    if len(digits) > 20 or abs(int(digits)) >= INTEGER:
        raise ValueError("a number out of range")
    return int(digits)


def _finite_number(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError("a number out of range")
    return number


def _require_text(value: Any) -> None:
    for text in _texts(value):
        text.encode("utf-8")
        if "\0" in text:
            raise ValueError("a NUL is no text")


def _texts(value: Any) -> list[str]:
    found: list[str] = []
    pending = [value]
    while pending:
        match pending.pop():
            case str() as text:
                found.append(text)
            case list() as items:
                pending += items
            case dict() as members:
                found += members
                pending += members.values()
    return found
