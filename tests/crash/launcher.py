"""Composes the real application with a journal and ports that kill the process at point N.

`python -m tests.crash.launcher COUNTER N start|ship KEY`, in the checkout. The product has no hook for this: the composition root's own
values are wrapped. Points are counted in a file over all processes, so that N is a point of the whole story.
"""

import os
import signal
import sys
from dataclasses import fields, replace
from pathlib import Path
from typing import Any, Sequence, get_type_hints

from devflow.commands.ship import ship
from devflow.model.errors import DevflowError
from devflow.model.events import Event
from devflow.ports.journal import Journal
from devflow.ports.verbs import verb_of
from devflow.step import Tools
from devflow.wiring.local import place_of
from devflow.wiring.options import Options
from devflow.wiring.world import world_of


class Points:
    """Counts points through a file, and kills this process at the one with the wanted number."""

    def __init__(self, counter: Path, at: int) -> None:
        self._counter, self._at = counter, at

    def __call__(self, name: str) -> None:
        with self._counter.open("a") as lines:
            lines.write(name + "\n")
        if self._at and len(self._counter.read_text().splitlines()) == self._at:
            os.kill(os.getpid(), signal.SIGKILL)


class KillingJournal:
    """The journal, with a point before and after each event."""

    def __init__(self, journal: Journal, points: Points) -> None:
        self._journal, self._points = journal, points

    def events(self, run: str) -> Sequence[Event]:
        return self._journal.events(run)

    def runs(self) -> tuple[str, ...]:
        return self._journal.runs()

    def append(self, event: Event) -> None:
        name = f"{event.type} {getattr(event, 'entry', '')}"
        self._points(f"before {name}")
        self._journal.append(event)
        self._points(f"after {name}")


class KillingPort:
    """A port's adapter, with a point before and after each write: after it, the reply is lost."""

    def __init__(self, port: str, protocol: Any, adapter: Any, points: Points) -> None:
        self._port, self._protocol, self._adapter, self._points = port, protocol, adapter, points

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
    counter, at, command, key = Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3], sys.argv[4]
    points = Points(counter, at)
    options = Options(Path.cwd(), output="plain")
    place = place_of(options)
    place = replace(place, journal=KillingJournal(place.journal, points))
    with world_of(options, place, key) as world:
        hints = get_type_hints(Tools)
        ports: dict[str, Any] = {
            field.name: KillingPort(field.name, hints[field.name], getattr(world.tools, field.name), points)
            for field in fields(Tools)
        }
        return ship(place, replace(world, tools=Tools(**ports)), key, start=command == "start")


if __name__ == "__main__":
    try:
        sys.exit(main())
    except DevflowError as error:
        sys.exit(f"{error.exit_code}: {error.message}")
