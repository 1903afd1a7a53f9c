"""doit's tasks: as many as ENTRIES says, one after the other, that do nothing. doit keeps no
journal: what it knows of a run is written at its end."""

import os
from typing import Any, Iterator


def nothing() -> None:
    """One task."""


def task_entry() -> Iterator[dict[str, Any]]:
    """All of them."""
    for number in range(int(os.environ["ENTRIES"])):
        before = [f"entry:{number - 1}"] if number else []
        yield {"name": str(number), "actions": [nothing], "task_dep": before}
