"""Compares a screen with the file that shows how it should look.

``DEVFLOW_UPDATE_GOLDEN=1`` writes the files anew; look at their difference before it is committed.
"""

import io
import os
import re
from pathlib import Path
from typing import Callable, Iterable

from rich.console import Console
from rich.text import Text

from devflow.ui.pen import Pen

FOLDER = Path(__file__).parent / "golden"


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
    # rich numbers terminal links at random
    return re.sub(r"\x1b\]8;id=\d+;", "\x1b]8;id=0;", buffer.getvalue().decode(encoding))


def assert_golden(name: str | Path, text: str) -> None:
    """Fails with the difference where the text is not what the file holds."""
    path = FOLDER / name
    if os.environ.get("DEVFLOW_UPDATE_GOLDEN") == "1":
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text(encoding="utf-8")
