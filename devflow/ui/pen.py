"""How text gets onto one console: what it can show, and lines that fit its width.

Only ``Text`` objects are made, never rich's markup, so that outside text cannot style anything; it
is cleaned on the way in.
"""

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Iterable, Mapping, TextIO

from rich.cells import cell_len, set_cell_size
from rich.console import Console
from rich.text import Text

from devflow.ui.words import ASCII_SPINNER, SPINNER, clean, encodable, is_web_link

if TYPE_CHECKING:
    from devflow.ui.signs import Sign


def console_for(stream: TextIO, environ: Mapping[str, str]) -> Console:
    """A console that honours NO_COLOR, TERM=dumb and COLUMNS, and never reads markup or emoji codes
    out of text."""
    return Console(file=stream, _environ=environ, markup=False, emoji=False, highlight=False)


# below this many columns, names are not padded into a column and durations give way to facts
NARROW_COLUMNS = 64
# where there is no edge: as wide as the pages of the guide
PAGE_COLUMNS = 100
# the longest status word, "not measured"
WORD_CELLS = 12
# less room than this is not worth wrapping for: on such a console lines run over its edge
MIN_ROOM_CELLS = 10


@dataclass(frozen=True)
class Pen:
    """Writes for one console. A status shows its word beside its mark wherever colour or Unicode is
    missing. Whole sentences are never yellow or cyan, which a light background swallows.

    ``beat`` is the frame that spinners stand at; without one nothing spins. ``in_place``: what is
    written is drawn anew at the same place, so that no line may run over the edge. ``is_endless``:
    there is no edge, as in a pipe, so that nothing is cut and nothing wrapped; what stands at the
    right stands where that of a page would.
    """

    console: Console
    beat: int | None = None
    in_place: bool = False
    is_endless: bool = False

    @property
    def width(self) -> int:
        """Columns of the console, as they are now; of a page where there is no edge."""
        return PAGE_COLUMNS if self.is_endless else self.console.width

    def fits(self, cells: int) -> bool:
        """Whether a line may be as long as this."""
        return self.is_endless or cells <= self.width

    @property
    def narrow(self) -> bool:
        """True where columns must be saved."""
        return self.width < NARROW_COLUMNS

    @property
    def colour(self) -> bool:
        """True where colours are shown."""
        return self.console.color_system is not None and not self.console.no_color

    @property
    def unicode(self) -> bool:
        """True where the console's encoding has our signs."""
        return self.encode("✔⠋▓") == "✔⠋▓"

    def encode(self, text: str) -> str:
        """The text in what the console can show."""
        return encodable(text, self.console.encoding)

    def text(self, words: str, style: str = "", link: str = "") -> Text:
        """One piece of a line, cleaned; a ``link`` that is a web address is one in the terminal."""
        # a span, not the base style, which would spread to whatever is appended
        piece = Text("", no_wrap=True, end="").append(self.encode(clean(words)), style)
        if self.console.color_system is not None and is_web_link(link):
            piece.stylize(f"link {link}")
        return piece

    def sign(self, sign: "Sign", *, turns: bool = False) -> Text:
        """A status in its column; for one that turns, a spinner instead of the mark."""
        mark = self.encode(sign.mark)
        if turns and self.beat is not None:
            frames = SPINNER if self.unicode else ASCII_SPINNER
            mark = frames[self.beat % len(frames)]
        if not self.unicode:
            # the longest ASCII twin of a mark has two characters
            mark = f"{mark:2}"
        word = ""
        if not self.colour or not self.unicode:
            cells = 0 if self.narrow else WORD_CELLS
            word = f" {sign.word:{cells}}"
        return Text("", end="").append(mark + word, sign.style)

    def line(self, left: Text, right: Text | None = None) -> Text:
        """One line that fits: the left part is cut, the right part stands at the edge or, where all
        is narrow, goes."""
        if not right:
            return self._cut(left, self.width)
        room = self.width - right.cell_len - 2
        if self.narrow and room < left.cell_len:
            return self._cut(left, self.width)
        line = self._cut(left, room)
        gap = self.width - line.cell_len - right.cell_len
        line.append(" " * max(gap, 2))
        return line.append_text(right)

    def _cut(self, text: Text, cells: int) -> Text:
        if self.is_endless or text.cell_len <= cells:
            return text.copy()
        dots = self.encode("…")
        room = max(cells - cell_len(dots), 0)
        head = text.copy()
        head.plain = set_cell_size(text.plain, room).rstrip()
        return head.append(dots)

    def wrapped(self, text: Text, indent: int, first: Text | None = None) -> list[Text]:
        """The text over as many lines as it needs, each indented; ``first`` stands in the first
        line's indentation. An address or a path that is longer than a line stands whole on its own
        one, over the edge: what is cut cannot be copied."""
        room = max(self.width - indent, MIN_ROOM_CELLS)
        if self.is_endless:
            room = max(room, text.cell_len)
        # a new text: that of a piece never wraps
        whole = Text(text.plain, spans=text.spans)
        if not self.in_place and _has_long_address(text.plain, room):
            parts = whole.divide(_line_starts(text.plain, room))
            for part in parts:
                part.rstrip()
        else:
            parts = whole.wrap(self.console, room, overflow="fold")
        margin = first.copy() if first else Text("", end="")
        margin.append(" " * (indent - margin.cell_len))
        if not parts:
            return [margin]
        lines = [Text.assemble(margin, parts[0])]
        for part in parts[1:]:
            lines.append(Text.assemble(" " * indent, part))
        return lines

    def picture(self, lines: Iterable[Text]) -> Text:
        """The lines as one text that is drawn anew in place."""
        return Text("\n", no_wrap=True, overflow="crop").join(lines)

    @property
    def picture_lines(self) -> int:
        """How many lines such a picture may have: the terminal keeps one for its cursor."""
        return self.console.height - 1

    def write(self, lines: Iterable[Text]) -> None:
        """Prints lines that already fit, exactly as they are."""
        for line in lines:
            line.rstrip()
            if not self.console.is_terminal and line.plain.lstrip().startswith("::"):
                # wrapping may bring "::" to a line's start, where a CI system would read a command
                line = Text(self.encode("·"), end="").append_text(line)
            self._print(line)

    def _print(self, line: Text) -> None:
        self.console.print(
            line,
            no_wrap=True,
            overflow="ignore",
            crop=False,
            highlight=False,
            markup=False,
            end="\n",
        )


def _has_long_address(text: str, room: int) -> bool:
    """Whether a word that leads somewhere has no room on a line."""
    return any("/" in word and cell_len(word) > room for word in text.split())


def _line_starts(text: str, room: int) -> list[int]:
    """Where each line but the first begins; only a word that has no room on any runs over."""
    starts = []
    used = 0
    for found in re.finditer(r"\S+\s*", text):
        if used and used + cell_len(found[0].rstrip()) > room:
            starts.append(found.start())
            used = 0
        used += cell_len(found[0])
    return starts
