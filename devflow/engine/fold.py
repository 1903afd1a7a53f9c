"""The state of a run: a fold over its events, and nothing else.

``RunState.seen`` takes one event at a time, so that the runner's state and the one read from the
journal are made by the same code.
"""

from dataclasses import dataclass, field, replace
from typing import Any, Final, Iterable, Mapping, assert_never

from devflow.engine.fingerprint import EPOCH
from devflow.model.checks import Status
from devflow.model.errors import StepFailed
from devflow.model.events import (
    Broke,
    Closed,
    Damaged,
    Doubtful,
    Event,
    Intent,
    Looked,
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

    ``intents`` are the keys of writes meant since the last record; ``in_doubt`` those of them that
    have not returned; ``last_round`` is the record of the round before a send-back; ``trouble`` is
    the newest Waited or Broke that no record has replaced; ``earlier_epoch`` are the fingerprints
    that an earlier release gave the entry in this round.
    """

    round: int = 1
    attempt: int = 0
    record: Recorded | None = None
    last_round: Recorded | None = None
    sent_back: SendBack | None = None
    sender: str = ""
    trouble: Waited | Broke | None = None
    kept: Mapping[str, Any] = field(default_factory=dict)
    intents: frozenset[str] = frozenset()
    in_doubt: frozenset[str] = frozenset()
    returned: frozenset[str] = frozenset()
    earlier_epoch: frozenset[str] = frozenset()


FRESH: Final = Memory()
EntryEvent = Started | Intent | Wrote | Doubtful | Recorded | Waited | Broke


class RunState:
    """All entries of a run as its events tell them."""

    def __init__(self, events: Iterable[Event] = ()) -> None:
        self._entries: dict[str, Memory] = {}
        self._epoch = EPOCH
        for event in events:
            self.seen(event)

    def of(self, entry: str) -> Memory:
        """What is known of an entry; a fresh memory where nothing happened yet."""
        return self._entries.get(entry, FRESH)

    def seen(self, event: Event) -> None:
        """Takes the next event."""
        match event:
            case Opened():
                self._epoch = event.epoch
            case Closed() | Looked() | Tick():
                return
            case SentBack():
                self._send_back(event)
            case Damaged():
                if event.is_gap:
                    self._doubt()
            case _:
                self._entries[event.entry] = self._next(self.of(event.entry), event)

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
                earlier_epoch=frozenset(),
            )

    def _doubt(self) -> None:
        """What followed on what was recorded so far cannot be read: none of it stands."""
        for name, memory in self._entries.items():
            self._entries[name] = replace(
                memory,
                record=None,
                last_round=memory.record or memory.last_round,
                trouble=None,
                kept={},
            )

    def _next(self, memory: Memory, event: EntryEvent) -> Memory:
        match event:
            case Started():
                return self._started(memory, event)
            case Intent():
                intents = memory.intents | {event.key}
                return replace(memory, intents=intents, in_doubt=memory.in_doubt | {event.key})
            case Wrote() | Doubtful():
                in_doubt = memory.in_doubt - {event.key}
                return replace(memory, in_doubt=in_doubt, returned=memory.returned | {event.key})
            case Recorded():
                return self._recorded(memory, event)
            case Waited():
                return replace(memory, trouble=event, kept=event.waiting.keep)
            case Broke(status=Status.FAILED, exit_code=StepFailed.exit_code):
                # it answered that it failed, so nothing about its writes is unknown
                return replace(memory, trouble=event, in_doubt=frozenset())
            case Broke():
                return replace(memory, trouble=event)
            case _:
                assert_never(event)

    def _started(self, memory: Memory, event: Started) -> Memory:
        # the round too: the send-back that began it may be lost
        started = replace(memory, attempt=event.attempt, round=event.round)
        if self._epoch == EPOCH:
            return started
        return replace(started, earlier_epoch=memory.earlier_epoch | {event.fingerprint})

    def _recorded(self, memory: Memory, event: Recorded) -> Memory:
        is_of_now = self._epoch == EPOCH
        # a deferred gate is asked again as one that waits is
        still_waits = event.absent is not None and event.absent.kind == "deferred"
        return replace(
            memory,
            record=event,
            trouble=None,
            kept=memory.kept if still_waits else {},
            intents=frozenset(),
            in_doubt=frozenset(),
            earlier_epoch=frozenset() if is_of_now else memory.earlier_epoch,
        )
