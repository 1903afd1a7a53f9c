"""`status --short` without the engine, the steps and the libraries that validate: from the row that
the journal keeps beside a run's events.

It answers ``None`` wherever that is not enough, and the whole command is asked instead.
"""

import sys

from devflow.adapters.git.head import head_at
from devflow.wiring.options import Options
from devflow.wiring.summaries import line_of


def status(options: Options, key: str, *, short: bool, watch: bool) -> int | None:
    """Prints the line. Answers the exit code, or ``None``."""
    head = head_at(options.directory)
    if head is None or not short or watch:
        return None
    line = line_of(head, key)
    if line is None:
        return None
    sys.stdout.write(line + "\n")
    return 0
