"""The mistakes of a file, collected so that all of them are told at once."""

from contextlib import contextmanager
from typing import Final, Iterable, Iterator, NoReturn

from devflow.model.errors import PipelineInvalid

# of one file: a file of mistakes alone is no pipeline, and is refused at once all the same
MOST: Final = 1000


class Mistakes:
    """What is wrong with one file, in the order in which it was found."""

    def __init__(self) -> None:
        self._found: list[PipelineInvalid] = []
        self._known: set[tuple[str, str]] = set()

    def __len__(self) -> int:
        return len(self._found)

    def add(self, errors: Iterable[PipelineInvalid]) -> None:
        """Takes in mistakes that hold nothing up, each once: what stands behind an anchor is read
        at each place that uses it, and is one mistake. Raises ``PipelineInvalid`` where they are
        too many to go on."""
        for error in errors:
            for one in error.every:
                key = (one.message, one.place)
                if key not in self._known:
                    self._found.append(one)
                self._known.add(key)
                if len(self) >= MOST:
                    self.refuse()

    @contextmanager
    def noted(self) -> Iterator[None]:
        """Goes on behind the block, whatever it refuses."""
        try:
            yield
        except PipelineInvalid as error:
            self.add([error])

    def stop(self, error: PipelineInvalid) -> NoReturn:
        """Raises what nothing can be read behind, with what was found before it."""
        self.add([error])
        self.refuse()
        raise error

    def refuse(self) -> None:
        """Raises ``PipelineInvalid``, the first mistake with the others, where there is any."""
        if self._found:
            first, *others = self._found
            first.others = tuple(others)
            raise first
