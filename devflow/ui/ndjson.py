"""One event a line, as JSON: what a program reads from stdout.

Nothing else goes to that stream, and the past is not repeated: the lines are this command's own
events.
"""

import json
from threading import Lock
from typing import Any, Iterable, Self, TextIO

from devflow.model.events import Damaged, Event, Recorded
from devflow.ui.evidence import as_object
from devflow.ui.words import harmless_json


class NdjsonScreen:
    """Writes each event as one line and flushes it, so that a reader sees it when it happens."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._lock = Lock()

    def replay(self, events: Iterable[Event]) -> None:
        """The past was another command's output; what of it is lost is found now."""
        for event in events:
            if isinstance(event, Damaged):
                self(event)

    def without(self, outdated: frozenset[str]) -> None:
        """The lines are events, and how the run stands is none of them."""

    def __call__(self, event: Event) -> None:
        with self._lock:
            # ASCII, so that a stream of any encoding takes it
            text = json.dumps(_as_object(event), separators=(",", ":"))
            self._stream.write(harmless_json(text) + "\n")
            self._stream.flush()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *raised: object) -> None:
        """Every line is already flushed, and a reader that has gone is no reason to fail now."""


def _as_object(event: Event) -> dict[str, Any]:
    body = event.model_dump(mode="json")
    if isinstance(event, Recorded):
        body["checks"] = [as_object(check) for check in event.checks]
    return body
