"""The mistakes of a file, collected so that all of them are told at once."""

from contextlib import contextmanager
from typing import Iterable, Iterator

from devflow.model.errors import PipelineInvalid


class Mistakes:
    """What is wrong with one file, in the order in which it was found."""

    def __init__(self) -> None:
        self._found: list[PipelineInvalid] = []
        self._known: set[tuple[str, str]] = set()

    def __len__(self) -> int:
        return len(self._found)

    def add(self, errors: Iterable[PipelineInvalid]) -> None:
        """Takes in mistakes that hold nothing up, each once."""
        for error in errors:
            for one in error.every:
                key = (one.message, one.where)
                if key not in self._known:
                    self._found.append(one)
                self._known.add(key)

    @contextmanager
    def noted(self) -> Iterator[None]:
        """Goes on behind the block, whatever it refuses."""
        try:
            yield
        except PipelineInvalid as error:
            self.add([error])

    def refuse(self) -> None:
        """Raises ``PipelineInvalid``, the first mistake with the others, where there is any."""
        if self._found:
            first, *others = self._found
            first.others = tuple(others)
            raise first
