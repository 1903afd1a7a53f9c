"""F14: `kill -9` of the command before each thing that it does to files and processes in a switch,
a promotion, an abort and a rollback, while clients keep asking: of what it calls, behind each
proxy, and of the whole command on the production entry of the tiny story."""

import itertools
import tempfile
from functools import cached_property, partial
from pathlib import Path
from typing import Iterator

from devflow.model.declared.environments import ProxyName
from tests.contract.deploys.kills import killed_at, whole
from tests.contract.deploys.launcher import VERBS
from tests.contract.deploys.world import KINDS
from tests.crash.canary_story import WORDS, CanaryStory
from tests.faults.trial import Outcome, Trial


class SwitchKills:
    id = "F14"
    fault = "kill -9 at each point of a switch, a promotion, an abort, a rollback"

    def __init__(self) -> None:
        self._folder: tempfile.TemporaryDirectory[str] | None = None

    def trials(self) -> Iterator[Trial]:
        for verb, proxy in itertools.product(VERBS, KINDS):
            for point in whole(verb, proxy).points:
                yield Trial(f"{verb} {proxy} {point}", partial(self._killed, verb, proxy, point))
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
        """Ends what the story left running, and takes its folders away."""
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
    def _killed(verb: str, proxy: ProxyName, point: str) -> Outcome:
        return Outcome(killed_at(verb, proxy, point))

    def _killed_command(self, word: str, point: str, by_ship: bool) -> Outcome:
        return Outcome(self._story.killed_at(word, point, by_ship=by_ship))
