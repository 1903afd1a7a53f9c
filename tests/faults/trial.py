"""What a fault is tried by: a family (a row of the matrix), and its trials, each of which can be
played alone by its name."""

from dataclasses import dataclass, field
from typing import Callable, Iterator, Mapping, Protocol


@dataclass(frozen=True)
class Outcome:
    """How a trial ended: what is ``wrong`` (empty where nothing is), how often something is there
    that should be there once, and what was ``counted``, the sums of which are shown."""

    wrong: str = ""
    duplicates: int = 0
    counted: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Trial:
    """One try, by the name that is its own in its family."""

    name: str
    play: Callable[[], Outcome]


class Family(Protocol):
    """A row of the matrix. What it needs is made when its first trial is asked for."""

    id: str
    fault: str

    def trials(self) -> Iterator[Trial]:
        """Every trial that can be counted, in an order that stays."""
        ...

    def more(self) -> Iterator[Trial]:
        """Trials by chance, without an end, each named by its seed; none for most families."""
        ...

    def close(self) -> None:
        """Ends what the family has started."""
        ...


def judged(trial: Trial) -> Outcome:
    """The outcome of a trial; one that cannot be played to its end is wrong too."""
    try:
        return trial.play()
    except Exception as error:  # a trial may break in any way, and the others still have to run
        return Outcome(f"{type(error).__name__}: {error}"[:2000])


class Enumerated:
    """A family that has nothing to begin with and nothing by chance."""

    def more(self) -> Iterator[Trial]:
        return iter(())

    def close(self) -> None:
        """Nothing was started."""
