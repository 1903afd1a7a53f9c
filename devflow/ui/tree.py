"""The live tree on a terminal, and the whole tree with its evidence in the scroll-back when it
ends.

Events come from several threads; the drawing thread only ever reads one whole, frozen board.
"""

from dataclasses import replace
from datetime import datetime
from threading import Lock
from typing import Callable, Iterable, Self

from rich.console import Console
from rich.live import Live
from rich.text import Text

from devflow.model.events import Event
from devflow.ui.board import Board
from devflow.ui.outline import Outline
from devflow.ui.pen import Pen
from devflow.ui.picture import Moment, live, status

# Hz; quick enough for a spinner, slow enough for a remote terminal
REFRESH_HZ = 10


class TreeScreen:
    """Draws the run while it works. Use as a context manager, hand it the past with ``replay``,
    then call it with each event.

    ``now`` answers the time with its zone; screens have no clock of their own.
    """

    def __init__(self, console: Console, outline: Outline, now: Callable[[], datetime]) -> None:
        self._pen = Pen(console)
        self._outline = outline
        self._now = now
        self._board = Board()
        self._lock = Lock()
        self._live = Live(
            get_renderable=self._draw,
            console=console,
            refresh_per_second=REFRESH_HZ,
            transient=True,
            vertical_overflow="crop",
        )

    def replay(self, events: Iterable[Event]) -> None:
        """Takes in what happened before this command."""
        for event in events:
            self(event)

    def without(self, outdated: frozenset[str]) -> None:
        """Shows exactly these entries as pending, whatever was heard of them."""
        with self._lock:
            self._board = self._board.without(outdated)

    def __call__(self, event: Event) -> None:
        with self._lock:
            self._board = self._board.after(event)

    def __enter__(self) -> Self:
        self._live.start()
        return self

    def __exit__(self, *raised: object) -> None:
        self._live.stop()
        moment = Moment(self._outline, self._board, self._now())
        self._pen.write(status(self._pen, moment, "checks"))

    def _draw(self) -> Text:
        now = self._now()
        beat = int(now.timestamp() * REFRESH_HZ)
        pen = replace(self._pen, beat=beat)
        moment = Moment(self._outline, self._board, now)
        return pen.picture(live(pen, moment, pen.picture_lines))
