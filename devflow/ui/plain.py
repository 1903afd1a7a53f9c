"""One line a fact, in order: time, number, name, status, text; for pipes, logs, screen readers and
dumb terminals.

No cursor movement, no colour; a line always begins with our own time, so that outside text never
stands where a command does.
"""

from collections import deque
from datetime import datetime, timedelta, tzinfo
from threading import Lock
from typing import Iterable, Iterator, Self, TextIO, assert_never

from devflow.model.checks import Status
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
from devflow.model.wording import duration, plural
from devflow.ui.board import Board, count
from devflow.ui.outline import EntryLine, Outline
from devflow.ui.phrases import (
    Fold,
    advice,
    elapsed,
    ending,
    folded,
    full,
    more,
    newest_fact,
    shown_checks,
)
from devflow.ui.signs import SIGNS, check_sign
from devflow.ui.words import clean, encodable

# often enough that a CI system sees life (Travis gave up after 600 s of silence), seldom enough to
# stay readable
TICK_EVERY = timedelta(seconds=15)
NAME_CELLS = 16
STATUS_CELLS = 12


def fact_line(at: datetime, line: EntryLine, status: str, text: str) -> str:
    """One fact; ``at`` is shown in its own zone."""
    number = "" if line.number is None else str(line.number)
    entry = f"{number:>2} {clean(line.name):{NAME_CELLS}}"
    return f"{at:%H:%M:%S} {entry} {status:{STATUS_CELLS}} {clean(text)}".rstrip()


class PlainScreen:
    """Writes lines to a stream. ``zone`` is the zone of the times, the machine's own where it is
    ``None``."""

    def __init__(self, stream: TextIO, outline: Outline, zone: tzinfo | None = None) -> None:
        self._stream = stream
        self._outline = outline
        self._zone = zone
        self._lines = {line.name: line for line in outline.entries}
        self._board = Board()
        self._intents: dict[str, Intent] = {}
        self._shown_at: dict[str, datetime] = {}
        self._lock = Lock()

    @property
    def board(self) -> Board:
        """What is known so far."""
        return self._board

    def replay(self, events: Iterable[Event]) -> None:
        """Takes in what happened before this command, and says in one line how it stands."""
        last = deque((self._fold(event) for event in events), maxlen=1)
        if last:
            passed = count(self._board, self._outline, Status.PASSED)
            entries = plural(len(self._lines), "entry", "entries")
            text = f"{passed} of {entries} passed before"
            self.write([self._line(last[0].at, None, "", text)])

    def __call__(self, event: Event) -> None:
        with self._lock:
            self._fold(event)
            self.write(self.lines(event))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *raised: object) -> None:
        """Every line is already flushed, and a reader that has gone is no reason to fail now."""

    def write(self, lines: Iterable[str]) -> None:
        """Puts finished lines on the stream."""
        for line in lines:
            self._stream.write(encodable(line, self._stream.encoding or "utf-8").rstrip() + "\n")
        self._stream.flush()

    def lines(self, event: Event) -> list[str]:
        """The lines that this event, already folded, is worth."""
        name = getattr(event, "entry", None)
        made = [self._line(event.at, name, status, text) for status, text in self._facts(event)]
        if made and name is not None:
            self._shown_at[name] = event.at
        return made

    def _fold(self, event: Event) -> Event:
        self._board = self._board.after(event)
        return event

    def _line(self, at: datetime, name: str | None, status: str, text: str) -> str:
        line = self._lines.get(name or "", EntryLine(None, name or "", ""))
        return fact_line(at.astimezone(self._zone), line, status, text)

    def _facts(self, event: Event) -> Iterator[tuple[str, str]]:
        match event:
            case Opened() | Closed():
                yield from self._command_facts(event)
            case Started():
                yield self._running(event.entry)
            case Tick():
                if event.at - self._shown_at.get(event.entry, event.at) >= TICK_EVERY:
                    yield self._running(event.entry)
            case Intent():
                self._intents[event.key] = event
            case Wrote():
                yield from self._write_facts(event)
            case Doubtful():
                write = f"{_verb(event)}: {event.target}"
                yield "unknown", f"{write}: outcome unknown, not repeated"
            case SentBack():
                yield "sent back", f"to {event.send_back.to}: {event.send_back.why}"
                yield from _todo_facts(event)
            case Recorded() | Waited() | Broke():
                yield from self._outcome(event)
            case _:
                assert_never(event)

    def _command_facts(self, event: Opened | Closed) -> Iterator[tuple[str, str]]:
        if isinstance(event, Opened):
            note = self._outline.connect_note
            command = f"{self._outline.ticket} {event.command}"
            yield "", f"{command} · {note}" if note else command
            return
        yield f"exit {event.exit_code}", event.why
        yield "", f"{ending(self._outline, self._board)} · {elapsed(self._board, event.at)}"

    def _write_facts(self, event: Wrote) -> Iterator[tuple[str, str]]:
        intent = self._intents.pop(event.key, None)
        if intent is not None:
            yield "wrote", f"{_verb(intent)}: {intent.target}"

    def _running(self, entry: str) -> tuple[str, str]:
        return SIGNS[Status.RUNNING].word, newest_fact(self._board.entry(entry))

    def _outcome(self, event: Recorded | Waited | Broke) -> Iterator[tuple[str, str]]:
        state = self._board.entry(event.entry)
        text = newest_fact(state)
        if isinstance(event, Recorded):
            if state.status is Status.PASSED:
                text = plural(len(shown_checks(state)), "check")
            time = duration(event.duration_s) if event.duration_s else "as found"
            text = f"{text} · {time}"
        yield SIGNS[state.status].word, text
        for fold in folded(state):
            yield from _fold_facts(fold)
        if state.at:
            yield "where", state.at
        line = self._lines.get(event.entry, EntryLine(None, event.entry, ""))
        # what opens a deferred gate was said when it began to wait, the line before
        for item in advice(line, state) if state.status is not Status.DEFERRED else ():
            yield item.label, f"{item.text}   {item.note}"


def _fold_facts(fold: Fold) -> Iterator[tuple[str, str]]:
    summary = () if fold.summary is None else (fold.summary,)
    for check in (*fold.shown, *summary):
        yield check_sign(check).word, f"{full(check)}  ‹{check.source}›"
    if fold.hidden:
        yield "ok", more(fold.hidden)


def _verb(write: Intent | Doubtful) -> str:
    return write.verb.replace("_", " ")


def _todo_facts(event: SentBack) -> Iterator[tuple[str, str]]:
    for todo in event.send_back.todo:
        yield "to-do", todo
