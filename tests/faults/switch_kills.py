"""F14: `kill -9` of the command before each thing that it does to files and processes in a switch,
a promotion and a rollback, while clients keep asking."""

import itertools
from functools import partial
from typing import Iterator

from devflow.model.declared.environments import ProxyName
from tests.contract.deploys.kills import killed_at, whole
from tests.contract.deploys.launcher import VERBS
from tests.contract.deploys.world import KINDS
from tests.faults.trial import Enumerated, Outcome, Trial


class SwitchKills(Enumerated):
    id = "F14"
    fault = "kill -9 at each point of a switch, a promotion, a rollback"

    def trials(self) -> Iterator[Trial]:
        for verb, proxy in itertools.product(VERBS, KINDS):
            for point in whole(verb, proxy).points:
                yield Trial(f"{verb} {proxy} {point}", partial(self._killed, verb, proxy, point))

    @staticmethod
    def _killed(verb: str, proxy: ProxyName, point: str) -> Outcome:
        return Outcome(killed_at(verb, proxy, point))
