"""``devflow explain``: one page for a step, and the list of the steps that exist.

Everything on it is read from the step itself; the last values are the run's own checks, where there
is a run.
"""

from dataclasses import asdict
from datetime import datetime
from typing import Any, Iterator

from rich.text import Text

from devflow.model.command_line import command_line
from devflow.model.events import SCHEMA
from devflow.ui.board import EntryState
from devflow.ui.evidence import lines_of
from devflow.ui.outline import EntryLine, ParamLine, StepPage
from devflow.ui.pen import Pen
from devflow.ui.phrases import tallied, with_dots
from devflow.ui.rows import check_rows, entry_row
from devflow.ui.signs import SIGNS
from devflow.ui.words import clean, clean_lines

LABEL_CELLS = 11
LIMIT_MEANS = "changing it judges again, and makes nothing again"


def page_lines(pen: Pen, page: StepPage, state: EntryState | None, now: datetime) -> list[Text]:
    """One step: what it is for, needs, makes and takes, and what it last came to."""
    number = "" if page.number is None else f"{page.number} "
    heading = pen.text(f"{number}{page.name}", style="bold")
    heading.append("  ").append_text(pen.text(page.title))
    lines = pen.wrapped(heading, 0)
    lines += _paragraphs(pen, page.doc)
    lines.append(Text(""))
    # the project's own table is no step
    if page.makes:
        for label, text in _facts(page):
            lines += _labelled(pen, label, text)
        lines.append(Text(""))
    if page.params:
        lines += _params(pen, page)
    if state is not None and state != EntryState():
        line = EntryLine(page.number, page.name, page.title)
        lines.append(Text(""))
        lines.append(pen.text("in this run", style="bold"))
        lines.append(entry_row(pen, line, state, now, is_heading=bool(state.checks)).text)
        lines += [row.text for row in check_rows(pen, state, 4)]
    return lines


def _paragraphs(pen: Pen, doc: str) -> list[Text]:
    lines = []
    for paragraph in clean_lines(doc):
        lines += pen.wrapped(pen.text(paragraph), 2)
    return lines


def _params(pen: Pen, page: StepPage) -> list[Text]:
    lines = [pen.text(f"parameters (pipeline.yaml, {page.under})", style="bold")]
    lines += _paragraphs(pen, page.params_doc)
    for param in page.params:
        lines += _param(pen, param)
    if any(param.limit for param in page.params):
        note = pen.text(f"limit: {LIMIT_MEANS}", style="dim")
        lines += pen.wrapped(note, 2)
    return lines


def _facts(page: StepPage) -> Iterator[tuple[str, str]]:
    if page.phase:
        yield "phase", page.phase
    needs = ", ".join(f"{entry} ({product})" for entry, product in page.needs)
    yield "needs", needs or "nothing"
    yield "makes", page.makes
    yield "looks", looks(page)
    if page.sends_back_to:
        yield "sends back", f"to {page.sends_back_to}"
    if page.hands_over:
        start = command_line("start")
        ship = command_line("ship")
        yield "turn", f"a person's: {start} ends before it, {ship} says that it is done"


def looks(page: StepPage) -> str:
    """What a step does before it makes anything."""
    if page.looks:
        return "finds its work where it has already happened"
    return "always measures anew"


def _labelled(pen: Pen, label: str, text: str) -> list[Text]:
    margin = Text("  ").append_text(pen.text(f"{label:{LABEL_CELLS}} ", style="dim"))
    return pen.wrapped(pen.text(text), margin.cell_len, margin)


def _param(pen: Pen, param: ParamLine) -> list[Text]:
    text = pen.text(f"{param.name}: {param.type} = {param.default}")
    if param.limit:
        text.append("  ").append_text(pen.text("limit", style="dim"))
    lines = pen.wrapped(text, 4, Text("  "))
    for paragraph in clean_lines(param.doc):
        lines += pen.wrapped(pen.text(paragraph, style="dim"), 6)
    return lines


def page_plain(page: StepPage, state: EntryState | None) -> list[str]:
    """The same with one line a fact, each whole by itself: for ears and for ``grep``."""
    lines = []
    for label, text in _plain_facts(page, state):
        lines.append(clean(f"{page.name} {label}: {text}" if label else f"{page.name}: {text}"))
    return lines


def _plain_facts(page: StepPage, state: EntryState | None) -> Iterator[tuple[str, str]]:
    yield "", page.title
    if page.number is not None:
        yield "step", str(page.number)
    for paragraph in filter(None, clean_lines(page.doc)):
        yield "does", paragraph
    # the project's own table is no step
    if page.makes:
        yield from _facts(page)
    for paragraph in filter(None, clean_lines(page.params_doc)):
        yield "parameters", paragraph
    for param in page.params:
        value = f"{param.type} = {param.default}"
        limit = f"limit, {LIMIT_MEANS}" if param.limit else ""
        about = " ".join(filter(None, clean_lines(param.doc)))
        yield f"{page.under} {param.name}", with_dots(value, about, limit)
    if state is not None and state != EntryState():
        yield "in this run", with_dots(SIGNS[state.status].word, tallied(state))
        for line in lines_of(state.checks):
            yield line.sign.word, f"{line.text}  ‹{line.source}›"


def page_object(page: StepPage) -> dict[str, Any]:
    """One step as JSON."""
    needs = [{"entry": entry, "product": product} for entry, product in page.needs]
    return {
        "schema": SCHEMA,
        "number": page.number,
        "name": page.name,
        "title": page.title,
        "phase": page.phase,
        "needs": needs,
        "makes": page.makes,
        "params": [asdict(param) for param in page.params],
        "sends_back_to": page.sends_back_to or None,
    }
