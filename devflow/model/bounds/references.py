"""Words of pipeline.yaml that name something which has to be there: an entry of a table of
``project:``, or a file or folder of the repository.

The mark stands at the kind, so that a new parameter cannot be forgotten where names are checked.
"""

from dataclasses import dataclass
from types import UnionType
from typing import (
    Annotated,
    Any,
    Final,
    Iterator,
    Literal,
    Mapping,
    Union,
    get_args,
    get_origin,
)

from pydantic import BaseModel

from devflow.model.bounds.allowed import allowed
from devflow.model.bounds.places import INSIDE, RepositoryPath, RepositoryPathOrNone
from devflow.model.bounds.words import Argument, Name, NameOrNone

Table = Literal["suites", "services"]
Target = Literal["suites", "services", "path"]
TABLES: Final[tuple[Table, ...]] = ("suites", "services")


@dataclass(frozen=True)
class Refers:
    """Marks a kind of word that names something; an empty word names nothing."""

    to: Target


SuiteName = Annotated[Name, Refers("suites")]
ServiceName = Annotated[Name, Refers("services")]
ServiceNameOrNone = Annotated[NameOrNone, Refers("services")]
ExistingPath = Annotated[RepositoryPath, Refers("path")]
ExistingPathOrNone = Annotated[RepositoryPathOrNone, Refers("path")]
PathOrCommand = Annotated[
    ExistingPathOrNone | tuple[Argument, ...],
    allowed(f"{INSIDE}, or a command as a list of words"),
]


@dataclass(frozen=True)
class Reference:
    """A word that names something, and the way to it from the table that it stands in."""

    at: tuple[str | int, ...]
    to: Target
    name: str


def references(value: BaseModel) -> Iterator[Reference]:
    """Everything that parameters, or the project, name by such a word."""
    for name, field in type(value).model_fields.items():
        place = (field.alias or name,)
        yield from _held(field.annotation, tuple(field.metadata), getattr(value, name), place)


def _held(
    kind: Any, marks: tuple[Any, ...], held: Any, at: tuple[str | int, ...]
) -> Iterator[Reference]:
    arguments = get_args(kind)
    origin = get_origin(kind)
    if isinstance(held, BaseModel):
        for one in references(held):
            yield Reference((*at, *one.at), one.to, one.name)
    elif origin is Annotated:
        yield from _held(arguments[0], (*arguments[1:], *marks), held, at)
    elif origin in (Union, UnionType):
        for one in arguments:
            if isinstance(held, _type_of(one)):
                yield from _held(one, marks, held, at)
    elif isinstance(held, (Mapping, tuple)):
        yield from _members(arguments, held, at)
    else:
        targets = [mark.to for mark in marks if isinstance(mark, Refers)]
        # an empty word names nothing, and a command in a path's place names none
        if targets and isinstance(held, str) and held:
            yield Reference(at, targets[0], held)


def _members(
    kinds: tuple[Any, ...],
    held: Mapping[str, Any] | tuple[Any, ...],
    at: tuple[str | int, ...],
) -> Iterator[Reference]:
    """What the keys and values of a table name, and the items of a list."""
    if isinstance(held, tuple):
        for index, item in enumerate(held):
            yield from _held(kinds[0], (), item, (*at, index))
        return
    for key, item in held.items():
        yield from _held(kinds[0], (), key, (*at, key))
        yield from _held(kinds[1], (), item, (*at, key))


def _type_of(kind: Any) -> type:
    """The class of a kind's values."""
    while get_origin(kind) is Annotated:
        kind = get_args(kind)[0]
    found = get_origin(kind) or kind
    return found if isinstance(found, type) else object
