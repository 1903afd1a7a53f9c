"""The section of docs/RELIABILITY.md on other people, made from the table that its tests run.

``python -m tests.e2e.others.page`` writes it anew; a test holds the page against it.
"""

from pathlib import Path
from typing import Final

from tests.e2e.others.table import ROWS, Row, Then

PAGE: Final = Path(__file__).resolve().parents[3] / "docs" / "RELIABILITY.md"
BEGIN: Final = "<!-- made from tests/e2e/others/table.py by `python -m tests.e2e.others.page` -->\n"
END: Final = "<!-- end of the table -->\n"
HEAD: Final = "| somebody | while it is at | `devflow ship` ends with | and says | then |\n"


def section() -> str:
    """The table as Markdown."""
    rule = "|---|---|---|---|---|\n"
    return HEAD + rule + "".join(map(_line, ROWS))


def _line(row: Row) -> str:
    cells = (row.what, row.stage, str(row.code), _quoted(row.says), _left(row))
    return f"| {' | '.join(cells)} |\n"


def _quoted(text: str) -> str:
    return f"“{text}”".replace("|", "\\|")


def _left(row: Row) -> str:
    parts = [row.left[0]] if row.left else []
    parts += map(_follow_up, row.then)
    return "; ".join(parts)


def _follow_up(then: Then) -> str:
    return f"`devflow {' '.join(then.words)}` ends with {then.code}: {_quoted(then.says)}"


def page_with(table: str) -> str:
    """The whole page, with this table in its place."""
    before, _, rest = PAGE.read_text(encoding="utf-8").partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}{table}{END}{after}"


if __name__ == "__main__":
    PAGE.write_text(page_with(section()), encoding="utf-8")
