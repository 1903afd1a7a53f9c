"""Composes the real application with a journal and ports that kill the process at certain points.

`python -m tests.crash.launcher PASSED POINTS start|ship KEY`, in the checkout: POINTS are lines
such as `after host.merge #1`. The process dies where it passes one of them for the first time. The
product has no hook for this: the composition root's own values are wrapped. Points that were passed
are kept in a file over all processes: the command that resumes dies at the next.
"""

import os
import signal
import sys
import threading
import time
from dataclasses import fields, replace
from pathlib import Path
from typing import Any, Sequence, get_type_hints

from devflow.commands.ship import Until, run_plan
from devflow.model.errors import DevflowError
from devflow.model.events import Event
from devflow.model.summary import Summary
from devflow.ports.journal import OpenJournal
from devflow.ports.verbs import verb_of
from devflow.step import Tools
from devflow.wiring.local import workspace_of
from devflow.wiring.options import Options
from devflow.wiring.world import world_of


class Points:
    """Writes each point that is passed into a file, and kills this process at the wanted ones."""

    def __init__(self, passed: Path, wanted: Sequence[str]) -> None:
        self._passed = passed
        self._wanted = wanted
        self._lock = threading.Lock()

    def __call__(self, name: str) -> None:
        # entries of a group pass points side by side
        with self._lock:
            with self._passed.open("a") as lines:
                lines.write(name + "\n")
            if f"{name} #{self._passed.read_text().splitlines().count(name)}" in self._wanted:
                self._hit()

    @staticmethod
    def _hit() -> None:
        """Kills this process, or sends it the signal that the environment names, and says when."""
        number = int(os.environ.get("DEVFLOW_TEST_SIGNAL", signal.SIGKILL))
        said = os.environ.get("DEVFLOW_TEST_SIGNALLED")
        if said:
            Path(said).write_text(str(time.time()))
        os.kill(os.getpid(), number)


class KillingJournal:
    """The journal, with a point before and after each event."""

    def __init__(self, journal: OpenJournal, points: Points) -> None:
        self._journal = journal
        self._points = points

    def events(self, run: str) -> Sequence[Event]:
        return self._journal.events(run)

    def runs(self) -> tuple[str, ...]:
        return self._journal.runs()

    def append(self, *events: Event, summary: Summary | None = None) -> None:
        names = [f"{event.type} {getattr(event, 'entry', '')}" for event in events]
        for name in names:
            self._points(f"before {name}")
        self._journal.append(*events, summary=summary)
        for name in names:
            self._points(f"after {name}")

    def close(self) -> None:
        self._journal.close()


class KillingPort:
    """A port's adapter, with a point before and after each write: after it, the reply is lost."""

    def __init__(self, port: str, protocol: Any, adapter: Any, points: Points) -> None:
        self._port = port
        self._protocol = protocol
        self._adapter = adapter
        self._points = points

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._adapter, name)
        if verb_of(self._protocol, name) is None:
            return method

        def write(*args: Any, **kwargs: Any) -> None:
            self._points(f"before {self._port}.{name}")
            method(*args, **kwargs)
            self._points(f"after {self._port}.{name}")

        return write


def main() -> int:
    passed, wanted, command, key = sys.argv[1:]
    points = Points(Path(passed), wanted.splitlines())
    options = Options(Path.cwd(), output="plain")
    place = workspace_of(options)
    place = replace(place, journal=KillingJournal(place.journal, points))
    with world_of(options, place, key) as world:
        hints = get_type_hints(Tools)
        ports: dict[str, Any] = {
            field.name: KillingPort(
                field.name, hints[field.name], getattr(world.tools, field.name), points
            )
            for field in fields(Tools)
        }
        world = replace(world, tools=Tools(**ports))
        until: Until = "hand over" if command == "start" else "gate"
        return run_plan(place, world, key, "plain", until)


if __name__ == "__main__":
    try:
        sys.exit(main())
    except DevflowError as error:
        sys.exit(f"{error.exit_code}: {error.message}")
