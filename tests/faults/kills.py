"""F1 to F3: the tiny story, killed at every point that it passes, killed by chance, and sent every
signal in every step: it goes on to the same end, with nothing twice."""

import random
import signal
import tempfile
from functools import cached_property, partial
from itertools import count
from pathlib import Path
from typing import Final, Iterator

from tests.crash.killed_story import KilledStory, Point
from tests.e2e.story import STORY
from tests.faults.trial import Outcome, Trial

# s; the matrix' goal is 2, of a machine that does nothing else
SIGNAL_WITHIN_S: Final = 4.0
SIGNALS: Final = ("SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT")
MOST_KILLS: Final = 3


class Recorded:
    """The story, recorded once for all families that play it."""

    def __init__(self) -> None:
        self._folder: tempfile.TemporaryDirectory[str] | None = None

    @cached_property
    def story(self) -> KilledStory:
        """The recorded story; recording it takes half a minute."""
        self._folder = tempfile.TemporaryDirectory(prefix="devflow-faults-")
        return KilledStory(Path(self._folder.name))

    def outcome(self, stage: int, problem: str) -> Outcome:
        """What a stage ended with, and what of it is there twice."""
        return Outcome(problem, self.story.twice(stage) if problem else 0)

    def close(self) -> None:
        """Ends what the story left running, and takes its folders away."""
        if self._folder is not None:
            self.story.close()
            self._folder.cleanup()
            self._folder = None
            del self.story


class EveryPoint:
    id = "F1"
    fault = "kill -9 before and after every event and write"

    def __init__(self, recorded: Recorded) -> None:
        self._recorded = recorded

    def trials(self) -> Iterator[Trial]:
        for point in self._recorded.story.points:
            yield Trial(f"stage {point.stage} {point}", partial(self._killed, point))

    def more(self) -> Iterator[Trial]:
        return iter(())

    def _killed(self, point: Point) -> Outcome:
        problem = self._recorded.story.killed_at(point.stage, point)
        return self._recorded.outcome(point.stage, problem)

    def close(self) -> None:
        self._recorded.close()


class ByChance:
    id = "F2"
    fault = "random SIGKILLs"

    def __init__(self, recorded: Recorded) -> None:
        self._recorded = recorded

    def trials(self) -> Iterator[Trial]:
        return iter(())

    def more(self) -> Iterator[Trial]:
        for seed in count(1):
            yield Trial(f"seed {seed}", partial(self._killed, seed))

    def _killed(self, seed: int) -> Outcome:
        chance = random.Random(seed)
        story = self._recorded.story
        stage = chance.randrange(len(STORY))
        # the first part of a command is Python's own start, the same every time
        longest_s = story.took_s[stage] * 1.2
        delays_s = [chance.uniform(0.2, longest_s) for _ in range(chance.randint(1, MOST_KILLS))]
        return self._recorded.outcome(stage, story.killed_after(stage, *delays_s))

    def close(self) -> None:
        self._recorded.close()


class Signals:
    id = "F3"
    fault = "SIGINT, SIGTERM, SIGHUP, SIGQUIT in each step"

    def __init__(self, recorded: Recorded) -> None:
        self._recorded = recorded

    def trials(self) -> Iterator[Trial]:
        seen = set()
        for point in self._recorded.story.points:
            if point.name.startswith("after started ") and point.name not in seen:
                seen.add(point.name)
                entry = point.name.rpartition(" ")[2]
                for name in SIGNALS:
                    yield Trial(f"{entry} {name}", partial(self._signalled, point, name))

    def more(self) -> Iterator[Trial]:
        return iter(())

    def _signalled(self, point: Point, name: str) -> Outcome:
        number = int(getattr(signal, name))
        problem = self._recorded.story.signalled_at(point.stage, point, number, SIGNAL_WITHIN_S)
        return self._recorded.outcome(point.stage, problem)

    def close(self) -> None:
        self._recorded.close()
