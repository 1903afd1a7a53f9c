"""The screens of `status --watch`: a picture that is drawn anew, lines that are appended, or an
object for each change."""

import json
from dataclasses import dataclass, replace
from datetime import datetime
from threading import Lock
from typing import Callable, Iterator, Protocol, Self, TextIO

from rich.live import Live
from rich.text import Text

from devflow.model.checks import Status
from devflow.model.wording import plural
from devflow.ui.board import Board
from devflow.ui.outline import EntryLine, Outline
from devflow.ui.pen import Pen
from devflow.ui.phrases import full, newest_fact, shown_checks
from devflow.ui.picture import Moment, watched
from devflow.ui.plain import fact_line
from devflow.ui.screens import OutputMode, Surroundings, console_for, draws
from devflow.ui.signs import SIGNS, check_sign
from devflow.ui.status import status_object, status_text
from devflow.ui.words import encodable

REFRESH_HZ = 4  # Hz; only the times change between two looks


class WatchScreen(Protocol):
    """What is told how the run stands, again and again; the same twice is shown once."""

    def __call__(self, outline: Outline, board: Board, *, running: bool) -> None: ...

    def __enter__(self) -> Self: ...

    def __exit__(self, *raised: object) -> None: ...


def watch_for(mode: OutputMode, around: Surroundings) -> WatchScreen:
    """The screen for ``--output``, chosen as for a run."""
    if mode == "json":
        return WatchObjects(around.stream)
    if draws(mode, around):
        return WatchTree(Pen(console_for(around.stream, around.environ)), around.now)
    return WatchLines(around.stream, around.now)


class WatchTree:
    """Draws the newest picture, fitted to the terminal; the whole one stays in the scroll-back when
    it ends."""

    def __init__(self, pen: Pen, now: Callable[[], datetime]) -> None:
        self._pen = pen
        self._now = now
        self._seen: tuple[Outline, Board] | None = None
        self._lock = Lock()
        self._live = Live(
            get_renderable=self._draw,
            console=pen.console,
            refresh_per_second=REFRESH_HZ,
            transient=True,
        )

    def __call__(self, outline: Outline, board: Board, *, running: bool) -> None:
        with self._lock:
            self._seen = (outline, board)

    def __enter__(self) -> Self:
        self._live.start()
        return self

    def __exit__(self, *raised: object) -> None:
        self._live.stop()
        if self._seen is not None:
            self._pen.write(status_text(self._pen, *self._seen, self._now()))

    def _draw(self) -> Text:
        if self._seen is None:
            return Text("")
        moment = Moment(*self._seen, self._now())
        # one line less than the terminal, which keeps the cursor's own line
        lines = watched(self._pen, moment, self._pen.console.height - 1)
        return Text("\n", no_wrap=True, overflow="crop").join(lines)


@dataclass(frozen=True)
class _Fact:
    """One line that may be said; ``label`` is what a look found, empty for how an entry stands."""

    line: EntryLine
    word: str
    label: str
    text: str


class WatchLines:
    """Appends a line for each fact that is new, and for each that a look had found and that is no
    longer there."""

    def __init__(self, stream: TextIO, now: Callable[[], datetime]) -> None:
        self._stream = stream
        self._now = now
        self._said: list[_Fact] = []

    def __call__(self, outline: Outline, board: Board, *, running: bool) -> None:
        facts = list(_facts(outline, board))
        at = self._now()
        gone = [replace(one, word="gone") for one in self._said if _is_gone(one, self._said, facts)]
        for one in (*gone, *(fact for fact in facts if fact not in self._said)):
            said = fact_line(at, one.line, one.word, one.text)
            self._stream.write(encodable(said, self._stream.encoding or "utf-8") + "\n")
        self._stream.flush()
        self._said = facts

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *raised: object) -> None:
        """Every line is already flushed."""


class WatchObjects:
    """One object of ``status --output json`` a line, whenever it is another one than before."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._last = ""

    def __call__(self, outline: Outline, board: Board, *, running: bool) -> None:
        # ASCII, so that a stream of any encoding takes it
        text = json.dumps(status_object(outline, board, running=running))
        if text != self._last:
            self._stream.write(text + "\n")
            self._stream.flush()
        self._last = text

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *raised: object) -> None:
        """Every line is already flushed."""


def _facts(outline: Outline, board: Board) -> Iterator[_Fact]:
    """Each entry that was heard of with its status, and what a look found just now."""
    for line in outline.entries:
        state = board.entry(line.name)
        if state.status is not Status.PENDING:
            passed = state.status is Status.PASSED
            said = plural(len(shown_checks(state)), "check") if passed else newest_fact(state)
            yield _Fact(line, SIGNS[state.status].word, "", said)
        found = (check for check in state.preview if check.source)
        yield from (
            _Fact(line, check_sign(check).word, check.label, full(check)) for check in found
        )


def _is_gone(fact: _Fact, before: list[_Fact], now: list[_Fact]) -> bool:
    """What only has another value now is not gone: the new line says it."""
    alike = [one for one in before if one.label == fact.label]
    follows = len(alike) == 1 and any(one.label == fact.label for one in now)
    return bool(fact.label) and not follows and all(one.text != fact.text for one in now)
