"""What a run's journal remembers of an entry: its earlier products, as they were recorded."""

from typing import Any, Iterator, Mapping, TypeVar

from pydantic import ValidationError

from devflow.model.events import Intent, Recorded
from devflow.model.products import read_product
from devflow.model.values import Value
from devflow.ports.journal import History

V = TypeVar("V", bound=Value)


def products(history: History, run: str, entry: str) -> Iterator[Mapping[str, Any]]:
    """The products that an entry of a run has made, the newest first.

    They may be of another version of devflow: whoever reads one has to be ready for other fields.
    """
    for event in _records(history, run, entry):
        yield event.product or {}


def last_product(history: History, run: str, entry: str, kind: type[V]) -> V | None:
    """The newest product of an entry; ``None`` where there is none, or one that cannot be read any
    more, which is made anew. Raises ``MadeByNewer``."""
    last = next(_records(history, run, entry), None)
    if last is None:
        return None
    try:
        return read_product(kind, last.product, last.product_schema)
    except ValidationError:
        return None


def has_meant(history: History, run: str, verb: str) -> bool:
    """Whether the run was ever about to make a write of this name."""
    if run not in history.runs():
        return False
    return any(isinstance(one, Intent) and one.verb == verb for one in history.events(run))


def _records(history: History, run: str, entry: str) -> Iterator[Recorded]:
    if run not in history.runs():
        return
    for event in reversed(history.events(run)):
        if isinstance(event, Recorded) and event.entry == entry and event.product:
            yield event
