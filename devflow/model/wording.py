"""How figures and outside text are worded, said once for evidence, comments, statuses and screens.

Only wording stands here: what a terminal or a CI system must not obey is made harmless in ``ui``.
"""

import re
from html import unescape
from typing import TYPE_CHECKING, Final, Sequence, assert_never

from devflow.model.command_line import command_line
from devflow.model.figures import (
    Bound,
    Count,
    Figure,
    Finding,
    Id,
    Missing,
    Names,
    Quantity,
    Text,
)
from devflow.model.masking import TERMINAL_SEQUENCE

if TYPE_CHECKING:
    from devflow.model.environments import Verdict

SHA_CHARS: Final = 7  # what git and GitHub print of a commit or tree
VERSION_CHARS: Final = 12  # a version is compared by eye between machines: five characters more
DAY_MIN: Final = 24 * 60
_MORE_DIGITS: Final = range(4, 18)  # 17 digits tell any two floats apart


def plural(count: int, one: str, many: str = "") -> str:
    """``1 entry``, ``4 entries``."""
    return f"{count} {one if count == 1 else many or one + 's'}"


def and_more(count: int, of: str = "") -> str:
    """``and 3 more``, ``and 3 more files``: what stands for those that are not named."""
    return f"and {count} more {of}".rstrip()


def first_of(names: Sequence[str], most: int) -> str:
    """``a.py, b.py and 3 more``: at most ``most`` of the names, and how many there are beside."""
    shown = ", ".join(names[:most])
    beside = len(names) - most
    return f"{shown} {and_more(beside)}" if beside > 0 else shown


def same_words(one: str, other: str) -> bool:
    """Whether two Markdown texts say the same word for word: a tracker that keeps documents gives
    back another Markdown of the same words."""
    return _words(one) == _words(other)


def _words(text: str) -> list[str]:
    return re.findall(r"[^\W_]+", unescape(text))


def short_sha(sha: object) -> str:
    """The first characters of a commit's or a tree's id; a stand-in of a dry run stays whole."""
    return f"{sha:.{SHA_CHARS}}"


def short_version(version: object) -> str:
    """The first characters of a version; a stand-in of a dry run stays whole."""
    return f"{version:.{VERSION_CHARS}}"


def taken_back(verdict: "Verdict | None") -> str:
    """``2026-01-05 11:02 by dee``: when a version was taken back, and by whom; empty where neither
    is known."""
    if verdict is None or verdict.at is None:
        return ""
    return f"{verdict.at:%Y-%m-%d %H:%M} by {verdict.by or 'devflow itself'}"


# under which circumstances a version that was taken back is brought again, and at what price
IF_ELSEWHERE: Final = "if the cause lay elsewhere"
JUDGED_ANEW: Final = "it is approved and judged anew"


def mended_by(is_merged: bool) -> str:
    """How a version is mended that was taken back: what is merged is no longer this ticket's."""
    if is_merged:
        begin = command_line("start", "KEY")
        return f"the base has it: revert or mend it there, under another ticket: {begin}"
    return f"change the code and go on with: {command_line('ship')}"


def told_apart(message: str) -> list[str]:
    """What happened, and behind it what is told line by line."""
    return message.splitlines() or [""]


def duration(seconds: float) -> str:
    """``4.1 s``, ``1 min 02 s``, ``1 h 02 min``, ``2 d 04 h``; seconds in, never negative out."""
    seconds = max(seconds, 0.0)
    if seconds < 59.95:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < 3600:
        return f"{whole // 60} min {whole % 60:02d} s"
    minutes = whole // 60
    if minutes < DAY_MIN:
        return f"{minutes // 60} h {minutes % 60:02d} min"
    return f"{minutes // DAY_MIN} d {minutes % DAY_MIN // 60:02d} h"


def size(size_bytes: int) -> str:
    """``512 B``, ``58.7 MB``: decimal units, as registries and image tools count."""
    if size_bytes < 1000:
        return f"{size_bytes} B"
    amount = float(size_bytes)
    for unit in ("kB", "MB", "GB"):
        amount /= 1000
        if amount < 999.95:
            return f"{amount:.1f} {unit}"
    return f"{amount / 1000:.1f} TB"


def size_change(difference_bytes: int) -> str:
    """``+1.2 MB``, ``−300 B``, ``no change``."""
    if not difference_bytes:
        return "no change"
    sign = "+" if difference_bytes > 0 else "−"
    return f"{sign}{size(abs(difference_bytes))}"


def one_line(text: str, max_chars: int = 300) -> str:
    """Outside text on one line, cut at a word with ``…`` after ``max_chars`` characters.

    Only printable characters and single spaces come out, so neither a second line (a forged
    trailer) nor an escape can follow; a terminal sequence goes whole, not its first byte alone. 300
    characters are about four lines of a terminal: enough for a to-do, and no wall of text.
    """
    bare = TERMINAL_SEQUENCE.sub("", text)
    printable = "".join(char if char.isprintable() else " " for char in bare)
    flat = " ".join(printable.split())
    if len(flat) <= max_chars:
        return flat
    cut = flat[: max_chars - 1]
    cuts_a_word = flat[max_chars - 1] != " "
    head = cut.rpartition(" ")[0] if cuts_a_word else cut
    # one long word is cut where it stands: half a line is worth more than a lone article
    kept = head if len(head) > max_chars // 2 else cut
    return kept.rstrip() + "…"


def amount(value: float, unit: str) -> str:
    """A value as a person reads it, with three digits: ``93.4 %``, ``1.2 MB``, ``1 min 02 s``."""
    if unit == "s":
        return duration(value)
    if unit == "B":
        return size(round(value))
    number = f"{value:.0f}" if abs(value) >= 100 else f"{value:.3g}"
    return f"{number} {unit}".strip()


def amount_beside(value: float, unit: str, other: float) -> str:
    """A value as ``amount`` has it, or with as many more digits as tell it from another one: 5.01 s
    is not within 5.0 s."""
    text = amount(value, unit)
    if value == other or text != amount(other, unit):
        return text
    if unit == "B":
        return f"{round(value)} B"
    for digits in _MORE_DIGITS:
        number = f"{value:.{digits}g}"
        if number != f"{other:.{digits}g}":
            break
    return f"{number} {unit}".strip()


def figure(of: Figure, held_to: Bound | None = None) -> str:
    """A figure in words, which are empty only where nothing at all was said; ``held_to`` is the
    bound that stands beside them."""
    match of:
        case Text():
            return of.text
        case Names():
            return (" → " if of.joined == "way" else ", ").join(of.names)
        case Count():
            return _count(of)
        case Quantity():
            return _quantity(of, held_to)
        case Id():
            return f"{_short_id(of)} {of.note}".strip()
        case Finding():
            return of.text
        case Missing():
            return _missing(of)
        case _:
            assert_never(of)


def bound(of: Bound) -> str:
    """A bound in words: ``at most 3 commits``, ``below 250 ms``."""
    if of.value is None:
        return of.text
    number = amount(of.value, of.unit)
    if of.noun:
        number = f"{number} {of.noun}" if of.value == 1 else f"{number} {of.noun}s"
    return number if of.sense == "exactly" else f"{of.sense} {number}"


def _count(of: Count) -> str:
    counted = of.n if of.of is None else of.of
    noun = of.noun
    if noun and counted != 1:
        noun = of.many or f"{noun}s"
    number = f"{of.n}" if of.of is None else f"{of.n} of {of.of}"
    words = (number, of.which, noun, of.where)
    return _noted(" ".join(word for word in words if word), of.note)


def _quantity(of: Quantity, held_to: Bound | None) -> str:
    if of.of == "change":
        return _noted(_change(of), of.note)
    value = amount(of.value, of.unit)
    if held_to and held_to.value is not None and held_to.unit == of.unit:
        value = amount_beside(of.value, of.unit, held_to.value)
    text = f"{of.of} {value}".strip() + _samples(of.samples)
    if of.was is not None:
        at = f" {of.was.at}" if of.was.at else ""
        text += f", was {amount(of.was.value, of.unit)}{_samples(of.was.samples)}{at}"
    return _noted(text, of.note)


def _change(of: Quantity) -> str:
    """``+2.1 % (from 89 % on main)``."""
    sign = "+" if of.value >= 0 else "-"
    text = f"{sign}{amount(abs(of.value), of.unit)}"
    if of.unit == "B":
        text = size_change(round(of.value))
    if of.was is None:
        return text
    before = f"{amount(of.was.value, of.unit)} {of.was.at}".rstrip()
    return f"{text} (from {before})"


def _short_id(of: Id) -> str:
    match of.of:
        case "version":
            return short_version(of.id)
        case "digest":
            return of.id
        case _:
            return short_sha(of.id)


def _missing(of: Missing) -> str:
    if not of.how:
        return of.why
    how = f"{of.how}{_samples(of.samples)}"
    return f"{how}: {of.why}" if of.why else how


def _samples(count: int | None) -> str:
    return "" if count is None else f" ({plural(count, 'sample')})"


def _noted(text: str, note: str) -> str:
    return f"{text}, {note}" if note else text
