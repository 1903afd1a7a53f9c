"""The index of the steps as Python source, for devflow/steps/index.py: what can be said of a step
without loading its module."""

import json
from typing import Final, Iterable, Iterator

from devflow.ui.outline import StepPage

WIDTH: Final = 100  # columns, as the formatter has it
_HEAD: Final = '''"""What can be said of every bundled step without loading its module.

Made from the steps by `make fix`, never by hand; a test holds it against them.
"""

from typing import Final, Mapping, NamedTuple


class StepLine(NamedTuple):
    """A step's module in this package, its place among the 29, its title, and whether the work
    before it is the machine's and it is a person's."""

    module: str
    number: int | None
    title: str
    hands_over: bool


INDEX: Final[Mapping[str, StepLine]] = {
'''


def index_source(pages: Iterable[tuple[str, StepPage]]) -> str:
    """The module's whole text, from each step's module and page in their order."""
    return _HEAD + "".join(_lines(pages)) + "}\n"


def _lines(pages: Iterable[tuple[str, StepPage]]) -> Iterator[str]:
    for module, page in pages:
        values = f'"{module}", {page.number}, {_quoted(page.title)}, {page.hands_over}'
        line = f'    "{page.name}": StepLine({values}),\n'
        is_long = len(line) > WIDTH + 1
        yield f'    "{page.name}": StepLine(\n        {values}\n    ),\n' if is_long else line


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
