"""Rows of the journal and the events in them: what was altered, lost or doubled is told by a
``Damaged`` at its place, and nothing of such a row is handed on.

A file of schema 1 has neither numbers nor digests: of it is told only what no longer parses.
"""

from datetime import UTC, datetime
from typing import Final, Iterable, Iterator, NamedTuple

from pydantic import Field, ValidationError

from devflow.adapters.journal.digests import digest
from devflow.adapters.journal.summary import RunRow
from devflow.model.command_line import install_line
from devflow.model.errors import MadeByNewer
from devflow.model.events import EVENT, NEWEST, Damaged, Event
from devflow.model.values import Value

NO_TIME: Final = datetime.fromtimestamp(0, UTC)


class Row(NamedTuple):
    """A row of ``events`` as SQLite hands it out: any type in any column."""

    run: object
    type: object
    body: object
    at: object
    number: object
    digest: object

    @property
    def is_sound(self) -> bool:
        """Whether it is as it was written."""
        values = (_bytes(self.run), _bytes(self.type), _bytes(self.body), _bytes(self.at))
        return digest(*values, _bytes(self.number)) == _bytes(self.digest).decode(
            "ascii", "replace"
        )


class _SchemaOf(Value):
    """The one field by which an event of any schema says whose it is."""

    schema_: int = Field(default=0, alias="schema")

    model_config = {"extra": "ignore"}


def row_of(event: Event, body: str, number: int) -> tuple[str, str, str, str, int, str]:
    """The values of an event's row, in the order of the columns."""
    values = (event.run, event.type, body, event.at.isoformat(), number)
    return (*values, digest(*values))


class Reading:
    """The rows of one run, as they come out of one file."""

    def __init__(self, file: str, run: str) -> None:
        self._file = file
        self._run = run
        self._at = NO_TIME
        self._altered = 0
        self._doubled = 0

    def events(self, rows: Iterable[Row], row: RunRow | None) -> Iterator[Event]:
        """The sound events in their order, and each damage at its place. The run's own ``row``
        says how many there were.

        Raises ``MadeByNewer`` for a sound row that only a newer devflow can read.
        """
        events = self._by_number(rows)
        # without the run's own row nobody can tell how many there were
        is_open = row is None and bool(events or self._altered)
        self._altered += is_open
        last = max((0, *events, row.number if row else 0))
        missing = 0
        for number in range(1, last + 1):
            event = events.get(number)
            if event is None:
                missing += 1
                continue
            self._at = event.at
            if missing:
                yield self._gap(missing)
                missing = 0
            yield event
        if missing:
            yield self._gap(missing)
        if self._altered or self._doubled:
            damaged = self._damaged(self._altered, self._doubled)
            yield damaged.model_copy(update={"is_open": is_open})

    def first_schema(self, bodies: Iterable[object]) -> Iterator[Event]:
        """The events of a file of schema 1."""
        for body in bodies:
            event = _parsed(body)
            if event is None or event.schema_ != 1:
                self._altered = 1
                yield self._gap(1)
                continue
            self._at = event.at
            yield event

    def _by_number(self, rows: Iterable[Row]) -> dict[int, Event]:
        events: dict[int, Event] = {}
        for row in rows:
            event = self._sound(row)
            if event is None or not isinstance(row.number, int):
                self._altered += 1
            elif row.number in events:
                self._doubled += 1
            else:
                events[row.number] = event
        return events

    def _sound(self, row: Row) -> Event | None:
        if not row.is_sound:
            return None
        event = _parsed(row.body)
        schema = event.schema_ if event else _schema_of(row.body)
        if schema > NEWEST:
            problem = f"an event of {self._run} was made by a newer devflow: schema {schema}"
            hint = f"update devflow's checkout, then: {install_line()}"
            raise MadeByNewer(f"{problem}, this knows {NEWEST}", where=self._file, hint=hint)
        return event

    def _gap(self, missing: int) -> Damaged:
        altered = min(self._altered, missing)
        self._altered -= altered
        damaged = self._damaged(altered)
        return damaged.model_copy(update={"lost": missing - altered, "is_gap": True})

    def _damaged(self, altered: int, doubled: int = 0) -> Damaged:
        return Damaged(
            at=self._at, run=self._run, file=self._file, altered=altered, doubled=doubled
        )


def _parsed(body: object) -> Event | None:
    try:
        event: Event = EVENT.validate_json(_bytes(body))
    except ValidationError:
        return None
    return event


def _schema_of(body: object) -> int:
    """The schema of an event that this devflow cannot read; 0 where none is said."""
    try:
        return _SchemaOf.model_validate_json(_bytes(body)).schema_
    except ValidationError:
        return 0


def _bytes(value: object) -> bytes:
    return value if isinstance(value, bytes) else str(value).encode()
