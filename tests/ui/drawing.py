"""What a screen puts on a console or a stream, as text."""

import io
import re
from typing import Any, Callable, Iterable

from rich.console import Console
from rich.text import Text

from devflow.model.events import Event
from devflow.ui.pen import Pen


def drawn(
    draw: Callable[[Pen], Iterable[Text]],
    width: int,
    *,
    colour: bool = False,
    encoding: str = "utf-8",
) -> str:
    """What ``draw`` puts on a console of this width; without colour it is as under NO_COLOR or in a
    pipe."""
    stream = io.TextIOWrapper(io.BytesIO(), encoding=encoding, newline="\n")
    console = Console(
        file=stream,
        width=width,
        height=24,
        force_terminal=colour,
        color_system="standard" if colour else None,
        _environ={},
    )
    pen = Pen(console)
    pen.write(draw(pen))
    stream.flush()
    buffer = stream.detach()
    assert isinstance(buffer, io.BytesIO)
    text = buffer.getvalue().decode(encoding)
    # rich numbers terminal links at random
    return re.sub(r"\x1b\]8;id=\d+;", "\x1b]8;id=0;", text)


def written(screen_on: Callable[[io.StringIO], Any], events: Iterable[Event]) -> str:
    """What a stream screen writes of these events."""
    stream = io.StringIO()
    with screen_on(stream) as screen:
        for event in events:
            screen(event)
    return stream.getvalue()


def overflowing(text: str, width: int) -> list[str]:
    """The lines that run over the edge, but for those that end in an address, which stays whole."""
    over = [line for line in text.splitlines() if len(line) > width]
    return [line for line in over if "/" not in line.split()[-1]]
