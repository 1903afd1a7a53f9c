"""`python -m benchmarks.deploys.switching [--rounds N] [--proxy own|haproxy]`: how long a rolling
update and a blue-green switch of two services with two replicas each take beside what they wait
for, under load, and that no request fails.

Medians of rounds. A service takes a second to start, and one of its pages a second to answer, which
clients ask for all the time: a rolling update has two turns, and each waits for a start and for the
end of what had been begun.
"""

import argparse
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Final, Iterator

from benchmarks.deploys.clients import Clients
from benchmarks.deploys.place import Place
from benchmarks.deploys.service import SLOW_S
from devflow.model.declared.environments import ProxyName

ROLLING_BAR: Final = 2.0  # times (slowest start + drain)
OWN_BAR_S: Final = 2.0  # s of devflow's processor time
SWITCH_BAR_MS: Final = 50.0  # from the decision to the last new request given to the old version
CANNOT: Final = 5


@dataclass
class Figures:
    """What was measured with one proxy, a figure for each round."""

    proxy: ProxyName
    rolling: list[float] = field(default_factory=list)
    rolling_s: list[float] = field(default_factory=list)
    start_s: list[float] = field(default_factory=list)
    own_s: list[float] = field(default_factory=list)
    switch_own_s: list[float] = field(default_factory=list)
    last_ms: list[float] = field(default_factory=list)
    asked: int = 0
    failed: int = 0
    failure: str = ""

    def measure(self, place: Place) -> None:
        """One round: a rolling update, then a switch, each under load of its own."""
        start_s = max(place.start_s() for _ in range(2))
        with Clients(place.ports) as clients:
            rolled = place.act("roll")
        self._count(clients)
        self.start_s.append(start_s)
        self.rolling_s.append(rolled.wall_s)
        self.rolling.append(rolled.wall_s / (start_s + SLOW_S))
        self.own_s.append(rolled.own_s)
        with Clients(place.ports) as clients:
            switched = place.act("switch")
        self._count(clients)
        self.switch_own_s.append(switched.own_s)
        # of the version before: the one that this switch brought answers to the end
        old = min(clients.last_s, key=lambda version: clients.last_s[version])
        self.last_ms.append((clients.last_s[old] - switched.decided_s) * 1000)

    def _count(self, clients: Clients) -> None:
        self.asked += clients.asked
        self.failed += clients.failed
        self.failure = self.failure or clients.failure


def main() -> int:
    """Measures and prints; 1 where a bar is missed, 5 where it cannot be measured here."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.deploys.switching")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--proxy", choices=("own", "haproxy"), action="append")
    options = parser.parse_args()
    every = []
    for proxy in options.proxy or ("own", "haproxy"):
        try:
            every.append(_measured(Figures(proxy), options.rounds))
        except OSError as error:
            print(f"error: {error}")
            return CANNOT
    return _shown(every)


def _measured(figures: Figures, rounds: int) -> Figures:
    with tempfile.TemporaryDirectory(prefix="devflow-bench-") as folder:
        place = Place(Path(folder) / "place", figures.proxy)
        try:
            place.act("switch")
            for number in range(rounds):
                print(f"{figures.proxy}: round {number + 1} of {rounds}", flush=True)
                figures.measure(place)
        finally:
            place.close()
    return figures


def _shown(every: list[Figures]) -> int:
    print("| proxy | what | measured | bar | |\n|---|---|---|---|---|")
    is_missed = False
    for one in every:
        for what, shown, measured, bar in _rows(one):
            is_missed |= measured > bar
            verdict = "ok" if measured <= bar else "MISS"
            print(f"| {one.proxy} | {what} | {shown} | {bar:g} | {verdict} |")
    return int(is_missed)


def _rows(of: Figures) -> Iterator[tuple[str, str, float, float]]:
    """What was measured, in words, as a number, and its bar."""
    times = median(of.rolling)
    waits = f"{median(of.start_s):.2f} s start + {SLOW_S:g} s drain"
    rolling = f"{median(of.rolling_s):.2f} s: {times:.2f} × ({waits})"
    yield "rolling update, 2 × 2 replicas", rolling, times, ROLLING_BAR
    for what, seconds in (("rolling", of.own_s), ("blue-green", of.switch_own_s)):
        own_s = median(seconds)
        yield f"devflow's own processor time, {what}", f"{own_s:.2f} s", own_s, OWN_BAR_S
    each = ", ".join(f"{ms:.0f}" for ms in of.last_ms)
    last_ms = median(of.last_ms)
    last = "blue-green: decision to the last new request given to the old version"
    yield last, f"{last_ms:.0f} ms (each: {each})", last_ms, SWITCH_BAR_MS
    failed = f"{of.failed} of {of.asked:,} {of.failure}".rstrip()
    yield "failed requests meanwhile", failed, of.failed, 0


if __name__ == "__main__":
    sys.exit(main())
