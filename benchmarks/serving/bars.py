"""Holds the measured figures against the bars of issue 4; what was not measured is never met."""

from statistics import median
from typing import Callable, Literal

from benchmarks.serving.results import Endurance, Point, Results, ServerResult
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
WITHOUT_MILLION = "run with --million"

Verdict = Literal["met", "not met", "not measured"]
Figure = Callable[[Point], float]


class Bar(Value):
    """One bar: what is asked, what was measured, and what follows."""

    target: str
    figure: str
    verdict: Verdict


def judge(results: Results) -> list[Bar]:
    """Return every bar with its verdict."""
    bars: list[Bar] = []
    for connections in CONNECTIONS:
        bars += [_rate(results, connections), _p99(results, connections)]
    bars += [_cpu(results, connections) for connections in CONNECTIONS]
    bars += [_memory(results), _startup(results), _loads(results)]
    bars += [_million(results.endurance), _ending(results.endurance)]
    return bars


def unfit(results: Results) -> str:
    """Return why the medians of a run are shown and not judged; empty where they are judged."""
    if results.rounds < ROUNDS:
        return f"nothing is judged on fewer than {ROUNDS} rounds"
    if results.others_pct > OTHERS_PCT:
        return (
            f"nothing is judged where other work takes more than {OTHERS_PCT:g} % of the two cores"
        )
    return ""


def verdict(results: Results, met: bool) -> Verdict:
    """Return what a comparison of medians says; too few rounds or a busy machine say nothing."""
    if unfit(results):
        return "not measured"
    return "met" if met else "not met"


def _rate(results: Results, connections: int) -> Bar:
    target = (
        f"requests a second {_at(connections)}: at least {FASTER_TIMES:g} times the best rival's"
    )

    def rate(server: ServerResult) -> float:
        return server.load(connections, lambda point: point.requests_per_s)

    present = _present(results)
    if not present:
        return _open(target, _missing(results))
    best = max(present, key=rate)
    ours = rate(results.ours)
    times = ours / rate(best)
    figure = f"{times:.2f} times: {ours:,.0f} to {rate(best):,.0f} ({best.title})"
    return _against_best(results, target, figure, times >= FASTER_TIMES)


def _p99(results: Results, connections: int) -> Bar:
    target = f"p99 {_at(connections)}: at most {P99_SHARE:.2f} of the best rival's"

    def p99_ms(server: ServerResult) -> float:
        return server.load(connections, lambda point: point.p99_ms)

    present = _present(results)
    if not present:
        return _open(target, _missing(results))
    best = min(present, key=p99_ms)
    ours_ms = p99_ms(results.ours)
    share = ours_ms / p99_ms(best)
    figure = f"{share:.2f}: {ours_ms:.2f} ms to {p99_ms(best):.2f} ms ({best.title})"
    return _against_best(results, target, figure, share <= P99_SHARE)


def _present(results: Results) -> list[ServerResult]:
    return [rival for rival in results.rivals if rival.rounds]


def _open(target: str, reason: str) -> Bar:
    return Bar(target=target, figure=reason, verdict="not measured")


def _at(connections: int) -> str:
    return f"at {connections} connection{'s' if connections > 1 else ''}"


def _against_best(results: Results, target: str, figure: str, met: bool) -> Bar:
    missing = _missing(results)
    if missing:
        figure = f"{figure}; {missing}"
        # a rival that is missing can only raise the bar: what fails without it fails, what passes
        # is not known
        if met:
            return _open(target, figure)
    return Bar(target=target, figure=figure, verdict=verdict(results, met))


def _missing(results: Results) -> str:
    absent = [rival for rival in results.rivals if rival.absent]
    return "; ".join(f"{rival.title}: {rival.absent}" for rival in absent)


def _cpu(results: Results, connections: int) -> Bar:
    cpu_us = results.ours.load(connections, lambda point: point.cpu_us)
    raw_us = median(round_.bundled_us for round_ in results.raw)
    large_us = median(round_.large_us for round_ in results.raw)
    target = (
        f"CPU time of a request {_at(connections)}: "
        f"at most {CPU_SHARE:g} of one raw inplace_predict"
    )
    figure = (
        f"{cpu_us / raw_us:.2f}: {cpu_us:.0f} µs to {raw_us:.0f} µs"
        f" ({cpu_us / large_us:.2f} of the {large_us:.0f} µs of 500 trees of depth 6)"
    )
    met = cpu_us <= CPU_SHARE * raw_us
    return Bar(target=target, figure=figure, verdict=verdict(results, met))


def _memory(results: Results) -> Bar:
    pss_mb = results.ours.middle(lambda life: life.pss_mb)
    target = f"memory (PSS) after the load: at most {PSS_MB:g} MB"
    met = pss_mb <= PSS_MB
    return Bar(target=target, figure=f"{pss_mb:.1f} MB", verdict=verdict(results, met))


def _startup(results: Results) -> Bar:
    startup_s = results.ours.middle(lambda life: life.startup_s)
    target = f"first price after the start: at most {STARTUP_S:g} s"
    met = startup_s <= STARTUP_S
    return Bar(target=target, figure=f"{startup_s:.2f} s", verdict=verdict(results, met))


def _loads(results: Results) -> Bar:
    errors = results.ours.errors
    requests = sum(point.requests for life in results.ours.rounds for point in life.points)
    target = "errors of ours in all these loads: 0"
    figure = f"{errors} in {requests:,} requests"
    return Bar(target=target, figure=figure, verdict=verdict(results, errors == 0))


def _million(run: Endurance | None) -> Bar:
    target = f"errors in {REQUESTS:,} requests, each answer compared: 0"
    if run is None:
        return _open(target, WITHOUT_MILLION)
    errors = run.wrong + run.broken + run.late
    is_met = errors == 0 and run.requests >= REQUESTS
    figure = f"{errors} in {run.requests:,} requests"
    return Bar(target=target, figure=figure, verdict="met" if is_met else "not met")


def _ending(run: Endurance | None) -> Bar:
    target = "exit code after SIGTERM: 0"
    if run is None:
        return _open(target, WITHOUT_MILLION)
    figure = "had to be killed" if run.exit_code is None else str(run.exit_code)
    return Bar(target=target, figure=figure, verdict="met" if run.exit_code == 0 else "not met")
