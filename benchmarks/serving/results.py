"""What a run has measured, as `results.json` has it: every round, to take medians of again."""

from datetime import date
from statistics import median
from typing import Callable

from devflow.model.values import Value


class Point(Value):
    """One server under one load; the latencies are the load generator's own."""

    connections: int
    requests: int
    requests_per_s: float
    p50_ms: float
    p99_ms: float
    cpu_us: float  # user and system time of all the server's processes, per request
    others_pct: float  # of the cores of server and load, used meanwhile by anything else
    errors: int  # answers that are no success, broken and timed-out connections


class Round(Value):
    """One life of one server: started, loaded, measured, ended."""

    startup_s: float  # from its start to the first 200 of the route that answers prices
    pss_mb: float  # 10^6 bytes, all the server's processes, after the load
    points: tuple[Point, ...]


class ServerResult(Value):
    """One server over all rounds, or why it could not be measured."""

    name: str
    title: str
    judged: bool  # one of those that the bars speak of; the others are shown for information
    how: str
    versions: dict[str, str] = {}
    rounds: tuple[Round, ...] = ()
    absent: str = ""

    def middle(self, figure: Callable[[Round], float]) -> float:
        """Return the median of a figure over the rounds. Raises ValueError where there are none."""
        return median(map(figure, self.rounds))

    def load(self, connections: int, figure: Callable[[Point], float]) -> float:
        """Return the median of a load's figure over the rounds. Raises ValueError without any."""
        points = [point for life in self.rounds for point in life.points]
        return median(figure(point) for point in points if point.connections == connections)

    @property
    def errors(self) -> int:
        """All errors of all rounds."""
        return sum(point.errors for life in self.rounds for point in life.points)


class RawPredict(Value):
    """CPU time of one `Booster.inplace_predict` of one row, on one thread, in one round."""

    bundled_us: float
    large_us: float  # 500 trees of depth 6


class Endurance(Value):
    """Many requests to our server, each answer compared byte for byte."""

    requests: int
    wrong: int  # answers with another status or another body than the car's
    broken: int  # connections that could not be made, or broke
    late: int  # answers that took longer than load.LATE_S
    duration_s: float
    exit_code: int | None  # after SIGTERM; None where it had to be killed
    pss_before_mb: float
    pss_after_mb: float


class Machine(Value):
    """The kind of machine, without its name."""

    cpu: str
    cores: int
    memory_gib: float
    system: str
    python: str
    wrk: str


class Results(Value):
    """One run of the whole comparison."""

    day: date
    machine: Machine
    seconds: int  # s per load
    rounds: int
    cars: int  # hold-out cars, on each of which every server's price was equal to xgboost's
    servers: tuple[ServerResult, ...]  # ours first
    raw: tuple[RawPredict, ...]
    endurance: Endurance | None = None

    @property
    def ours(self) -> ServerResult:
        """Our server."""
        return self.servers[0]

    @property
    def others_pct(self) -> float:
        """How much of the two cores went to anything else, as the median of all loads."""
        shares: list[float] = []
        for server in self.servers:
            for life in server.rounds:
                shares += [point.others_pct for point in life.points]
        return median(shares)

    @property
    def rivals(self) -> tuple[ServerResult, ...]:
        """The servers that the bars speak of."""
        return tuple(server for server in self.servers[1:] if server.judged)
