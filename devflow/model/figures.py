"""Figures: what was measured or read back, as data. Their words are made in ``wording`` alone, and
nobody reads those back.

``kind`` says which of them a figure is; it is written with each, what is at its default is not.
"""

from typing import Annotated, Any, Final, Iterable, Literal, Mapping, Union, overload

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
    plural where that is no plain ``s``; ``which`` stands before it (``new``), ``where`` goes on
    behind it (``passed``, ``in 2 files``), ``note`` is what a reader has to know beside it."""

    kind: Literal["count"]
    n: int
    of: int | None = None
    noun: str = ""
    many: str = ""
    which: str = ""
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


# what a line of an earlier journal has that says nothing at all; a new one says why. Constructed as
# it is: validating it would build a validator whenever this module is loaded
UNSAID: Final = Missing.model_construct(kind="missing", how="")
# why there is no figure, where who asks for one says no more
NO_WORDS: Final = "no words are there"
NO_NAMES: Final = "there are none"
NO_ID: Final = "none is known"
# what only a mistake of our own says: a test holds every step to a reason
NO_REASON: Final = "nobody said why"


def text(words: str, why: str = NO_WORDS) -> Text | Missing:
    """Words; none are no figure, and ``why`` says how that comes."""
    return Text(kind="text", text=words) if words else absent(why)


def names(of: Iterable[str], why: str = NO_NAMES) -> Names | Missing:
    """Equals in their order; none are no figure."""
    found = tuple(of)
    return Names(kind="names", names=found) if found else absent(why)


def way(of: Iterable[str], why: str = NO_NAMES) -> Names | Missing:
    """What something went through, one after the other."""
    found = tuple(of)
    return Names(kind="names", names=found, joined="way") if found else absent(why)


def count(
    n: int, noun: str = "", *, of: int | None = None, where: str = "", note: str = ""
) -> Count:
    """So many things of this noun."""
    return Count(kind="count", n=n, of=of, noun=noun, where=where, note=note)


@overload
def quantity(
    value: float, unit: str = "", *, samples: int | None = None, note: str = ""
) -> Quantity: ...


@overload
def quantity(
    value: float | None, unit: str = "", *, samples: int | None = None, note: str = "", why: str
) -> Quantity | Missing: ...


def quantity(
    value: float | None,
    unit: str = "",
    *,
    samples: int | None = None,
    note: str = "",
    why: str = "",
) -> Quantity | Missing:
    """A value in its unit; none is no figure, and ``why`` says how that comes."""
    if value is None:
        return absent(why)
    return Quantity(kind="quantity", value=value, unit=unit, samples=samples, note=note)


def change(by: float, unit: str, *, was: float, at: str = "") -> Quantity:
    """By how much a value has changed, and what it was before; ``at`` says when or where."""
    before = Was(value=was, at=at)
    return Quantity(kind="quantity", value=by, unit=unit, of="change", was=before)


def commit(sha: str, note: str = "", why: str = NO_ID) -> Id | Missing:
    """A commit by its id."""
    return _id("commit", sha, note, why)


def tree(oid: str, note: str = "", why: str = NO_ID) -> Id | Missing:
    """A tree by its id."""
    return _id("tree", oid, note, why)


def digest(of: str, note: str = "", why: str = NO_ID) -> Id | Missing:
    """Content by its digest."""
    return _id("digest", of, note, why)


def version(of: str, note: str = "", why: str = NO_ID) -> Id | Missing:
    """A version of the software."""
    return _id("version", of, note, why)


def _id(
    kind: Literal["commit", "tree", "digest", "version"], id_: str, note: str, why: str
) -> Id | Missing:
    return Id(kind="id", of=kind, id=id_, note=note) if id_ else absent(why)


def finding(
    words: str, path: str = "", line: int = 0, column: int = 0, *, rule: str = ""
) -> Finding:
    """What a tool says of a place."""
    return Finding(kind="finding", text=words, path=path, line=line, column=column, rule=rule)


def absent(why: str, how: How = "not measured") -> Missing:
    """No figure, and why: a bare "not measured" helps nobody, so that even an empty reason is told
    as one."""
    return Missing(kind="missing", how=how, why=why or NO_REASON)
