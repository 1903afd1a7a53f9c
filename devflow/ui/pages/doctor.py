"""``devflow doctor``: what the pipeline needs, and whether it is here, as a page, as one line a
fact, and as an object.

What is missing is never green, and neither is what could not be told; each has its remedy below.
"""

from dataclasses import dataclass
from typing import Any, Final, Iterator, Sequence

from rich.text import Text

from devflow.model.command_line import command_line
from devflow.model.events import SCHEMA
from devflow.model.outcomes import Group, Needed, worst
from devflow.model.wording import plural
from devflow.ui.pen import Pen
from devflow.ui.signs import NOTE, OK, Sign
from devflow.ui.words import clean

GROUPS: Final[dict[Group, str]] = {
    "pipeline": "What pipeline.yaml names and the repository lacks",
    "repository": "This clone",
    "connection": "The services",
    "entries": "What the entries need",
    "machine": "This machine",
}
ABOUT_CELLS: Final = 18
MISSING: Final = Sign("✘", "MISSING", "bold red")
BESIDE: Final = Sign("⊘", "not here", "magenta")
_CURED_BY: Final = {3: "another pipeline.yaml", 4: "another credential", 5: "this machine"}


@dataclass(frozen=True)
class Page:
    """What was found; ``first`` stands before all else, ``note`` says what is connected to."""

    first: str
    note: str
    needed: Sequence[Needed]


def sign_of(one: Needed) -> Sign:
    """A thing that is missing for an entry that need not pass is told, and is no alarm."""
    if one.here:
        return OK
    if one.here is None:
        return NOTE
    return MISSING if one.exit_code else BESIDE


def summary(needed: Sequence[Needed]) -> str:
    """``21 looked at: 2 missing, 1 for entries that need not pass · start would stop (3)``."""
    missing = sum(bool(one.exit_code) for one in needed)
    beside = sum(one.here is False and not one.exit_code for one in needed)
    parts = [f"{missing} missing" if missing else "nothing that is required is missing"]
    if beside:
        parts.append(f"{beside} missing for what is not required")
    code = worst(needed)
    end = "nothing was written"
    if any(one.stops for one in needed):
        end = f"{command_line('start')} would stop ({code}): {_CURED_BY[code]} cures it"
    return f"{plural(len(needed), 'thing')} looked at: {', '.join(parts)} · {end}"


def doctor_lines(pen: Pen, page: Page) -> Iterator[Text]:
    """The whole page."""
    if page.first:
        yield from pen.wrapped(pen.text(page.first, style="bold"), 0)
    heading = pen.text(command_line("doctor"), style="bold")
    if page.note:
        heading.append("  ").append_text(pen.text(page.note, style="magenta"))
    yield from pen.wrapped(heading, 0)
    for group, title in GROUPS.items():
        members = [one for one in page.needed if one.group == group]
        if members:
            yield Text("")
            yield pen.line(pen.text(title, style="dim"))
        for one in members:
            yield from _needed(pen, one)
    yield Text("")
    yield from pen.wrapped(pen.text(summary(page.needed), style="bold"), 0)


def _needed(pen: Pen, one: Needed) -> Iterator[Text]:
    margin = Text("  ", end="").append_text(pen.sign(sign_of(one))).append(" ")
    about = clean(one.about)
    wide = about.ljust(ABOUT_CELLS) + " " if not pen.narrow else f"{about}: "
    text = pen.text(wide).append_text(pen.text(one.found))
    yield from pen.wrapped(text, margin.cell_len, margin)
    indent = margin.cell_len + 2
    if one.here:
        return
    beside = " · ".join(part for part in (one.where, entries_of(one)) if part)
    if beside:
        yield from pen.wrapped(pen.text(beside, style="dim"), indent)
    if one.remedy:
        yield from pen.wrapped(pen.text(one.remedy), indent)


def entries_of(one: Needed) -> str:
    """``for smoke, analysis (not required)``."""
    if not one.entries:
        return ""
    beside = "" if one.required else " (not required)"
    return f"for {', '.join(one.entries)}{beside}"


def doctor_plain(page: Page) -> Iterator[str]:
    """One line a fact, for a pipe."""
    if page.first:
        yield clean(page.first)
    for one in page.needed:
        words = [sign_of(one).word, one.about, one.found]
        words += [] if one.here else [one.where, entries_of(one), one.remedy]
        yield clean(" | ".join(word for word in words if word))
    yield clean(summary(page.needed))


def doctor_object(page: Page) -> dict[str, Any]:
    """The object of ``doctor --output json``."""
    return {
        "schema": SCHEMA,
        "exit_code": worst(page.needed),
        "note": page.note,
        "untracked": page.first,
        "needed": [_object(one) for one in page.needed],
    }


def _object(one: Needed) -> dict[str, Any]:
    kept = one.model_dump(mode="json", exclude={"at"})
    return {**kept, "exit_code": one.exit_code, "stops": one.stops}
