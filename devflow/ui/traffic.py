"""Two versions' requests beside each other: a table while they are compared, and a plot of failures
and latencies once it is decided.

Pure functions of what a proxy counted. A latency is known by its class: what is shown is the bound
that it kept to, never a value between two bounds.
"""

import math
from dataclasses import dataclass
from typing import Callable, Final, Iterator, Mapping, NamedTuple, Sequence

from rich.text import Text

from devflow.model.canary import Canary, found_words
from devflow.model.environments import Cause, Traffic
from devflow.model.wording import plural, short_version
from devflow.ui.pen import Pen

CAUSES: Final[Mapping[Cause, str]] = {
    "answered": "answered 5xx",
    "refused": "not connected",
    "aborted": "broken off",
}
# the columns of the table: heading and cells
COLUMNS: Final = (("requests", 10), ("failed", 9), ("p50", 11), ("p99", 11))
VERSION_CELLS: Final = 12
TABLE_CELLS: Final = VERSION_CELLS + sum(cells for _, cells in COLUMNS)
LABEL_CELLS: Final = 27
ROWS: Final = 12  # of the latency's plot at most
# the largest share's own cells behind its bar: " 99 %" and a gap
SHARE_CELLS: Final = 9
NARROWEST_BAR: Final = 6
LATENCY: Final = "answers within"


def failed_share(of: Traffic) -> float:
    """The part of the requests that failed, from 0 to 1; 0 of none."""
    return of.failures / of.requests if of.requests else 0.0


def percent(share: float) -> str:
    """``0.1 %``, ``51.2 %``; what is not nothing is never shown as 0."""
    if share in (0, 1):
        return f"{100 * share:.0f} %"
    if share < 0.0005:
        return "<0.1 %"
    return f"{min(100 * share, 99.9):.1f} %"


def at_most(bound_ms: float) -> str:
    """``≤ 5 ms``."""
    return f"≤ {_latency(bound_ms, math.ceil)}"


def beyond(bound_ms: float) -> str:
    """``> 105 s``."""
    return f"> {_latency(bound_ms, math.floor)}"


def _latency(latency_ms: float, rounded: Callable[[float], int]) -> str:
    """In two digits, since classes are no finer, and rounded so that the bound is true."""
    value = latency_ms
    unit = "ms"
    if value >= 1000:
        value /= 1000
        unit = "s"
    if value <= 0:
        return f"0 {unit}"
    step = 10.0 ** (math.floor(math.log10(value)) - 1)
    # what is a whole number of steps may be a float beside it
    steps = round(value / step, 9)
    return f"{rounded(steps) * step:.3g} {unit}"


def within(of: Traffic, share: float) -> str:
    """The bound that this share of a version's answers kept to; ``–`` without an answer."""
    bound_ms = of.latency_ms(share)
    if bound_ms is not None:
        return at_most(bound_ms)
    return beyond(of.slower_than_ms[-1]) if sum(of.counted) and of.slower_than_ms else "–"


def table_lines(pen: Pen, canary: Canary, indent: int = 0) -> Iterator[Text]:
    """Each service that anybody asked with both versions, and what is known of it so far: as a
    table, nearer to the edge where it is narrow, and in words where no table fits."""
    if not pen.fits(TABLE_CELLS):
        for words in canary_plain(canary):
            yield from pen.wrapped(pen.text(words), min(indent, 2))
        return
    if not pen.fits(indent + TABLE_CELLS):
        indent = pen.width - TABLE_CELLS
    margin = " " * indent
    for service in canary.services:
        head = f"{service:{VERSION_CELLS}}"
        for name, cells in COLUMNS:
            head += f"{name:>{cells}}"
        yield pen.line(pen.text(f"{margin}{head}", style="dim"))
        for version in (canary.stable, canary.version):
            yield pen.line(pen.text(f"{margin}{_row(canary.of(service, version))}"))
        style = "bold red" if worse(canary, service) else ""
        yield from pen.wrapped(pen.text(so_far(canary, service), style=style), indent + 2)


def worse(canary: Canary, service: str) -> tuple[str, ...]:
    """In what the new version of a service was found to be worse."""
    return tuple(found_words(one) for one in canary.found if one.service == service)


def so_far(canary: Canary, service: str) -> str:
    """What is known of one service."""
    found = worse(canary, service)
    if found:
        return f"{short_version(canary.version)} {', '.join(found)}"
    if service in canary.judged:
        return "no worse" if service in canary.timed else "fails no more; not timed for long enough"
    requests = canary.of(service, canary.version).requests
    return f"undecided: {requests} of {plural(canary.enough, 'request')} so far"


def plots(pen: Pen, canary: Canary, indent: int = 0) -> Iterator[Text]:
    """The services that were found to be worse at both versions; those that anybody asked where
    none was."""
    found = tuple(dict.fromkeys(one.service for one in canary.found))
    for service in found or canary.services:
        stable = canary.of(service, canary.stable)
        yield from plot_lines(pen, stable, canary.of(service, canary.version), indent)


def _row(of: Traffic) -> str:
    cells = (str(of.requests), percent(failed_share(of)), within(of, 0.5), within(of, 0.99))
    row = f"{short_version(of.version):{VERSION_CELLS}}"
    for text, (_, width) in zip(cells, COLUMNS, strict=True):
        row += f"{text:>{width}}"
    return row


def plot_lines(pen: Pen, stable: Traffic, new: Traffic, indent: int = 0) -> Iterator[Text]:
    """One service at both versions: failures by cause and the distribution of latencies, side by
    side, or one below the other where it is narrow."""
    if pen.narrow:
        yield from _Plot(pen, (stable, new), (stable,), indent).lines()
        yield from _Plot(pen, (stable, new), (new,), indent).lines()
        return
    yield from _Plot(pen, (stable, new), (stable, new), indent).lines()


@dataclass(frozen=True)
class _Plot:
    """Those ``shown`` as columns, on the scale of ``all`` of them, so that lengths can be
    compared."""

    pen: Pen
    every: tuple[Traffic, ...]
    shown: tuple[Traffic, ...]
    indent: int

    def lines(self) -> Iterator[Text]:
        yield self._line(
            self.shown[0].service, [short_version(one.version) for one in self.shown], style="bold"
        )
        yield self._line("  requests", [_requests(one) for one in self.shown])
        # of all requests: a tenth of a per cent is not to look like half
        failed = [self._bar(failed_share(one), 1.0) for one in self.shown]
        yield self._line("  failed", failed, style="red")
        for cause, words in CAUSES.items():
            if any(one.failed.get(cause) for one in self.every):
                counts = [str(one.failed.get(cause, 0)) for one in self.shown]
                yield self._line(f"    {words}", counts)
        # what says it in one line comes before what a short terminal cuts away
        for share, words in ((0.5, "half"), (0.99, "99 %")):
            bounds = [within(one, share) for one in self.shown]
            yield self._line(f"  {words} answered within", bounds)
        yield from self._latencies()

    def _latencies(self) -> Iterator[Text]:
        rows = distribution(self.every)
        most = max((max(row.shares) for row in rows), default=0.0)
        places = [self.every.index(one) for one in self.shown]
        for number, row in enumerate(rows):
            heading = "" if number else LATENCY
            bars = [self._bar(row.shares[place], most) for place in places]
            yield self._line(f"  {heading:14}{row.bound:>9}", bars, style="cyan")

    @property
    def _cells(self) -> int:
        """Of a column."""
        room = self.pen.width - self.indent - LABEL_CELLS
        return max(room // len(self.shown), NARROWEST_BAR + SHARE_CELLS)

    def _bar(self, share: float, most: float) -> str:
        room = self._cells - SHARE_CELLS
        cells = round(room * share / most) if most else 0
        # what is not nothing is seen
        bar = "▓" * max(cells, 1 if share else 0)
        return f"{bar} {percent(share)}".lstrip()

    def _line(self, label: str, texts: Sequence[str], style: str = "") -> Text:
        line = Text(" " * self.indent, end="")
        line.append_text(_padded(self.pen.text(label, style="dim"), LABEL_CELLS))
        for text in texts:
            line.append_text(_padded(self.pen.text(text, style=style), self._cells))
        line.rstrip()
        return self.pen.line(line)


def _padded(text: Text, cells: int) -> Text:
    """Padded once it is in the console's own encoding, whose twins may be longer."""
    text.append(" " * (cells - text.cell_len))
    return text


def _requests(of: Traffic) -> str:
    return f"{of.requests}, {of.synthetic} synthetic" if of.synthetic else str(of.requests)


class Row(NamedTuple):
    """A row of a distribution: its bound, and each one's share of its answers in it."""

    bound: str
    shares: tuple[float, ...]


def distribution(every: Sequence[Traffic]) -> list[Row]:
    """The answers of each by latency, in at most ``ROWS`` rows from the quickest to the slowest
    that any has."""
    bounds_ms = next((one.slower_than_ms for one in every if one.slower_than_ms), ())
    counted = [one.counted or (0,) * (len(bounds_ms) + 1) for one in every]
    used = [place for place, counts in enumerate(zip(*counted)) if any(counts)]
    if not used:
        return []
    first = used[0]
    wide = -(-(used[-1] + 1 - first) // ROWS)
    rows = []
    for start in range(first, used[-1] + 1, wide):
        end = min(start + wide, len(bounds_ms) + 1)
        shares = tuple(sum(one[start:end]) / (sum(one) or 1) for one in counted)
        is_last = end > len(bounds_ms)
        label = at_most(bounds_ms[end - 1]) if not is_last else _last(bounds_ms, start)
        rows.append(Row(label, shares))
    return rows


def _last(bounds_ms: Sequence[float], start: int) -> str:
    return beyond(bounds_ms[start - 1]) if start else "any"


def canary_plain(canary: Canary) -> Iterator[str]:
    """The same in words, a line for each version of each service that anybody asked."""
    for service in canary.services:
        for version in (canary.stable, canary.version):
            of_version = canary.of(service, version)
            yield f"{service} {short_version(version)}: {with_words(of_version)}"
        yield f"{service}: {so_far(canary, service)}"


def with_words(of: Traffic) -> str:
    """``41 requests, 51.2 % failed (19 answered 5xx, 2 not connected), half of the answers …``"""
    parts = [plural(of.requests, "request")]
    if of.synthetic:
        parts.append(f"{of.synthetic} of them synthetic")
    causes = []
    for cause, words in CAUSES.items():
        if of.failed.get(cause):
            causes.append(f"{of.failed[cause]} {words}")
    behind = f" ({', '.join(causes)})" if causes else ""
    parts.append(f"{percent(failed_share(of))} failed{behind}")
    if sum(of.counted):
        parts.append(f"half of the answers {within(of, 0.5)}, 99 % of them {within(of, 0.99)}")
    else:
        parts.append("no answer was counted")
    return ", ".join(parts)
