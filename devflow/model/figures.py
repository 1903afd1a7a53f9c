"""Figures: what was measured or read back, as data. Their words are made in ``wording`` alone, and
nobody reads those back.

``kind`` says which of them a figure is; it is written with each, what is at its default is not.
"""

from typing import Annotated, Any, Final, Literal, Mapping, Union

from pydantic import Field, SerializerFunctionWrapHandler, model_serializer

from devflow.model.values import Value

How = Literal[
    "",
    "not measured",
    "not enough data",
    "not run",
    "nothing",
    "skipped",
    "deferred",
    "unavailable",
    "unobserved",
]


class Sparse(Value):
    """A value that is written without what is at its default: a journal holds thousands."""

    @model_serializer(mode="wrap")
    def _without_defaults(self, handler: SerializerFunctionWrapHandler) -> Mapping[str, Any]:
        written: dict[str, Any] = handler(self)
        for name, field in type(self).model_fields.items():
            if not field.is_required() and getattr(self, name) == field.default:
                written.pop(name, None)
        return written


class Text(Sparse):
    """Words that somebody outside wrote or that name one of a few states."""

    kind: Literal["text"]
    text: str


class Names(Sparse):
    """Several names: a ``list`` of equals, or the ``way`` that something went."""

    kind: Literal["names"]
    names: tuple[str, ...]
    joined: Literal["list", "way"] = "list"


class Count(Sparse):
    """So many things, out of so many; ``noun`` is the singular of what is counted, ``many`` its
    plural where that is no plain ``s``; ``note`` is what a reader has to know beside it."""

    kind: Literal["count"]
    n: int
    of: int | None = None
    noun: str = ""
    many: str = ""
    note: str = ""


class Was(Sparse):
    """What a quantity was before, in its own unit, and when that was."""

    value: float
    at: str = ""


class Quantity(Sparse):
    """A value with its unit (``s``, ``ms``, ``B``, ``%``, ``MB``, a word; none for a ratio), of how
    many samples it was made where that matters, and which of their values it is."""

    kind: Literal["quantity"]
    value: float
    unit: str = ""
    of: Literal["", "max", "mean", "p95"] = ""
    samples: int | None = None
    note: str = ""
    was: Was | None = None


class Id(Sparse):
    """What something is known by; screens show its beginning, the journal has all of it."""

    kind: Literal["id"]
    of: Literal["commit", "tree", "digest", "version"]
    id: str
    note: str = ""


class Finding(Sparse):
    """What a tool says of a place; lines and columns count from 1, 0 is none."""

    kind: Literal["finding"]
    text: str
    path: str = ""
    line: int = 0
    column: int = 0
    rule: str = ""


class Missing(Sparse):
    """There is no figure: how that came, where the reason does not say it, and why. ``samples`` are
    those that were too few."""

    kind: Literal["missing"]
    how: How = "not measured"
    why: str = ""
    samples: int | None = None


Figure = Annotated[
    Union[Text, Names, Count, Quantity, Id, Finding, Missing], Field(discriminator="kind")
]


class Bound(Sparse):
    """What a figure is held to: a number in the figure's own unit, or words that only a person
    compares."""

    sense: Literal["below", "at least", "at most", "exactly", "text"]
    value: float | None = None
    unit: str = ""
    noun: str = ""
    text: str = ""

    def met(self, value: float) -> bool:
        """Whether a number keeps to it. Raises ``ValueError`` for a bound of words."""
        if self.value is None:
            raise ValueError("words are no bound for a number")
        match self.sense:
            case "below":
                return value < self.value
            case "at least":
                return value >= self.value
            case "at most":
                return value <= self.value
            case _:
                return value == self.value


NOT_MEASURED: Final = Missing(kind="missing", how="")
