"""What a run's journal remembers of an entry: its earlier products, as they were recorded."""

from typing import Any, Iterator, Mapping

from devflow.model.events import Recorded
from devflow.ports.journal import History


def products(history: History, run: str, entry: str) -> Iterator[Mapping[str, Any]]:
    """The products that an entry of a run has made, the newest first.

    They may be of another version of devflow: whoever reads one has to be ready for other fields.
    """
    if run not in history.runs():
        return
    for event in reversed(history.events(run)):
        if isinstance(event, Recorded) and event.entry == entry and event.product:
            yield event.product
