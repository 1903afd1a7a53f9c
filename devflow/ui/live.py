"""What is shown again and again while somebody looks on: a picture that is drawn anew in place, and
objects of which only those are written that are others than before."""

import json
from threading import Lock
from typing import Any, Callable, Generic, Self, Sequence, TextIO, TypeVar

from rich.live import Live
from rich.text import Text

from devflow.ui.pen import Pen
from devflow.ui.words import harmless_json

T = TypeVar("T")
Draw = Callable[[T], Sequence[Text]]
# Hz; only the times change between two looks
REFRESH_HZ = 4


class LivePicture(Generic[T]):
    """Draws the newest of what it is shown by ``drawn``, which fits the terminal; by ``whole`` it
    stays in the scroll-back when it ends."""

    def __init__(self, pen: Pen, drawn: Draw[T], whole: Draw[T]) -> None:
        self._pen = pen
        self._drawn = drawn
        self._whole = whole
        self._newest: T | None = None
        self._lock = Lock()
        self._live = Live(
            get_renderable=self._draw,
            console=pen.console,
            refresh_per_second=REFRESH_HZ,
            transient=True,
        )

    def show(self, newest: T) -> None:
        """Takes what there is to see now."""
        with self._lock:
            self._newest = newest

    def __enter__(self) -> Self:
        self._live.start()
        return self

    def __exit__(self, *raised: object) -> None:
        self._live.stop()
        if self._newest is not None:
            self._pen.write(self._whole(self._newest))

    def _draw(self) -> Text:
        if self._newest is None:
            return Text("")
        return self._pen.picture(self._drawn(self._newest))


class ChangedObjects:
    """Writes one object a line, whenever it is another one than before."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._last: Any = None

    def show(self, shown: Any, compared: Any = None) -> None:
        """``compared`` stands for an object that also holds what is another at each look."""
        key = shown if compared is None else compared
        if key != self._last:
            # ASCII, so that a stream of any encoding takes it
            self._stream.write(harmless_json(json.dumps(shown)) + "\n")
            self._stream.flush()
        self._last = key
