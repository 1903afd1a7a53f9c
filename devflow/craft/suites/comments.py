"""The comments of a test file, and the line of code that each is about: its own, else the next.

Comments are told by the signs of the file's language, and strings are not taken for them. A
docstring is a comment on what it stands in.
"""

import re
from pathlib import PurePosixPath
from typing import Final, Iterator, NamedTuple, Pattern

_STRINGS: Final = r'"(?:\\.|[^"\\\n])*"' + r"|'(?:\\.|[^'\\\n])*'"
_SLASHES: Final = re.compile(
    rf"{_STRINGS}|`(?:\\.|[^`\\])*`|(?P<comment>//[^\n]*|/\*.*?(?:\*/|\Z))", re.DOTALL
)
_HASHES: Final = re.compile(
    r'(?:(?P<doc>(?<=\n)[ \t]*"""|\A""")|""").*?(?:"""|\Z)'
    rf"|'''.*?(?:'''|\Z)|{_STRINGS}|(?P<comment>\#[^\n]*)",
    re.DOTALL,
)
_DASHES: Final = re.compile(rf"{_STRINGS}|(?P<comment>--[^\n]*)")
_PERCENTS: Final = re.compile(rf"{_STRINGS}|(?P<comment>%[^\n]*)")
_SIGNS: Final = {
    _SLASHES: ".js .mjs .cjs .jsx .ts .mts .cts .tsx .vue .svelte .go .java .kt .kts .scala "
    ".groovy .rs .c .cc .cpp .cxx .h .hpp .m .mm .cs .fs .swift .dart .php .zig",
    _HASHES: ".py .rb .sh .bash .bats .pl .pm .t .ex .exs .r .jl .robot .feature .nim .cr .coffee",
    _DASHES: ".lua .hs .elm .sql",
    _PERCENTS: ".erl .hrl",
}
_OF_ENDING: Final = {
    ending: pattern for pattern, endings in _SIGNS.items() for ending in endings.split()
}
ENDINGS: Final = tuple(_OF_ENDING)
"""Of the files whose comments are found."""
# what may stand between a comment and its test: decorators, annotations, attributes
_BETWEEN: Final = re.compile(r"\s*(@(?!test\b)|#\[|\[\w|$)")
_DEFINITION: Final = re.compile(r"\s*(?:async\s+)?(?:def|class)\s")
_OPEN: Final = ("(", ",")  # the end of a line that goes on
_LINES: Final = 3  # of a call whose title stands below it


class Comment(NamedTuple):
    """What a comment says, and the code that it stands on or just above; empty above none."""

    text: str
    code: str


def comments(path: str, text: str) -> Iterator[Comment]:
    """Every comment of a file, one for each of its lines; none of a language that is not known."""
    pattern = _OF_ENDING.get(PurePosixPath(path).suffix)
    if pattern is None:
        return
    lines = _without_comments(pattern, text).split("\n")
    for found in pattern.finditer(text):
        said = found[0] if found["comment"] or _is_doc(found) else ""
        if not said:
            continue
        first = text.count("\n", 0, found.start())
        last = first + said.count("\n")
        code = _above(lines, first) if _is_doc(found) else _code(lines, first, last)
        for line in said.split("\n"):
            yield Comment(line, code)


def _is_doc(found: re.Match[str]) -> bool:
    return bool(found.groupdict().get("doc"))


def _without_comments(pattern: Pattern[str], text: str) -> str:
    """The same lines, of which comments and docstrings are empty."""

    def blank(found: re.Match[str]) -> str:
        is_code = not (found["comment"] or _is_doc(found))
        return found[0] if is_code else "\n" * found[0].count("\n")

    return pattern.sub(blank, text)


def _code(lines: list[str], first: int, last: int) -> str:
    """The line that the comment ends, else the next one with code in it."""
    if lines[first].strip():
        return lines[first]
    for number in range(last + 1, len(lines)):
        if _BETWEEN.match(lines[number]):
            continue
        shown = [lines[number].rstrip()]
        while shown[-1].endswith(_OPEN) and len(shown) < _LINES:
            shown += lines[number + len(shown) : number + len(shown) + 1] or [""]
        return "\n".join(shown)
    return ""


def _above(lines: list[str], first: int) -> str:
    """What a docstring stands in; empty of that of a file."""
    for number in range(first, -1, -1):
        if _DEFINITION.match(lines[number]):
            return lines[number]
    return ""
