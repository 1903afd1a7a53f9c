"""The screens of `status --watch`: a picture that is drawn anew, lines that are appended, or an
object for each change."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Callable, Iterator, Protocol, Self, TextIO

from rich.text import Text

from devflow.model.checks import Status
from devflow.ui.board import Board
from devflow.ui.evidence import lines_of
from devflow.ui.live import ChangedObjects, LivePicture
from devflow.ui.outline import EntryLine, Outline
from devflow.ui.pen import Pen, console_for
from devflow.ui.phrases import outcome
from devflow.ui.picture import Moment, watched
from devflow.ui.plain import fact_line, write_lines
from devflow.ui.screens import OutputMode, Surroundings, draws
from devflow.ui.signs import SIGNS
from devflow.ui.status import status_object, status_text


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
        self._picture = LivePicture[tuple[Outline, Board]](pen, self._fitted, self._whole)

    def __call__(self, outline: Outline, board: Board, *, running: bool) -> None:
        self._picture.show((outline, board))

    def __enter__(self) -> Self:
        self._picture.__enter__()
        return self

    def __exit__(self, *raised: object) -> None:
        self._picture.__exit__(*raised)

    def _fitted(self, newest: tuple[Outline, Board]) -> list[Text]:
        moment = Moment(*newest, self._now())
        return watched(self._pen, moment, self._pen.picture_lines)

    def _whole(self, newest: tuple[Outline, Board]) -> list[Text]:
        return status_text(self._pen, *newest, self._now())


@dataclass(frozen=True)
class _Fact:
    """One line of the list; ``label`` is what a look found, empty for how an entry stands."""

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
        self._facts: list[_Fact] = []

    def __call__(self, outline: Outline, board: Board, *, running: bool) -> None:
        at = self._now()
        facts = list(_facts(outline, board))
        news = []
        for fact in self._facts:
            if _is_gone(fact, self._facts, facts):
                news.append(replace(fact, word="gone"))
        news += [fact for fact in facts if fact not in self._facts]
        lines = [fact_line(at, fact.line, fact.word, fact.text) for fact in news]
        write_lines(self._stream, lines)
        self._facts = facts

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *raised: object) -> None:
        """Every line is already flushed."""


class WatchObjects:
    """One object of ``status --output json`` a line, whenever it is another one than before."""

    def __init__(self, stream: TextIO) -> None:
        self._objects = ChangedObjects(stream)

    def __call__(self, outline: Outline, board: Board, *, running: bool) -> None:
        self._objects.show(status_object(outline, board, running=running))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *raised: object) -> None:
        """Every line is already flushed."""


def _facts(outline: Outline, board: Board) -> Iterator[_Fact]:
    """Each entry that was heard of with its status, also where that is outdated, and what a look
    found just now."""
    for line in outline.entries:
        state = board.entry(line.name)
        if state.status is not Status.PENDING or state.why:
            yield _Fact(line, SIGNS[state.status].word, "", outcome(state))
        for evidence in lines_of(state.preview):
            yield _Fact(line, evidence.sign.word, evidence.key, evidence.text)


def _is_gone(fact: _Fact, before: list[_Fact], now: list[_Fact]) -> bool:
    """What only has another value now is not gone: the new line says it."""
    if not fact.label:
        return False
    alike_before = sum(other.label == fact.label for other in before)
    alike_now = sum(other.label == fact.label for other in now)
    # several of one label cannot be told apart but by their texts
    if alike_before == 1 and alike_now:
        return False
    return all(other.text != fact.text for other in now)
