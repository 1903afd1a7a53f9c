"""Holds the measured figures against the bars of issue 4. Pure; what was not measured is never met.
"""

from statistics import median
from typing import Callable, Literal

from benchmarks.serving.results import Endurance, Measured, Point, Results
from devflow.model.values import Value

CONNECTIONS = (1, 16, 64)
FASTER_TIMES = 5.0  # requests a second, ours over the best rival's
P99_SHARE = 1 / 3  # of the best rival's p99
CPU_SHARE = 0.5  # of the CPU time of one raw inplace_predict
PSS_MB = 64.0  # 10^6 bytes
STARTUP_S = 1.0
REQUESTS = 1_000_000  # without an error
ROUNDS = 5  # the fewest whose medians are judged
# of the two cores that other work may take, in the median: with more, the medians tell of that work
OTHERS_PCT = 10.0

Verdict = Literal["met", "not met", "not measured"]
Figure = Callable[[Point], float]


class Bar(Value):
    """One bar: what is asked, what was measured, and what follows."""

    asked: str
    measured: str
    verdict: Verdict


def judge(results: Results) -> list[Bar]:
    """Return every bar with its verdict."""
    bars = [bar for connections in CONNECTIONS for bar in _against_rivals(results, connections)]
    bars += [_cpu(results, connections) for connections in CONNECTIONS]
    bars += [_memory(results), _startup(results), _loads(results), *_endurance(results.endurance)]
    return bars


def unfit(results: Results) -> str:
    """Return why the medians of a run are shown and not judged; empty where they are judged."""
    if results.rounds < ROUNDS:
        return f"nothing is judged on fewer than {ROUNDS} rounds"
    busy = results.others_pct > OTHERS_PCT
    return (
        f"nothing is judged where other work takes more than {OTHERS_PCT:g} % of the two cores"
        if busy
        else ""
    )


def verdict(results: Results, met: bool) -> Verdict:
    """Return what a comparison of medians says; too few rounds or a busy machine say nothing."""
    if unfit(results):
        return "not measured"
    return "met" if met else "not met"


def _against_rivals(results: Results, connections: int) -> list[Bar]:
    at = _at(connections)
    faster = f"requests a second {at}: at least {FASTER_TIMES:g} times the best rival's"
    sooner = f"p99 {at}: at most {P99_SHARE:.2f} of the best rival's"
    present = [one for one in results.rivals if one.rounds]
    if not present:
        return [
            Bar(asked=asked, measured=_missing(results), verdict="not measured")
            for asked in (faster, sooner)
        ]

    def rate(one: Measured) -> float:
        return one.load(connections, lambda point: point.requests_per_s)

    def p99(one: Measured) -> float:
        return one.load(connections, lambda point: point.p99_ms)

    quick, steady = max(present, key=rate), min(present, key=p99)
    times, share = rate(results.ours) / rate(quick), p99(results.ours) / p99(steady)
    rates = f"{times:.2f} times: {rate(results.ours):,.0f} to {rate(quick):,.0f} ({quick.title})"
    shares = f"{share:.2f}: {p99(results.ours):.2f} ms to {p99(steady):.2f} ms ({steady.title})"
    return [
        Bar(
            asked=faster,
            measured=_joined(rates, _missing(results)),
            verdict=_best_of(results, times >= FASTER_TIMES),
        ),
        Bar(
            asked=sooner,
            measured=_joined(shares, _missing(results)),
            verdict=_best_of(results, share <= P99_SHARE),
        ),
    ]


def _at(connections: int) -> str:
    return f"at {connections} connection{'s' if connections > 1 else ''}"


def _best_of(results: Results, met: bool) -> Verdict:
    # a rival that is missing can only raise the bar: what fails without it fails, what passes is
    # not known
    return "not measured" if met and _missing(results) else verdict(results, met)


def _missing(results: Results) -> str:
    return "; ".join(f"{one.title}: {one.absent}" for one in results.rivals if one.absent)


def _joined(*parts: str) -> str:
    return "; ".join(part for part in parts if part)


def _cpu(results: Results, connections: int) -> Bar:
    cpu_us = results.ours.load(connections, lambda point: point.cpu_us)
    raw_us, large_us = median(one.bundled_us for one in results.raw), median(
        one.large_us for one in results.raw
    )
    return Bar(
        asked=f"CPU time of a request {_at(connections)}: at most {CPU_SHARE:g} of one raw inplace_predict",
        measured=f"{cpu_us / raw_us:.2f}: {cpu_us:.0f} µs to {raw_us:.0f} µs"
        f" ({cpu_us / large_us:.2f} of the {large_us:.0f} µs of 500 trees of depth 6)",
        verdict=verdict(results, cpu_us <= CPU_SHARE * raw_us),
    )


def _memory(results: Results) -> Bar:
    pss_mb = results.ours.middle(lambda one: one.pss_mb)
    asked = f"memory (PSS) after the load: at most {PSS_MB:g} MB"
    return Bar(asked=asked, measured=f"{pss_mb:.1f} MB", verdict=verdict(results, pss_mb <= PSS_MB))


def _startup(results: Results) -> Bar:
    startup_s = results.ours.middle(lambda one: one.startup_s)
    asked = f"first price after the start: at most {STARTUP_S:g} s"
    return Bar(
        asked=asked, measured=f"{startup_s:.2f} s", verdict=verdict(results, startup_s <= STARTUP_S)
    )


def _loads(results: Results) -> Bar:
    errors = results.ours.errors
    requests = sum(point.requests for one in results.ours.rounds for point in one.points)
    asked = "errors of ours in all these loads: 0"
    return Bar(
        asked=asked,
        measured=f"{errors} in {requests:,} requests",
        verdict=verdict(results, errors == 0),
    )


def _endurance(run: Endurance | None) -> list[Bar]:
    correct, ended = (
        f"errors in {REQUESTS:,} requests, each answer compared: 0",
        "exit code after SIGTERM: 0",
    )
    if run is None:
        return [
            Bar(asked=asked, measured="run with --million", verdict="not measured")
            for asked in (correct, ended)
        ]
    errors = run.wrong + run.broken + run.late
    counted: Verdict = "met" if errors == 0 and run.requests >= REQUESTS else "not met"
    return [
        Bar(asked=correct, measured=f"{errors} in {run.requests:,} requests", verdict=counted),
        Bar(
            asked=ended,
            measured="had to be killed" if run.exit_code is None else str(run.exit_code),
            verdict="met" if run.exit_code == 0 else "not met",
        ),
    ]
