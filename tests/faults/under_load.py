"""F13: versions change, are taken back, and lose a replica, while clients keep asking: no request
fails but those that a killed replica had begun, which are counted apart."""

import itertools
import tempfile
from functools import partial
from pathlib import Path
from typing import Callable, Final, Iterator

from devflow.model.declared.environments import ProxyName
from tests.contract.deploys.acts import Acts
from tests.contract.deploys.load import CLIENTS, Load
from tests.contract.deploys.world import KINDS, opened
from tests.faults.trial import Enumerated, Outcome, Trial

# each is tried so often with each proxy: 20 switches beside those that a rollback needs, 5 rolling
# updates, 5 rollbacks, 5 killed replicas, 50,000 requests
TIMES: Final = 5
REQUESTS: Final = 2500
SWITCHES: Final = 4
REPLICAS: Final = 2


class UnderLoad(Enumerated):
    id = "F13"
    fault = "rolling and blue-green under load"

    def trials(self) -> Iterator[Trial]:
        for number, proxy, act in itertools.product(range(1, TIMES + 1), KINDS, ACTS):
            yield Trial(f"{act} {proxy} {number}", partial(self._play, proxy, ACTS[act]))

    @staticmethod
    def _play(proxy: ProxyName, act: "Act") -> Outcome:
        with tempfile.TemporaryDirectory(prefix="devflow-faults-") as folder:
            with opened(Path(folder), proxy) as world:
                world.settings = world.settings.model_copy(update={"replicas": REPLICAS})
                acts = Acts(world)
                acts.switch()
                with Load(world.ports) as load:
                    counted = act(acts, load)
                    load.until(REQUESTS)
        return _judged(load, counted)


Act = Callable[[Acts, Load], dict[str, int]]
LOST: Final = "lost with a killed replica"


def _judged(load: Load, counted: dict[str, int]) -> Outcome:
    lost = counted.get(LOST, 0)
    sums = {**counted, "requests": load.asked, "failed": len(load.failures) - lost}
    wrong = ""
    if lost > CLIENTS:
        wrong = f"{lost} were lost with one replica, by {CLIENTS} clients: {load.failures[:3]}"
    elif len(load.failures) > lost:
        wrong = f"{len(load.failures) - lost} of {load.asked} failed: {load.failures[:3]}"
    return Outcome(wrong, counted=sums)


def _switches(acts: Acts, load: Load) -> dict[str, int]:
    for part in range(1, SWITCHES + 1):
        acts.switch()
        load.until(part * REQUESTS // (SWITCHES + 1))
    return {"switches": SWITCHES}


def _rolling(acts: Acts, load: Load) -> dict[str, int]:
    load.until(REQUESTS // 3)
    acts.roll()
    return {"rolling updates": 1}


def _rollback(acts: Acts, load: Load) -> dict[str, int]:
    acts.switch()
    load.until(REQUESTS // 2)
    acts.go_back()
    return {"switches": 1, "rollbacks": 1}


def _killed(acts: Acts, load: Load) -> dict[str, int]:
    return {"killed replicas": 1, LOST: acts.kill(load)}


ACTS: Final[dict[str, Act]] = {
    "blue-green": _switches,
    "rolling": _rolling,
    "rollback": _rollback,
    "killed replica": _killed,
}
