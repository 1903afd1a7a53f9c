"""Results in, text out: a terminal table and the Markdown of `RESULTS.md`, from the same rows."""

from typing import Sequence

from rich.console import Console
from rich.table import Table

from benchmarks.serving.bars import CONNECTIONS, Verdict, judge, unfit
from benchmarks.serving.results import Point, Results, ServerResult

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
        bars.add_row(bar.target, bar.figure, f"[{COLOURS[bar.verdict]}]{bar.verdict}[/]")
    console.print(bars)
    console.print(_quiet(results))


def markdown(results: Results) -> str:
    """Return the page that `RESULTS.md` holds."""
    parts = ["# Model serving, side by side", _circumstances(results)]
    for title, head, rows in _tables(results):
        parts.append(f"## {title}\n\n{_markdown_table(head, rows)}")
    bars = [(bar.target, bar.figure, bar.verdict) for bar in judge(results)]
    parts.append(f"## {_bars_title(results)}\n\n{_markdown_table(BAR_HEAD, bars)}")
    parts.append(f"## Versions\n\n{_versions(results)}")
    return "\n\n".join(parts) + "\n"


def _circumstances(results: Results) -> str:
    machine = results.machine
    rounds = f"{results.rounds} round{'s' if results.rounds > 1 else ''}"
    return (
        "Made from `results.json` by `python -m benchmarks.serving`; "
        "what is measured and how: [README](../README.md).\n"
        f"{results.day}, {machine.cpu}, {machine.cores} cores, {machine.memory_gib:g} GiB, "
        f"{machine.system}, Python {machine.python}, {machine.wrk}.\n"
        f"Medians of {rounds}, {results.seconds} s a load; every server gave xgboost's price for "
        f"each of {results.cars:,} hold-out cars. {_quiet(results)}"
    )


def _versions(results: Results) -> str:
    lines = []
    for server in results.servers:
        packages = [f"{name} {version}" for name, version in sorted(server.versions.items())]
        if packages:
            lines.append(f"- {server.title}: {', '.join(packages)}")
    return "\n".join(lines)


def _bars_title(results: Results) -> str:
    reason = unfit(results)
    return f"Bars ({reason})" if reason else "Bars"


def _quiet(results: Results) -> str:
    return f"Other work took {results.others_pct:.0f} % of the two cores (median of all loads)."


def _tables(results: Results) -> Sequence[tuple[str, tuple[str, ...], Rows]]:
    present = [server for server in results.servers if server.rounds]
    loads = []
    for connections in CONNECTIONS:
        loads += [_load(server, connections) for server in present]
    lives = [_life(server) for server in results.servers]
    return [("Load", LOAD_HEAD, loads), ("Memory and start", LIFE_HEAD, lives)]


def _load(server: ServerResult, connections: int) -> tuple[str, ...]:
    def middle(name: str) -> float:
        return server.load(connections, lambda point: float(getattr(point, name)))

    errors = 0
    for life in server.rounds:
        errors += sum(point.errors for point in _at(life.points, connections))
    figures = (
        f"{middle('requests_per_s'):,.0f}",
        f"{middle('p50_ms'):.2f}",
        f"{middle('p99_ms'):.2f}",
        f"{middle('cpu_us'):.0f}",
    )
    return (server.title, str(connections), *figures, str(errors))


def _at(points: tuple[Point, ...], connections: int) -> list[Point]:
    return [point for point in points if point.connections == connections]


def _life(server: ServerResult) -> tuple[str, ...]:
    if not server.rounds:
        return server.title, "not measured", "not measured", server.absent
    pss_mb = server.middle(lambda life: life.pss_mb)
    startup_s = server.middle(lambda life: life.startup_s)
    return server.title, f"{pss_mb:.0f}", f"{startup_s:.2f}", server.how


def _markdown_table(head: tuple[str, ...], rows: Rows) -> str:
    lines = [head, tuple("---" for _ in head), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)
