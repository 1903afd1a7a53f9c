"""What draws on this process's standard output."""

import os
import sys

from devflow.ui.pen import Pen, console_for
from devflow.wiring.options import OutputMode


def is_drawn(output: OutputMode) -> bool:
    """Whether what is shown once is a picture: asked for, or to be seen on a terminal."""
    return output == "tree" or (output == "auto" and sys.stdout.isatty())


def pen() -> Pen:
    """A pen for it, with the colours and the width that it takes. A pipe or a file has no width,
    but the one that COLUMNS says."""
    is_endless = not sys.stdout.isatty() and not os.environ.get("COLUMNS", "").isdigit()
    return Pen(console_for(sys.stdout, os.environ), is_endless=is_endless)
