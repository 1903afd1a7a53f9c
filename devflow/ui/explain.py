"""``devflow explain``: one page for a step, and the list of the steps that exist.

Everything on it is read from the step itself; the last values are the run's own checks, where there
is a run.
"""

from datetime import datetime
from typing import Any, Iterator, Sequence

from rich.text import Text

from devflow.model.command_line import command_line
from devflow.ui.board import EntryState
from devflow.ui.outline import EntryLine, ParamLine, StepPage
from devflow.ui.pen import Pen
from devflow.ui.rows import check_rows, entry_row
from devflow.ui.words import clean, clean_lines

LABEL_CELLS = 11
NAME_CELLS = 16
LIMIT_MEANS = "changing it judges again, and makes nothing again"


def page_lines(pen: Pen, page: StepPage, state: EntryState | None, now: datetime) -> list[Text]:
    """One step: what it is for, needs, makes and takes, and what it last came to."""
    number = "" if page.number is None else f"{page.number} "
    title = pen.text(f"{number}{page.name}", style="bold").append("  ")
    lines = pen.wrapped(title.append_text(pen.text(page.title)), 0)
    for paragraph in clean_lines(page.doc):
        lines += pen.wrapped(pen.text(paragraph), 2)
    lines.append(Text(""))
    for label, fact in _facts(page):
        lines += _labelled(pen, label, fact)
    if page.params:
        lines += _params(pen, page)
    if state is not None and state != EntryState():
        line = EntryLine(page.number, page.name, page.title)
        lines += [Text(""), pen.text("in this run", style="bold")]
        lines.append(entry_row(pen, line, state, now, indent=1).text)
        lines += [row.text for row in check_rows(pen, state, 4)]
    return lines


def _params(pen: Pen, page: StepPage) -> list[Text]:
    lines = [Text(""), pen.text("parameters (pipeline.yaml, with:)", style="bold")]
    for paragraph in clean_lines(page.params_doc):
        lines += pen.wrapped(pen.text(paragraph), 2)
    for param in page.params:
        lines += _param(pen, param)
    if any(param.limit for param in page.params):
        lines += pen.wrapped(pen.text(f"limit: {LIMIT_MEANS}", style="dim"), 2)
    return lines


def _facts(page: StepPage) -> Iterator[tuple[str, str]]:
    if page.phase:
        yield "phase", page.phase
    yield "needs", ", ".join(f"{entry} ({product})" for entry, product in page.needs) or "nothing"
    yield "makes", page.makes
    yield "looks", (
        "finds its work where it has already happened" if page.looks else "always measures anew"
    )
    if page.sends_back_to:
        yield "sends back", f"to {page.sends_back_to}"
    if page.hands_over:
        ends = f"{command_line('start')} ends before it"
        yield "turn", f"a person's: {ends}, {command_line('ship')} says that it is done"


def _labelled(pen: Pen, label: str, said: str) -> list[Text]:
    margin = Text("  ").append_text(pen.text(f"{label:{LABEL_CELLS}} ", style="dim"))
    return pen.wrapped(pen.text(said), margin.cell_len, margin)


def _param(pen: Pen, param: ParamLine) -> list[Text]:
    said = pen.text(f"{param.name}: {param.type} = {param.default}")
    if param.limit:
        said.append("  ").append_text(pen.text("limit", style="dim"))
    doc = pen.wrapped(pen.text(param.doc, style="dim"), 6) if param.doc else []
    return [*pen.wrapped(said, 4, Text("  ")), *doc]


def list_lines(pen: Pen, pages: Sequence[StepPage]) -> list[Text]:
    """The steps that exist, one a line."""
    lines = []
    for page in pages:
        number = "" if page.number is None else str(page.number)
        margin = pen.text(f"{number:>2} {clean(page.name):{NAME_CELLS}} ")
        lines += pen.wrapped(pen.text(page.title, style="dim"), margin.cell_len, margin)
    return [
        *lines,
        Text(""),
        *pen.wrapped(pen.text(f"one of them: {command_line('explain', 'NAME')}", style="dim"), 0),
    ]


def page_object(page: StepPage) -> dict[str, Any]:
    """One step as JSON."""
    return {
        "schema": 1,
        "number": page.number,
        "name": page.name,
        "title": page.title,
        "phase": page.phase,
        "needs": [{"entry": entry, "product": product} for entry, product in page.needs],
        "makes": page.makes,
        "params": [
            {"name": p.name, "type": p.type, "default": p.default, "limit": p.limit, "doc": p.doc}
            for p in page.params
        ],
        "sends_back_to": page.sends_back_to or None,
    }
