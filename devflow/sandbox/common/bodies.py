"""What a request's body may be, before a handler sees it: bounded in size and depth, real JSON, and
of the shape that its route is declared with.

A shape is a type; a list of one shape; an object by its fields, of which each may be absent or
null but for those whose name ends in ``!`` (``...`` stands for all other names); or a tuple of
shapes, of which one has to fit.
"""

import json
import math
from collections.abc import Iterator
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

Shape = Any


class Misfit(NamedTuple):
    """Where a body is not of its shape, the value that stands there, and what is meant."""

    place: tuple[str, ...]
    value: Any
    meant: type


def read(content: bytes) -> Any:
    """The body's value. Raises ``ValueError`` for what is no JSON, or more than anybody means, and
    ``RecursionError`` for what is nested deeper than Python goes: it reads no further."""
    text = content.decode("utf-8")
    value = json.loads(
        text, parse_constant=_no_constant, parse_int=_integer, parse_float=_finite_number
    )
    if isinstance(value, (dict, list)) and _is_too_deep(value):
        raise ValueError("nested too deeply")
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
            places = list(_members(value, shape))
        case _:
            return None if _is(value, shape) else Misfit(place, value, shape)
    for name, one, meant in places:
        problem = misfit(one, meant, (*place, name))
        if problem is not None:
            return problem
    return None


def _members(value: dict[str, Any], shape: dict[Any, Shape]) -> Iterator[tuple[str, Any, Shape]]:
    """The fields that have a value or need one, each with its shape."""
    for name in shape:
        if name is not ... and name.endswith("!"):
            needed = name.removesuffix("!")
            yield needed, value.get(needed), shape[name]
    for name, one in value.items():
        # an absent field may say so by null
        if one is not None:
            yield name, one, shape.get(name, shape.get(..., object))


def _is(value: Any, kind: type) -> bool:
    if kind in (int, float) and isinstance(value, bool):
        return False
    return isinstance(value, (int, float) if kind is float else kind)


def _is_too_deep(value: Any) -> bool:
    level = [value]
    for _ in range(MAX_DEPTH + 1):
        below: list[Any] = []
        for one in level:
            members = one.values() if isinstance(one, dict) else one
            below += [member for member in members if isinstance(member, (dict, list))]
        if not below:
            return False
        level = below
    return True


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
