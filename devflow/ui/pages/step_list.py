"""The steps that exist, one a line; pydantic is not imported here."""

from typing import Iterable, NamedTuple

from rich.text import Text

from devflow.model.command_line import command_line
from devflow.ui.pen import Pen
from devflow.ui.words import NAME_CELLS, clean


class ListLine(NamedTuple):
    """A step's place among the 29, the entry's or the step's name, and the step's title."""

    number: int | None
    name: str
    title: str


def list_lines(pen: Pen, steps: Iterable[ListLine]) -> list[Text]:
    """One line for each, then what to type for more."""
    lines = []
    for step in steps:
        number = "" if step.number is None else str(step.number)
        margin = pen.text(f"{number:>2} {clean(step.name):{NAME_CELLS}} ")
        lines += pen.wrapped(pen.text(step.title, style="dim"), margin.cell_len, margin)
    lines.append(Text(""))
    explain = command_line("explain", "NAME")
    project = command_line("explain", "project")
    for words in (f"one of them: {explain}", f"keys of project: {project}"):
        lines += pen.wrapped(pen.text(words, style="dim"), 0)
    return lines
