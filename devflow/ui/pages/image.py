"""An image as a picture of its layers: where its bytes come from, what of them is never seen, and
what to do about it.

Each origin has a mark of its own, so that the picture says the same without colour.
"""

from typing import Any, Final, Iterator, Mapping

from rich.text import Text

from devflow.model.events import SCHEMA
from devflow.model.images import ImageFinding, ImageReport, LayerSummary, Recommendation
from devflow.model.wording import and_more, plural, size, size_change
from devflow.ui.pen import Pen
from devflow.ui.signs import NOT_OK, NOTE, Sign

HIDDEN: Final = "never seen"
# mark and style by origin, in the order of a bar
MARKS: Final[Mapping[str, tuple[str, str]]] = {
    "base": ("▓", "blue"),
    "dependencies": ("▒", "cyan"),
    "application": ("█", "green"),
    "other": ("▪", "magenta"),
    HIDDEN: ("╱", "red"),
}
GRADE_STYLES: Final = {"A+": "bold green", "A": "bold green", "B": "bold green", "F": "bold red"}
FINDING_SIGNS: Final = {
    "secret": NOT_OK,
    "warning": Sign("!", "warning", "yellow"),
    "note": NOTE,
}
PATHS: Final = 3  # under a finding or a recommendation; all stand in `--output json`
ORIGIN_CELLS: Final = 13  # "dependencies" and a space
SIZE_CELLS: Final = 9  # "999.9 MB" and a space
# of a console's width; the rest is for what a layer came of
BAR_SHARE: Final = 0.3


def image_lines(pen: Pen, name: str, report: ImageReport) -> list[Text]:
    """The whole picture of one platform's image."""
    lines = list(_header(pen, name, report))
    lines.append(Text(""))
    lines += _origins(pen, report)
    lines.append(Text(""))
    lines += _layers(pen, report)
    if report.findings:
        lines.append(Text(""))
        for finding in report.findings:
            lines += _finding(pen, finding)
    if report.recommendations:
        lines.append(Text(""))
        for recommendation in report.recommendations:
            lines += _recommendation(pen, recommendation)
    return lines


def _header(pen: Pen, name: str, report: ImageReport) -> Iterator[Text]:
    title = pen.text(name, style="bold").append("  ")
    title.append_text(pen.text(report.platform))
    grade = pen.text(f"grade {report.grade}", style=GRADE_STYLES.get(report.grade, "bold"))
    yield pen.line(title, grade)
    for fact in facts(report):
        yield from pen.wrapped(pen.text(fact, style="dim"), 0)


def facts(report: ImageReport) -> Iterator[str]:
    """What is known of the whole image, a sentence each."""
    distribution = report.distribution or "no distribution: it has no os-release"
    user = report.user or "root"
    layers = plural(len(report.layers), "layer")
    yield f"{distribution} · {layers} · runs as {user} · {report.digest[:19]}"
    # what `docker save` writes is not compressed
    is_compressed = report.compressed_bytes < report.size_bytes
    word = "compressed" if is_compressed else "as stored, not compressed"
    sizes = f"{size(report.size_bytes)} unpacked, {size(report.compressed_bytes)} {word}"
    if report.before_bytes is not None:
        change = size_change(report.size_bytes - report.before_bytes)
        sizes += f", {change} since {report.before_of}"
    if report.budget_bytes is not None:
        word = "over" if report.is_over_budget else "within"
        sizes += f", {word} its budget of {size(report.budget_bytes)}"
    yield sizes
    dive = f"dive counts {size(report.wasted_bytes)} wasted"
    hidden = f"{size(report.hidden_bytes)} shipped and {HIDDEN}"
    yield f"efficiency {report.efficiency:.1%} · {hidden} · {dive}"
    named = "" if report.base else "; --base DIGEST does, as step 22 does by itself"
    yield f"base: {report.base_text}{named}"
    yield f"grade {report.grade_text}"


def _origins(pen: Pen, report: ImageReport) -> Iterator[Text]:
    largest = max((share.size_bytes for share in report.shares), default=0)
    for share in report.shares:
        words = f"{share.origin:{ORIGIN_CELLS}}{size(share.size_bytes):>{SIZE_CELLS}}"
        line = pen.text(f"  {words} {share.share:>5.0%}  ")
        parts = {share.origin: share.size_bytes - share.hidden_bytes, HIDDEN: share.hidden_bytes}
        line.append_text(_bar(pen, parts, largest))
        if share.before_bytes is not None and share.before_bytes != share.size_bytes:
            change = size_change(share.size_bytes - share.before_bytes)
            line.append("  ").append_text(pen.text(change, style="dim"))
        yield pen.line(line)


def _layers(pen: Pen, report: ImageReport) -> Iterator[Text]:
    largest = max((layer.size_bytes for layer in report.layers), default=0)
    for number, layer in enumerate(report.layers, 1):
        line = pen.text(f"  {number:>3}{size(layer.size_bytes):>{SIZE_CELLS + 1}}  ")
        bar = _bar(pen, {**layer.origins, HIDDEN: layer.wasted_bytes}, largest)
        bar.append(" " * (_bar_cells(pen) - bar.cell_len + 2))
        line.append_text(bar)
        line.append_text(pen.text(_came_of(layer), style="dim"))
        yield pen.line(line)
    legend = Text("  ")
    for origin, (mark, style) in MARKS.items():
        legend.append_text(pen.text(mark, style=style))
        legend.append_text(pen.text(f" {origin}   ", style="dim"))
    yield pen.line(legend)


def _came_of(layer: LayerSummary) -> str:
    line = layer.created_by or "unknown: the history has no line for it"
    return f"(base) {line}" if layer.is_base else line


def _bar_cells(pen: Pen) -> int:
    return max(8, round(pen.width * BAR_SHARE))


def _bar(pen: Pen, parts: Mapping[str, int], largest: int) -> Text:
    """A bar whose parts are as long as their bytes: each that holds any has at least one cell."""
    bar = Text("", end="")
    cells = _bar_cells(pen)
    for origin, (mark, style) in MARKS.items():
        size_bytes = parts.get(origin, 0)
        if size_bytes:
            length = max(1, round(cells * size_bytes / largest))
            bar.append_text(pen.text(mark * length, style=style))
    # several parts that were rounded up make a bar longer than its room
    return bar[:cells]


def _finding(pen: Pen, finding: ImageFinding) -> Iterator[Text]:
    margin = Text("  ", end="").append_text(pen.sign(FINDING_SIGNS[finding.kind])).append(" ")
    text = finding.text
    if finding.size_bytes:
        text += f" ({size(finding.size_bytes)})"
    yield from pen.wrapped(pen.text(text), margin.cell_len, margin)
    yield from _paths(pen, finding.paths, finding.count, margin.cell_len)


def _recommendation(pen: Pen, one: Recommendation) -> Iterator[Text]:
    margin = pen.text(f"  {'−' + size(one.saves_bytes):>{SIZE_CELLS}}  ", style="bold")
    yield from pen.wrapped(pen.text(f"{one.text} ‹{one.rule}›"), margin.cell_len, margin)
    yield from _paths(pen, one.paths, one.files, margin.cell_len)


def _paths(pen: Pen, paths: tuple[str, ...], count: int, indent: int) -> Iterator[Text]:
    for path in paths[:PATHS]:
        yield pen.line(pen.text(f"{' ' * indent}{path}", style="dim"))
    shown = min(PATHS, len(paths))
    if shown and count > shown:
        yield pen.line(pen.text(f"{' ' * indent}{and_more(count - shown)}", style="dim"))


def image_plain(name: str, report: ImageReport) -> Iterator[str]:
    """The same as one line a fact, for logs and other programs."""
    head = f"{name} {report.platform}"
    for fact in facts(report):
        yield f"{head} {fact}"
    for share in report.shares:
        hidden = f", {share.hidden_bytes} B {HIDDEN}" if share.hidden_bytes else ""
        yield f"{head} {share.origin} {share.size_bytes} B {share.share:.1%}{hidden}"
    for number, layer in enumerate(report.layers, 1):
        hidden = f"{layer.wasted_bytes} B {HIDDEN}"
        yield f"{head} layer {number} {layer.size_bytes} B, {hidden}: {_came_of(layer)}"
    for finding in report.findings:
        paths = ", ".join(finding.paths)
        text = f"{finding.text}: {paths}" if paths else finding.text
        yield f"{head} {finding.kind} {finding.rule}: {text}"
    for one in report.recommendations:
        yield f"{head} saves {one.saves_bytes} B {one.rule}: {one.text}"


def image_object(name: str, reports: tuple[ImageReport, ...]) -> dict[str, Any]:
    """The object of ``--output json``: everything."""
    return {
        "schema": SCHEMA,
        "image": name,
        "reports": [report.model_dump(mode="json") for report in reports],
    }
