"""Answers as the shapes that are read of them."""

from functools import cache
from typing import Any, TypeVar

from pydantic import TypeAdapter

T = TypeVar("T")


def shaped(shape: type[T], answer: object) -> T:
    """The answer in this shape. Raises pydantic's ``ValidationError`` for one of another."""
    # every class can be a key, which mypy does not see in one that it does not know
    kind: Any = shape
    read: T = _adapter(kind).validate_python(answer)
    return read


@cache
def _adapter(shape: Any) -> TypeAdapter[Any]:
    """Compiled for the first answer, and not for each: that takes fifty times as long as to read a
    small one."""
    return TypeAdapter(shape)
