"""What draws on this process's standard output."""

import os
import sys

from devflow.ui.pen import Pen, console_for


def pen() -> Pen:
    """A pen for it, with the colours and the width that it takes."""
    return Pen(console_for(sys.stdout, os.environ))
