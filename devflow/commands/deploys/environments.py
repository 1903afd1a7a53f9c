"""`environments`: what runs where, each replica asked now; with `--watch` again each second. Writes
nothing."""

import sys
from typing import Callable, Final, NoReturn

from devflow.commands.deploys.named import refuse_unknown
from devflow.engine.names import environments_of
from devflow.engine.plan import Plan
from devflow.model.environments import Environment
from devflow.ports.clock import Clock
from devflow.ui.pages.environment_changes import NOTHING
from devflow.ui.pages.environments import (
    environments_lines,
    environments_object,
    environments_plain,
)
from devflow.ui.pages.environments_watch import EnvironmentsScreen, environments_watch
from devflow.ui.words import clean
from devflow.wiring.deployed import running_now
from devflow.wiring.local import clock, surroundings, workspace_of
from devflow.wiring.options import Options
from devflow.wiring.output import write_json, write_lines
from devflow.wiring.output_stream import is_drawn, pen

EVERY_S: Final = 1.0  # s between two looks; a look asks each replica once


def environments(options: Options, name: str, *, watch: bool) -> int:
    """Shows one environment, or all. Answers the exit code; raises ``UsageError`` where nothing was
    ever deployed to it and the pipeline has none of this name."""
    workspace = workspace_of(options, dry=True)
    deploys = workspace.deploys
    declared = declared_in(workspace.plan)
    if name and name not in declared:
        refuse_unknown(deploys, name)
    if watch:
        return _watch(options, lambda: running_now(deploys, name, declared))
    found = running_now(deploys, name, declared)
    if options.output == "json":
        write_json(environments_object(found))
    elif not found:
        write_lines([NOTHING])
    elif is_drawn(options.output):
        drawing = pen()
        drawing.write(environments_lines(drawing, found, surroundings().now()))
    else:
        write_lines(clean(line) for line in environments_plain(found))
    return 0


def declared_in(plan: Plan) -> tuple[str, ...]:
    """The environments that the pipeline's entries bring a version to."""
    if not plan.project.services:
        return ()
    names = dict.fromkeys(plan.project.environments)
    for entry in plan.entries:
        names.update((name, None) for _, name in environments_of(entry.params))
    return tuple(names)


def _watch(options: Options, look: Callable[[], tuple[Environment, ...]]) -> int:
    """Looks again and again until Ctrl-C, which is how it is meant to end."""
    try:
        with environments_watch(options.output, surroundings()) as screen:
            watched(clock(), look, screen)
    except KeyboardInterrupt:
        sys.stdout.flush()
    return 0


def watched(
    time: Clock, look: Callable[[], tuple[Environment, ...]], screen: EnvironmentsScreen
) -> NoReturn:
    """Hands each look to the screen, which knows what changed. Ends by an interruption."""
    while True:
        screen(look())
        time.sleep(EVERY_S)
