"""Something made once for all threads that ask for it."""

from threading import Lock
from typing import Callable, Generic, TypeVar

T = TypeVar("T")


class Once(Generic[T]):
    """Values by key. The first who asks for one makes it while others who want it wait; what could
    not be made is tried again by the next."""

    def __init__(self) -> None:
        self._values: dict[str, T] = {}
        self._locks: dict[str, Lock] = {}
        self._guard = Lock()

    def __contains__(self, key: str) -> bool:
        """Whether it was made."""
        return key in self._values

    def get(self, key: str, make: Callable[[], T]) -> T:
        """The value; ``make`` must not ask for the same key. Raises what ``make`` raises."""
        with self._guard:
            lock = self._locks.setdefault(key, Lock())
        with lock:
            if key not in self._values:
                self._values[key] = make()
            return self._values[key]
