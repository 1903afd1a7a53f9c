"""``devflow plan``: what a run would write, entry by entry, and a count that one can trust.

A dry run wrote nothing; an entry whose foresight failed is listed with its reason, never left out.
"""

from collections import Counter
from typing import Any, Final, Iterator, NamedTuple, Sequence

from rich.text import Text

from devflow.model.command_line import command_line
from devflow.model.events import SCHEMA
from devflow.model.outcomes import Write
from devflow.model.wording import and_more, plural
from devflow.ui.outline import PlannedEntry
from devflow.ui.pen import Pen
from devflow.ui.phrases import verb_wording, with_dots
from devflow.ui.words import NAME_CELLS, clean

# ports by the name that a person knows the thing behind them by
PLACES: Final = {
    "tracker": "jira",
    "host": "github",
    "repository": "git",
    "shell": "local",
    "deploys": "local",
    "images": "registry",
}
# the longest of these names, "registry"
PLACE_CELLS: Final = 8
MOST_FILES: Final = 20  # of a commit; the object of `--output json` has all of them


def place_of(write: Write) -> str:
    """Where a write goes, in a person's word: ``jira``, ``github``, ``git``, ``local``."""
    return PLACES.get(write.port, write.port)


def plan_object(ticket: str, entries: Sequence[PlannedEntry]) -> dict[str, Any]:
    """The object of ``plan --output json``."""
    return {
        "schema": SCHEMA,
        "run": ticket,
        "ticket": ticket,
        "entries": [_entry_object(entry) for entry in entries],
    }


def _entry_object(entry: PlannedEntry) -> dict[str, Any]:
    writes = []
    for write in entry.writes:
        target = str(write.target)
        writes.append({"port": write.port, "verb": write.verb, "target": target})
    return {
        "name": entry.name,
        "number": entry.number,
        "title": entry.title,
        "phase": entry.phase,
        "state": entry.state,
        "why": entry.why,
        "hint": entry.hint,
        "writes": writes,
        "takes": [{"path": one.path, "untracked": one.is_untracked} for one in entry.takes],
    }


def summary(entries: Sequence[PlannedEntry]) -> str:
    """``29 entries: 4 stand, 25 to do · 31 writes: git 4, github 9, jira 11, local 7 · nothing was
    written``."""
    states = Counter(entry.state for entry in entries)
    places = Counter(place_of(write) for entry in entries for write in entry.writes)
    parts = [f"{states['stands']} stand", f"{states['to do']} to do"]
    if states["unknown"]:
        parts.append(f"{states['unknown']} not foreseen")
    by_place = ", ".join(f"{place} {amount}" for place, amount in sorted(places.items()))
    writes = plural(places.total(), "write")
    if by_place:
        writes = f"{writes}: {by_place}"
    total = plural(len(entries), "entry", "entries")
    return f"{total}: {', '.join(parts)} · {writes} · nothing was written"


def plan_lines(
    pen: Pen, title: str, connect_note: str, entries: Sequence[PlannedEntry]
) -> list[Text]:
    """The plan as lines; ``title`` is the ticket's key and summary."""
    heading = pen.text(command_line("plan"), style="bold").append("  ")
    heading.append_text(pen.text(title))
    lines = pen.wrapped(heading, 0)
    if connect_note:
        lines += pen.wrapped(pen.text(connect_note, style="magenta"), 0)
    lines.append(Text(""))
    for entry in entries:
        lines += _entry_lines(pen, entry)
    lines.append(Text(""))
    return lines + pen.wrapped(pen.text(summary(entries), style="bold"), 0)


def _entry_lines(pen: Pen, entry: PlannedEntry) -> Iterator[Text]:
    number = " +" if entry.number is None else f"{entry.number:2}"
    first = pen.text(f"{number} {clean(entry.name):{NAME_CELLS}} ")
    indent = 4 if pen.narrow else first.cell_len
    if pen.narrow:
        yield first
        first = Text(" " * indent)
    margin = first
    for fact in _facts(entry):
        if fact.place:
            margin.append_text(pen.text(f"{fact.place:{PLACE_CELLS}} ", style="dim"))
        text = pen.text(fact.text, style=fact.style)
        yield from pen.wrapped(text, margin.cell_len, margin)
        margin = Text(" " * indent)


class _Fact(NamedTuple):
    """One thing said of an entry, with its style, and the place that it writes to."""

    text: str
    style: str = ""
    place: str = ""


def _facts(entry: PlannedEntry) -> Iterator[_Fact]:
    if entry.state == "stands":
        yield _Fact("stands", "green")
    elif entry.state == "unknown":
        why = entry.why or "its needs are not known"
        yield _Fact(f"not foreseen: {why}", "magenta")
        if entry.hint:
            yield _Fact(entry.hint)
    elif not entry.writes:
        yield _Fact(entry.why or "measures only, writes nothing", "dim")
    for write in entry.writes:
        yield _Fact(f"{verb_wording(write.verb)}: {write.target}", place=place_of(write))
    for one in entry.takes[:MOST_FILES]:
        note = ", untracked until now" if one.is_untracked else ""
        yield _Fact(f"  {one.path}{note}", "magenta" if one.is_untracked else "")
    if len(entry.takes) > MOST_FILES:
        yield _Fact(f"  {and_more(len(entry.takes) - MOST_FILES, 'files')}")


def plan_plain(title: str, connect_note: str, entries: Sequence[PlannedEntry]) -> list[str]:
    """The plan with one line a fact, each with its entry: for ears and for `grep`."""
    lines = [clean(with_dots(title, connect_note))]
    for entry in entries:
        number = "+" if entry.number is None else str(entry.number)
        name = f"{number:>2} {clean(entry.name):{NAME_CELLS}}"
        for fact in _facts(entry):
            lines.append(f"{name} {clean(f'{fact.place} {fact.text}'.lstrip())}")
    return [*lines, summary(entries)]
