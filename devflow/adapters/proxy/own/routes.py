"""Which backend gets the next request: smooth weighted round robin, so that each is given its part
at any moment, and not in bursts.

What a backend is given is known by its whole description: another port or version is another
backend, even under the same name.
"""

from typing import TYPE_CHECKING, Any, Collection, Final, Mapping

from devflow.adapters.proxy.figures.tallies import Tallies

if TYPE_CHECKING:
    from devflow.adapters.proxy.own.behind import Behind

# s that a connection to a backend is kept without a request: less than any usual server keeps it
# (gunicorn 2, uvicorn and node 5), so that it is not closed while a request is on its way
KEEP_S: Final = 1.0

Given = Mapping[str, Any]
"""One entry of the table's JSON."""


class Target:
    """A backend, the connections to it that wait for a request, and the place of its figures."""

    __slots__ = ("id", "host", "port", "version", "weight", "turn", "draining", "tally", "idle")

    def __init__(self, given: Given) -> None:
        self.id = str(given["id"])
        self.host = str(given["host"])
        self.port = int(given["port"])
        self.version = str(given["version"])
        self.weight = 0.0
        self.turn = 0.0
        self.draining = False
        self.tally = -1
        self.idle: list[Behind] = []

    @property
    def identity(self) -> tuple[str, str, int, str]:
        """What makes it another backend."""
        return self.id, self.host, self.port, self.version

    def take_idle(self, now_s: float) -> "Behind | None":
        """A connection that is open and was not idle for long, None where there is none."""
        while self.idle:
            behind = self.idle.pop()
            if now_s - behind.idle_since_s < KEEP_S and behind.is_open():
                return behind
            behind.close()
        return None

    def close_idle(self, until_s: float) -> None:
        """Closes the connections that were idle since before then."""
        while self.idle and self.idle[0].idle_since_s < until_s:
            self.idle.pop(0).close()


class Spread:
    """The backends of one public port."""

    def __init__(self, port: int, tallies: Tallies) -> None:
        self.port = port
        self.tallies = tallies
        self.tally = tallies.record((port, "", ""))
        self._targets: dict[tuple[str, str, int, str], Target] = {}
        self._ready: list[Target] = []

    @property
    def targets(self) -> Collection[Target]:
        """Those of the table."""
        return self._targets.values()

    def take(self, route: Given, *, is_first: bool) -> None:
        """Makes this the route of a table. What is not in it any more is drained. The first table
        of a worker goes on with the figures of the worker before."""
        left = self._targets
        self._targets = {}
        for given in route["backends"]:
            target = Target(given)
            target = left.pop(target.identity, target)
            self._targets[target.identity] = target
            self._set(target, given, is_first)
        for target in left.values():
            target.draining = True
            target.close_idle(float("inf"))
        weighted = [target for target in self._targets.values() if target.weight]
        self._ready = [target for target in weighted if not target.draining]

    def _set(self, target: Target, given: Given, is_first: bool) -> None:
        target.draining = given["state"] == "drain"
        weight = float(given["weight_pct"])
        begins = weight > 0 and not target.weight
        target.weight = weight
        key = (self.port, target.id, target.version)
        target.tally = self.tallies.record(key, anew=begins and not is_first)
        if target.draining:
            target.close_idle(float("inf"))

    def pick(self, tried: Collection[Target]) -> Target | None:
        """Who is next among those that were not tried; None where nobody is left."""
        best: Target | None = None
        total = 0.0
        for target in self._ready:
            if target in tried:
                continue
            total += target.weight
            target.turn += target.weight
            if best is None or target.turn > best.turn:
                best = target
        if best is not None:
            best.turn -= total
        return best
