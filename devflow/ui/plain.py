"""One line a fact, in order: time, number, name, status, text; for pipes, logs, screen readers and
dumb terminals.

No cursor movement, no colour; a line always begins with our own time, so that outside text never
stands where a command does.
"""

from datetime import datetime, timedelta, tzinfo
from threading import Lock
from typing import Iterable, Iterator, Self, TextIO, assert_never

from devflow.model.checks import Status
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
from devflow.model.wording import duration, plural
from devflow.ui.advice import advice, what_next
from devflow.ui.board import Board, EntryState
from devflow.ui.damage import damage_wording
from devflow.ui.evidence import against_last, folded, more
from devflow.ui.outline import EntryLine, Outline
from devflow.ui.pen import WORD_CELLS
from devflow.ui.phrases import (
    count,
    elapsed,
    ending,
    newest_fact,
    tallied,
    verb_wording,
    why_ended,
    with_dots,
)
from devflow.ui.signs import SIGNS
from devflow.ui.traffic import canary_plain
from devflow.ui.words import NAME_CELLS, clean, encodable

# often enough that a CI system sees life (Travis gave up after 600 s of silence), seldom enough to
# stay readable
TICK_EVERY = timedelta(seconds=15)


def fact_line(at: datetime, line: EntryLine, status: str, text: str) -> str:
    """One fact; ``at`` is shown in its own zone."""
    number = "" if line.number is None else str(line.number)
    place = f"{at:%H:%M:%S} {number:>2} {clean(line.name):{NAME_CELLS}}"
    return f"{place} {status:{WORD_CELLS}} {clean(text)}".rstrip()


def write_lines(stream: TextIO, lines: Iterable[str]) -> None:
    """Puts finished lines on a stream, in what its encoding has, and flushes it."""
    encoding = stream.encoding or "utf-8"
    for line in lines:
        text = encodable(line, encoding).rstrip()
        stream.write(f"{text}\n")
    stream.flush()


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
        # by entry: the write of its last line, and how often it was said again since
        self._again: dict[str, tuple[str, int]] = {}
        self._last_line_at: dict[str, datetime] = {}
        # the entries of which this command has said what they came to
        self._told: set[str] = set()
        self._lock = Lock()

    @property
    def board(self) -> Board:
        """What is known so far."""
        return self._board

    def replay(self, events: Iterable[Event]) -> None:
        """Takes in what happened before this command, and says in one line how it stands."""
        last: Event | None = None
        for event in events:
            self._fold(event)
            last = event
        if last is None:
            return
        passed = count(self._board, self._outline, Status.PASSED)
        entries = plural(len(self._lines), "entry", "entries")
        self.write([self._line(last.at, "", "", f"{passed} of {entries} passed before")])

    def without(self, outdated: frozenset[str]) -> None:
        """Counts exactly these entries as pending, whatever was heard of them."""
        with self._lock:
            self._board = self._board.without(outdated)

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
        write_lines(self._stream, lines)

    def lines(self, event: Event) -> list[str]:
        """The lines that this event, already folded, is worth."""
        # the run's own events name no entry
        name = getattr(event, "entry", "")
        lines = []
        facts = list(self._facts(event))
        if facts and not isinstance(event, Wrote):
            facts = [*self._repeated(name), *facts]
        for status, text in facts:
            lines.append(self._line(event.at, name, status, text))
        if lines and name:
            self._last_line_at[name] = event.at
        return lines

    def _fold(self, event: Event) -> None:
        self._board = self._board.after(event)

    def _line(self, at: datetime, name: str, status: str, text: str) -> str:
        return fact_line(at.astimezone(self._zone), self._entry_line(name), status, text)

    def _entry_line(self, name: str) -> EntryLine:
        """The plan's line of an entry; an entry of an older plan has only its name."""
        return self._lines.get(name, EntryLine(None, name, ""))

    def _facts(self, event: Event) -> Iterator[tuple[str, str]]:
        match event:
            case Opened() | Closed() | Damaged():
                yield from self._of_run(event)
            case Looked():
                return
            case Started():
                yield self._running(event.entry)
            case Tick():
                if self._is_due(event):
                    yield self._running(event.entry)
            case Intent() | Wrote() | Doubtful():
                yield from self._writes(event)
            case SentBack():
                yield "sent back", f"to {event.send_back.to}: {event.send_back.why}"
                for todo in event.send_back.todo:
                    yield "to-do", todo
            case Recorded() | Waited() | Broke():
                yield from self._outcome(event)
            case _:
                assert_never(event)

    def _of_run(self, event: Opened | Closed | Damaged) -> Iterator[tuple[str, str]]:
        match event:
            case Opened():
                command = f"{self._outline.ticket} {event.command}"
                yield "", with_dots(command, self._outline.connect_note)
            case Closed():
                yield f"exit {event.exit_code}", why_ended(self._outline, self._board, self._told)
                stands = ending(self._outline, self._board)
                yield "", f"{stands} · {elapsed(self._board, event.at)}"
                onward = what_next(self._outline, self._board)
                if onward:
                    yield "next", onward
            case Damaged():
                yield "damaged", damage_wording((event,))
            case _:
                assert_never(event)

    def _running(self, name: str) -> tuple[str, str]:
        return SIGNS[Status.RUNNING].word, newest_fact(self._board.entry(name))

    def _is_due(self, tick: Tick) -> bool:
        last = self._last_line_at.get(tick.entry, tick.at)
        return tick.at - last >= TICK_EVERY

    def _writes(self, event: Intent | Wrote | Doubtful) -> Iterator[tuple[str, str]]:
        match event:
            case Intent():
                self._intents[event.key] = event
            case Wrote():
                intent = self._intents.pop(event.key, None)
                if intent is not None:
                    yield from self._wrote(intent)
            case Doubtful():
                write = f"{verb_wording(event.verb)}: {event.target}"
                yield "unknown", f"{write}: outcome unknown, not repeated"
            case _:
                assert_never(event)

    def _wrote(self, intent: Intent) -> Iterator[tuple[str, str]]:
        """A line at once; the same write again is counted, until another line comes."""
        text = f"{verb_wording(intent.verb)}: {intent.target}"
        known, times = self._again.get(intent.entry, ("", 0))
        if text == known:
            self._again[intent.entry] = (text, times + 1)
            return
        yield from self._repeated(intent.entry)
        self._again[intent.entry] = (text, 0)
        yield "wrote", text

    def _repeated(self, name: str) -> Iterator[tuple[str, str]]:
        text, times = self._again.pop(name, ("", 0))
        if times:
            yield "wrote", f"{text}, {plural(times, 'more time')}"

    def _outcome(self, event: Recorded | Waited | Broke) -> Iterator[tuple[str, str]]:
        state = self._board.entry(event.entry)
        if is_only_seen(event):
            yield SIGNS[state.status].word, f"{newest_fact(state)} · as found"
            return
        self._told.add(event.entry)
        text = newest_fact(state)
        if isinstance(event, Recorded):
            took = duration(event.duration_s) if event.duration_s else "as found"
            text = f"{tallied(state)} · {took}"
        yield SIGNS[state.status].word, text
        yield from _evidence(state)
        if state.at:
            yield "where", state.at
        # what opens a deferred gate stands in the line before, where it began to wait
        if state.status is Status.DEFERRED:
            return
        for item in advice(self._entry_line(event.entry), state):
            yield item.label, f"{item.text}   {item.note}"


def is_only_seen(event: Event) -> bool:
    """Whether an entry was seen not to be well any more. What it comes to it comes to in its turn,
    which is where its evidence is told, and what to do about it: not here as well."""
    return isinstance(event, Recorded) and event.by == "look" and event.status is not Status.PASSED


def _evidence(state: EntryState) -> Iterator[tuple[str, str]]:
    """The checks, and what was printed or counted behind them."""
    for lines, hidden in folded(against_last(state.checks)):
        for line in lines:
            yield line.sign.word, f"{line.text}  ‹{line.source}›"
        if hidden:
            yield "ok", more(hidden)
    for told in state.output:
        yield "", told
    if state.canary is not None and state.status is not Status.PASSED:
        for words in canary_plain(state.canary):
            yield "", words
