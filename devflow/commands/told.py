"""`status` and one page of `explain` from what a run's events and its row say: without the engine,
and without steps that are not shown.

Each answers ``None`` wherever that is not enough, and the whole command is asked instead.
"""

import os
from typing import Final

from devflow.adapters.machine.clock import SystemClock
from devflow.ui.status import status_text
from devflow.wiring.options import Options
from devflow.wiring.output_stream import pen
from devflow.wiring.told_runs import told_run

# what is set in the environment says that this is no ordinary look
_ASKS_FOR_MORE: Final = "devflow_sandbox"


def status(options: Options, key: str, *, short: bool, watch: bool) -> int | None:
    """Shows how the run stands. Answers the exit code, or ``None``."""
    if short or watch or any(name.lower() == _ASKS_FOR_MORE for name in os.environ):
        return None
    run = told_run(options.directory, key)
    if run is None or run.is_a_persons_turn:
        return None
    drawing = pen()
    drawing.write(status_text(drawing, run.outline, run.board, SystemClock().now()))
    return 0
