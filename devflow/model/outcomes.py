"""What a step's ``make`` may answer besides a product, and what ``foresee`` and ``examine`` say.

An ``Absent`` is handed on to the needs of later entries in the product's place, so its ``kind`` is
identity and its ``why`` only a fact.
"""

from abc import abstractmethod
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, Iterable, Literal, Mapping

from devflow.model.errors import AccessDenied, PipelineInvalid, Unavailable
from devflow.model.values import Fact, Value

AbsentKind = Literal["skipped", "unavailable", "deferred", "unobserved", "rejected"]


class Absent(Value):
    """Stands where a product is not.

    ``skipped``: not applicable here. ``unavailable``: something it needs is missing. ``deferred``:
    a gate that does not hold others back. ``unobserved``: cannot be seen from here, and is not this
    runner's to make. ``rejected``: a person said no, ``by`` names whom it takes to take it back at
    the gate; the run ends with 6.
    """

    kind: AbsentKind
    why: Fact[str]
    by: Fact[str] = ""


class TakenBack(Value):
    """A product of which a version may have been taken back: then a command ends with 9."""

    @property
    @abstractmethod
    def is_taken_back(self) -> bool:
        """Whether this very version was."""


class Moved(Value):
    """A product that others may move on without making it another thing: where it stands elsewhere
    than was recorded, the record is renewed, and nothing is made again."""

    @property
    @abstractmethod
    def standing(self) -> str:
        """Where it stands."""
        ...


class Waiting(Value):
    """The entry is asked again later. ``for_`` names whom or what, ``by`` are the accounts whose
    word it can be, ``not_by`` those whose word it cannot be, where it is not known whose it can:
    they wrote the change, or have said it; ``shows`` is what a person is asked about, each with its
    label; ``keep`` is a cache that a crash may lose."""

    for_: str
    by: tuple[str, ...] = ()
    not_by: tuple[str, ...] = ()
    shows: tuple[tuple[str, str], ...] = ()
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


class TakenUp(Value):
    """A file of the working tree that a write would take up."""

    path: str
    is_untracked: bool = False


@dataclass(frozen=True)
class Foreseen:
    """What a dry run can say of an entry: the writes it would make, what is known of its product
    before it exists, and the files that it would take up."""

    writes: tuple[Write, ...] = ()
    known: Mapping[str, Any] = field(default_factory=dict)
    takes: tuple[TakenUp, ...] = ()


Cure = Literal["pipeline", "credential", "machine"]
"""What alone mends it: another pipeline.yaml, a credential, or something on this machine."""
Group = Literal["repository", "pipeline", "entries", "machine", "connection"]

_CODES: Final[dict[Cure, int]] = {
    "pipeline": PipelineInvalid.exit_code,
    "credential": AccessDenied.exit_code,
    "machine": Unavailable.exit_code,
}


class Needed(Value):
    """One thing that is needed.

    ``here`` is None where it could not be told. ``at`` is the way to what names it, in an entry's
    parameters or in the project; ``where`` the place in the file that this is. ``entries`` need it,
    and ``required`` says whether any of them has to pass.
    """

    about: str
    here: bool | None
    found: str
    remedy: str = ""
    cure: Cure = "machine"
    at: tuple[str | int, ...] = ()
    where: str = ""
    entries: tuple[str, ...] = ()
    required: bool = True
    group: Group = "entries"

    @property
    def exit_code(self) -> int:
        """What a command ends with for its sake alone; 0 where nothing that is needed is
        missing."""
        if self.here is not False:
            return 0
        # a pipeline that is wrong is so for entries that need not pass, too
        is_needed = self.required or self.cure != "machine"
        return _CODES[self.cure] if is_needed else 0

    @property
    def stops(self) -> bool:
        """Whether a run would begin in vain."""
        return self.exit_code not in (0, Unavailable.exit_code)


def worst(findings: Iterable[Needed]) -> int:
    """The exit code of all of them: what is wrong in the file comes before a credential, and that
    before what is missing on this machine."""
    return min((one.exit_code for one in findings if one.exit_code), default=0)
