"""Figures: what was measured or read back, as data. Their words are made in ``wording`` alone, and
nobody reads those back.

``kind`` says which of them a figure is; it is written with each, what is at its default is not.
"""

from typing import Annotated, Any, Final, Iterable, Literal, Mapping, Union

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
    plural where that is no plain ``s``; ``where`` goes on behind it (``passed``, ``in 2 files``),
    ``note`` is what a reader has to know beside it."""

    kind: Literal["count"]
    n: int
    of: int | None = None
    noun: str = ""
    many: str = ""
    where: str = ""
    note: str = ""


class Was(Sparse):
    """What a quantity was before, in its own unit, when that was, and of how many samples."""

    value: float
    at: str = ""
    samples: int | None = None


class Quantity(Sparse):
    """A value with its unit (``s``, ``ms``, ``B``, ``%``, ``MB``, a word; none for a ratio), of how
    many samples it was made where that matters, and which of their values it is; a ``change`` is
    what has come to ``was``, or gone from it."""

    kind: Literal["quantity"]
    value: float
    unit: str = ""
    of: Literal["", "max", "mean", "p95", "p99", "change"] = ""
    samples: int | None = None
    note: str = ""
    was: Was | None = None


class Id(Sparse):
    """What something is known by; screens show its beginning, the journal has all of it. ``note``
    goes on where the id ends: ``on main``."""

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


# constructed as it is: validating it would build a validator whenever this module is loaded
NOT_MEASURED: Final = Missing.model_construct(kind="missing", how="")


def text(words: str) -> Text | Missing:
    """Words; none are no figure."""
    return Text(kind="text", text=words) if words else NOT_MEASURED


def names(of: Iterable[str]) -> Names | Missing:
    """Equals in their order; none are no figure."""
    found = tuple(of)
    return Names(kind="names", names=found) if found else NOT_MEASURED


def way(of: Iterable[str]) -> Names | Missing:
    """What something went through, one after the other."""
    found = tuple(of)
    return Names(kind="names", names=found, joined="way") if found else NOT_MEASURED


def count(
    n: int, noun: str = "", *, of: int | None = None, where: str = "", note: str = ""
) -> Count:
    """So many things of this noun."""
    return Count(kind="count", n=n, of=of, noun=noun, where=where, note=note)


def quantity(
    value: float | None, unit: str = "", *, samples: int | None = None, note: str = ""
) -> Quantity | Missing:
    """A value in its unit; none is no figure."""
    if value is None:
        return NOT_MEASURED
    return Quantity(kind="quantity", value=value, unit=unit, samples=samples, note=note)


def change(by: float, unit: str, *, was: float, at: str = "") -> Quantity:
    """By how much a value has changed, and what it was before; ``at`` says when or where."""
    before = Was(value=was, at=at)
    return Quantity(kind="quantity", value=by, unit=unit, of="change", was=before)


def commit(sha: str, note: str = "") -> Id | Missing:
    """A commit by its id."""
    return Id(kind="id", of="commit", id=sha, note=note) if sha else NOT_MEASURED


def tree(oid: str, note: str = "") -> Id | Missing:
    """A tree by its id."""
    return Id(kind="id", of="tree", id=oid, note=note) if oid else NOT_MEASURED


def digest(of: str, note: str = "") -> Id | Missing:
    """Content by its digest."""
    return Id(kind="id", of="digest", id=of, note=note) if of else NOT_MEASURED


def version(of: str, note: str = "") -> Id | Missing:
    """A version of the software."""
    return Id(kind="id", of="version", id=of, note=note) if of else NOT_MEASURED


def finding(
    words: str, path: str = "", line: int = 0, column: int = 0, *, rule: str = ""
) -> Finding:
    """What a tool says of a place."""
    return Finding(kind="finding", text=words, path=path, line=line, column=column, rule=rule)


def absent(why: str, how: How = "not measured") -> Missing:
    """No figure, and why."""
    return Missing(kind="missing", how=how, why=why)
