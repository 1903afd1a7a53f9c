"""What a step's ``make`` may answer besides a product, and what ``foresee`` says.

An ``Absent`` is handed on to the needs of later entries in the product's place, so its ``kind`` is
identity and its ``why`` only a fact.
"""

from abc import abstractmethod
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, Mapping

from devflow.model.values import Fact, Value

AbsentKind = Literal["skipped", "unavailable", "deferred", "unobserved", "rejected"]


class Absent(Value):
    """Stands where a product is not.

    ``skipped``: not applicable here. ``unavailable``: something it needs is missing. ``deferred``:
    a gate that does not hold others back. ``unobserved``: cannot be seen from here, and is not this
    runner's to make. ``rejected``: a person said no; the run ends with 6.
    """

    kind: AbsentKind
    why: Fact[str]


class TakenBack(Value):
    """A product of which a version may have been taken back: then a command ends with 9."""

    @property
    @abstractmethod
    def is_taken_back(self) -> bool:
        """Whether this very version was."""


class Waiting(Value):
    """The entry is asked again later. ``for_`` names whom or what, ``by`` are the accounts whose
    word it can be; ``keep`` is a cache that a crash may lose."""

    for_: str
    by: tuple[str, ...] = ()
    until: datetime | None = None
    look_at: str = ""
    type_next: tuple[str, ...] = ()
    keep: Mapping[str, Any] = {}


class SendBack(Value):
    """A new round for every entry from ``to`` to the sender; a ``todo`` is one thing to mend."""

    to: str
    why: str
    todo: tuple[str, ...] = ()


class Write(Value):
    """One write that would be made: ``port`` and ``verb`` as the port declares them, ``target`` as
    a person would say it."""

    port: str
    verb: str
    target: str


@dataclass(frozen=True)
class Foreseen:
    """What a dry run can say of an entry: the writes it would make, and what is known of its
    product before it exists."""

    writes: tuple[Write, ...] = ()
    known: Mapping[str, Any] = field(default_factory=dict)
