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
    for words in _onward():
        lines += pen.wrapped(pen.text(words, style="dim"), 0)
    return lines


def list_plain(steps: Iterable[ListLine]) -> list[str]:
    """The same, and no line is wrapped."""
    lines = []
    for step in steps:
        number = "" if step.number is None else str(step.number)
        lines.append(clean(f"{number:>2} {step.name:{NAME_CELLS}} {step.title}"))
    return [*lines, *_onward()]


def _onward() -> tuple[str, str]:
    explain = command_line("explain", "NAME")
    project = command_line("explain", "project")
    return f"one of them: {explain}", f"keys of project: {project}"
