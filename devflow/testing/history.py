"""What earlier entries and runs came to, in memory."""

from typing import Sequence

from devflow.model.checks import Status
from devflow.model.events import Event, Recorded
from devflow.model.values import Value
from devflow.testing.clock import NOW


class MemoryHistory:
    """``kept`` are the events by the ticket's key, the newest run last."""

    def __init__(self) -> None:
        self.kept: dict[str, list[Event]] = {}

    def events(self, run: str) -> Sequence[Event]:
        return tuple(self.kept.get(run, ()))

    def runs(self) -> tuple[str, ...]:
        return tuple(self.kept)

    def record(
        self, run: str, entry: str, product: Value, status: Status = Status.PASSED
    ) -> Recorded:
        """An entry, called as its step, that has made this in its first round."""
        event = Recorded(
            at=NOW,
            run=run,
            entry=entry,
            step=entry,
            fingerprint="f",
            round=1,
            by="make",
            product=product.model_dump(mode="json"),
            status=status,
        )
        self.kept.setdefault(run, []).append(event)
        return event
