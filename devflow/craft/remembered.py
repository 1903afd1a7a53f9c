"""What a run's journal remembers of an entry: its earlier products, as they were recorded."""

from typing import Any, Iterator, Mapping, TypeVar

from pydantic import ValidationError

from devflow.model.events import Recorded
from devflow.model.values import Value
from devflow.ports.journal import History

V = TypeVar("V", bound=Value)


def products(history: History, run: str, entry: str) -> Iterator[Mapping[str, Any]]:
    """The products that an entry of a run has made, the newest first.

    They may be of another version of devflow: whoever reads one has to be ready for other fields.
    """
    if run not in history.runs():
        return
    for event in reversed(history.events(run)):
        if isinstance(event, Recorded) and event.entry == entry and event.product:
            yield event.product


def last_product(history: History, run: str, entry: str, kind: type[V]) -> V | None:
    """The newest product of an entry; ``None`` where there is none, or one of another version of
    devflow, which is made anew."""
    last = next(products(history, run, entry), None)
    if last is None:
        return None
    try:
        return kind.model_validate(last)
    except ValidationError:
        return None
