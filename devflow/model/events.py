"""The events of a run: the only thing that is stored, and the only thing that screens see.

A run's state is a pure fold over them. ``Tick`` and ``Damaged`` are never stored: a progress bar
is not a fact, and what is damaged is seen at each reading.
"""

from datetime import datetime
from typing import Annotated, Any, Final, Literal, Mapping, Union

from pydantic import ConfigDict, Field, TypeAdapter

from devflow.model.canary import Canary
from devflow.model.checks import Check, Status
from devflow.model.outcomes import Absent, SendBack, Waiting
from devflow.model.values import Value

SCHEMA: Final = 2
NEWEST: Final = 3
"""The highest schema of any event: a devflow that does not know it leaves the run alone."""


class _Event(Value):
    at: datetime
    run: str
    schema_: int = Field(default=SCHEMA, alias="schema", serialization_alias="schema")

    model_config = {"populate_by_name": True, "serialize_by_alias": True}


class Opened(_Event):
    """A command began to work on the run. ``entries`` are the plan's names in order, for a late
    reader."""

    type: Literal["opened"] = "opened"
    command: str
    entries: tuple[str, ...] = ()
    pid: int = 0
    epoch: int = 1


class Closed(_Event):
    """A command ended."""

    type: Literal["closed"] = "closed"
    exit_code: int
    why: str = ""


class Started(_Event):
    """An entry's ``make`` began; ``attempt`` counts up over the whole run."""

    type: Literal["started"] = "started"
    entry: str
    fingerprint: str
    round: int
    attempt: int


class Intent(_Event):
    """A write is about to be made; ``key`` is the same for the same write."""

    type: Literal["intent"] = "intent"
    entry: str
    fingerprint: str
    attempt: int
    port: str
    verb: str
    target: str
    key: str
    repeatable: bool = True


class Wrote(_Event):
    """The write with this key has returned."""

    type: Literal["wrote"] = "wrote"
    entry: str
    key: str


class Looked(_Event):
    """What stands was looked at in the world, and is as it was recorded."""

    type: Literal["looked"] = "looked"
    entries: tuple[str, ...]
    schema_: int = Field(default=NEWEST, alias="schema", serialization_alias="schema")


class Doubtful(_Event):
    """A write that cannot be repeated was meant and its outcome is unknown: it is shown, not
    repeated."""

    type: Literal["doubtful"] = "doubtful"
    entry: str
    port: str
    verb: str
    target: str
    key: str


class Recorded(_Event):
    """What an entry came to: a product with its checks, or an ``Absent``. ``by`` says whether it
    was made or found, ``product_schema`` in which shape the product was written."""

    type: Literal["recorded"] = "recorded"
    entry: str
    step: str
    fingerprint: str
    round: int
    by: Literal["make", "look"]
    product: Mapping[str, Any] | None = None
    product_schema: int = 1
    absent: Absent | None = None
    checks: tuple[Check, ...] = ()
    status: Status
    duration_s: float = 0.0
    members: Mapping[str, tuple[str, ...]] = {}


class Waited(_Event):
    """An entry waits."""

    type: Literal["waited"] = "waited"
    entry: str
    fingerprint: str
    round: int
    waiting: Waiting


class SentBack(_Event):
    """An entry sent the run back; ``entries`` each begin a new round."""

    type: Literal["sent_back"] = "sent_back"
    entry: str
    send_back: SendBack
    entries: tuple[str, ...]
    round: int


class Broke(_Event):
    """An entry raised. ``crashed`` means an error without a name, whose trace stands in the run's
    log."""

    type: Literal["broke"] = "broke"
    entry: str
    fingerprint: str
    status: Status
    exit_code: int
    message: str
    hint: str = ""
    where: str = ""
    trace: str = ""


class Damaged(_Event):
    """Rows of the journal are not as they were written. Said by who reads them, never stored.

    ``is_gap``: something that was recorded at this place can no longer be read, so what was
    recorded before it may have been followed by anything. ``is_open``: the row that says how many
    there were is not as it was written.
    """

    type: Literal["damaged"] = "damaged"
    file: str
    altered: int = 0
    lost: int = 0
    doubled: int = 0
    is_gap: bool = False
    is_open: bool = False


class Tick(_Event):
    """The newest fact of a running entry, and the canary that it watches; shown, never stored."""

    type: Literal["tick"] = "tick"
    entry: str
    text: str
    done: int | None = None
    total: int | None = None
    canary: Canary | None = None


Event = Annotated[
    Union[
        Opened,
        Closed,
        Started,
        Intent,
        Wrote,
        Doubtful,
        Looked,
        Recorded,
        Waited,
        SentBack,
        Broke,
        Damaged,
        Tick,
    ],
    Field(discriminator="type"),
]
EVENT: Final[TypeAdapter[Event]] = TypeAdapter(Event, config=ConfigDict(defer_build=True))
