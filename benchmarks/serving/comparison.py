"""Measures all servers in one run: first that all give the same prices, then round by round, one
server after the other."""

import contextlib
import json
import math
import os
import sys
import tempfile
import time
from functools import cached_property
from pathlib import Path
from typing import Any, Callable, Iterator

from benchmarks.serving import environments, load
from benchmarks.serving.bars import CONNECTIONS, REQUESTS
from benchmarks.serving.cars import ROOT, Wire, hold_out, question, value_eur, whole_eur
from benchmarks.serving.commands import output_of, pinned
from benchmarks.serving.contenders import Contender
from benchmarks.serving.results import Endurance, Point, RawPredict, Round, ServerResult
from benchmarks.serving.server import Server, Unusable, ask, busy_s, own_s
from devflow.model.values import Value

WARMING_S = 1
WARMING_CONNECTIONS = 16
RAW_S = 120.0  # s; one raw measurement takes 3
ENDURANCE_CONNECTIONS = 64
SEGMENT_S = (2, 60)  # s; the shortest and the longest load of the million

Say = Callable[[str], None]


class Cores(Value):
    """Where servers run, and where the load comes from; one core where a machine has no second."""

    server: int
    load: int

    @classmethod
    def of_this_machine(cls) -> "Cores":
        """The first and the last core that we may use: neighbours are often threads of one."""
        allowed = sorted(os.sched_getaffinity(0))
        return cls(server=allowed[0], load=allowed[-1])


class Stopwatch:
    """What the machine has worked since a load began: for the server, for us, for others."""

    def __init__(self, server: Server, cores: set[int]) -> None:
        self._server = server
        self._cores = cores
        self._server_s = server.cpu_s()
        self._began_s = time.perf_counter()
        self._busy_s = busy_s(cores)
        self._own_s = own_s()

    def read(self) -> tuple[float, float]:
        """Return the server's processor time, in s, and the share of the cores, in %, that went to
        neither it nor the benchmark."""
        server_s = self._server.cpu_s() - self._server_s
        elapsed_s = time.perf_counter() - self._began_s
        busy = busy_s(self._cores) - self._busy_s
        others_s = busy - server_s - (own_s() - self._own_s)
        # the clocks tick every 10 ms, so that a quiet machine may come out below nothing
        return server_s, 100 * max(0.0, others_s) / elapsed_s / len(self._cores)


class Tally:
    """What all loads of a long run have counted together."""

    def __init__(self) -> None:
        self.requests = 0
        self.wrong = 0
        self.broken = 0
        self.late = 0
        self.duration_s = 0.0

    def add(self, summary: load.Summary) -> None:
        """Count one load."""
        self.requests += summary.requests
        self.wrong += summary.wrong
        self.broken += summary.broken
        self.late += summary.late
        self.duration_s += summary.duration_us / 1e6

    def __str__(self) -> str:
        return (
            f"{self.requests:,} requests: "
            f"{self.wrong} wrong, {self.broken} broken, {self.late} late"
        )


class Comparison:
    """One run: its servers, and what is known of them so far."""

    def __init__(self, scratch: Path, seconds: int, say: Say) -> None:
        self._scratch = scratch
        self._seconds = seconds
        self._say = say
        self._cores = Cores.of_this_machine()
        self._programs: dict[str, Path] = {}
        self._answers: dict[str, list[bytes]] = {}
        self.cars = hold_out()
        self.servers: list[ServerResult] = []
        self.raw: list[RawPredict] = []
        # what measures stays away from what is measured
        os.sched_setaffinity(0, {self._cores.load})
        wires: tuple[Wire, ...] = ("fields", "tensor")
        for wire in wires:
            lines = [question(wire, car) + "\n" for car in self.cars]
            self._questions(wire).write_text("".join(lines), encoding="utf-8")

    def admit(self, contender: Contender) -> None:
        """Install a contender and ask it for the price of every hold-out car; it is absent where
        any of this fails."""
        self._say(f"{contender.title}: environment and prices")
        # measured first: where xgboost itself fails, no contender is to blame
        prices = self._prices
        try:
            programs = environments.prepare(contender)
            self._programs[contender.name] = programs
            versions = environments.versions(programs, contender)
        except OSError as error:
            self.leave_out(contender, "its packages could not be installed", error)
            return
        try:
            with self._running(contender) as server:
                server.wait(question(contender.wire, self.cars[0]))
                self._answers[contender.name] = self._same_prices(server, prices)
        except (OSError, Unusable) as error:
            self.leave_out(contender, _reason(error), error)
        else:
            self.servers.append(ServerResult(**_facts(contender), versions=versions))

    def leave_out(self, contender: Contender, why: str, error: Exception | None = None) -> None:
        """Note a contender as not measured; the error, which may name paths, is said and not kept.

        Raises Unusable where it is ours, the first: there is nothing to compare then.
        """
        self._say(f"{contender.title} is not measured: {error or why}")
        if not self.servers:
            raise Unusable(f"{contender.title}: {why}")
        self.servers.append(ServerResult(**_facts(contender), absent=why))

    def measure_round(self, contenders: list[Contender]) -> None:
        """Measure each server that is not absent once, and xgboost itself."""
        self.raw.append(RawPredict.model_validate(self._xgboost()["raw"]))
        for position, contender in enumerate(contenders):
            before = self.servers[position]
            if before.absent:
                continue
            try:
                update: dict[str, object] = {"rounds": (*before.rounds, self._life(contender))}
            except (OSError, Unusable) as error:
                self._say(f"{contender.title} is not measured: {error}")
                if position == 0:
                    raise
                update = {"rounds": (), "absent": _reason(error)}
            self.servers[position] = before.model_copy(update=update)

    def endure(self, contender: Contender) -> Endurance:
        """Send a million requests, compare every answer, end the server with SIGTERM. Raises
        OSError or Unusable."""
        expected = self._scratch / "answers.txt"
        expected.write_bytes(b"".join(answer + b"\n" for answer in self._answers[contender.name]))
        with self._running(contender) as server:
            server.wait(question(contender.wire, self.cars[0]))
            questions = self._questions(contender.wire)
            target = load.Target(url=server.url, questions=questions, answers=expected)
            pss_before_mb = server.pss_mb()
            tally = self._send_a_million(target)
            pss_after_mb = server.pss_mb()
            exit_code = server.end()
        return Endurance(
            requests=tally.requests,
            wrong=tally.wrong,
            broken=tally.broken,
            late=tally.late,
            duration_s=round(tally.duration_s, 1),
            exit_code=exit_code,
            pss_before_mb=round(pss_before_mb, 1),
            pss_after_mb=round(pss_after_mb, 1),
        )

    def _send_a_million(self, target: load.Target) -> Tally:
        tally = Tally()
        shortest_s, longest_s = SEGMENT_S
        seconds = shortest_s
        while tally.requests < REQUESTS:
            summary = load.run(target, ENDURANCE_CONNECTIONS, seconds, self._cores.load)
            tally.add(summary)
            self._say(str(tally))
            if summary.requests == 0:
                break
            left_s = math.ceil((REQUESTS - tally.requests) / summary.requests_per_s)
            seconds = min(longest_s, max(shortest_s, left_s))
        return tally

    def _life(self, contender: Contender) -> Round:
        with self._running(contender) as server:
            startup_s = server.wait(question(contender.wire, self.cars[0]))
            target = load.Target(url=server.url, questions=self._questions(contender.wire))
            load.run(target, WARMING_CONNECTIONS, WARMING_S, self._cores.load)
            points = tuple(self._point(server, target, connections) for connections in CONNECTIONS)
            pss_mb = server.pss_mb()
        rates = " ".join(f"{point.requests_per_s:8,.0f}" for point in points)
        self._say(
            f"{contender.title:20}{rates} requests/s, {pss_mb:4.0f} MB, "
            f"first price after {startup_s:.2f} s"
        )
        return Round(startup_s=round(startup_s, 3), pss_mb=round(pss_mb, 1), points=points)

    def _point(self, server: Server, target: load.Target, connections: int) -> Point:
        stopwatch = Stopwatch(server, {self._cores.server, self._cores.load})
        summary = load.run(target, connections, self._seconds, self._cores.load)
        server_s, others_pct = stopwatch.read()
        requests = summary.requests
        if requests == 0:
            raise Unusable(f"it answered nothing at {connections} connections")
        cpu_us = server_s / requests * 1e6
        return Point(
            connections=connections,
            requests=requests,
            requests_per_s=round(summary.requests_per_s, 1),
            p50_ms=round(summary.p50_us / 1000, 3),
            p99_ms=round(summary.p99_us / 1000, 3),
            cpu_us=round(cpu_us, 1),
            others_pct=round(others_pct, 1),
            errors=summary.errors,
        )

    def _same_prices(self, server: Server, prices: list[int]) -> list[bytes]:
        answers = []
        contender = server.contender
        with server.connected() as connection:
            for car, price in zip(self.cars, prices, strict=True):
                text = question(contender.wire, car)
                status, answer = ask(connection, contender.route, text)
                value = value_eur(contender.wire, answer) if status == 200 else None
                if value != price:
                    raise Unusable(
                        f"it said {status} and {value} EUR where xgboost says {price} EUR"
                    )
                answers.append(answer)
        return answers

    @contextlib.contextmanager
    def _running(self, contender: Contender) -> Iterator[Server]:
        with tempfile.TemporaryDirectory(prefix=f"{contender.name}-", dir=self._scratch) as state:
            programs = self._programs[contender.name]
            server = Server(contender, programs, self._cores.server, Path(state))
            try:
                yield server
            except Unusable:
                # the end of its output says why; 2,000 characters are a screen
                output = server.log.read_text(encoding="utf-8", errors="replace")
                self._say(output[-2000:])
                raise
            finally:
                server.end()

    def _questions(self, wire: Wire) -> Path:
        return self._scratch / f"{wire}.txt"

    @cached_property
    def _prices(self) -> list[int]:
        return [whole_eur(log_price) for log_price in self._xgboost()["log_prices"]]

    def _xgboost(self) -> dict[str, Any]:
        program = [sys.executable, "-m", "benchmarks.serving.raw_predict"]
        output = output_of(pinned(self._cores.server, program), RAW_S, cwd=ROOT)
        return dict(json.loads(output))


def _facts(contender: Contender) -> dict[str, Any]:
    return contender.model_dump(include={"name", "title", "judged", "how"})


def _reason(error: Exception) -> str:
    return str(error) if isinstance(error, Unusable) else "it broke down under load"
