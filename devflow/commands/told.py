"""`status` from what a run's events and its row say, without the engine and without any step.

It answers ``None`` wherever that is not enough, and the whole command is asked instead.
"""

import os
from contextlib import contextmanager
from importlib import import_module
from typing import Final, Iterator

from devflow.adapters.git.head import head_at
from devflow.adapters.machine.clock import SystemClock
from devflow.ui.outline import EnvironmentLine
from devflow.ui.status import status_text
from devflow.wiring.options import Options
from devflow.wiring.output_stream import pen
from devflow.wiring.told_runs import told_run

# loaded where something was deployed; the floors test follows this name
DEPLOYED: Final = "devflow.wiring.deployed"
# what is set in the environment says that this is no ordinary look
_ASKS_FOR_MORE: Final = "devflow_sandbox"
# pydantic looks through every installed package for plugins of its own
_PLUGINS: Final = "PYDANTIC_DISABLE_PLUGINS"


def status(options: Options, key: str, *, short: bool, watch: bool) -> int | None:
    """Shows how the run stands. Answers the exit code, or ``None``."""
    if short or watch or any(name.lower() == _ASKS_FOR_MORE for name in os.environ):
        return None
    with _without_plugins():
        run = told_run(options.directory, key)
    if run is None or run.is_a_persons_turn:
        return None
    deployed = _deployed(options)
    if deployed is None:
        return None
    drawing = pen()
    now = SystemClock().now()
    drawing.write(status_text(drawing, run.outline, run.board, now, deployed))
    return 0


def _deployed(options: Options) -> tuple[EnvironmentLine, ...] | None:
    """What runs where; nothing is loaded for it where nothing was ever deployed. ``None`` where
    only the pipeline can tell."""
    head = head_at(options.directory)
    if head is None or not (head.common_dir / "devflow" / "deploys").exists():
        return ()
    lines: tuple[EnvironmentLine, ...] | None = import_module(DEPLOYED).lines_at(
        head.root, head.common_dir / "devflow"
    )
    return lines


@contextmanager
def _without_plugins() -> Iterator[None]:
    if _PLUGINS in os.environ:
        yield
        return
    os.environ[_PLUGINS] = "__all__"
    try:
        yield
    finally:
        del os.environ[_PLUGINS]
