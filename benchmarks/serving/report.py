"""Results in, text out: a terminal table and the Markdown of `RESULTS.md`, from the same rows."""

from typing import Sequence

from rich.console import Console
from rich.table import Table

from benchmarks.serving.bars import CONNECTIONS, Verdict, judge, unfit
from benchmarks.serving.results import Measured, Point, Results

COLOURS: dict[Verdict, str] = {"met": "green", "not met": "red", "not measured": "yellow"}
LOAD_HEAD = ("server", "connections", "requests/s", "p50 ms", "p99 ms", "CPU µs/request", "errors")
LIFE_HEAD = ("server", "PSS MB", "first price s", "set up as")
BAR_HEAD = ("asked", "measured", "verdict")

Rows = Sequence[tuple[str, ...]]


def show(results: Results, console: Console) -> None:
    """Print the tables."""
    for title, head, rows in _tables(results):
        table = Table(*head, title=title, title_justify="left")
        for row in rows:
            table.add_row(*row)
        console.print(table)
    bars = Table(*BAR_HEAD, title=_bars_title(results), title_justify="left")
    for bar in judge(results):
        bars.add_row(bar.asked, bar.measured, f"[{COLOURS[bar.verdict]}]{bar.verdict}[/]")
    console.print(bars)
    console.print(_quiet(results))


def markdown(results: Results) -> str:
    """Return the page that `RESULTS.md` holds."""
    machine = results.machine
    bars = [(bar.asked, bar.measured, bar.verdict) for bar in judge(results)]
    rounds = f"{results.rounds} round{'s' if results.rounds > 1 else ''}"
    parts = [
        "# Model serving, side by side",
        f"Made from `results.json` by `python -m benchmarks.serving`; what is measured and how: [README](../README.md).\n"
        f"{results.day}, {machine.cpu}, {machine.cores} cores, {machine.memory_gib:g} GiB, {machine.system},"
        f" Python {machine.python}, {machine.wrk}.\n"
        f"Medians of {rounds}, {results.seconds} s a load; every server gave xgboost's price for"
        f" each of {results.cars:,} hold-out cars. {_quiet(results)}",
        *(f"## {title}\n\n{_markdown_table(head, rows)}" for title, head, rows in _tables(results)),
        f"## {_bars_title(results)}\n\n{_markdown_table(BAR_HEAD, bars)}",
        "## Versions\n\n"
        + "\n".join(f"- {one.title}: {_versions(one)}" for one in results.servers if one.versions),
    ]
    return "\n\n".join(parts) + "\n"


def _bars_title(results: Results) -> str:
    return f"Bars ({unfit(results)})" if unfit(results) else "Bars"


def _quiet(results: Results) -> str:
    return f"Other work took {results.others_pct:.0f} % of the two cores (median of all loads)."


def _tables(results: Results) -> Sequence[tuple[str, tuple[str, ...], Rows]]:
    loads = [
        _load(one, connections)
        for connections in CONNECTIONS
        for one in results.servers
        if one.rounds
    ]
    lives = [_life(one) for one in results.servers]
    return [("Load", LOAD_HEAD, loads), ("Memory and start", LIFE_HEAD, lives)]


def _load(one: Measured, connections: int) -> tuple[str, ...]:
    def middle(name: str) -> float:
        return one.load(connections, lambda point: float(getattr(point, name)))

    errors = sum(point.errors for life in one.rounds for point in _at(life.points, connections))
    figures = (
        f"{middle('requests_per_s'):,.0f}",
        f"{middle('p50_ms'):.2f}",
        f"{middle('p99_ms'):.2f}",
        f"{middle('cpu_us'):.0f}",
    )
    return (one.title, str(connections), *figures, str(errors))


def _at(points: tuple[Point, ...], connections: int) -> list[Point]:
    return [point for point in points if point.connections == connections]


def _life(one: Measured) -> tuple[str, ...]:
    if not one.rounds:
        return one.title, "not measured", "not measured", one.absent
    return (
        one.title,
        f"{one.middle(lambda life: life.pss_mb):.0f}",
        f"{one.middle(lambda life: life.startup_s):.2f}",
        one.how,
    )


def _versions(one: Measured) -> str:
    return ", ".join(f"{name} {version}" for name, version in sorted(one.versions.items()))


def _markdown_table(head: tuple[str, ...], rows: Rows) -> str:
    lines = [head, tuple("---" for _ in head), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)
