"""What this process has sent, and which repositories are known to hold which blobs."""

import threading
from collections import Counter, defaultdict


class Sent:
    """Counts by repository; several threads may tell it."""

    def __init__(self) -> None:
        self._turn = threading.Lock()
        self._bytes: Counter[str] = Counter()
        self._mounted: Counter[str] = Counter()
        # in the order in which they were found there
        self._holders: defaultdict[str, dict[str, None]] = defaultdict(dict)

    def bytes(self, repository: str, count: int) -> None:
        """So many bytes were taken."""
        with self._turn:
            self._bytes[repository] += count

    def held(self, repository: str, digest: str) -> None:
        """The repository holds this blob."""
        with self._turn:
            self._holders[digest][repository] = None

    def mounted(self, repository: str, digest: str) -> None:
        """The registry took the blob over from another repository."""
        with self._turn:
            self._mounted[repository] += 1
            self._holders[digest][repository] = None

    def other(self, repository: str, digest: str) -> str:
        """Another repository that holds the blob, empty where none is known."""
        with self._turn:
            others = [name for name in self._holders[digest] if name != repository]
            return others[0] if others else ""

    def of(self, repository: str) -> tuple[int, int]:
        """Bytes uploaded, and blobs mounted."""
        with self._turn:
            return self._bytes[repository], self._mounted[repository]
