"""Acceptance criteria that stand in a table: a row is one, a column may be its number or its state.

Cells are Markdown with ``<br>`` between lines; a first row of empty cells says that there is no
header.
"""

import re
from typing import Final, Iterator, Sequence

from devflow.craft.ticket.gherkin import word_of
from devflow.craft.ticket.titles import CRITERIA, Titles, normal

BREAK: Final = re.compile(r"\s*<br\s*/?>\s*", re.I)
_CELL: Final = re.compile(r"(?<!\\)\|")
_RULE: Final = re.compile(r":?-+:?")
# what is about a criterion, and no part of it
_ASIDE: Final = frozenset(
    "no nr num number id key status state done result results actual tested passed failed "
    "priority prio moscow note notes comment comments remark remarks owner tester estimate "
    "nummer erledigt anmerkung anmerkungen hinweis statut numéro estado".split()
) | {"", "pass fail", "actual result", "test result"}
_NAMES: Final = frozenset("name title scenario szenario scénario escenario case feature".split())
_WORDING: Final = frozenset(
    "criterion criteria description text requirement kriterium beschreibung anforderung critère "
    "criterio descripción".split()
)
# pairs that say one thing in two columns, the condition first
_LEFT: Final = frozenset("action step steps condition precondition input event schritt".split())
_RIGHT: Final = frozenset("expected expectation outcome output behaviour behavior".split())
_NUMBER: Final = re.compile(r"[^\w]*(?:AC|A|R|REQ)?[\s#._-]*\d+(?:[._-]\d+)*[^\w]*", re.I)


def cells_of(line: str) -> tuple[str, ...] | None:
    """The cells of a table's row, ``None`` for any other line."""
    text = line.strip()
    if not text.startswith("|") or text.count("|") < 2:
        return None
    inner = text[1:-1] if text.endswith("|") and not text.endswith("\\|") else text[1:]
    return tuple(cell.strip().replace("\\|", "|") for cell in _CELL.split(inner))


def is_rule(cells: Sequence[str]) -> bool:
    """Whether it is the line below a header."""
    return all(_RULE.fullmatch(cell) for cell in cells)


def lines_of(cell: str) -> tuple[str, ...]:
    """A cell's lines."""
    return tuple(line for line in BREAK.split(cell) if line.strip())


class Table:
    """A table's rows without the rule; ``head`` is empty where it has no header."""

    def __init__(self, rows: Sequence[tuple[str, ...]]) -> None:
        has_rule = len(rows) > 1 and is_rule(rows[1])
        head = rows[0] if has_rule else ()
        body = rows[2:] if has_rule else rows
        self.head = head if any(head) else ()
        self.body = [row for row in body if any(row) and not is_rule(row)]
        self.doubts: list[str] = []

    def titled(self, titles: Titles) -> dict[str, list[str]]:
        """What it says of sections: of each column whose header is one's title, or of each row
        whose first cell is; empty where that is no criteria's."""
        found: dict[str, list[str]] = {}
        columns = [titles.section(_bare(cell)) for cell in self.head]
        if CRITERIA in columns:
            for row in self.body:
                for section, cell in zip(columns, row):
                    if section:
                        found.setdefault(section, []).extend(_as_items(cell, len(self.body)))
            return found
        rows = [row for row in ((self.head,) if self.head else ())] + self.body
        for row in rows:
            section = titles.section(_bare(row[0])) if len(row) == 2 else ""
            if section:
                found.setdefault(section, []).extend(lines_of(row[1]))
        return found if CRITERIA in found else {}

    def items(self, titles: Titles) -> list[str]:
        """Each row as one criterion, or as a step of one; ``doubts`` says what is not sure."""
        if not self.head:
            return [text for row in self.body for text in self._headless(row)]
        names = [normal(_bare(cell)) or _bare(cell).strip("# .") for cell in self.head]
        words = [word_of(_bare(cell)) for cell in self.head]
        if {"given", "then"} <= set(words) or {"when", "then"} <= set(words):
            return [_scenario(row, words, names) for row in self.body]
        kept = []
        for place, name in enumerate(names):
            first = [row[0] for row in self.body] if place == 0 else [""]
            is_number = all(_NUMBER.fullmatch(cell) for cell in first)
            if name not in _ASIDE and not is_number:
                kept.append(place)
        self._doubt([names[place] for place in kept], titles)
        return [_joined(row, kept) for row in self.body]

    def _doubt(self, names: Sequence[str], titles: Titles) -> None:
        """Whether the columns that are left are understood."""
        match names:
            case [_]:
                return
            case [first, second] if first in _NAMES and second in _WORDING:
                return
            case [first, second] if first in _NAMES and titles.section(second) == CRITERIA:
                return
            case [first, second] if first in _LEFT | _NAMES and second.split()[0] in _RIGHT:
                return
        columns = ", ".join(name or "?" for name in names) or "none"
        self.doubts.append(f"a table with the columns: {columns}")

    def _headless(self, row: Sequence[str]) -> Iterator[str]:
        filled = [cell for cell in row if cell and not _NUMBER.fullmatch(cell)]
        if len(filled) == 2 and word_of(_bare(filled[0])):
            yield f"{_bare(filled[0])} {_flat(filled[1])}"
        elif len(filled) == 1:
            yield _flat(filled[0])
        elif filled:
            doubt = "a table without a header, of several columns"
            if doubt not in self.doubts:
                self.doubts.append(doubt)
            yield ": ".join(map(_flat, filled))


def _joined(row: Sequence[str], places: Sequence[int]) -> str:
    """These cells of a row, as far as it has them."""
    return ": ".join(_flat(row[place]) for place in places if place < len(row))


def _scenario(row: Sequence[str], words: Sequence[str], names: Sequence[str]) -> str:
    """A row whose columns are the steps."""
    steps = []
    title = ""
    for cell, word, name in zip(row, words, names):
        text = _flat(cell)
        if not text:
            continue
        if word in ("given", "when", "then", "and"):
            steps.append(text if word_of(text) == word else f"{word.capitalize()} {text}")
        elif name in _NAMES:
            title = f"{text}: "
    return title + " ".join(steps)


def _as_items(cell: str, row_count: int) -> list[str]:
    """The lines of a cell of a titled column; of several rows each cell is one."""
    if row_count > 1:
        return [f"- {_flat(cell)}"] if cell else []
    return list(lines_of(cell))


def _flat(cell: str) -> str:
    """A cell on one line."""
    lines = [re.sub(r"^(?:[-*+]|\d{1,3}[.)])\s+", "", line) for line in lines_of(cell)]
    joint = " " if any(word_of(line) for line in lines) else "; "
    return joint.join(lines)


def _bare(cell: str) -> str:
    return cell.strip().strip("*_:").strip()
