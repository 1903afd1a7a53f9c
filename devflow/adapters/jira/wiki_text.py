"""Markdown made of JIRA's wiki markup, which Data Center's descriptions are written in.

Nothing says which of the two a text is: people paste Markdown too, and it is left as it is.
"""

import re
from typing import Final

_MARKDOWN: Final = re.compile(
    r"^#{2,6} \S(?![^\n]*\n#+ )|^```|^~~~|\*\*[^\s*]|\]\(\w+:",
    re.M,
)
_WIKI: Final = re.compile(
    r"^h[1-6]\. |^\|\||\{(?:panel|code|noformat|quote|color|expand|\*)[:}]|^(?=#*\*)[#*]{2,} "
    r"|\((?:/|x|\?|!)\) |(?:^|\s)\*[^\s*][^*\n]{0,300}\*(?=$|[\s:.,])|\[[^\]|\n]{1,300}\|\w+:",
    re.M,
)
_BLOCKS: Final = ("code", "noformat")
_MACRO: Final = re.compile(r"\{(?P<name>[a-zA-Z]+)(?::(?P<rest>[^}\n]{0,500}))?\}")
_HEADING: Final = re.compile(r"\s*h(?P<level>[1-6])\.\s+(?P<title>.*)$")
_ITEM: Final = re.compile(r"\s*(?P<signs>[*#]+|-{1,2})\s+(?P<text>\S.*)$")
_MARK: Final = re.compile(r"\((?P<sign>/|x|y|n|\?|!|i|on|off|\+|-|\*)\)\s*")
_DONE: Final = frozenset(("/", "y", "on"))
_ROW: Final = re.compile(r"\s*\|")
_ESCAPED: Final = re.compile(r"\\([{}\[\]*_|#+!~^-])")
# lengths are bounded, so that a text of nothing but signs takes no time either
_SPANS: Final = (
    # `{*}x{*}` is how a sign counts inside a word
    (re.compile(r"\{([*_+-])\}"), r"\1"),
    (re.compile(r"\{\{([^\n]{1,500}?)\}\}"), r"`\1`"),
    (re.compile(r"(?<![\w*])\*(?=\S)([^*\n]{1,500}?)(?<=\S)\*(?![\w*])"), r"**\1**"),
    (re.compile(r"(?<!\w)_(?=\S)([^_\n]{1,500}?)(?<=\S)_(?!\w)"), r"*\1*"),
    (re.compile(r"(?<![\w-])-(?=[^\s-])([^\n]{0,500}?[^\s-])-(?![\w-])"), r"~~\1~~"),
    (re.compile(r"(?<!\w)\+(?=\S)([^+\n]{1,500}?)(?<=\S)\+(?!\w)"), r"\1"),
    (re.compile(r"\[~(?:accountid:)?([^\]\n]{1,300})\]"), r"@\1"),
    (re.compile(r"\[([^\]|\n]{1,300})\|([^\]|\n]{1,1000})(?:\|[^\]\n]{0,300})?\]"), r"[\1](\2)"),
    (re.compile(r"\[(\w{1,20}://[^\]\s]{1,1000})\]"), r"\1"),
    (re.compile(r"!([\w .-]{1,200}\.\w{1,10})(?:\|[^!\n]{0,200})?!"), r"(picture \1)"),
)


def wiki_to_markdown(text: str) -> str:
    """The Markdown of a text of Data Center; what is Markdown already stays as it is."""
    plain = text.replace("\r\n", "\n").strip()
    if _MARKDOWN.search(plain) and not _WIKI.search(plain):
        return plain
    return _Translation().of(plain)


class _Translation:
    """Goes through a text line by line."""

    def __init__(self) -> None:
        self._lines: list[str] = []
        self._fence = ""
        self._boxes: list[bool] = []
        self._is_quoted = False
        self._row = ""
        self._row_count = 0

    def of(self, text: str) -> str:
        """The whole text's Markdown."""
        for line in text.split("\n"):
            for part in self._apart(line):
                self._take(part)
        self._end_row()
        self._end_fence()
        return "\n".join(self._lines).strip()

    def _apart(self, line: str) -> list[str]:
        """A line with each block macro on a line of its own."""
        return [part for part in re.split(_BLOCK_MACRO, line) if part] or [""]

    def _take(self, line: str) -> None:
        macro = _MACRO.fullmatch(line.strip())
        name = macro["name"].lower() if macro else ""
        if self._fence:
            if name == self._fence:
                self._end_fence()
            else:
                self._lines.append(line)
            return
        if self._row and not (macro and not _is_open(self._row)):
            # a cell may hold several lines
            if _is_open(self._row) and line.strip():
                self._row += "\n" + line
                return
            self._end_row()
        if macro:
            self._take_macro(name, macro["rest"] or "")
        elif _ROW.match(line):
            self._row = line.strip()
        else:
            self._row_count = 0
            self._put(_line(line))

    def _take_macro(self, name: str, rest: str) -> None:
        if name in _BLOCKS:
            self._fence = name
            language = rest.partition("|")[0]
            self._lines.append(f"```{language if language.isalpha() else ''}")
        elif name == "quote":
            self._is_quoted = not self._is_quoted
            self._lines.append("")
        elif name in ("panel", "expand") and self._boxes and not rest:
            self._close_box()
        elif name in ("panel", "expand"):
            self._open_box(rest)

    def _open_box(self, rest: str) -> None:
        """A box with a title, which opens a section of its own, or one without."""
        title = _box_title(rest)
        self._boxes.append(bool(title))
        if title:
            self._lines += ["", "<details>", f"<summary>{_spans(title)}</summary>", ""]

    def _close_box(self) -> None:
        if self._boxes.pop():
            self._lines += ["", "</details>", ""]

    def _end_fence(self) -> None:
        if self._fence:
            self._lines.append("```")
        self._fence = ""

    def _end_row(self) -> None:
        row = self._row
        self._row = ""
        if not row:
            return
        is_head = row.startswith("||") and row.rstrip().endswith("||")
        cells = [_cell(cell) for cell in _CELLS.split(row.strip("|"))]
        if self._row_count == 0:
            self._put("")
            if not is_head:
                self._put(_joined([""] * len(cells)))
                self._put("|" + " --- |" * len(cells))
        self._put(_joined(cells))
        if self._row_count == 0 and is_head:
            self._put("|" + " --- |" * len(cells))
        self._row_count += 1

    def _put(self, line: str) -> None:
        self._lines.append(f"> {line}" if self._is_quoted else line)


_BLOCK_MACRO: Final = re.compile(
    r"(\{(?:panel|expand|quote|code|noformat)(?::[^}\n]{0,500})?\})", re.I
)
# not inside a link
_CELLS: Final = re.compile(r"(?<!\\)\|{1,2}(?![^\[\n]{0,300}\])")


def _box_title(rest: str) -> str:
    """The title among a box's parameters, or what stands there alone."""
    titled = re.search(r"(?:^|\|)\s*title\s*=\s*([^|]*)", rest)
    if titled:
        return titled[1].strip()
    return "" if "=" in rest else rest.strip()


def _is_open(row: str) -> bool:
    """Whether a row's last cell may go on in the next line."""
    return not row.rstrip().endswith("|")


def _joined(cells: list[str]) -> str:
    return "| " + " | ".join(cells) + " |"


def _cell(text: str) -> str:
    lines = [_line(line) for part in text.split("\n") for line in part.split("\\\\")]
    return "<br>".join(line.strip() for line in lines if line.strip()).replace("|", "\\|")


def _line(line: str) -> str:
    """A line's Markdown; a forced break in it begins another line."""
    heading = _HEADING.match(line)
    if heading:
        return f"{'#' * int(heading['level'])} {_spans(heading['title'])}"
    if line.startswith("bq. "):
        return f"> {_spans(line[4:])}"
    item = _ITEM.match(line)
    if item:
        signs = item["signs"]
        indent = "   " * (len(signs) - 1)
        bullet = "1." if signs.endswith("#") else "-"
        text = _spans(_ticked(item["text"])).replace("\n", f"\n{indent}   ")
        return f"{indent}{bullet} {text}"
    mark = _MARK.match(line.lstrip())
    if mark:
        return f"- {_spans(_ticked(line.lstrip()))}"
    return _spans(line)


def _ticked(text: str) -> str:
    """An item's text with a box in place of a sign such as ``(/)``."""
    mark = _MARK.match(text)
    if mark is None:
        return text
    return f"[{'x' if mark['sign'] in _DONE else ' '}] {text[mark.end():]}"


def _spans(text: str) -> str:
    """What stands inside a line."""
    text = re.sub(r"\{(?:color|anchor|toc|status|jira)(?::[^}\n]{0,500})?\}", "", text)
    text = text.replace("\\\\", "\n")
    held: list[str] = []

    def hold(found: re.Match[str]) -> str:
        held.append(found[1])
        return f"\0{len(held) - 1}\0"

    text = _ESCAPED.sub(hold, text)
    for pattern, form in _SPANS:
        text = pattern.sub(form, text)
    return re.sub(r"\0(\d+)\0", lambda found: held[int(found[1])], text)
