"""Threads that do jobs side by side, and are kept for the next ones: to start one takes longer than
the engine's own work on an entry.

They are daemon threads, so that the main thread hears a signal at once.
"""

import queue
import threading
from dataclasses import dataclass
from typing import Callable, Final, Generic, Sequence, TypeVar, cast

from devflow.engine.ledger import Stopped

T = TypeVar("T")

TICK_S: Final = 0.05  # s; how soon a signal is heard, well under the 2 s a command has to end in


@dataclass(frozen=True)
class _Result(Generic[T]):
    """What one of several overlapping jobs came to."""

    index: int
    value: T | None = None
    error: BaseException | None = None


class Workers:
    """As many threads as were ever needed at once. ``stop`` is set by a signal."""

    def __init__(self, stop: threading.Event) -> None:
        self._stop = stop
        self._jobs: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()
        self._threads = 0

    def overlap(self, jobs: Sequence[Callable[[], T]], width: int = 0) -> list[T]:
        """Does the jobs, ``width`` at once or all, and answers in their order; what one raises is
        raised here. Raises ``Stopped`` after a signal, without waiting for them."""
        results: queue.SimpleQueue[_Result[T]] = queue.SimpleQueue()
        first = min(width or len(jobs), len(jobs))
        self._start(first)
        for index in range(first):
            self._hand_out(index, jobs[index], results)
        values: dict[int, T] = {}
        while len(values) < len(jobs):
            result = self._next(results)
            values[result.index] = cast(T, result.value)
            following = first + len(values) - 1
            if following < len(jobs):
                self._hand_out(following, jobs[following], results)
        return [values[index] for index in range(len(jobs))]

    def _start(self, threads: int) -> None:
        while self._threads < threads:
            name = f"entry-{self._threads}"
            threading.Thread(target=self._serve, daemon=True, name=name).start()
            self._threads += 1

    def _serve(self) -> None:
        while True:
            self._jobs.get()()

    def _hand_out(
        self, index: int, job: Callable[[], T], results: "queue.SimpleQueue[_Result[T]]"
    ) -> None:
        def work() -> None:
            try:
                results.put(_Result(index, value=job()))
            except BaseException as error:  # handed to the main thread, which raises it
                results.put(_Result(index, error=error))

        self._jobs.put(work)

    def _next(self, results: "queue.SimpleQueue[_Result[T]]") -> _Result[T]:
        while True:
            if self._stop.is_set():
                raise Stopped
            try:
                result = results.get(timeout=TICK_S)
            except queue.Empty:
                continue
            if result.error is not None:
                raise result.error
            return result
