"""The state of a run: a fold over its events, and nothing else.

``RunState.seen`` takes one event at a time, so that the runner's state and the one read from the
journal are made by the same code.
"""

from dataclasses import dataclass, field, replace
from typing import Any, Final, Iterable, Mapping

from devflow.model.checks import Status
from devflow.model.errors import StepFailed
from devflow.model.events import (
    Broke,
    Closed,
    Doubtful,
    Event,
    Intent,
    Opened,
    Recorded,
    SentBack,
    Started,
    Tick,
    Waited,
    Wrote,
)
from devflow.model.outcomes import SendBack


@dataclass(frozen=True)
class Memory:
    """What is known of one entry.

    ``meant`` are the keys of writes meant since the last record; ``unsure`` those of them that have
    not returned; ``last_round`` is the record of the round before a send-back; ``trouble`` is the
    newest Waited or Broke that no record has replaced.
    """

    round: int = 1
    attempt: int = 0
    record: Recorded | None = None
    last_round: Recorded | None = None
    sent_back: SendBack | None = None
    sender: str = ""
    trouble: Waited | Broke | None = None
    kept: Mapping[str, Any] = field(default_factory=dict)
    meant: frozenset[str] = frozenset()
    unsure: frozenset[str] = frozenset()
    wrote_once: frozenset[str] = frozenset()


FRESH: Final = Memory()


class RunState:
    """All entries of a run as its events tell them."""

    def __init__(self, events: Iterable[Event] = ()) -> None:
        self._entries: dict[str, Memory] = {}
        for event in events:
            self.seen(event)

    def of(self, entry: str) -> Memory:
        """What is known of an entry; a fresh memory where nothing happened yet."""
        return self._entries.get(entry, FRESH)

    def seen(self, event: Event) -> None:
        """Takes the next event."""
        match event:
            case Opened() | Closed() | Tick():
                return
            case SentBack():
                self._send_back(event)
            case _:
                self._entries[event.entry] = _next(self.of(event.entry), event)

    def _send_back(self, event: SentBack) -> None:
        for name in event.entries:
            memory = self.of(name)
            self._entries[name] = replace(
                memory,
                round=event.round,
                record=None,
                last_round=memory.record or memory.last_round,
                sent_back=event.send_back,
                sender=event.entry,
                trouble=None,
                kept={},
            )


def _next(
    memory: Memory, event: Started | Intent | Wrote | Doubtful | Recorded | Waited | Broke
) -> Memory:
    match event:
        case Started():
            return replace(memory, attempt=event.attempt)
        case Intent():
            return replace(
                memory, meant=memory.meant | {event.key}, unsure=memory.unsure | {event.key}
            )
        case Wrote():
            return replace(
                memory,
                unsure=memory.unsure - {event.key},
                wrote_once=memory.wrote_once | {event.key},
            )
        case Doubtful():
            return replace(
                memory,
                unsure=memory.unsure - {event.key},
                wrote_once=memory.wrote_once | {event.key},
            )
        case Recorded():
            return replace(
                memory, record=event, trouble=None, kept={}, meant=frozenset(), unsure=frozenset()
            )
        case Waited():
            return replace(memory, trouble=event, kept=event.waiting.keep)
        case Broke(status=Status.FAILED, exit_code=StepFailed.exit_code):
            # it answered that it failed, so nothing about its writes is unknown
            return replace(memory, trouble=event, unsure=frozenset())
        case Broke():
            return replace(memory, trouble=event)
