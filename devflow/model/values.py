"""What every value of devflow is made of: frozen, strict about its keys, and clear about its
identity.

The identity of a product or of parameters is every field that is neither marked ``Fact`` nor
``Limit`` nor at its default: marking a field changes what is made again, so a marker buried in a
union (``Fact[str] | None``) is refused when the class is made.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from pathlib import PurePath
from typing import Annotated, Any, Callable, ClassVar, Final, Literal, Mapping, TypeVar, get_args

from pydantic import BaseModel, ConfigDict

T = TypeVar("T")


@dataclass(frozen=True)
class Marker:
    """Takes a field out of the identity: a ``fact`` is only kept, shown and judged; a ``limit`` is
    what a fact is judged by."""

    kind: Literal["fact", "limit"]


Upgrade = Callable[[dict[str, Any]], dict[str, Any]]
"""Makes what a product of one schema held into what one of the next holds."""

FACT: Final = Marker("fact")
LIMIT: Final = Marker("limit")

Fact = Annotated[T, FACT]
Limit = Annotated[T, LIMIT]


class Value(BaseModel):
    """A frozen value whose unknown keys are refused; the base of products, parameters, checks and
    events.

    A product whose fields change their names or their meaning raises its ``SCHEMA`` by one and says
    in ``UPGRADES``, under the number before, how an older one is read.

    Raises ``TypeError`` when a subclass buries ``Fact`` or ``Limit`` inside another type.
    """

    SCHEMA: ClassVar[int] = 1
    UPGRADES: ClassVar[Mapping[int, Upgrade]] = {}

    # a class is compiled when the first of its values is made: no command makes values of them all
    model_config = ConfigDict(
        frozen=True, extra="forbid", ser_json_inf_nan="null", defer_build=True
    )

    @classmethod
    def __pydantic_init_subclass__(cls, **kwargs: object) -> None:
        for name, field in cls.model_fields.items():
            if _has_marker(field.annotation):
                raise TypeError(
                    f"{cls.__name__}.{name}: put the marker outside, as Fact[str | None]"
                )


def _has_marker(annotation: object) -> bool:
    """True where an Annotated with our marker stands anywhere inside a type; pydantic has taken the
    outermost one off."""
    return any(isinstance(arg, Marker) or _has_marker(arg) for arg in get_args(annotation))


def identity(value: object) -> Any:
    """The JSON-like identity of any value: what decides whether something made from it is made
    again.

    Raises ``TypeError`` for what has no JSON form, so that nothing enters a fingerprint by its
    ``repr``.
    """
    if isinstance(value, Value):
        return _identity_of_fields(value)
    if isinstance(value, Enum):
        return value.value
    if value is None or isinstance(value, (str, int, float, bool)):
        return value
    if isinstance(value, Mapping):
        return {str(key): identity(item) for key, item in sorted(value.items())}
    if isinstance(value, (list, tuple)):
        return [identity(item) for item in value]
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, PurePath):
        return value.as_posix()
    raise TypeError(f"{type(value).__name__} cannot be part of an identity")


def _identity_of_fields(value: Value) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, field in type(value).model_fields.items():
        if any(isinstance(item, Marker) for item in field.metadata):
            continue
        held = getattr(value, name)
        if field.is_required() or held != field.get_default(
            call_default_factory=True, validated_data={}
        ):
            found[name] = identity(held)
    return found
