"""F14: `kill -9` of the command before each thing that it does to files and processes in a switch,
a promotion, an abort and a rollback, while clients keep asking: of what it calls, behind each
proxy, and of the whole command on the production entry of the tiny story. Of some points what is
said again is killed too."""

import itertools
import random
import tempfile
from functools import cached_property, partial
from pathlib import Path
from typing import Final, Iterator, Sequence

from tests.contract.deploys.kills import Stage
from tests.contract.deploys.launcher import VERBS
from tests.contract.deploys.world import KINDS
from tests.crash.canary_story import WORDS, CanaryStory
from tests.faults.trial import Outcome, Trial

# of each verb behind each proxy: pairs of points, the second of what is said again
TWICE: Final = 12


class SwitchKills:
    id = "F14"
    fault = "kill -9 at each point of a switch, a promotion, an abort, a rollback"

    def __init__(self) -> None:
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        stages = itertools.product(VERBS, KINDS)
        self._stages = {f"{verb} {proxy}": Stage(verb, proxy) for verb, proxy in stages}

    def trials(self) -> Iterator[Trial]:
        for name, stage in self._stages.items():
            for point in stage.whole.points:
                yield Trial(f"{name} {point}", partial(self._killed, stage, point))
            for first, then in _pairs(name, stage.whole.points):
                yield Trial(f"{name} {first}, {then}", partial(self._killed, stage, first, then))
            # its world runs as long as its trials are played
            stage.leave()
        for word in WORDS:
            for number, point in enumerate(self._story.points(word)):
                # what is said next is the word again, or `ship` in its place, in turn
                by_ship = bool(number % 2)
                then = "then ship" if by_ship else "said again"
                play = partial(self._killed_command, word, point, by_ship)
                yield Trial(f"devflow {word} {point}, {then}", play)

    def more(self) -> Iterator[Trial]:
        return iter(())

    def close(self) -> None:
        """Ends what was left running, and takes its folders away."""
        for stage in self._stages.values():
            stage.leave()
        if self._folder is not None:
            self._story.close()
            self._folder.cleanup()
            self._folder = None
            del self._story

    @cached_property
    def _story(self) -> CanaryStory:
        """Recorded once; it takes a minute."""
        self._folder = tempfile.TemporaryDirectory(prefix="devflow-faults-")
        return CanaryStory(Path(self._folder.name))

    @staticmethod
    def _killed(stage: Stage, *points: str) -> Outcome:
        return Outcome(stage.killed_at(*points))

    def _killed_command(self, word: str, point: str, by_ship: bool) -> Outcome:
        return Outcome(self._story.killed_at(word, point, by_ship=by_ship))


def _pairs(name: str, points: Sequence[str]) -> Iterator[tuple[str, str]]:
    """By chance, and the same each time."""
    chance = random.Random(name)
    for first in sorted(chance.sample(points, TWICE), key=points.index):
        yield first, chance.choice(points)
